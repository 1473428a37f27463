import { EtalonError, throwIfCancelled } from '../../base/index.ts';
import type { ProjectStore } from '../../project/index.ts';
import { DAY_S, dayType, freeFlowS, hourOfWeek, localDay, secondOfDay, weekday } from '../../roads/index.ts';
import type { Predictor } from '../predictor.ts';
import { dateOf } from '../tripFigures.ts';
import type { MapLayers } from './mapLayers.ts';
import { dayNumber } from './observedTraffic.ts';

const STEP_MINUTES = 15;
const WEEK_HOURS = 168;

export interface SegmentDay {
  freeFlowS: number;
  lengthM: number;
  /** Traversals and observations of the day. */
  observed: { minute: number; seconds: number }[];
  /** What is predicted for entering at each step. */
  predicted: { minute: number; seconds: number }[];
  /** Traversals of all days of the same day type, by steps: 10 %, 50 % and 90 % quantile of their seconds. */
  usual: { minute: number; lowS: number; medianS: number; highS: number; count: number }[];
  note: string | null;
}

export interface SegmentWeek {
  freeFlowS: number;
  /** [168] from Monday 00:00 on: mean over all weeks of free-flow ÷ driven seconds; null without a traversal. */
  observed: (number | null)[];
  /** [168] traversals. */
  count: number[];
  /** [168] predicted ratio in the middle of each hour of the week that `from` begins. */
  predicted: (number | null)[];
  /** First day of the week that is predicted, YYYY-MM-DD. */
  from: string;
  note: string | null;
}

/** One segment's times as driven and as predicted. */
export class SegmentHistory {
  readonly #store: ProjectStore;
  readonly #predictor: Predictor;
  readonly #layers: MapLayers;

  constructor(store: ProjectStore, predictor: Predictor, layers: MapLayers) {
    this.#store = store;
    this.#predictor = predictor;
    this.#layers = layers;
  }

  async day(segment: number, runId: number | null, day: string, signal: AbortSignal): Promise<SegmentDay> {
    const free = this.#freeFlowS(segment);
    const observed = this.#layers.observed();
    const { enteredLocalS, seconds } = observed.times;
    const asked = dayNumber(day);
    const own = observed.of(segment);
    const today = own.filter((i) => localDay(enteredLocalS[i]) === asked);
    const alike = own.filter((i) => dayType(enteredLocalS[i]) === dayType(asked * DAY_S));
    const minuteOf = (i: number) => secondOfDay(enteredLocalS[i]) / 60;
    const predicted: SegmentDay['predicted'] = [];
    for (let minute = 0; minute < 1440; minute += STEP_MINUTES) {
      const ratio = await this.#ratio(segment, runId, asked * DAY_S + minute * 60, signal);
      if (ratio > 0) predicted.push({ minute, seconds: free / ratio });
    }
    return {
      freeFlowS: free,
      lengthM: observed.network.lengthM[segment],
      observed: today.map((i) => ({ minute: minuteOf(i), seconds: seconds[i] })),
      predicted,
      usual: bySteps(
        alike.map((i) => ({ minute: minuteOf(i), seconds: seconds[i] })),
        STEP_MINUTES,
      ),
      note: observed.note,
    };
  }

  async week(segment: number, runId: number | null, signal: AbortSignal): Promise<SegmentWeek> {
    const free = this.#freeFlowS(segment);
    const observed = this.#layers.observed();
    const { enteredLocalS, seconds } = observed.times;
    const count = new Array<number>(WEEK_HOURS).fill(0);
    const sum = new Array<number>(WEEK_HOURS).fill(0);
    for (const i of observed.of(segment)) {
      const hour = hourOfWeek(enteredLocalS[i]);
      count[hour]++;
      sum[hour] += seconds[i];
    }
    const monday = this.#lastMonday();
    const predicted: (number | null)[] = [];
    for (let hour = 0; hour < WEEK_HOURS; hour++) {
      const ratio = await this.#ratio(segment, runId, monday * DAY_S + (hour + 0.5) * 3600, signal);
      predicted.push(ratio > 0 ? ratio : null);
    }
    return {
      freeFlowS: free,
      observed: count.map((n, hour) => (n > 0 ? (n * free) / sum[hour] : null)),
      count,
      predicted,
      from: dateOf(monday),
      note: observed.note,
    };
  }

  async #ratio(segment: number, runId: number | null, localS: number, signal: AbortSignal): Promise<number> {
    throwIfCancelled(signal);
    const ratios = await this.#predictor.ratios(runId, localS, signal, { segments: new Set([segment]) });
    return ratios[segment];
  }

  #freeFlowS(segment: number): number {
    const network = this.#store.readRoads();
    if (segment < 0 || segment >= network.segmentCount)
      throw new EtalonError('not-found', `There is no segment ${segment}.`);
    return freeFlowS(network, segment);
  }

  /** Monday of the last week that has seven days of trips or observations, else of the week of the last of them. */
  #lastMonday(): number {
    const info = this.#store.info();
    const firstDay = info.firstDay ?? info.firstObservedDay;
    const lastDay = info.lastDay ?? info.lastObservedDay;
    if (lastDay === null)
      throw new EtalonError('conflict', 'There are no trips or observations to take a week from.', {
        remedy: 'Import trips, or speeds of segments, first.',
      });
    const last = dayNumber(lastDay);
    const sunday = last - ((weekday(last * DAY_S) + 1) % 7);
    return firstDay !== null && dayNumber(firstDay) <= sunday - 6 ? sunday - 6 : last - weekday(last * DAY_S);
  }
}

/** Quantiles of the seconds in each step of the day that has any. */
export function bySteps(
  traversals: readonly { minute: number; seconds: number }[],
  stepMinutes: number,
): SegmentDay['usual'] {
  const steps = new Map<number, number[]>();
  for (const { minute, seconds } of traversals) {
    const step = Math.floor(minute / stepMinutes);
    const values = steps.get(step);
    if (values) values.push(seconds);
    else steps.set(step, [seconds]);
  }
  return [...steps]
    .sort(([a], [b]) => a - b)
    .map(([step, values]) => {
      values.sort((a, b) => a - b);
      const quantile = (share: number) => {
        const at = share * (values.length - 1);
        const below = Math.floor(at);
        return values[below] + (values[Math.ceil(at)] - values[below]) * (at - below);
      };
      return {
        minute: (step + 0.5) * stepMinutes,
        lowS: quantile(0.1),
        medianS: quantile(0.5),
        highS: quantile(0.9),
        count: values.length,
      };
    });
}
