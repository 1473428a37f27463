import { breathe, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import { groupBy } from '../../graph/index.ts';
import type { RoadNetwork } from '../network.ts';
import { timedTraversals } from '../traversals.ts';
import type { TripSet } from '../trips.ts';
import type { Supersegments } from './sampler.ts';

/** Trips that drove a supersegment from its first segment to its last without leaving it. */
export interface Drives {
  /** All, timed or not. */
  count: number;
  /** Wall-clock seconds of entry and seconds to the end, of those whose every segment has a time. */
  enteredLocalS: number[];
  seconds: number[];
}

const TRIPS_AT_A_TIME = 5_000;

/** Finds the drives of every supersegment among trips: each place of each trip, against the supersegments that begin there. */
export async function drivesOf(
  network: RoadNetwork,
  trips: TripSet,
  { offsets, segments }: Supersegments,
  context: TaskContext,
): Promise<Drives[]> {
  const count = offsets.length - 1;
  const firsts = Int32Array.from({ length: count }, (_, i) => segments[offsets[i]]);
  const beginning = groupBy(firsts, network.segmentCount);
  const clock = new TripClock(network, trips);
  const drives = Array.from({ length: count }, (): Drives => ({ count: 0, enteredLocalS: [], seconds: [] }));
  for (let trip = 0; trip < trips.count; trip++) {
    if (trip % TRIPS_AT_A_TIME === 0) {
      await breathe();
      throwIfCancelled(context.signal);
      context.report({ stage: 'Finding drives', done: trip, total: trips.count, unit: 'trips' });
    }
    const end = trips.offsets[trip + 1];
    for (let k = trips.offsets[trip]; k < end; k++) {
      const first = trips.segments[k];
      for (let e = beginning.offsets[first]; e < beginning.offsets[first + 1]; e++) {
        const i = beginning.entries[e];
        const length = offsets[i + 1] - offsets[i];
        if (k + length > end || !follows(trips.segments, k, segments, offsets[i], length)) continue;
        drives[i].count++;
        const seconds = clock.secondsOf(k, length);
        if (Number.isNaN(seconds)) continue;
        drives[i].enteredLocalS.push(clock.enteredLocalS[k]);
        drives[i].seconds.push(seconds);
      }
    }
  }
  return drives;
}

function follows(trip: Int32Array, k: number, path: Int32Array, begin: number, length: number): boolean {
  for (let step = 1; step < length; step++) if (trip[k + step] !== path[begin + step]) return false;
  return true;
}

/** Entry and seconds of each place of the trips; NaN where the seconds are unknown. */
class TripClock {
  readonly enteredLocalS: Float64Array;
  readonly #seconds: Float64Array;

  constructor(network: RoadNetwork, trips: TripSet) {
    const { position, enteredLocalS, seconds } = timedTraversals(network, trips);
    this.enteredLocalS = new Float64Array(trips.segments.length);
    this.#seconds = new Float64Array(trips.segments.length).fill(Number.NaN);
    for (let i = 0; i < position.length; i++) {
      this.enteredLocalS[position[i]] = enteredLocalS[i];
      this.#seconds[position[i]] = seconds[i];
    }
  }

  secondsOf(k: number, length: number): number {
    let sum = 0;
    for (let at = k; at < k + length; at++) sum += this.#seconds[at];
    return sum;
  }
}
