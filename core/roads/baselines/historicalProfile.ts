import { EtalonError } from '../../base/index.ts';
import type { RoadNetwork } from '../network.ts';
import { PACE_GROUPS, paceGroup } from '../profiles/segmentModel.ts';
import { TIME_CELLS, timeCell } from '../profiles/timeCells.ts';
import { hasSegmentTimes, hourOfWeek, type TripSet } from '../trips.ts';

const WEEK_HOURS = 168;

/** Expected seconds of a segment at a wall-clock time, as history has them. */
export interface HistoricalProfile {
  segmentS(segment: number, localS: number): number;
}

/** Made once for the trips of a network that several methods look at. */
const known = new WeakMap<TripSet, { network: RoadNetwork; profile: HistoricalProfile }>();

/** The profile the data allows: by segment where at least half of all traversals have seconds, else the city's. */
export function historicalProfile(network: RoadNetwork, trips: TripSet): HistoricalProfile {
  const made = known.get(trips);
  if (made?.network === network) return made.profile;
  const profile = hasSegmentTimes(trips)
    ? new SegmentProfile(network, trips)
    : new CityProfile(network, trips);
  known.set(trips, { network, profile });
  return profile;
}

/** Pseudo-observations by which a mean is pulled to the level above it. */
const SHRINK = { weekHour: 10, segment: 4, groupHour: 20, segmentCell: 4, segmentWeekHour: 4 };

/** The city's mean speed by hour of the week, pulled to that of the hour of the day. */
export class CityProfile implements HistoricalProfile {
  readonly #network: RoadNetwork;
  /** [168] seconds per metre. */
  readonly #pace = new Float64Array(WEEK_HOURS);

  constructor(network: RoadNetwork, trips: TripSet) {
    this.#network = network;
    const seconds = new Float64Array(WEEK_HOURS);
    const metres = new Float64Array(WEEK_HOURS);
    for (let trip = 0; trip < trips.count; trip++) {
      if (!(trips.totalS[trip] > 0)) continue;
      const hour = hourOfWeek(trips.localDepartS[trip]);
      seconds[hour] += trips.totalS[trip];
      for (let k = trips.offsets[trip]; k < trips.offsets[trip + 1]; k++)
        metres[hour] += network.lengthM[trips.segments[k]];
    }
    const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
    const allMetres = sum(metres);
    if (allMetres === 0)
      throw new EtalonError('input', 'There is no trip with a travel time to take speeds from.', {
        remedy: 'Import trips, or choose a longer training period.',
      });
    const overallPace = sum(seconds) / allMetres;
    const meanTripM = allMetres / trips.count;
    const pulled = (s: number, m: number, to: number) => {
      const pull = SHRINK.weekHour * meanTripM;
      return (s + pull * to) / (m + pull);
    };
    for (let hour = 0; hour < 24; hour++) {
      const ofDay = Array.from({ length: 7 }, (_, day) => day * 24 + hour);
      const dayPace = pulled(
        ofDay.reduce((total, h) => total + seconds[h], 0),
        ofDay.reduce((total, h) => total + metres[h], 0),
        overallPace,
      );
      for (const h of ofDay) this.#pace[h] = pulled(seconds[h], metres[h], dayPace);
    }
  }

  segmentS(segment: number, localS: number): number {
    return this.#network.lengthM[segment] * this.#pace[hourOfWeek(localS)];
  }
}

/**
 * Each segment's mean seconds by hour of the week. A mean of few observations is pulled to the next level:
 * hour of the week → hour and day type → the segment's own mean, moved like its road class in that hour → the
 * road class's pace.
 */
export class SegmentProfile implements HistoricalProfile {
  readonly #count: number;
  /** [S · 168] seconds. */
  readonly #weekS: Float32Array;

