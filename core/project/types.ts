import type { InteractionData } from '../interactions/data.ts';
import type { WeeklyProfiles } from '../roads/exchange/weeklySpeeds.ts';
import type { RoadNetwork } from '../roads/network.ts';
import type { ObservationSet } from '../roads/observations.ts';
import type { TripSet } from '../roads/trips.ts';
import type { ImportReport } from '../tables/importReport.ts';
import type { ObservedHour } from './observations.ts';

export type { ObservedHour } from './observations.ts';

export interface ProjectInfo {
  path: string;
  name: string;
  createdAt: string;
  /** IANA name; null until trips or observations are imported. */
  timeZone: string | null;
  segments: number;
  junctions: number;
  turns: number;
  /** [west, south, east, north] in degrees; null without roads. */
  bounds: [number, number, number, number] | null;
  trips: number;
  /** Local dates of the first and last departure, `YYYY-MM-DD`. */
  firstDay: string | null;
  lastDay: string | null;
  traversals: number;
  /** Whether any trip has seconds per segment. */
  segmentTimes: boolean;
  /** Speeds of a segment in an interval, and how many segments have any. */
  observations: number;
  observedSegments: number;
  /** Local dates of the first and last of them, `YYYY-MM-DD`. */
  firstObservedDay: string | null;
  lastObservedDay: string | null;
  /** Data sets of interactions, in the order in which they were imported. */
  interactions: InteractionSetInfo[];
  sources: SourceInfo[];
  runs: number;
  sizeBytes: number;
}

export interface SourceInfo {
  id: number;
  kind: 'roads' | 'trips' | 'observations' | 'profiles' | 'interactions';
  path: string;
  importedAt: string;
  report: ImportReport;
}

/** What a data set of interactions holds. */
export interface InteractionSetInfo {
  sourceId: number;
  name: string;
  nodes: { name: string; count: number }[];
  /** Times in seconds since 1970-01-01T00:00Z, null where none is known. */
  edges: {
    name: string;
    from: string;
    to: string;
    count: number;
    firstS: number | null;
    lastS: number | null;
  }[];
}

export type RunStatus = 'running' | 'interrupted' | 'finished' | 'failed';

/** One training run. `config` and `evaluation` are the model's own JSON; the project only keeps them. */
export interface RunRecord {
  id: number;
  name: string;
  model: string;
  status: RunStatus;
  createdAt: string;
  finishedAt: string | null;
  seconds: number;
  config: unknown;
  /** Figures of evaluations by their period key, newest last. */
  evaluations: StoredEvaluation[];
  error: { code: string; message: string; remedy?: string } | null;
  device: string | null;
}

export interface EvaluationRecord {
  /** Local dates, `YYYY-MM-DD`; `until` is exclusive, null = open. */
  from: string | null;
  until: string | null;
  createdAt: string;
  result: unknown;
}

/** An evaluation as it was found in the project; `id` is what its trips are asked by. */
export interface StoredEvaluation extends EvaluationRecord {
  id: number;
}

/** [N] columns of an evaluation's trips: what was predicted and observed, and what trips are grouped by. */
export interface EvaluationTrips {
  /** Position among all trips of the project, in order of departure, when it was evaluated. */
  readonly trip: Uint32Array;
  /** Wall-clock seconds since a local 1970-01-01T00:00. */
  readonly localDepartS: Float64Array;
  readonly lengthM: Float32Array;
  readonly freeFlowS: Float32Array;
  /** Index of the class that most of the length is of. */
  readonly roadClass: Uint8Array;
  readonly observedS: Float32Array;
  readonly medianS: Float32Array;
  /** Bounds of the 80 % interval; NaN where there is none. */
  readonly low80S: Float32Array;
  readonly high80S: Float32Array;
}

/** A point of a run's curve. `name` is `loss`, `valMae`, … */
export interface MetricPoint {
  epoch: number;
  name: string;
  value: number;
}

/** `latest` is what a resume starts from; `best` is what evaluation, prediction and export use. */
export type CheckpointKind = 'latest' | 'best';

/** What a model saves: named arrays plus JSON. Arrays are kept in compressed chunks. */
export interface Checkpoint {
  epoch: number;
  arrays: Record<string, Float32Array>;
  json: unknown;
}

/** A saved what-if scenario. `edits` is JSON of the rooms above; the project only keeps it. */
export interface ScenarioRecord {
  id: number;
  name: string;
  edits: unknown;
  createdAt: string;
  changedAt: string;
}

