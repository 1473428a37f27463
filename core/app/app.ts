import { rmSync } from 'node:fs';
import { availableParallelism, homedir, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  ApiDeviceInfo,
  ApiGpsMapping,
  ApiGpsSettings,
  ApiInteractionFile,
  ApiJobState,
  ApiMetricPoint,
  ApiObservationMapping,
  ApiRunInfo,
  ApiSettingInfo,
  ApiSimulation,
  ApiSpeedExport,
  ApiTrainConfig,
  ApiTripMapping,
  FilePurpose,
} from '../api/contract.ts';
import {
  type ApiRecommender,
  type RecommendRequest,
  recommenderChoice,
  recommendQuestion,
} from '../api/recommenders.ts';
import { EtalonError } from '../base/index.ts';
import { createProject, openProject, type ProjectInfo, type ProjectStore } from '../project/index.ts';
import { absolutePath, diskFreeBytes, type Folder, listFolder } from './folders.ts';
import { forecastFormat } from './forecast/forecastFile.ts';
import { withAbsolutePath } from './interactionFiles.ts';
import { type JobEnd, Jobs } from './jobs.ts';
import type { JobRequest } from './jobTypes.ts';
import type { BaselineChoice, DeviceChoice, Models, RecommenderConfig, RunConfig } from './model.ts';
import { modelNamed, runRecommender } from './models.ts';
import { needsRoads, withAbsolutePaths } from './observationChecks.ts';
import { type ReaderClient, ReaderThread } from './readerThread.ts';
import { type RecentProject, recentProjects, rememberProject } from './recent.ts';
import { learnsFrom } from './recommend/learnsFrom.ts';
import { assertTakes } from './recommend/question.ts';
import { runView } from './runView.ts';
import { SavedScenarios } from './scenarios.ts';
import { assertCanSimulate, daysInWords } from './simulateChecks.ts';
import { expectedSeconds, type SimulationSize } from './simulationTime.ts';

/** Jobs after which the reader's roads, trips and weights are as they were. */
const READS_ONLY: ReadonlySet<JobRequest['kind']> = new Set([
  'evaluate',
  'export',
  'export-speeds',
  'predict-batch',
  'forecast',
  'evaluate-ranking',
  'recommend',
  'recommend-all',
  'export-embeddings',
]);

/** How most recommenders share a score among its reasons. */
const INTEGRATED_GRADIENTS = 'Integrated gradients from no interaction and no feature to all of them.';
/** How often the points of a run in training are looked for; it may be trained by another process. */
const METRICS_INTERVAL_MS = 300;

export interface AppOptions {
  models: Models;
  /** The shell's worker module, which calls `runJobWorker` and nothing else. */
  jobWorker: URL;
  shell: 'electron' | 'serve';
  version: string;
  /** The system's own file dialog; null = dismissed. Absent where the shell has none. */
  pickFile?(purpose: FilePurpose, suggested: string | undefined): Promise<string | null>;
  /** Told of each change of the open project: its path, or null when there is none any more. */
  onProject?(path: string | null): void;
}

export interface AppInfo {
  version: string;
  shell: 'electron' | 'serve';
  platform: string;
  cpuThreads: number;
  memoryBytes: number;
  diskFreeBytes: number;
  homeDir: string;
  recent: RecentProject[];
  open: string | null;
}

/** Everything that Etalon does with a project, for every shell: one open project, and the jobs that work on it. */
export class App {
  readonly jobs: Jobs;
  readonly #options: AppOptions;
  #session: { store: ProjectStore; reader: ReaderThread } | null = null;

  constructor(options: AppOptions) {
    this.#options = options;
    this.jobs = new Jobs(options.jobWorker);
  }

  async info(): Promise<AppInfo> {
    const open = this.#session?.store.path ?? null;
    return {
      version: this.#options.version,
      shell: this.#options.shell,
      platform: process.platform,
      cpuThreads: availableParallelism(),
      memoryBytes: totalmem(),
      diskFreeBytes: await diskFreeBytes(open ? dirname(open) : homedir()),
      homeDir: homedir(),
      recent: recentProjects(),
      open,
    };
  }

  async devices(): Promise<ApiDeviceInfo[]> {
    // Loaded when first wanted: the runtimes are large, and most commands never ask.
    const { listDevices } = await import('../device/index.ts');
    return listDevices();
  }

