import type { RoadNetwork } from '../network.ts';
import type { TripSet } from '../trips.ts';
import { DELAY, DELAYS, endsAtSignal, turnDelayBetween } from './delays.ts';
import { TIME_CELLS, timeCell } from './timeCells.ts';

/**
 * What the segment model is fitted to: `R` weighted rows, each a sum over segments plus constants. A trip gives
 * one row for those of its traversals whose seconds are unknown (what is known is taken off its total), so a trip
 * with all seconds known only says what the trip itself costs. Traversals with known seconds become rows of one
 * segment; those that the model cannot tell apart are merged, which leaves the least squares unchanged.
 */
export interface Observations {
  readonly count: number;
  /** [R + 1] first entry of each row in `segments`. */
  readonly offsets: Uint32Array;
  readonly segments: Int32Array;
  /** [R] time cell. */
  readonly cell: Uint8Array;
  readonly seconds: Float64Array;
  /** [R] weight of the squared residual. */
  readonly weight: Float64Array;
  /** [R · DELAYS] how often each constant occurs. */
  readonly delays: Float64Array;
  /** [S] how often each segment was driven. */
  readonly traversals: Float64Array;
  /** [TIME_CELLS] trips that departed in each cell. */
  readonly tripsByCell: Float64Array;
}

/**
 * Trips weigh y^−1.5 (in units of the mean trip's relative error): between relative errors, which are what counts
 * but favour short times, and a Poisson's 1 / y, which is free of bias.
 * @param scaleS [S] seconds that a traversal takes about; a known traversal weighs 1 / scaleS². It must not
 *   depend on the seconds observed: weighting by these would favour the lucky drives and bias every mean.
 */
export function collectObservations(
  network: RoadNetwork,
  trips: TripSet,
  scaleS: Float64Array,
): Observations {
  const rows = new RowBuilder();
  const traversals = new Float64Array(network.segmentCount);
  const tripsByCell = new Float64Array(TIME_CELLS);
  const merged = new Map<number, MergedTraversals>();
  const unknown: number[] = [];
  const meanTripS = meanPositive(trips.totalS);
  for (let trip = 0; trip < trips.count; trip++) {
    const totalS = trips.totalS[trip];
    if (!(totalS > 0)) continue;
    const cell = timeCell(trips.localDepartS[trip]);
    tripsByCell[cell]++;
    const end = trips.offsets[trip + 1];
    const delays = [1, 0, 0, 0];
    let restS = totalS;
    unknown.length = 0;
    for (let k = trips.offsets[trip]; k < end; k++) {
      const segment = trips.segments[k];
      traversals[segment]++;
      const turn = turnDelayBetween(network, segment, k + 1 < end ? trips.segments[k + 1] : -1);
      const seconds = trips.segmentS ? trips.segmentS[k] : Number.NaN;
      if (seconds >= 0) {
        restS -= seconds;
        mergeTraversal(merged, network.segmentCount, segment, cell, turn, seconds);
      } else {
        unknown.push(segment);
        if (endsAtSignal(network, segment)) delays[DELAY.signal]++;
        if (turn >= 0) delays[turn]++;
      }
    }
    rows.add(unknown, cell, restS, meanTripS ** -0.5 * totalS ** -1.5, delays);
  }
  for (const { segment, cell, turn, count, sumS } of merged.values()) {
    const delays = [0, endsAtSignal(network, segment) ? 1 : 0, 0, 0];
    if (turn >= 0) delays[turn]++;
    rows.add([segment], cell, sumS / count, count / (scaleS[segment] * scaleS[segment]), delays);
  }
  return { ...rows.build(), traversals, tripsByCell };
}

interface MergedTraversals {
  readonly segment: number;
  readonly cell: number;
  readonly turn: number;
  count: number;
  sumS: number;
}

function mergeTraversal(
  merged: Map<number, MergedTraversals>,
  segmentCount: number,
  segment: number,
  cell: number,
  turn: number,
  seconds: number,
): void {
  const key = ((turn + 1) * TIME_CELLS + cell) * segmentCount + segment;
  const entry = merged.get(key);
  if (entry) {
    entry.count++;
    entry.sumS += seconds;
  } else merged.set(key, { segment, cell, turn, count: 1, sumS: seconds });
}

class RowBuilder {
  readonly #offsets: number[] = [0];
  readonly #segments: number[] = [];
  readonly #cell: number[] = [];
  readonly #seconds: number[] = [];
  readonly #weight: number[] = [];
  readonly #delays: number[] = [];

  add(segments: readonly number[], cell: number, seconds: number, weight: number, delays: number[]): void {
    for (const segment of segments) this.#segments.push(segment);
    this.#offsets.push(this.#segments.length);
    this.#cell.push(cell);
    this.#seconds.push(seconds);
    this.#weight.push(weight);
    for (let d = 0; d < DELAYS.length; d++) this.#delays.push(delays[d]);
  }

  build() {
    return {
      count: this.#cell.length,
      offsets: Uint32Array.from(this.#offsets),
      segments: Int32Array.from(this.#segments),
      cell: Uint8Array.from(this.#cell),
      seconds: Float64Array.from(this.#seconds),
      weight: Float64Array.from(this.#weight),
      delays: Float64Array.from(this.#delays),
    };
  }
}

function meanPositive(values: Float32Array): number {
  let sum = 0;
  let count = 0;
  for (const value of values)
    if (value > 0) {
      sum += value;
      count++;
    }
  return sum / count;
}
