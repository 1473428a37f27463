import { type EtalonError, type TaskContext, throwIfCancelled, toEtalonError } from '../base/index.ts';
import type { ProjectStore } from '../project/index.ts';
import type { ImportReport } from '../roads/index.ts';
import { readRoads, readTripFile } from '../roads/index.ts';
import { importObservations } from './importObservations.ts';
import type { JobRequest, JobResults } from './jobTypes.ts';
import type { EtaModelDefinition, SampleBuilder, TrainContext } from './model.ts';
import { modelNamed, runModel } from './models.ts';

interface TaskParts {
  models: Record<string, EtaModelDefinition>;
  sample: SampleBuilder;
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
      await parts.sample(store, context);
      return null;
    case 'import-roads':
      return importRoads(store, job, context);
    case 'import-trips':
      return importTrips(store, job, context);
    case 'import-observations':
      return importObservations(store, job, context);
    case 'train':
      await train(modelNamed(parts.models, store.run(job.runId).model), store, job.runId, context);
      return null;
    case 'evaluate': {
      const period = { ...(job.from && { from: job.from }), ...(job.until && { until: job.until }) };
      const result = await runModel(parts.models, store, job.runId).evaluate(
        store,
        job.runId,
        period,
        context,
      );
      store.addEvaluation(job.runId, {
        from: result.from,
        until: result.until,
        createdAt: new Date().toISOString(),
        result,
      });
      return result;
    }
    case 'export':
      return runModel(parts.models, store, job.runId).exportOnnx(store, job.runId, job.path, context);
    default:
      throw new Error(`internal: unknown job ${JSON.stringify(job satisfies never)}`);
  }
}

async function importRoads(
  store: ProjectStore,
  { path, nodesPath }: { path: string; nodesPath?: string },
  context: TaskContext,
): Promise<ImportReport> {
  const started = performance.now();
  const { network, report } = await readRoads(path, { ...(nodesPath && { nodesPath }), context });
  throwIfCancelled(context.signal);
  context.report({ stage: 'Saving roads', done: 0 });
  store.writeRoads(network, report);
  return { ...report, seconds: secondsSince(started) };
}

async function importTrips(
  store: ProjectStore,
  { path, mapping, timeZone }: JobRequest & { kind: 'import-trips' },
  context: TaskContext,
): Promise<ImportReport> {
  const started = performance.now();
  const network = store.readRoads();
  const report = await store.importTrips(timeZone, (add) =>
    readTripFile(path, { mapping, timeZone, network, existing: store.tripChunks(), add, context }),
  );
  return { ...report, seconds: secondsSince(started) };
}

/** Trains, and leaves the run's status, seconds and error as the training ended. */
async function train(
  model: EtaModelDefinition,
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

function kept({ code, message, remedy }: EtalonError): { code: string; message: string; remedy?: string } {
  return { code, message, ...(remedy && { remedy }) };
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}