  constructor(network: RoadNetwork, trips: TripSet) {
    this.#count = network.segmentCount;
    this.#weekS = new Float32Array(this.#count * WEEK_HOURS);
    const sums = new TraversalSums(network, trips);
    const group = Uint8Array.from({ length: this.#count }, (_, s) => paceGroup(network, s));
    const segmentMean = sums.segmentMeans(network, group);
    const hourFactor = sums.groupHourFactors(group, segmentMean);
    for (let s = 0; s < this.#count; s++)
      for (let hour = 0; hour < WEEK_HOURS; hour++) {
        // Monday is day 0 here and weekday 3 in 1970: local second 4 days + hour is that hour of a Monday-based week.
        const cell = timeCell((hour + 4 * 24) * 3600);
        const byClass = segmentMean[s] * hourFactor[group[s] * TIME_CELLS + cell];
        const at = s * TIME_CELLS + cell;
        const byCell =
          (sums.cellS[at] + SHRINK.segmentCell * byClass) / (sums.cellCount[at] + SHRINK.segmentCell);
        const w = s * WEEK_HOURS + hour;
        this.#weekS[w] =
          (sums.weekS[w] + SHRINK.segmentWeekHour * byCell) / (sums.weekCount[w] + SHRINK.segmentWeekHour);
      }
  }

  segmentS(segment: number, localS: number): number {
    return this.#weekS[segment * WEEK_HOURS + hourOfWeek(localS)];
  }
}

/** Seconds and counts of known traversals by segment and hour of the week, and by segment and time cell. */
class TraversalSums {
  readonly weekS: Float64Array;
  readonly weekCount: Float64Array;
  readonly cellS: Float64Array;
  readonly cellCount: Float64Array;

  constructor(network: RoadNetwork, trips: TripSet) {
    const S = network.segmentCount;
    this.weekS = new Float64Array(S * WEEK_HOURS);
    this.weekCount = new Float64Array(S * WEEK_HOURS);
    this.cellS = new Float64Array(S * TIME_CELLS);
    this.cellCount = new Float64Array(S * TIME_CELLS);
    for (let trip = 0; trip < trips.count; trip++) {
      const week = hourOfWeek(trips.localDepartS[trip]);
      const cell = timeCell(trips.localDepartS[trip]);
      for (let k = trips.offsets[trip]; k < trips.offsets[trip + 1]; k++) {
        const seconds = trips.segmentS![k];
        if (!(seconds >= 0)) continue;
        const segment = trips.segments[k];
        this.weekS[segment * WEEK_HOURS + week] += seconds;
        this.weekCount[segment * WEEK_HOURS + week]++;
        this.cellS[segment * TIME_CELLS + cell] += seconds;
        this.cellCount[segment * TIME_CELLS + cell]++;
      }
    }
  }

  /** [S] mean seconds of each segment, pulled to its group's pace. */
  segmentMeans(network: RoadNetwork, group: Uint8Array): Float64Array {
    const S = network.segmentCount;
    const seconds = new Float64Array(S);
    const count = new Float64Array(S);
    for (let i = 0; i < this.cellS.length; i++) {
      seconds[Math.floor(i / TIME_CELLS)] += this.cellS[i];
      count[Math.floor(i / TIME_CELLS)] += this.cellCount[i];
    }
    const groupS = new Float64Array(PACE_GROUPS + 1);
    const groupM = new Float64Array(PACE_GROUPS + 1);
    for (let s = 0; s < S; s++)
      for (const g of [group[s], PACE_GROUPS]) {
        groupS[g] += seconds[s];
        groupM[g] += count[s] * network.lengthM[s];
      }
    return Float64Array.from({ length: S }, (_, s) => {
      const g = groupM[group[s]] > 0 ? group[s] : PACE_GROUPS;
      const byGroup = (network.lengthM[s] * groupS[g]) / groupM[g];
      return (seconds[s] + SHRINK.segment * byGroup) / (count[s] + SHRINK.segment);
    });
  }

  /** [PACE_GROUPS · TIME_CELLS] how much longer than its segments' means a group takes in each time cell. */
  groupHourFactors(group: Uint8Array, segmentMean: Float64Array): Float64Array {
    const observed = new Float64Array(PACE_GROUPS * TIME_CELLS);
    const expected = new Float64Array(PACE_GROUPS * TIME_CELLS);
    const traversals = new Float64Array(PACE_GROUPS * TIME_CELLS);
    for (let i = 0; i < this.cellS.length; i++) {
      const segment = Math.floor(i / TIME_CELLS);
      const at = group[segment] * TIME_CELLS + (i % TIME_CELLS);
      observed[at] += this.cellS[i];
      expected[at] += this.cellCount[i] * segmentMean[segment];
      traversals[at] += this.cellCount[i];
    }
    return expected.map((seconds, at) => {
      const pull = traversals[at] > 0 ? (SHRINK.groupHour * seconds) / traversals[at] : 1;
      return (observed[at] + pull) / (seconds + pull);
    });
  }
}