  async pickFile(
    purpose: FilePurpose,
    suggested?: string,
  ): Promise<{ supported: boolean; path: string | null }> {
    const { pickFile } = this.#options;
    return pickFile
      ? { supported: true, path: await pickFile(purpose, suggested) }
      : { supported: false, path: null };
  }

  listFolder(path: string): Promise<Folder> {
    return listFolder(path);
  }

  /** Makes an empty project file and opens it. Throws `conflict` when the file exists, or a job is running. */
  async create(path: string): Promise<ProjectInfo> {
    this.#assertIdle('Another project cannot be opened');
    return this.#switchTo(createProject(absolutePath(path)));
  }

  async open(path: string): Promise<ProjectInfo> {
    const wanted = absolutePath(path);
    if (this.#session?.store.path === wanted) return this.#session.store.info();
    this.#assertIdle('Another project cannot be opened');
    return this.#switchTo(openProject(wanted));
  }

  /** False when no project was open. */
  async close(): Promise<boolean> {
    if (!this.#session) return false;
    this.#assertIdle('The project cannot be closed');
    await this.#leave();
    return true;
  }

  /** Cancels all jobs, waits for them to tidy up, and closes the project. */
  async shutdown(): Promise<void> {
    await this.jobs.cancelAll();
    await this.#leave();
  }

  projectInfo(): ProjectInfo | null {
    return this.#session?.store.info() ?? null;
  }

  async removeSource(id: number): Promise<ProjectInfo> {
    this.#assertIdle('Sources cannot be removed');
    const store = this.#store();
    store.removeSource(id);
    await this.#session?.reader.restart();
    return store.info();
  }

  /** Generates the sample city, or sample data for a recommender, into a new project; one that was not finished is removed. */
  async createSample(path: string, of = 'city'): Promise<ApiJobState> {
    await this.create(path);
    const { path: projectPath } = this.#store();
    return this.#start(
      { kind: 'sample', of },
      of === 'city' ? 'Building the sample city' : 'Making sample data',
      null,
      ({ state }) => {
        if (state.status !== 'done') void this.#leave().then(() => removeProject(projectPath));
      },
    );
  }

  /** `skipMalformed`, of every import: what cannot be read is left out; else it stops the import. */
  importRoads(
    path: string,
    nodesPath?: string,
    origin?: [number, number],
    skipMalformed = false,
  ): ApiJobState {
    return this.#start(
      {
        kind: 'import-roads',
        path: absolutePath(path),
        ...(nodesPath && { nodesPath: absolutePath(nodesPath) }),
        ...(origin && { origin }),
        skipMalformed,
      },
      'Importing roads',
    );
  }

  importTrips(path: string, mapping: ApiTripMapping, timeZone: string, skipMalformed = false): ApiJobState {
    if (!this.#store().hasRoads())
      throw new EtalonError('conflict', 'Trips need a road network to be matched to.', {
        remedy: 'Import roads first.',
      });
    return this.#start(
      { kind: 'import-trips', path: absolutePath(path), mapping, timeZone, skipMalformed },
      'Importing trips',
    );
  }

  /** Matches GPS points to the roads; what comes of them are trips. */
  importGps(
    path: string,
    mapping: ApiGpsMapping,
    timeZone: string,
    { sigmaM, maxGapS }: ApiGpsSettings = {},
    skipMalformed = false,
  ): ApiJobState {
    if (!this.#store().hasRoads())
      throw new EtalonError('conflict', 'GPS points need a road network to be matched to.', {
        remedy: 'Import roads first.',
      });
    return this.#start(
      {
        kind: 'import-gps',
        path: absolutePath(path),
        mapping,
        timeZone,
        settings: { ...(sigmaM !== undefined && { sigmaM }), ...(maxGapS !== undefined && { maxGapS }) },
        skipMalformed,
      },
      'Importing GPS points',
    );
  }

  /** Detectors make a network of their own where there are no roads; segments need one. */
  importObservations(
    path: string,
    mapping: ApiObservationMapping,
    timeZone: string,
    skipMalformed = false,
  ): ApiJobState {
    if (mapping.layout === 'segments' && !this.#store().hasRoads()) throw needsRoads();
    return this.#start(
      {
        kind: 'import-observations',
        path: absolutePath(path),
        mapping: withAbsolutePaths(mapping),
        timeZone,
        skipMalformed,
      },
      'Importing observations',
    );
  }

