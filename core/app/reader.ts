import type { MessagePort } from 'node:worker_threads';
import { implement } from '@orpc/server';
import { RPCHandler } from '@orpc/server/message-port';
import { mapErrors } from '../api/serverErrors.ts';
import { previewInteractions } from '../interactions/index.ts';
import { openProject, type ProjectStore } from '../project/index.ts';
import { withProgress } from './answering.ts';
import { comparison } from './comparison.ts';
import { Explanations } from './explain/explanations.ts';
import { withAbsolutePath } from './interactionFiles.ts';
import { MapLayers } from './layers/mapLayers.ts';
import { SegmentHistory } from './layers/segmentHistory.ts';
import type { Models } from './model.ts';
import { ObservationReader } from './observationReader.ts';
import { Predictor } from './predictor.ts';
import { readerContract } from './readerContract.ts';
import { InteractionReader } from './recommend/interactionReader.ts';
import { RecommenderReader } from './recommend/recommenderReader.ts';
import { RoadReader } from './roadReader.ts';
import { ScenarioReader } from './scenarioReader.ts';
import { SupersegmentReader } from './supersegments/reader.ts';

interface ReaderContext {
  models: Models;
  store: ProjectStore;
  roads: RoadReader;
  observations: ObservationReader;
  predictor: Predictor;
  layers: MapLayers;
  history: SegmentHistory;
  scenarios: ScenarioReader;
  supersegments: SupersegmentReader;
  explanations: Explanations;
  interactions: InteractionReader;
  recommenders: RecommenderReader;
}

const os = implement(readerContract).$context<ReaderContext>();

const neverAborted = new AbortController().signal;

const router = os.router({
  roads: {
    tile: os.roads.tile.handler(({ context, input }) => context.roads.tile(input.z, input.x, input.y)),
    segment: os.roads.segment.handler(({ context, input }) => context.roads.segment(input.segment)),
    nearest: os.roads.nearest.handler(({ context, input }) => context.roads.nearest(input.point, input.maxM)),
    search: os.roads.search.handler(({ context, input }) => context.roads.search(input.text, input.limit)),
    segmentDay: os.roads.segmentDay.handler(({ context, input, signal = neverAborted }) =>
      context.history.day(input.segment, input.runId, input.day, signal),
    ),
    segmentWeek: os.roads.segmentWeek.handler(({ context, input, signal = neverAborted }) =>
      context.history.week(input.segment, input.runId, signal),
    ),
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
  runs: {
    compare: os.runs.compare.handler(({ context: { models, store }, input: { a, b } }) =>
      comparison(models, store, a, b),
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
      context.predictor.route(input.runId, input, signal),
    ),
    explain: os.predict.explain.handler(({ context, input, signal = neverAborted }) =>
      withProgress(signal, (task) => context.explanations.explain(input, task)),
    ),
    isochrone: os.predict.isochrone.handler(({ context, input, signal = neverAborted }) =>
      context.predictor.isochrone(input.runId, input, signal),
    ),
    matrix: os.predict.matrix.handler(({ context, input, signal = neverAborted }) =>
      context.predictor.matrix(input.runId, input, signal),
    ),
    layer: os.predict.layer.handler(({ context, input, signal = neverAborted }) =>
      context.layers.layer(input, signal),
    ),
    watchLayer: os.predict.watchLayer.handler(({ context, signal = neverAborted }) =>
      context.layers.watch(signal),
    ),
  },
  gps: {
    preview: os.gps.preview.handler(({ context, input }) =>
      context.roads.previewGps(input.path, {
        ...(input.mapping && { mapping: input.mapping }),
        ...(input.timeZone && { timeZone: input.timeZone }),
      }),
    ),
  },
  scenarios: {
    speeds: os.scenarios.speeds.handler(({ context, input, signal = neverAborted }) =>
      context.scenarios.speeds(input.runId, input.edits, input.at, signal),
    ),
    route: os.scenarios.route.handler(({ context, input, signal = neverAborted }) =>
      context.scenarios.route(input, signal),
    ),
    summary: os.scenarios.summary.handler(({ context, input, signal = neverAborted }) =>
      context.scenarios.summary(input.edits, input.at, input.hours, signal),
    ),
  },
  interactions: {
    preview: os.interactions.preview.handler(({ input: { files, timeZone } }) =>
      previewInteractions(files.map(withAbsolutePath), { timeZone }),
    ),
    nodes: os.interactions.nodes.handler(({ context, input }) => context.interactions.nodes(input)),
    summary: os.interactions.summary.handler(({ context, input, signal = neverAborted }) =>
      withProgress(signal, (task) => context.interactions.summary(input, task)),
    ),
  },
  recommenders: {
    ask: os.recommenders.ask.handler(({ context, input, signal = neverAborted }) =>
      withProgress(signal, (task) => context.recommenders.ask(input.runId, input.question, task)),
    ),
    way: os.recommenders.way.handler(({ context, input, signal = neverAborted }) =>
      context.recommenders.way(input, signal),
    ),
    embeddingMap: os.recommenders.embeddingMap.handler(({ context, input, signal = neverAborted }) =>
      withProgress(signal, (task) => context.recommenders.embeddingMap(input.runId, task)),
    ),
    explain: os.recommenders.explain.handler(({ context, input, signal = neverAborted }) =>
      withProgress(signal, (task) =>
        context.recommenders.explain(input.runId, input.question, input.item, task),
      ),
    ),
  },
  supersegments: {
    catalogue: os.supersegments.catalogue.handler(({ context, input, signal = neverAborted }) =>
      withProgress(signal, (task) => context.supersegments.catalogue(input, task)),
    ),
    coverage: os.supersegments.coverage.handler(({ context, input, signal = neverAborted }) =>
      context.supersegments.coverage(input, signal),
    ),
    one: os.supersegments.one.handler(({ context, input, signal = neverAborted }) =>
      context.supersegments.one(input, signal),
    ),
    lines: os.supersegments.lines.handler(({ context, input, signal = neverAborted }) =>
      context.supersegments.lines(input, signal),
    ),
  },
});

/** Answers the reading procedures on the port, with a project connection of its own. */
export function serveReader(models: Models, projectPath: string, port: MessagePort): void {
  const store = openProject(projectPath, { readonly: true });
  const predictor = new Predictor(store, models);
  const layers = new MapLayers(store, predictor);
  const context = {
    models,
    store,
    roads: new RoadReader(store),
    observations: new ObservationReader(store),
    predictor,
    layers,
    history: new SegmentHistory(store, predictor, layers),
    scenarios: new ScenarioReader(store, predictor),
    supersegments: new SupersegmentReader(store, predictor, layers),
    explanations: new Explanations(store, predictor),
    interactions: new InteractionReader(store),
    recommenders: new RecommenderReader(store, models, predictor),
  };
  new RPCHandler(router, { clientInterceptors: [mapErrors] }).upgrade(port, { context });
  port.start();
}
