import { implement } from '@orpc/server';
import type { App } from '../app/index.ts';
import { type ApiTripMapping, contract } from './contract.ts';

export interface ApiContext {
  app: App;
}

const os = implement(contract).$context<ApiContext>();

const neverAborted = new AbortController().signal;

function given(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}

/** The contract, answered by an {@link App}: what is asked is handed on, nothing is decided here. */
export const router = os.router({
  app: {
    info: os.app.info.handler(({ context }) => context.app.info()),
    devices: os.app.devices.handler(({ context }) => context.app.devices()),
    pickFile: os.app.pickFile.handler(({ context, input }) =>
      context.app.pickFile(input.purpose, input.suggested),
    ),
    listFolder: os.app.listFolder.handler(({ context, input }) => context.app.listFolder(input.path)),
  },
  project: {
    create: os.project.create.handler(({ context, input }) => context.app.create(input.path)),
    open: os.project.open.handler(({ context, input }) => context.app.open(input.path)),
    createSample: os.project.createSample.handler(async ({ context, input }) => ({
      jobId: (await context.app.createSample(input.path, input.of)).id,
    })),
    close: os.project.close.handler(async ({ context }) => ({ closed: await context.app.close() })),
    info: os.project.info.handler(({ context }) => context.app.projectInfo()),
    removeSource: os.project.removeSource.handler(({ context, input }) => context.app.removeSource(input.id)),
  },
  roads: {
    import: os.roads.import.handler(({ context, input }) => ({
      jobId: context.app.importRoads(input.path, input.nodesPath, input.origin, input.skipMalformed).id,
    })),
    tile: os.roads.tile.handler(({ context, input, signal }) =>
      context.app.reader().roads.tile(input, given(signal)),
    ),
    segment: os.roads.segment.handler(({ context, input, signal }) =>
      context.app.reader().roads.segment(input, given(signal)),
    ),
    nearest: os.roads.nearest.handler(({ context, input, signal }) =>
      context.app.reader().roads.nearest(input, given(signal)),
    ),
    search: os.roads.search.handler(({ context, input, signal }) =>
      context.app.reader().roads.search(input, given(signal)),
    ),
    segmentDay: os.roads.segmentDay.handler(({ context, input, signal }) =>
      context.app.reader().roads.segmentDay(input, given(signal)),
    ),
    segmentWeek: os.roads.segmentWeek.handler(({ context, input, signal }) =>
      context.app.reader().roads.segmentWeek(input, given(signal)),
    ),
  },
  trips: {
    preview: os.trips.preview.handler(({ context, input, signal }) =>
      context.app.reader().trips.preview(input, given(signal)),
    ),
    import: os.trips.import.handler(({ context, input: { path, mapping, timeZone, skipMalformed } }) => ({
      jobId: context.app.importTrips(path, mapping satisfies ApiTripMapping, timeZone, skipMalformed).id,
    })),
    summary: os.trips.summary.handler(({ context, signal }) =>
      context.app.reader().trips.summary(undefined, given(signal)),
    ),
  },
  gps: {
    preview: os.gps.preview.handler(({ context, input, signal }) =>
      context.app.reader().gps.preview(input, given(signal)),
    ),
    import: os.gps.import.handler(
      ({ context, input: { path, mapping, timeZone, settings, skipMalformed } }) => ({
        jobId: context.app.importGps(path, mapping, timeZone, settings, skipMalformed).id,
      }),
    ),
  },
  observations: {
    preview: os.observations.preview.handler(({ context, input, signal }) =>
      context.app.reader().observations.preview(input, given(signal)),
    ),
    import: os.observations.import.handler(
      ({ context, input: { path, mapping, timeZone, skipMalformed } }) => ({
        jobId: context.app.importObservations(path, mapping, timeZone, skipMalformed).id,
      }),
    ),
    summary: os.observations.summary.handler(({ context, signal }) =>
      context.app.reader().observations.summary(undefined, given(signal)),
    ),
    ofSegment: os.observations.ofSegment.handler(({ context, input, signal }) =>
      context.app.reader().observations.ofSegment(input, given(signal)),
    ),
  },
  jobs: {
    list: os.jobs.list.handler(({ context }) => context.app.jobs.list()),
    watch: os.jobs.watch.handler(({ context, input, signal }) =>
      context.app.jobs.watch(input.id, signal ?? neverAborted),
    ),
    watchAll: os.jobs.watchAll.handler(({ context, signal }) =>
      context.app.jobs.watchAll(signal ?? neverAborted),
    ),
    cancel: os.jobs.cancel.handler(({ context, input }) => ({
      cancelled: context.app.jobs.cancel(input.id),
    })),
  },
  runs: {
    settings: os.runs.settings.handler(({ context, input }) => [...context.app.settings(input.model)]),
    train: os.runs.train.handler(({ context, input }) => {
      const { job, runId } = context.app.train(input);
      return { jobId: job.id, runId };
    }),
    resume: os.runs.resume.handler(({ context, input }) => ({ jobId: context.app.resume(input.runId).id })),
    stop: os.runs.stop.handler(({ context, input }) => ({ stopped: context.app.stop(input.runId) })),
    list: os.runs.list.handler(({ context }) => context.app.runs()),
    metrics: os.runs.metrics.handler(({ context, input }) => context.app.metrics(input.runId)),
    watchMetrics: os.runs.watchMetrics.handler(({ context, input, signal }) =>
      context.app.watchMetrics(input.runId, signal ?? neverAborted),
    ),
    rename: os.runs.rename.handler(({ context, input }) => context.app.rename(input.runId, input.name)),
    remove: os.runs.remove.handler(({ context, input }) => {
      context.app.removeRun(input.runId);
      return { removed: true };
    }),
    evaluate: os.runs.evaluate.handler(({ context, input: { runId, from, until, baselines } }) => ({
      jobId: context.app.evaluate(runId, {
        ...(from && { from }),
        ...(until && { until }),
        ...(baselines && { baselines }),
      }).id,
    })),
    export: os.runs.export.handler(({ context, input }) => ({
      jobId: context.app.exportOnnx(input.runId, input.path).id,
    })),
    compare: os.runs.compare.handler(({ context, input, signal }) =>
      context.app.reader().runs.compare(input, given(signal)),
    ),
    rolling: os.runs.rolling.handler(({ context, input: { runId, windows, baselines } }) => ({
      jobId: context.app.rolling(runId, { windows, ...(baselines && { baselines }) }).id,
    })),
  },
  speeds: {
    import: os.speeds.import.handler(({ context, input }) => ({
      jobId: context.app.importProfiles(input.path, input.waysPath, input.skipMalformed).id,
    })),
    export: os.speeds.export.handler(({ context, input }) => ({
      jobId: context.app.exportSpeeds(input).id,
    })),
  },
  predict: {
    speeds: os.predict.speeds.handler(({ context, input, signal }) =>
      context.app.reader().predict.speeds(input, given(signal)),
    ),
    day: os.predict.day.handler(({ context, input, signal }) =>
      context.app.reader().predict.day(input, given(signal)),
    ),
    route: os.predict.route.handler(({ context, input, signal }) =>
      context.app.reader().predict.route(input, given(signal)),
    ),
    explain: os.predict.explain.handler(({ context, input, signal }) =>
      context.app.reader().predict.explain(input, given(signal)),
    ),
    layer: os.predict.layer.handler(({ context, input, signal }) =>
      context.app.reader().predict.layer(input, given(signal)),
    ),
    watchLayer: os.predict.watchLayer.handler(({ context, signal }) =>
      context.app.reader().predict.watchLayer(undefined, given(signal)),
    ),
    isochrone: os.predict.isochrone.handler(({ context, input, signal }) =>
      context.app.reader().predict.isochrone(input, given(signal)),
    ),
    matrix: os.predict.matrix.handler(({ context, input, signal }) =>
      context.app.reader().predict.matrix(input, given(signal)),
    ),
    batch: os.predict.batch.handler(({ context, input }) => ({
      jobId: context.app.predictBatch(input.runId, input.path, input.out).id,
    })),
  },
  simulator: {
    expect: os.simulator.expect.handler(({ context, input }) => context.app.simulationTime(input)),
    start: os.simulator.start.handler(({ context, input }) => ({ jobId: context.app.simulate(input).id })),
  },
  interactions: {
    preview: os.interactions.preview.handler(({ context, input, signal }) =>
      context.app.reader().interactions.preview(input, given(signal)),
    ),
    nodes: os.interactions.nodes.handler(({ context, input, signal }) =>
      context.app.reader().interactions.nodes(input, given(signal)),
    ),
    summary: os.interactions.summary.handler(({ context, input, signal }) =>
      context.app.reader().interactions.summary(input, given(signal)),
    ),
    import: os.interactions.import.handler(
      ({ context, input: { files, name, timeZone, skipMalformed } }) => ({
        jobId: context.app.importInteractions(files, name, timeZone, skipMalformed).id,
      }),
    ),
  },
  recommenders: {
    list: os.recommenders.list.handler(({ context }) => context.app.recommenders()),
    evaluate: os.recommenders.evaluate.handler(({ context, input }) => ({
      jobId: context.app.evaluateRanking(input.runId).id,
    })),
    ask: os.recommenders.ask.handler(({ context, input, signal }) =>
      context.app.reader().recommenders.ask(input, given(signal)),
    ),
    explain: os.recommenders.explain.handler(({ context, input, signal }) =>
      context.app.reader().recommenders.explain(input, given(signal)),
    ),
    way: os.recommenders.way.handler(({ context, input, signal }) =>
      context.app.reader().recommenders.way(input, given(signal)),
    ),
    embeddingMap: os.recommenders.embeddingMap.handler(({ context, input, signal }) =>
      context.app.reader().recommenders.embeddingMap(input, given(signal)),
    ),
    askAll: os.recommenders.askAll.handler(({ context, input }) => ({
      jobId: context.app.recommendAll(input.runId, input.path, input.count).id,
    })),
    exportEmbeddings: os.recommenders.exportEmbeddings.handler(({ context, input }) => ({
      jobId: context.app.exportEmbeddings(input.runId, input.path).id,
    })),
  },
  supersegments: {
    catalogue: os.supersegments.catalogue.handler(({ context, input, signal }) =>
      context.app.reader().supersegments.catalogue(input, given(signal)),
    ),
    coverage: os.supersegments.coverage.handler(({ context, input, signal }) =>
      context.app.reader().supersegments.coverage(input, given(signal)),
    ),
    one: os.supersegments.one.handler(({ context, input, signal }) =>
      context.app.reader().supersegments.one(input, given(signal)),
    ),
    lines: os.supersegments.lines.handler(({ context, input, signal }) =>
      context.app.reader().supersegments.lines(input, given(signal)),
    ),
  },
  scenarios: {
    list: os.scenarios.list.handler(({ context }) => context.app.scenarios().list()),
    save: os.scenarios.save.handler(({ context, input }) => context.app.scenarios().save(input)),
    rename: os.scenarios.rename.handler(({ context, input }) =>
      context.app.scenarios().rename(input.id, input.name),
    ),
    remove: os.scenarios.remove.handler(({ context, input }) => {
      context.app.scenarios().remove(input.id);
      return { removed: true };
    }),
    speeds: os.scenarios.speeds.handler(({ context, input, signal }) =>
      context.app.reader().scenarios.speeds(input, given(signal)),
    ),
    route: os.scenarios.route.handler(({ context, input, signal }) =>
      context.app.reader().scenarios.route(input, given(signal)),
    ),
    summary: os.scenarios.summary.handler(({ context, input, signal }) =>
      context.app.reader().scenarios.summary(input, given(signal)),
    ),
  },
});
