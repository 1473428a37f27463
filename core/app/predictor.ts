import type { ApiIsochrone, ApiRouteAnswer, ApiTravelMatrix } from '../api/contract.ts';
import { EtalonError, quietContext, quietly, type TaskContext, throwIfCancelled } from '../base/index.ts';
import type { ProjectStore } from '../project/index.ts';
import { DAY_S, freeFlowS, type RoadNetwork, type SegmentModel } from '../roads/index.ts';
import { fitHistory, historicalSource } from './historicalSource.ts';
import { KeptOpen } from './keptOpen.ts';
import type { Models, OpenEtaModel, OpenModel, TravelSource } from './model.ts';
import { asTravelModel, runModel } from './models.ts';
import { busiestSegments, classKm, drivenFreeFlowS, meanRatio, observedRatios } from './ratios.ts';
import { type DrivenWay, type DrivesQuestion, Travel } from './travel.ts';
import { traversalCounts } from './tripFigures.ts';

/**
 * The day's curve asks about so many of the busiest segments. Of Porto's 26,529 they hold nine tenths of what is driven
 * there, and with them the mean ratio is the whole network's within 0.005, in a sixth of the time.
 */
const CURVE_SEGMENTS = 1_500;

export interface SpeedAnswer {
  values: Blob;
  meanRatio: number;
  classKm: number[];
}

export interface DayStep {
  minute: number;
  predicted: number;
  observed: number | null;
}

type Point = [number, number];

export interface RouteQuestion {
  from: Point;
  to: Point;
  depart?: string | undefined;
  arrive?: string | undefined;
}

export interface IsochroneQuestion {
  from: Point;
  depart: string;
  minutes: number[];
  lines: boolean;
}

export interface MatrixQuestion {
  from: Point[];
  to: Point[];
  depart: string;
}

/** Some segments, or all; then it is told how far the prediction is. */
interface RatioOptions {
  segments?: ReadonlySet<number>;
  horizonS?: number;
  report?: TaskContext['report'];
}

/** Answers what a trained run, or the history of the trips, says about speeds and routes. */
export class Predictor {
  readonly #store: ProjectStore;
  readonly #runs: KeptOpen<OpenModel>;
  #history: Promise<SegmentModel | null> | undefined;
  #counts: Uint32Array | undefined;
  #travel: Travel | undefined;
  #historical: Promise<TravelSource> | undefined;

  constructor(store: ProjectStore, models: Models) {
    this.#store = store;
    this.#runs = new KeptOpen((runId, context) => runModel(models, store, runId).open(store, runId, context));
  }

  /** `runId` null: the historical profile. `at` is a local time, YYYY-MM-DDTHH:MM[:SS]. */
  async speeds(runId: number | null, at: string, signal: AbortSignal): Promise<SpeedAnswer> {
    const network = this.#store.readRoads();
    const ratios = await this.ratios(runId, localSeconds(at), signal);
    const mean = meanRatio(ratios, this.#drivenS(network));
    return {
      values: new Blob([ratios as Float32Array<ArrayBuffer>]),
      meanRatio: Number.isNaN(mean) ? 0 : mean,
      classKm: classKm(network, ratios),
    };
  }

  /** The mean ratio of what is driven at the beginning of each step of a local day, judged by the busiest segments. */
  async day(runId: number | null, day: string, stepMinutes: number, signal: AbortSignal): Promise<DayStep[]> {
    const network = this.#store.readRoads();
    const fromS = localSeconds(`${day}T00:00`);
    const stepS = stepMinutes * 60;
    const steps = Math.ceil(DAY_S / stepS);
    const today = { from: day, until: dayAfter(day) };
    const observed = observedRatios(
      network,
      this.#store.readTrips(today),
      this.#store.readObservations(today),
      { fromS, stepS, steps },
    );
    const drivenS = this.#drivenS(network);
    const busiest = busiestSegments(drivenS, CURVE_SEGMENTS);
    const answer: DayStep[] = [];
    for (let step = 0; step < steps; step++) {
      const ratios = await this.ratios(runId, fromS + step * stepS, signal, { segments: busiest });
      const predicted = meanRatio(ratios, drivenS);
      if (!Number.isNaN(predicted))
        answer.push({ minute: step * stepMinutes, predicted, observed: observed[step] });
    }
    return answer;
  }

  /** Either at a departure or for an arrival. */
  route(
    runId: number,
    { from, to, depart, arrive }: RouteQuestion,
    signal: AbortSignal,
  ): Promise<ApiRouteAnswer> {
    return this.withTravelModel(runId, quietly(signal), (model) =>
      arrive === undefined
        ? model.route(from, to, localSeconds(depart!))
        : model.arriveBy(from, to, localSeconds(arrive)),
    );
  }

  isochrone(runId: number | null, question: IsochroneQuestion, signal: AbortSignal): Promise<ApiIsochrone> {
    return this.#withTravel(runId, signal, (travel, source) =>
      travel.isochrone(source, { ...question, departS: localSeconds(question.depart) }),
    );
  }

