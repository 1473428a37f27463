import type { ObservedHour } from '../project/index.ts';
import type { RoadNetwork } from '../roads/index.ts';
import { dateOf, median } from './tripFigures.ts';

const HOURS = 24;

export interface ObservationSummary {
  byDay: { day: string; observations: number; meanKmh: number | null }[];
  /** [24] */
  byHour: { observations: number; meanKmh: number | null }[];
  segments: { observed: number; all: number; observedKm: number; allKm: number; median: number };
}

/**
 * Observations by local day (days without any between the first and last included) and by hour of the day, with the mean of
 * their speeds (null without any), and how much of the network has any.
 */
export function summarizeObservations(
  network: RoadNetwork,
  hours: readonly ObservedHour[],
  bySegment: Uint32Array,
): ObservationSummary {
  const days = new Map<number, Sums>();
  const ofDay = Array.from({ length: HOURS }, () => new Sums());
  for (const { hour, observations, speedSumKmh } of hours) {
    const day = Math.floor(hour / HOURS);
    const sums = days.get(day) ?? new Sums();
    days.set(day, sums);
    sums.add(observations, speedSumKmh);
    ofDay[hour - day * HOURS].add(observations, speedSumKmh);
  }
  const byDay: ObservationSummary['byDay'] = [];
  if (days.size > 0) {
    const [first, last] = [Math.min(...days.keys()), Math.max(...days.keys())];
    for (let day = first; day <= last; day++)
      byDay.push({ day: dateOf(day), ...(days.get(day) ?? new Sums()).figures() });
  }
  let [observed, observedM, allM] = [0, 0, 0];
  for (let s = 0; s < network.segmentCount; s++) {
    allM += network.lengthM[s];
    if (bySegment[s] === 0) continue;
    observed++;
    observedM += network.lengthM[s];
  }
  return {
    byDay,
    byHour: ofDay.map((sums) => sums.figures()),
    segments: {
      observed,
      all: network.segmentCount,
      observedKm: observedM / 1000,
      allKm: allM / 1000,
      median: median(Float64Array.from(bySegment.filter((count) => count > 0))),
    },
  };
}

class Sums {
  #observations = 0;
  #speedKmh = 0;

  add(observations: number, speedSumKmh: number): void {
    this.#observations += observations;
    this.#speedKmh += speedSumKmh;
  }

  figures(): { observations: number; meanKmh: number | null } {
    const meanKmh = this.#observations > 0 ? this.#speedKmh / this.#observations : null;
    return { observations: this.#observations, meanKmh };
  }
}
