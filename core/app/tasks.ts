import { type EtaEvaluation, type SpeedEvaluation, speedEvaluation } from '../api/contract.ts';
import { EtalonError, type TaskContext, throwIfCancelled, toEtalonError } from '../base/index.ts';
import type { ProjectStore } from '../project/index.ts';
import type { GpsImport } from '../roads/index.ts';
import { readGps, readRoads, readTripFile } from '../roads/index.ts';
import type { ImportReport } from '../tables/index.ts';
import { predictBatch } from './batch/predictBatch.ts';
import { forecastSegments } from './forecast/forecast.ts';
import { importInteractions } from './importInteractions.ts';
import { importObservations } from './importObservations.ts';
import type { GpsImportResult, JobRequest, JobResults } from './jobTypes.ts';
import type {
  BaselineChoice,
  EvaluateContext,
  Models,
  SampleBuilder,
  Samples,
  TrainableModel,
  TrainContext,
} from './model.ts';
import { modelNamed, runModel, trainedModel } from './models.ts';
import { recommenderJob } from './recommend/jobs.ts';
import { rollingEvaluation } from './rolling.ts';
import { simulateTraffic } from './simulate.ts';
import { exportSpeeds, importProfiles } from './speedTasks.ts';

interface TaskParts {
  models: Models;
  samples: Samples;
}

/** Does what a job asks, on an open project. Nothing of a cancelled import is kept. */
export async function performJob(
  parts: TaskParts,
  store: ProjectStore,
  job: JobRequest,
  context: TrainContext,
): Promise<JobResults[JobRequest['kind']]> {
  switch (job.kind) {
    case 'sample':
      await sampleNamed(parts.samples, job.of)(store, context);
      return null;
    case 'import-roads':
      return importRoads(store, job, context);
    case 'import-trips':
      return importTrips(store, job, context);
    case 'import-observations':
      return importObservations(store, job, context);
    case 'import-interactions':
      return importInteractions(store, job, context);
    case 'train':
      await train(modelNamed(parts.models, store.run(job.runId).model), store, job.runId, context);
      return null;
    case 'evaluate': {
      const period = { ...(job.from && { from: job.from }), ...(job.until && { until: job.until }) };
      return evaluate(parts, store, job.runId, period, withBaselines(context, job.baselines));
    }
    case 'export':
      return trainedModel(parts.models, store, job.runId).exportOnnx(store, job.runId, job.path, context);
    case 'evaluate-ranking':
    case 'recommend':
    case 'recommend-all':
    case 'export-embeddings':
      return recommenderJob(parts.models, store, job, context);
    case 'import-profiles':
      return importProfiles(store, job, context);
    case 'export-speeds':
      return exportSpeeds(parts.models, store, job, context);
    case 'import-gps':
      return importGps(store, job, context);
    case 'predict-batch':
      return predictBatch(parts.models, store, job, context);
    case 'forecast':
      return forecastSegments(parts.models, store, job, context);
    case 'rolling':
      return rollingEvaluation(
        parts.models,
        store,
        job,
        {
          train: (runId, { report }) =>
            train(modelNamed(parts.models, store.run(runId).model), store, runId, { ...context, report }),
          evaluate: (runId, period, inner) =>
            evaluate(parts, store, runId, period, withBaselines(inner, job.baselines)),
        },
        context,
      );
    case 'simulate':
      return simulateTraffic(store, job.settings, context);
    default:
      throw new Error(`internal: unknown job ${JSON.stringify(job satisfies never)}`);
  }
}

/** Throws `not-found`, naming what there are samples of. */
function sampleNamed(samples: Samples, of: string): SampleBuilder {
  if (Object.hasOwn(samples, of)) return samples[of];
  throw new EtalonError('not-found', `There are no sample data for “${of}”.`, {
    remedy: `There are some for: ${Object.keys(samples).join(', ')}.`,
  });
}

async function importRoads(
  store: ProjectStore,
  { path, nodesPath, origin, skipMalformed }: JobRequest & { kind: 'import-roads' },
  context: TaskContext,
): Promise<ImportReport> {
  const started = performance.now();
  const { network, report } = await readRoads(path, {
    ...(nodesPath && { nodesPath }),
    ...(origin && { origin }),
    skipMalformed,
    context,
  });
  throwIfCancelled(context.signal);
  context.report({ stage: 'Saving roads', done: 0 });
  store.writeRoads(network, report);
  return { ...report, seconds: secondsSince(started) };
}

async function importTrips(
  store: ProjectStore,
  { path, mapping, timeZone, skipMalformed }: JobRequest & { kind: 'import-trips' },
  context: TaskContext,
): Promise<ImportReport> {
  const started = performance.now();
  const network = store.readRoads();
  const report = await store.importTrips(timeZone, (add) => {
    const existing = store.tripChunks();
    return readTripFile(path, { mapping, timeZone, network, existing, skipMalformed, add, context });
  });
  return { ...report, seconds: secondsSince(started) };
}

async function importGps(
  store: ProjectStore,
  { path, mapping, timeZone, settings, skipMalformed }: JobRequest & { kind: 'import-gps' },
  context: TaskContext,
): Promise<GpsImportResult> {
  const started = performance.now();
  const network = store.readRoads();
  let matched: GpsImport | undefined;
  const report = await store.importTrips(timeZone, async (add) => {
    const existing = store.tripChunks();
    matched = await readGps(path, {
      mapping,
      timeZone,
      settings,
      network,
      existing,
      skipMalformed,
      add,
      context,
    });
    return matched.report;
  });
  return { ...matched!, report: { ...report, seconds: secondsSince(started) } };
}

/** Trains, and leaves the run's status, seconds and error as the training ended. */
async function train(
  model: TrainableModel,
  store: ProjectStore,
  runId: number,
  context: TrainContext,
): Promise<void> {
  const started = performance.now();
  const secondsBefore = store.run(runId).seconds;
  const now = () => ({ seconds: secondsBefore + secondsSince(started) });
  store.updateRun(runId, { status: 'running', error: null });
  try {
    await model.train(store, runId, context);
  } catch (thrown) {
    const error = toEtalonError(thrown);
    if (error.code === 'cancelled') store.updateRun(runId, { status: 'interrupted', ...now() });
    else store.updateRun(runId, { status: 'failed', error: kept(error), ...now() });
    throw error;
  }
  store.updateRun(runId, { status: 'finished', finishedAt: new Date().toISOString(), ...now() });
}

/** Judges a run and keeps the evaluation with its trips. */
async function evaluate(
  parts: TaskParts,
  store: ProjectStore,
  runId: number,
  period: { from?: string; until?: string },
  context: EvaluateContext,
): Promise<EtaEvaluation | SpeedEvaluation> {
  const model = runModel(parts.models, store, runId);
  const { result, trips } = await model.evaluate(store, runId, period, context);
  throwIfCancelled(context.signal);
  const { from, until } = result;
  store.addEvaluation(runId, { from, until, createdAt: new Date().toISOString(), result }, trips);
  // The sums by day are for comparisons, and stay in the project.
  return 'kind' in result ? speedEvaluation.parse(result) : result;
}

function withBaselines(context: TaskContext, baselines: BaselineChoice | undefined): EvaluateContext {
  return { signal: context.signal, report: context.report, ...(baselines && { baselines }) };
}

function kept({ code, message, remedy }: EtalonError): { code: string; message: string; remedy?: string } {
  return { code, message, ...(remedy && { remedy }) };
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}
