import { describe, expect, it } from 'vitest';
import {
  NO_OBSERVATIONS,
  segmentTimes,
  type TripSet,
  timedTraversals,
  timesByEnd,
} from '../../core/roads/index.ts';
import { sketchNetwork } from '../support/network.ts';

/** Three segments in a row of 1, 2 and 3 km at 36 km/h: 100, 200 and 300 s of free flow. */
const network = sketchNetwork(
  [
    [8, 49],
    [8.01, 49],
    [8.03, 49],
    [8.06, 49],
  ],
  [1, 2, 3].map((km, i) => ({ from: i, to: i + 1, lengthM: km * 1000, speedLimitKmh: 36 })),
);

function trip(totalS: number, segmentS?: number[]): TripSet {
  return {
    count: 1,
    ids: ['t'],
    departS: Float64Array.of(1000),
    localDepartS: Float64Array.of(4600),
    totalS: Float32Array.of(totalS),
    offsets: Uint32Array.of(0, 3),
    segments: Int32Array.of(0, 1, 2),
    ...(segmentS && { segmentS: Float32Array.from(segmentS) }),
  };
}
const rows = ({ count, segment, enteredLocalS, seconds }: ReturnType<typeof timedTraversals>) =>
  Array.from({ length: count }, (_, i) => [segment[i], enteredLocalS[i], seconds[i]]);

describe('timed traversals', () => {
  it('are as measured where they were', () => {
    const timed = timedTraversals(network, trip(900, [150, 250, 500]));
    expect(rows(timed)).toEqual([
      [0, 4600, 150],
      [1, 4750, 250],
      [2, 5000, 500],
    ]);
    expect(timed.spread).toBe(0);
  });

  it('share a trip’s time by free flow where nothing was', () => {
    const timed = timedTraversals(network, trip(1200));
    expect(rows(timed).map(([, , seconds]) => seconds)).toEqual([200, 400, 600]);
    expect(timed.spread).toBe(3);
  });

  it('share what measured ones leave', () => {
    const timed = timedTraversals(network, trip(900, [Number.NaN, 300, Number.NaN]));
    expect(rows(timed)).toEqual([
      [0, 4600, 150],
      [1, 4750, 300],
      [2, 5050, 450],
    ]);
    expect(timed.spread).toBe(2);
  });

  it('end where nothing is known of the trip’s time any more', () => {
    expect(rows(timedTraversals(network, trip(250, [100, Number.NaN, 300])))).toEqual([[0, 4600, 100]]);
    expect(timedTraversals(network, trip(Number.NaN)).count).toBe(0);
  });

  it('are found by the time at which they had ended', () => {
    const sums = timesByEnd(
      network,
      segmentTimes(network, timedTraversals(network, trip(900, [150, 250, 500])), NO_OBSERVATIONS),
    );
    const at = (segment: number, from: number, until: number) =>
      sums.sum(0, sums.position(segment, from), sums.position(segment, until));
    expect([at(1, 4750, 5000), at(1, 4750, 5000.5), at(0, 4600, 4800)]).toEqual([0, 250, 150]);
  });
});