/** One open project file. Every method is synchronous (SQLite); a job opens a connection of its own. */
export interface ProjectStore {
  readonly path: string;
  info(): ProjectInfo;
  /** Replaces the road network; trips, observations and weekly speeds of the old one are removed in the same transaction. */
  writeRoads(network: RoadNetwork, report: ImportReport): void;
  /** Throws `conflict` when no roads were imported. Cached after the first read. */
  readRoads(): RoadNetwork;
  hasRoads(): boolean;
  /** Adds trips in one transaction; `timeZone` must equal the project's, which the first import sets. */
  addTrips(trips: TripSet, timeZone: string, report: ImportReport): void;
  /**
   * Adds trips part by part while they are read, in one transaction: when `read` throws, nothing is kept. It hands back the
   * source's report. Nothing else may be written through this connection meanwhile.
   */
  importTrips(
    timeZone: string,
    read: (add: (trips: TripSet) => void) => Promise<ImportReport>,
  ): Promise<ImportReport>;
  /** All trips, some ten thousand at a time. */
  tripChunks(): Iterable<TripSet>;
  /** All trips in order of departure. `from`/`until` are local dates (until exclusive). */
  readTrips(range?: { from?: string; until?: string }): TripSet;
  /** Replaces the weekly speeds of other tools by these. Throws `conflict` where they belong to other roads. */
  writeProfiles(profiles: WeeklyProfiles, report: ImportReport): void;
  /** Null where none were imported. */
  readProfiles(): WeeklyProfiles | null;
  /** Adds observations part by part, as {@link ProjectStore.importTrips} does; they may come in any order. */
  importObservations(
    timeZone: string,
    read: (add: (observations: ObservationSet) => void) => Promise<ImportReport>,
  ): Promise<ImportReport>;
  /** Observations in order of start; reads no more than the chunks of the period. Dates as for trips. */
  readObservations(range?: { from?: string; until?: string }): ObservationSet;
  /** Those of one segment. */
  observationsOf(segment: number, range?: { from?: string; until?: string }): ObservationSet;
  /** Counts and speeds of all sources by local hour, in order; hours without any are left out. */
  observedHours(): ObservedHour[];
  /** [S] observations of each segment. Throws `conflict` without roads. */
  observationsBySegment(): Uint32Array;
  /** Adds a data set of interactions, in one transaction. Throws `conflict` for a name that is taken. */
  writeInteractions(name: string, data: InteractionData, report: ImportReport): void;
  /** Throws `conflict` where the project has a data set of that name. */
  assertNoInteractions(name: string): void;
  /** Without a name the only data set. Throws `not-found`, and `usage` where there are several. */
  readInteractions(name?: string): InteractionData;
  /** Keeps all that `work` writes through this connection, or, when it throws, nothing. */
  atomically<T>(work: () => Promise<T>): Promise<T>;
  /** Removes a source and what came from it. */
  removeSource(id: number): void;

  createRun(run: { name?: string; model: string; config: unknown; device?: string }): RunRecord;
  updateRun(
    id: number,
    change: Partial<Pick<RunRecord, 'status' | 'finishedAt' | 'seconds' | 'error' | 'device' | 'name'>>,
  ): void;
  run(id: number): RunRecord;
  runs(): RunRecord[];
  deleteRun(id: number): void;
  addMetrics(runId: number, points: readonly MetricPoint[]): void;
  metrics(runId: number, sinceEpoch?: number): MetricPoint[];
  /** Takes the place of an evaluation over the same dates; its trips are kept with it where they are given. */
  addEvaluation(runId: number, evaluation: EvaluationRecord, trips?: EvaluationTrips): void;
  /** What was kept of an evaluation's trips; null where nothing was. */
  evaluationTrips(evaluationId: number): EvaluationTrips | null;
  /** Replaces the checkpoint of that kind atomically. */
  saveCheckpoint(runId: number, kind: CheckpointKind, checkpoint: Checkpoint): void;
  loadCheckpoint(runId: number, kind: CheckpointKind): Checkpoint | null;

  scenarios(): ScenarioRecord[];
  /** Without `id` a new one; what is left out of `change` stays. */
  saveScenario(change: { id?: number; name?: string; edits?: unknown }): ScenarioRecord;
  deleteScenario(id: number): void;
  close(): void;
}