  matrix(runId: number | null, question: MatrixQuestion, signal: AbortSignal): Promise<ApiTravelMatrix> {
    return this.#withTravel(runId, signal, (travel, source) =>
      travel.matrix(source, { ...question, departS: localSeconds(question.depart) }, quietly(signal)),
    );
  }

  /** [from] seconds of the quickest ways to one place, see {@link Travel.toOne}; `runId` null: by history, or at the limits. */
  drivesTo(
    runId: number | null,
    question: DrivesQuestion,
    context: TaskContext,
  ): Promise<Float64Array | null> {
    return this.#withTravel(runId, context.signal, (travel, source) =>
      travel.toOne(source, question, context),
    );
  }

  /** The way that one of those drives takes, see {@link Travel.way}. Throws `not-found` where none leads there. */
  drive(
    runId: number | null,
    question: { from: Point; to: Point; departS: number },
    signal: AbortSignal,
  ): Promise<DrivenWay | null> {
    return this.#withTravel(runId, signal, (travel, source) => travel.way(source, question));
  }

  #withTravel<T>(
    runId: number | null,
    signal: AbortSignal,
    action: (travel: Travel, source: TravelSource) => Promise<T>,
  ): Promise<T> {
    this.#travel ??= new Travel(this.#store.readRoads());
    const travel = this.#travel;
    if (runId !== null) return this.withTravelModel(runId, quietly(signal), (model) => action(travel, model));
    this.#historical ??= this.history().then((history) => historicalSource(this.#store.readRoads(), history));
    return this.#historical.then((source) => action(travel, source));
  }

  /**
   * [S] predicted speed ÷ free-flow speed for entering a segment `horizonS` after a wall-clock time, with what is known at that
   * time; of `segments` at least, where they are given. NaN where there is no prediction. `runId` null: the historical profile.
   * Throws `cancelled`.
   */
  async ratios(
    runId: number | null,
    localS: number,
    signal: AbortSignal,
    { segments, horizonS = 0, report = () => {} }: RatioOptions = {},
  ): Promise<Float32Array> {
    if (runId !== null && segments)
      return this.#runs.use(runId, quietly(signal), (model) => model.speeds(localS, segments, horizonS));
    if (runId !== null) {
      const context = { signal, report };
      const [{ seconds }] = await this.#runs.use(runId, context, (model) =>
        model.forecast(localS, [horizonS], context),
      );
      const network = this.#store.readRoads();
      return seconds.map((predictedS, s) => freeFlowS(network, s) / predictedS);
    }
    const history = await this.history();
    throwIfCancelled(signal);
    if (!history)
      throw new EtalonError('input', 'There is no trip to take a historical profile from.', {
        remedy: 'Import trips first.',
      });
    const { network } = history;
    const entryS = localS + horizonS;
    return Float32Array.from(network.lengthM, (_, s) => {
      if (segments && !segments.has(s)) return Number.NaN;
      const seconds = history.drivingS(s, entryS) + history.endDelayS(s, -1);
      return freeFlowS(network, s) / seconds;
    });
  }

  /** [S] width of the 80 % interval ÷ median of each segment's prediction; null for a run that has none. */
  uncertainty(
    runId: number,
    localS: number,
    context: TaskContext,
  ): Promise<{ values: Float32Array; note: string } | null> {
    return this.#runs.use(
      runId,
      context,
      async (model) => (await model.uncertainty?.(localS, context)) ?? null,
    );
  }

  /** The segment model of all trips; null without trips. */
  history(): Promise<SegmentModel | null> {
    this.#history ??= fitHistory(this.#store, quietContext);
    return this.#history;
  }

  /**
   * Does something with a run's travel-time model when nothing else does; the context hears of the wait and of the opening. Throws
   * `conflict` for a run of another kind.
   */
  withTravelModel<T>(
    runId: number,
    context: TaskContext,
    action: (model: OpenEtaModel) => Promise<T>,
  ): Promise<T> {
    return this.#runs.use(runId, context, (model) =>
      action(asTravelModel(model, this.#store.run(runId).name)),
    );
  }

  /** [S] traversals and observations of each segment. */
  #seenOf(network: RoadNetwork): Uint32Array {
    const observed = this.#store.observationsBySegment();
    return traversalCounts(network, this.#store.readTrips()).map((count, s) => count + observed[s]);
  }

  #drivenS(network: RoadNetwork): Float64Array {
    this.#counts ??= this.#seenOf(network);
    return drivenFreeFlowS(network, this.#counts);
  }
}

function dayAfter(day: string): string {
  const next = new Date(`${day}T00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return next.toISOString().slice(0, 10);
}

/** Seconds since a local 1970-01-01T00:00. */
export function localSeconds(local: string): number {
  return Date.parse(`${local}Z`) / 1000;
}