  /** Reads the files as one data set of that name, which the project must not have yet. */
  importInteractions(
    files: readonly ApiInteractionFile[],
    name: string,
    timeZone = 'UTC',
    skipMalformed = false,
  ): ApiJobState {
    this.#store().assertNoInteractions(name);
    return this.#start(
      { kind: 'import-interactions', files: files.map(withAbsolutePath), name, timeZone, skipMalformed },
      'Importing interactions',
    );
  }

  /** Throws `not-found`. */
  settings(model: string): readonly ApiSettingInfo[] {
    return modelNamed(this.#options.models, model).settings;
  }

  /** Makes a run and starts to train it. Throws `usage` for impossible settings, before anything is written. */
  train(config: ApiTrainConfig): { job: ApiJobState; runId: number } {
    const store = this.#store();
    const model = modelNamed(this.#options.models, config.model);
    const settings = model.parseSettings(config.settings);
    const info = store.info();
    assertHasData(model, info);
    this.#assertIdle('Training cannot start');
    const run = store.createRun({
      ...(config.name && { name: config.name }),
      model: model.id,
      config: {
        ...(config.from && { from: config.from }),
        ...(config.until && { until: config.until }),
        seed: config.seed,
        settings,
        ...(model.predicts === 'items' && {
          interactions: learnsFrom(info, recommenderChoice.parse(config.interactions ?? {}), model.prefers),
        }),
      } satisfies RunConfig & Partial<RecommenderConfig>,
    });
    try {
      return { job: this.#train(run.id, config.device), runId: run.id };
    } catch (error) {
      store.updateRun(run.id, { status: 'failed' });
      store.deleteRun(run.id);
      throw error;
    }
  }

  /** Goes on from a run's last checkpoint. Throws `conflict` for a finished run. */
  resume(runId: number, device: DeviceChoice = 'auto'): ApiJobState {
    const run = this.#store().run(runId);
    if (run.status === 'finished')
      throw new EtalonError('conflict', `Run “${run.name}” is finished.`, { remedy: 'Train a new run.' });
    return this.#train(runId, device);
  }

  /** Ends a run's training and keeps the best weights so far; false when it is not in training here. */
  stop(runId: number): boolean {
    return this.jobs.stopTraining(runId);
  }

  runs(): ApiRunInfo[] {
    const store = this.#store();
    return store.runs().map((run) => runView(this.#options.models, store, run));
  }

  run(runId: number): ApiRunInfo {
    const store = this.#store();
    return runView(this.#options.models, store, store.run(runId));
  }

  metrics(runId: number): ApiMetricPoint[] {
    return knownPoints(this.#store(), runId);
  }

  /** A run's points as they come, from the first, until it is no longer in training. */
  async *watchMetrics(runId: number, signal: AbortSignal): AsyncGenerator<ApiMetricPoint[], void> {
    const store = this.#store();
    const sent = new Map<string, number>();
    const key = ({ epoch, name }: ApiMetricPoint) => `${epoch} ${name}`;
    while (!signal.aborted && this.#session?.store === store) {
      const { status } = store.run(runId);
      // A resumed run writes the epochs after its checkpoint anew.
      const fresh = knownPoints(store, runId).filter((point) => sent.get(key(point)) !== point.value);
      for (const point of fresh) sent.set(key(point), point.value);
      if (fresh.length > 0) yield fresh;
      if (status !== 'running') return;
      await sleep(METRICS_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  rename(runId: number, name: string): ApiRunInfo {
    this.#store().updateRun(runId, { name });
    return this.run(runId);
  }

  removeRun(runId: number): void {
    const run = this.#store().run(runId);
    const user = this.jobs.openOn(runId);
    if (user)
      throw new EtalonError('conflict', `Run “${run.name}” is in use: ${user.title}.`, {
        remedy: 'Wait until that is done, or cancel it.',
      });
    this.#store().deleteRun(runId);
  }

  /** Without a period: on the trips from the day on which the run's training ended. */
  evaluate(
    runId: number,
    { baselines, ...period }: { from?: string; until?: string; baselines?: BaselineChoice } = {},
  ): ApiJobState {
    const { name, config } = this.#store().run(runId);
    const { until: trainedUntil } = config as RunConfig;
    const unseen = !period.from && !period.until && trainedUntil ? { from: trainedUntil } : period;
    return this.#start(
      { kind: 'evaluate', runId, ...unseen, ...(baselines && { baselines }) },
      `Evaluating ${name}`,
      runId,
    );
  }

  /** The recommenders among the models. */
  recommenders(): ApiRecommender[] {
    return Object.values(this.#options.models).flatMap((model) =>
      model.predicts === 'items'
        ? [
            {
              id: model.id,
              asks: [...(model.asks ?? [])],
              prefers: model.prefers ? { ...model.prefers } : null,
              sharedBy: model.sharedBy ?? INTEGRATED_GRADIENTS,
              baselines: { ...model.baselines },
            },
          ]
        : [],
    );
  }

  /** Judges a recommender on what its training held out, beside baselines. */
  evaluateRanking(runId: number): ApiJobState {
    const { name } = this.#store().run(runId);
    return this.#start({ kind: 'evaluate-ranking', runId }, `Evaluating ${name}`, runId);
  }

  /** The best items for some users, by identifier; with reasons where asked for. Throws `usage` for a field that the system does not take. */
  recommend(runId: number, question: RecommendRequest): ApiJobState {
    const asked = recommendQuestion.parse(question);
    assertTakes(runRecommender(this.#options.models, this.#store(), runId), asked);
    return this.#start({ kind: 'recommend', runId, question: asked }, 'Recommending', runId);
  }

  /** The same for everyone into `name.csv` or `name.parquet`. */
  recommendAll(runId: number, path: string, count = 10): ApiJobState {
    const request: JobRequest = { kind: 'recommend-all', runId, path: absolutePath(path), count };
    return this.#start(request, 'Recommending for everyone', runId);
  }

  /** The states of users and items into `name.csv` or `name.parquet`. */
  exportEmbeddings(runId: number, path: string): ApiJobState {
    return this.#start(
      { kind: 'export-embeddings', runId, path: absolutePath(path) },
      'Exporting embeddings',
      runId,
    );
  }

  /** Trains the run's settings on expanding windows, and judges each on the days after it. */
  rolling(
    runId: number,
    options: { windows: number; device?: DeviceChoice; baselines?: BaselineChoice },
  ): ApiJobState {
    const store = this.#store();
    const { name } = store.run(runId);
    return this.#start(
      { kind: 'rolling', runId, device: 'auto', ...options },
      `Rolling evaluation of ${name}`,
      runId,
      ({ state, crashed }) => {
        if (!crashed || this.#session?.store !== store) return;
        // No other run can be in training beside this job.
        for (const run of store.runs()) if (run.status === 'running') settleCrashed(store, run.id, state);
      },
    );
  }

  exportOnnx(runId: number, path: string): ApiJobState {
    const { name } = this.#store().run(runId);
    return this.#start({ kind: 'export', runId, path: absolutePath(path) }, `Exporting ${name}`, runId);
  }

  /** Throws `conflict` without roads. */
  importProfiles(path: string, waysPath: string, skipMalformed = false): ApiJobState {
    if (!this.#store().hasRoads())
      throw new EtalonError('conflict', 'Weekly speeds need a road network to belong to.', {
        remedy: 'Import roads first.',
      });
    return this.#start(
      {
        kind: 'import-profiles',
        path: absolutePath(path),
        waysPath: absolutePath(waysPath),
        skipMalformed,
      },
      'Importing historical speeds',
    );
  }

  exportSpeeds(request: ApiSpeedExport): ApiJobState {
    const { source, path, waysPath, turnsPath } = request;
    const run = typeof source === 'number' ? this.#store().run(source) : undefined;
    return this.#start(
      {
        kind: 'export-speeds',
        ...request,
        path: absolutePath(path),
        ...(waysPath && { waysPath: absolutePath(waysPath) }),
        ...(turnsPath && { turnsPath: absolutePath(turnsPath) }),
      },
      `Exporting speeds${run ? ` of ${run.name}` : ''}`,
      run?.id ?? null,
    );
  }

  /** Predicts the trips of a CSV file into another; without a run by the historical profile. */
  predictBatch(runId: number | null, path: string, out: string): ApiJobState {
    const by = runId === null ? 'the historical profile' : this.#store().run(runId).name;
    const request = {
      kind: 'predict-batch',
      runId,
      path: absolutePath(path),
      out: absolutePath(out),
    } as const;
    return this.#start(request, `Predicting trips by ${by}`, runId);
  }

  /** Predicts every segment for so many minutes after a local time, into name.csv or name.parquet. Throws `usage` for another file. */
  forecast(runId: number, at: string, horizonMinutes: readonly number[], out: string): ApiJobState {
    forecastFormat(out);
    const { name } = this.#store().run(runId);
    const request = { kind: 'forecast', runId, at, horizonMinutes, path: absolutePath(out) } as const;
    return this.#start(request, `Forecasting by ${name}`, runId);
  }

  /** Simulates traffic on the project's roads. Throws `conflict` without roads or in another time zone than the project's. */
  simulate(settings: ApiSimulation): ApiJobState {
    assertCanSimulate(this.#store(), settings);
    return this.#start({ kind: 'simulate', settings }, `Simulating ${daysInWords(settings.days)} of traffic`);
  }

  simulationTime(settings: SimulationSize): { seconds: number } {
    return { seconds: expectedSeconds(this.#store().info().segments, settings) };
  }

  /** The procedures that only read, answered by a thread of their own. Throws `conflict` while no project is open. */
  reader(): ReaderClient {
    this.#store();
    return this.#session!.reader.client();
  }

  /** Saved what-if scenarios. Throws `conflict` while no project is open. */
  scenarios(): SavedScenarios {
    return new SavedScenarios(this.#store());
  }

  #train(runId: number, device: DeviceChoice): ApiJobState {
    const store = this.#store();
    const { name } = store.run(runId);
    const job = this.#start(
      { kind: 'train', runId, device },
      `Training ${name}`,
      runId,
      ({ state, crashed }) => {
        if (crashed && this.#session?.store === store) settleCrashed(store, runId, state);
      },
    );
    // Here, and not only in the worker: whoever watches the run now must not take it for one that has ended.
    store.updateRun(runId, { status: 'running', error: null });
    return job;
  }

  #start(
    request: JobRequest,
    title: string,
    runId: number | null = null,
    onEnd?: (end: JobEnd) => void,
  ): ApiJobState {
    return this.jobs.start({
      projectPath: this.#store().path,
      request,
      title,
      runId,
      onEnd: (end) => {
        onEnd?.(end);
        // What the reader holds of the roads, trips and weights may be old now.
        if (!READS_ONLY.has(request.kind)) void this.#session?.reader.restart();
      },
    });
  }

  #store(): ProjectStore {
    if (this.#session) return this.#session.store;
    throw new EtalonError('conflict', 'No project is open.', { remedy: 'Create or open a project first.' });
  }

  #assertIdle(what: string): void {
    const busy = this.jobs.busyWith();
    if (busy)
      throw new EtalonError('conflict', `${what} while “${busy}” is running.`, {
        remedy: 'Wait until it is done, or cancel it.',
      });
  }

  async #switchTo(store: ProjectStore): Promise<ProjectInfo> {
    await this.#leave();
    this.#session = { store, reader: new ReaderThread(this.#options.jobWorker, store.path) };
    rememberProject(store.path);
    this.#options.onProject?.(store.path);
    return store.info();
  }

  async #leave(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.reader.stop();
    session?.store.close();
    if (session) this.#options.onProject?.(null);
  }
}

function knownPoints(store: ProjectStore, runId: number): ApiMetricPoint[] {
  return store.metrics(runId).filter(({ value }) => Number.isFinite(value));
}

/** The worker could not say how the run ended. */
function settleCrashed(store: ProjectStore, runId: number, { status, error }: ApiJobState): void {
  if (store.run(runId).status !== 'running') return;
  const resumable = status === 'cancelled' || store.loadCheckpoint(runId, 'latest') !== null;
  store.updateRun(runId, {
    status: resumable ? 'interrupted' : 'failed',
    error: error && {
      code: error.code,
      message: error.message,
      ...(error.remedy && { remedy: error.remedy }),
    },
  });
}

function assertHasData({ predicts }: Models[string], { trips, observations }: ProjectInfo): void {
  if (predicts === 'travelTimes' && trips === 0)
    throw new EtalonError('conflict', 'There are no trips to learn from.', {
      remedy: 'Import trips first.',
    });
  if (predicts === 'speeds' && observations === 0)
    throw new EtalonError('conflict', 'There are no observations of segments to learn from.', {
      remedy: 'Import speeds of segments or detectors first, or train the model eta on trips.',
    });
}

function removeProject(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
}
