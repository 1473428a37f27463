import type { MessagePort } from 'node:worker_threads';
import { implement } from '@orpc/server';
import { RPCHandler } from '@orpc/server/message-port';
import { mapErrors } from '../api/serverErrors.ts';
import { openProject } from '../project/index.ts';
import type { EtaModelDefinition } from './model.ts';
import { ObservationReader } from './observationReader.ts';
import { Predictor } from './predictor.ts';
import { readerContract } from './readerContract.ts';
import { RoadReader } from './roadReader.ts';

interface ReaderContext {
  roads: RoadReader;
  observations: ObservationReader;
  predictor: Predictor;
}

const os = implement(readerContract).$context<ReaderContext>();

const neverAborted = new AbortController().signal;

const router = os.router({
  roads: {
    tile: os.roads.tile.handler(({ context, input }) => context.roads.tile(input.z, input.x, input.y)),
    segment: os.roads.segment.handler(({ context, input }) => context.roads.segment(input.segment)),
    nearest: os.roads.nearest.handler(({ context, input }) => context.roads.nearest(input.point, input.maxM)),
    search: os.roads.search.handler(({ context, input }) => context.roads.search(input.text, input.limit)),
  },
  trips: {
    preview: os.trips.preview.handler(({ context, input }) =>
      context.roads.previewTrips(input.path, {
        ...(input.mapping && { mapping: input.mapping }),
        ...(input.timeZone && { timeZone: input.timeZone }),
      }),
    ),
    summary: os.trips.summary.handler(({ context }) => context.roads.summary()),
  },
  observations: {
    preview: os.observations.preview.handler(({ context, input }) =>
      context.observations.preview(input.path, {
        ...(input.mapping && { mapping: input.mapping }),
        ...(input.timeZone && { timeZone: input.timeZone }),
      }),
    ),
    summary: os.observations.summary.handler(({ context }) => context.observations.summary()),
    ofSegment: os.observations.ofSegment.handler(({ context, input: { segment, from, until } }) =>
      context.observations.ofSegment(segment, { ...(from && { from }), ...(until && { until }) }),
    ),
  },
  predict: {
    speeds: os.predict.speeds.handler(({ context, input, signal = neverAborted }) =>
      context.predictor.speeds(input.runId, input.at, signal),
    ),
    day: os.predict.day.handler(({ context, input, signal = neverAborted }) =>
      context.predictor.day(input.runId, input.day, input.stepMinutes, signal),
    ),
    route: os.predict.route.handler(({ context, input, signal = neverAborted }) =>
      context.predictor.route(input.runId, input.from, input.to, input.depart, signal),
    ),
  },
});

/** Answers the reading procedures on the port, with a project connection of its own. */
export function serveReader(
  models: Record<string, EtaModelDefinition>,
  projectPath: string,
  port: MessagePort,
): void {
  const store = openProject(projectPath, { readonly: true });
  const context = {
    roads: new RoadReader(store),
    observations: new ObservationReader(store),
    predictor: new Predictor(store, models),
  };
  new RPCHandler(router, { clientInterceptors: [mapErrors] }).upgrade(port, { context });
  port.start();
}
