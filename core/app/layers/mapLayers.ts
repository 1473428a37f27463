import { type Progress, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import type { ProjectStore } from '../../project/index.ts';
import { DAY_S, dayType, freeFlowS, localDay, type RoadNetwork, secondOfDay } from '../../roads/index.ts';
import { Changes } from '../changes.ts';
import type { RunConfig } from '../model.ts';
import type { Predictor } from '../predictor.ts';
import { classKm, LAYER_BREAKS } from '../ratios.ts';
import { dayNumber, ObservedTraffic } from './observedTraffic.ts';

export type LayerId = 'predicted' | 'live' | 'historical' | 'error' | 'uncertainty' | 'observations';

export interface LayerRequest {
  /** Null: the historical profile. */
  runId: number | null;
  layer: LayerId;
  /** Local time, YYYY-MM-DDTHH:MM[:SS]. */
  at: string;
  horizonMinutes: number;
}

export interface LayerAnswer {
  /** [S] float32, NaN = no value. */
  values: Blob;
  classKm: number[];
  breaks: number[];
  unit: string;
  note: string | null;
  /** [S] float32, of the layer of observations. */
  meanSpeedsKmh: Blob | null;
}

/** What a layer's values are before they are packed. */
interface LayerValues {
  values: Float32Array;
  breaks: readonly number[];
  unit: string;
  note: string | null;
  meanSpeedsKmh?: Float32Array;
}

/** The least time between two reports of how far a layer is. */
const REPORT_MS = 150;

const LIVE_WINDOW_S = 30 * 60;
/** Errors are judged on traversals entered this long before or after the time asked about. */
const ERROR_REACH_S = 30 * 60;
/** … on so many days of the same day type: each is a question to the model. */
const ERROR_DAYS = 5;

/** Values of every segment for the map: what is predicted, what was measured, and how far the two are apart. */
export class MapLayers {
  readonly #store: ProjectStore;
  readonly #predictor: Predictor;
  #observed: ObservedTraffic | undefined;
  /** How far the layer is that is being computed. */
  #progress: Progress | null = null;
  readonly #changes = new Changes();

  constructor(store: ProjectStore, predictor: Predictor) {
    this.#store = store;
    this.#predictor = predictor;
  }

  async layer(request: LayerRequest, signal: AbortSignal): Promise<LayerAnswer> {
    const context = { signal, report: (progress: Progress) => this.#tell(progress) };
    const { values, breaks, unit, note, meanSpeedsKmh } = await this.#values(request, context).finally(() =>
      this.#tell(null),
    );
    return {
      values: blobOf(values),
      classKm: classKm(this.#store.readRoads(), values, breaks),
      breaks: [...breaks],
      unit,
      note,
      meanSpeedsKmh: meanSpeedsKmh ? blobOf(meanSpeedsKmh) : null,
    };
  }

  /** How far the layer is that is being computed, null while none is; now and after every change, without end. */
  async *watch(signal: AbortSignal): AsyncGenerator<Progress | null, void> {
    while (!signal.aborted) {
      const changed = this.#changes.next(signal);
      const pause = new Promise((resolve) => setTimeout(resolve, REPORT_MS));
      yield this.#progress;
      await pause;
      await changed;
    }
  }

  #tell(progress: Progress | null): void {
    this.#progress = progress;
    this.#changes.notify();
  }

  /** The imported trips and observations by segment and time; built once. */
  observed(): ObservedTraffic {
    this.#observed ??= new ObservedTraffic(
      this.#store.readRoads(),
      this.#store.readTrips(),
      this.#store.readObservations(),
    );
    return this.#observed;
  }

  #values({ runId, layer, at, horizonMinutes }: LayerRequest, context: TaskContext): Promise<LayerValues> {
    const localS = Date.parse(`${at}Z`) / 1000;
    switch (layer) {
      case 'predicted':
        return this.#predicted(runId, localS, horizonMinutes * 60, context);
      case 'historical':
        return this.#predicted(null, localS, 0, context);
      case 'live':
        return Promise.resolve(this.#live(localS));
      case 'observations':
        return Promise.resolve(this.#observations(localS));
      case 'uncertainty':
        return this.#uncertainty(runId, localS, context);
      case 'error':
        return this.#error(runId, localS, context);
    }
  }

  async #predicted(
    runId: number | null,
    localS: number,
    horizonS: number,
    { signal, report }: TaskContext,
  ): Promise<LayerValues> {
    const values = await this.#predictor.ratios(runId, localS, signal, { horizonS, report });
    return { values, breaks: LAYER_BREAKS.ratio, unit: 'speed ÷ free flow', note: null };
  }

  #live(localS: number): LayerValues {
    const observed = this.observed();
    const values = observed
      .recentS(localS, LIVE_WINDOW_S)
      .map((seconds, s) => freeFlowS(observed.network, s) / seconds);
    return {
      values,
      breaks: LAYER_BREAKS.ratio,
      unit: 'speed ÷ free flow',
      note: sentences(`${observed.counted} that ended in the 30 min before.`, observed.note),
    };
  }

  #observations(localS: number): LayerValues {
    const observed = this.observed();
    const { network } = observed;
    const { count, seconds } = observed.usual(localS);
    return {
      values: count.map((traversals) => (traversals > 0 ? traversals : Number.NaN)),
      meanSpeedsKmh: count.map((traversals, s) => (3.6 * network.lengthM[s] * traversals) / seconds[s]),
      breaks: LAYER_BREAKS.observations,
      unit: 'traversals',
      note: sentences(
        `${observed.counted} in this hour of ${DAYS_OF_TYPE[dayType(localS)]}, all days.`,
        observed.note,
      ),
    };
  }

  async #uncertainty(runId: number | null, localS: number, context: TaskContext): Promise<LayerValues> {
    const base = { breaks: LAYER_BREAKS.uncertainty, unit: '80 % width ÷ median' };
    const answer = runId === null ? null : await this.#predictor.uncertainty(runId, localS, context);
    if (answer) return { ...base, ...answer };
    return {
      ...base,
      values: new Float32Array(this.#store.readRoads().segmentCount).fill(Number.NaN),
      note:
        runId === null
          ? 'The historical profile gives no interval. Choose a trained run.'
          : 'This run gives no interval for a segment.',
    };
  }

  async #error(runId: number | null, localS: number, { signal, report }: TaskContext): Promise<LayerValues> {
    const observed = this.observed();
    const { network } = observed;
    const { days, heldOut } = this.#judgedDays(runId, localS);
    const observedS = new Float64Array(network.segmentCount);
    const predictedS = new Float64Array(network.segmentCount);
    for (const [done, day] of days.entries()) {
      throwIfCancelled(signal);
      report({ stage: 'Comparing with trips', done, total: days.length, unit: 'days' });
      const clockS = day * DAY_S + secondOfDay(localS);
      const seen = observed.entered(clockS - ERROR_REACH_S, clockS + ERROR_REACH_S);
      if (seen.length === 0) continue;
      const segments = new Set(Array.from(seen, (i) => observed.times.segment[i]));
      const ratios = await this.#predictor.ratios(runId, clockS, signal, { segments });
      addTimes(network, observed, seen, ratios, observedS, predictedS);
    }
    return {
      values: Float32Array.from(observedS, (seconds, s) =>
        seconds > 0 ? 100 * (predictedS[s] / seconds - 1) : Number.NaN,
      ),
      breaks: LAYER_BREAKS.error,
      unit: '% of travel time',
      note: sentences(
        `Within 30 min of this time on ${days.length} ${heldOut ? 'held-out ' : ''}${days.length === 1 ? 'day' : 'days'} of its kind.`,
        heldOut ? null : 'These days were seen in training: the true error is larger.',
        observed.note,
      ),
    };
  }

  /** Days of the same day type that the run has not seen, those nearest to the one asked about; without any, seen ones. */
  #judgedDays(runId: number | null, localS: number): { days: number[]; heldOut: boolean } {
    const until = runId === null ? undefined : (this.#store.run(runId).config as RunConfig).until;
    const asked = localDay(localS);
    const alike = this.observed()
      .days()
      .filter((day) => dayType(day * DAY_S) === dayType(localS));
    const unseen = until ? alike.filter((day) => day >= dayNumber(until)) : [];
    const chosen = unseen.length > 0 ? unseen : alike;
    const days = chosen
      .sort((a, b) => Math.abs(a - asked) - Math.abs(b - asked) || a - b)
      .slice(0, ERROR_DAYS);
    return { days, heldOut: unseen.length > 0 };
  }
}

/** Adds up what traversals took and what was predicted for them, by segment. */
function addTimes(
  network: RoadNetwork,
  { times }: ObservedTraffic,
  positions: Uint32Array,
  ratios: Float32Array,
  observedS: Float64Array,
  predictedS: Float64Array,
): void {
  for (const i of positions) {
    const segment = times.segment[i];
    const seconds = freeFlowS(network, segment) / ratios[segment];
    if (!Number.isFinite(seconds)) continue;
    observedS[segment] += times.seconds[i];
    predictedS[segment] += seconds;
  }
}

const DAYS_OF_TYPE = ['weekdays', 'Saturdays', 'Sundays'];

function sentences(...parts: (string | null)[]): string {
  return parts.filter((part) => part !== null).join(' ');
}

function blobOf(values: Float32Array): Blob {
  return new Blob([values as Float32Array<ArrayBuffer>]);
}
