import type {
  ApiRouteAnswer,
  ApiSettingInfo,
  EtaEvaluation,
  ExplanationQuestion,
  RouteContributions,
  StoredSpeedEvaluation,
} from '../api/contract.ts';
import type { TaskContext } from '../base/index.ts';
import type { EvaluationTrips, ProjectStore } from '../project/types.ts';
import type { RouteCosts, RouteRequest, Scenario, Supersegments, Way } from '../roads/index.ts';
import type { RecommenderDefinition } from './recommend/definition.ts';

export type * from './recommend/definition.ts';

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

/** Median seconds of a trip, and the ends of its 80 % interval; null where nothing is known of them. */
export interface TripTime {
  seconds: number;
  lowS: number | null;
  highS: number | null;
}

/** What searches of every kind need to know of travel times. Times are wall-clock seconds, as of {@link OpenEtaModel}. */
export interface TravelSource {
  /** What driving costs anywhere between two times. */
  costs(fromS: number, untilS: number): Promise<RouteCosts>;
  /** The way that is taken between places, and its time. Throws `not-found` where none leads there. */
  trip(request: RouteRequest): Promise<TripTime & { lengthM: number }>;
  /** The time of a known way. */
  way(way: Way, localDepartS: number): Promise<TripTime>;
}

/**
 * What is predicted of every segment at one horizon, NaN where nothing is: [S] seconds, and the ends of the 80 % interval; where a model
 * has intervals of longer stretches alone, in the proportion of the stretch that the segment was predicted with.
 */
export interface SegmentForecast {
  seconds: Float32Array;
  lowS: Float32Array;
  highS: Float32Array;
}

/** A trained run, loaded for prediction. Times are wall-clock seconds since a local 1970-01-01T00:00. */
export interface OpenModel {
  /**
   * [S] predicted speed ÷ free-flow speed for entering a segment `horizonS` (0 where absent) after `localS`, with what is known at
   * `localS`; NaN where there is no prediction. Of `segments` at least, where they are given.
   */
  speeds(localS: number, segments?: ReadonlySet<number>, horizonS?: number): Promise<Float32Array>;
  /**
   * [S] width of the 80 % interval ÷ median of the prediction of each segment, NaN where there is none, and in words what the
   * interval is of. Absent: the model has no interval for a segment.
   */
  uncertainty?(localS: number, context: TaskContext): Promise<{ values: Float32Array; note: string }>;
  /** [horizons] every segment, entered so many seconds after `localS`, as {@link OpenModel.speeds}. Throws `cancelled`. */
  forecast(localS: number, horizonsS: readonly number[], context: TaskContext): Promise<SegmentForecast[]>;
  dispose(): Promise<void>;
}

/** One that predicts the time of whole routes. */
export interface OpenEtaModel extends OpenModel, TravelSource {
  route(from: [number, number], to: [number, number], localDepartS: number): Promise<ApiRouteAnswer>;
  /** The route to take for an arrival by a time, with `arriveBy`: when to leave to be on time with 50, 80, 90 and 95 %. */
  arriveBy(from: [number, number], to: [number, number], localArriveS: number): Promise<ApiRouteAnswer>;
  /** The catalogue that the model learned embeddings of; null or absent: none. */
  readonly supersegments?: Supersegments | null;
  /**
   * What the prediction of a way comes from. Absent: the model cannot say. Throws `input` where the segments are no way between
   * the points, `cancelled`.
   */
  explain?(
    question: Pick<ExplanationQuestion, 'segments' | 'from' | 'to'>,
    localDepartS: number,
    context: TaskContext,
  ): Promise<Omit<RouteContributions, 'depart'>>;
  /** The same questions under a scenario on the same roads. */
  scenario(scenario: Scenario): OpenScenario;
}

/** A trained run's answers under a scenario. */
export interface OpenScenario {
  /** [S'] predicted ÷ base free-flow speed; 0 where closed, NaN where there is no prediction. New links come last. */
  speeds(localS: number): Promise<Float32Array>;
  route(from: [number, number], to: [number, number], localDepartS: number): Promise<ApiRouteAnswer>;
  /** Factors on a route's seconds under the flat and the steep volume–delay function, the smaller first. */
  range(segments: readonly number[], localDepartS: number): Promise<[number, number]>;
}

/** Names of the metric points that a run's best validation figures are read from; a model writes both of its kind for an epoch. */
export const VALIDATION_METRICS = {
  travelTimes: { mae: 'valMae', mape: 'valMape' },
  speeds: { mae: 'valMaeKmh', mape: 'valMape' },
} as const;

/** Which baselines stand beside a run: all, those that take seconds, or those named. */
export type BaselineChoice = 'all' | 'fast' | readonly string[];

export interface EvaluateContext extends TaskContext {
  /** `fast` where left out. */
  readonly baselines?: BaselineChoice;
}

/** The figures of an evaluation, and the trips that they are of. */
export interface EvaluatedTravelTimes {
  result: EtaEvaluation;
  trips: EvaluationTrips;
}
export interface EvaluatedSpeeds {
  result: StoredSpeedEvaluation;
  trips?: never;
}
export type EvaluatedRun = EvaluatedTravelTimes | EvaluatedSpeeds;

/** What can be trained as a run of a project, whatever it predicts; `models/` implements it, shells pass it in. */
export interface TrainableModel {
  readonly id: string;
  readonly settings: readonly ApiSettingInfo[];
  /** Fills in defaults. Throws `usage` naming an unknown or impossible setting. */
  parseSettings(settings: Record<string, unknown>): Record<string, unknown>;
  /**
   * Trains a run from its `config`, or goes on from its `latest` checkpoint where there is one. Writes metric
   * points and checkpoints to the store as it goes; sets the run's device. Throws `cancelled` on cancel, after a checkpoint.
   */
  train(store: ProjectStore, runId: number, context: TrainContext): Promise<void>;
  exportOnnx(store: ProjectStore, runId: number, path: string, context: TaskContext): Promise<ExportReport>;
}

/** A model of traffic as the application sees it. */
export interface ModelDefinition extends TrainableModel {
  /** What it predicts. Travel times are learned from trips and open as an {@link OpenEtaModel}, speeds from observations of segments. */
  readonly predicts: 'travelTimes' | 'speeds';
  evaluate(
    store: ProjectStore,
    runId: number,
    period: { from?: string; until?: string },
    context: EvaluateContext,
  ): Promise<EvaluatedRun>;
  open(store: ProjectStore, runId: number, context: TaskContext): Promise<OpenModel>;
}

/** One that predicts the time of whole routes. */
export interface EtaModelDefinition extends ModelDefinition {
  readonly predicts: 'travelTimes';
  evaluate(...given: Parameters<ModelDefinition['evaluate']>): Promise<EvaluatedTravelTimes>;
  open(...given: Parameters<ModelDefinition['open']>): Promise<OpenEtaModel>;
}

/** Every model that a shell offers, by its id. */
export type Models = Readonly<Record<string, ModelDefinition | RecommenderDefinition>>;

/** Builds sample data in an open, empty project. */
export type SampleBuilder = (store: ProjectStore, context: TaskContext) => Promise<void>;

/** By what they are for: `city`, and recommenders by their id. */
export type Samples = Readonly<Record<string, SampleBuilder>>;
