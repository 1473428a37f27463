import type { ApiRouteAnswer, ApiSettingInfo, EtaEvaluation } from '../api/contract.ts';
import type { TaskContext } from '../base/index.ts';
import type { EvaluationTrips, ProjectStore } from '../project/types.ts';

/** `auto` takes a real GPU, else the CPU; a software adapter only by its name. */
export type DeviceChoice = 'auto' | 'cpu' | 'webgpu' | 'webgpu:software';

export interface TrainContext extends TaskContext {
  readonly device: DeviceChoice;
  /** Aborted when the user asks to end training and keep the best weights; `signal` aborts when the user cancels. */
  readonly stop: AbortSignal;
}

/** What is kept in a run's `config`, next to the model's own validated settings. */
export interface RunConfig {
  /** Local dates, `YYYY-MM-DD`; trips on or after `until` are never seen in training. */
  from?: string;
  until?: string;
  seed: number;
  settings: Record<string, unknown>;
}

export interface ExportReport {
  path: string;
  bytes: number;
  /** Names and shapes of inputs and outputs, as the file declares them. */
  inputs: { name: string; shape: (number | string)[] }[];
  outputs: { name: string; shape: (number | string)[] }[];
  /** Largest relative difference between the file, run by plain onnxruntime, and the engine. */
  maxRelativeDifference: number;
  /** How many batches the check ran. */
  checked: number;
}

/** A trained run, loaded for prediction. Times are wall-clock seconds since a local 1970-01-01T00:00. */
export interface OpenEtaModel {
  /** [S] predicted speed ÷ free-flow speed; NaN where there is no prediction. Of `segments` at least, where they are given. */
  speeds(localS: number, segments?: ReadonlySet<number>): Promise<Float32Array>;
  route(from: [number, number], to: [number, number], localDepartS: number): Promise<ApiRouteAnswer>;
  dispose(): Promise<void>;
}

/** Names of the metric points that a run's best validation figures are read from; a model writes both for an epoch. */
export const VALIDATION_METRICS = { maeS: 'valMae', mape: 'valMape' } as const;

/** Which baselines stand beside a run: all, those that take seconds, or those named. */
export type BaselineChoice = 'all' | 'fast' | readonly string[];

export interface EvaluateContext extends TaskContext {
  /** `fast` where left out. */
  readonly baselines?: BaselineChoice;
}

/** The figures of an evaluation, and the trips that they are of. */
export interface EvaluatedRun {
  result: EtaEvaluation;
  trips: EvaluationTrips;
}

/** A travel-time model as the application sees it; `models/` implements it, shells pass it in. */
export interface EtaModelDefinition {
  readonly id: string;
  readonly settings: readonly ApiSettingInfo[];
  /** Fills in defaults. Throws `usage` naming an unknown or impossible setting. */
  parseSettings(settings: Record<string, unknown>): Record<string, unknown>;
  /**
   * Trains a run from its `config`, or goes on from its `latest` checkpoint where there is one. Writes metric
   * points and checkpoints to the store as it goes; sets the run's device. Throws `cancelled` on cancel, after a checkpoint.
   */
  train(store: ProjectStore, runId: number, context: TrainContext): Promise<void>;
  evaluate(
    store: ProjectStore,
    runId: number,
    period: { from?: string; until?: string },
    context: EvaluateContext,
  ): Promise<EvaluatedRun>;
  open(store: ProjectStore, runId: number, context: TaskContext): Promise<OpenEtaModel>;
  exportOnnx(store: ProjectStore, runId: number, path: string, context: TaskContext): Promise<ExportReport>;
}

/** Builds the sample city in an open, empty project. */
export type SampleBuilder = (store: ProjectStore, context: TaskContext) => Promise<void>;
