import { describe, expect, it } from 'vitest';
import {
  LiveIndex,
  type ObservationSet,
  type RoadNetwork,
  type SegmentModel,
  TrafficWindows,
  type TripSet,
} from '../../core/roads/index.ts';
import { sketchNetwork } from '../support/network.ts';

const WEEK_S = 7 * 86_400;
/** Three segments of one road, a fourth of another road of the same class, a fifth of a class of its own. */
const network: RoadNetwork = sketchNetwork(
  [
    [0, 0],
    [0.001, 0],
    [0.002, 0],
    [0.003, 0],
    [0.004, 0],
    [0.005, 0],
  ],
  [
    { from: 0, to: 1, name: 'A' },
    { from: 1, to: 2, name: 'A' },
    { from: 2, to: 3, name: 'A' },
    { from: 3, to: 4, name: 'B' },
    { from: 4, to: 5, name: 'C', roadClass: 'motorway' },
  ],
);

/** Expects 10 s of every segment. */
const tenSeconds = {
  modelAt: () =>
    ({
      traversalsS: (trips: TripSet, trip: number) =>
        new Float32Array(trips.offsets[trip + 1] - trips.offsets[trip]).fill(10),
      predictTrip: (trips: TripSet, trip: number) => 10 * (trips.offsets[trip + 1] - trips.offsets[trip]),
    }) as unknown as SegmentModel,
};

/** Trips of one segment each, that end at `endS` after `seconds`. */
function driven(rows: readonly { segment: number; endS: number; seconds: number }[]): TripSet {
  const sorted = [...rows].sort((a, b) => a.endS - b.endS);
  const departS = Float64Array.from(sorted, ({ endS, seconds }) => endS - seconds);
  const seconds = Float32Array.from(sorted, (row) => row.seconds);
  return {
    count: sorted.length,
    ids: sorted.map((_, i) => String(i)),
    departS,
    localDepartS: departS,
    totalS: seconds,
    offsets: Uint32Array.from({ length: sorted.length + 1 }, (_, i) => i),
    segments: Int32Array.from(sorted, ({ segment }) => segment),
    segmentS: seconds,
  };
}

const NOW = 50 * WEEK_S;
const options = { liveWindows: 3, historyWindows: 3, weeks: 2, shrink: 1 };

function live(rows: Parameters<typeof driven>[0], segment: number): number[] {
  const windows = new TrafficWindows(network, driven(rows), tenSeconds, options);
  const out = new Float32Array(windows.liveNames.length);
  windows.live(NOW, [segment], out);
  return [...out];
}

describe('live windows', () => {
  it('are two minutes each, the newest first, and end at the time asked about', () => {
    const [first, second, third, count] = live(
      [
        { segment: 0, endS: NOW - 1, seconds: 20 },
        { segment: 0, endS: NOW - 121, seconds: 5 },
        { segment: 0, endS: NOW + 1, seconds: 40 },
        { segment: 0, endS: NOW - 361, seconds: 40 },
      ],
      0,
    );
    // A traversal alone stands for its segment, road, class and the network: each shrinks by half what is left.
    const seen = (ratio: number) => Math.log(ratio) * (1 - 0.5 ** 4);
    expect(first).toBeCloseTo(seen(2), 6);
    expect(second).toBeCloseTo(seen(0.5), 6);
    expect(third).toBe(0);
    expect(count).toBeCloseTo(Math.log1p(2), 6);
  });

  it('fall back to the road, then the class, then the network', () => {
    const rows = [{ segment: 0, endS: NOW - 1, seconds: 20 }];
    const seen = (levels: number) => Math.log(2) * (1 - 0.5 ** levels);
    for (const [segment, levels] of [
      [0, 4],
      [1, 3],
      [3, 2],
      [4, 1],
    ]) {
      const [first, , , count] = live(rows, segment);
      expect(first).toBeCloseTo(seen(levels), 6);
      expect(count).toBeCloseTo(segment === 0 ? Math.log1p(1) : 0, 6);
    }
  });

  it('are 0 without seconds per segment', () => {
    const { segmentS: _, ...whole } = driven([{ segment: 0, endS: NOW - 1, seconds: 20 }]);
    const windows = new TrafficWindows(network, whole, tenSeconds, options);
    const out = new Float32Array(windows.liveNames.length).fill(9);
    windows.live(NOW, [0], out);
    expect([...out]).toEqual([0, 0, 0, 0]);
  });
});

describe('observations of segments', () => {
  const M = network.lengthM[0];
  /** One interval of five minutes that ends at `endS`, at the speed that takes `seconds` over segment 0. */
  const observed = (endS: number, seconds: number): ObservationSet => ({
    count: 1,
    segment: Int32Array.of(0),
    startS: Float64Array.of(endS - 300),
    localStartS: Float64Array.of(endS - 300),
    durationS: Float32Array.of(300),
    speedKmh: Float32Array.of((3.6 * M) / seconds),
    vehicles: Float32Array.of(7),
  });
  const models = {
    modelAt: () =>
      ({ ...tenSeconds.modelAt(), drivingS: () => 10, endDelayS: () => 0 }) as unknown as SegmentModel,
  };
  const none = driven([]);
  const { segmentS: _, ...whole } = none;

  it('count like traversals from the end of their interval on', () => {
    for (const [endS, expected] of [
      [NOW - 1, Math.log(2) * (1 - 0.5 ** 4)],
      [NOW + 1, 0],
    ]) {
      const windows = new TrafficWindows(network, none, models, {
        ...options,
        observations: observed(endS, 20),
      });
      const out = new Float32Array(windows.liveNames.length);
      windows.live(NOW, [0], out);
      expect(out[0]).toBeCloseTo(expected, 5);
    }
  });

  it('stand in the live index, and for no vehicle that could be on its way', () => {
    const value = (endS: number) => {
      const index = new LiveIndex(network, whole, models, { observations: observed(endS, 20) });
      const out = new Float32Array(index.segmentNames.length);
      index.segments(NOW, [0], out);
      return Object.fromEntries(index.segmentNames.map((name, i) => [name, out[i]]));
    };
    const known = value(NOW - 60);
    expect(known.segment5min).toBeCloseTo(Math.log(2) / 2, 5);
    expect(known.segmentPresent).toBe(0);
    // An interval that has not ended says nothing, not even that it will.
    expect(value(NOW + 60)).toMatchObject({ segment5min: 0, segmentPresent: 0, segmentStanding: 0 });
    expect(new LiveIndex(network, whole, models).segmentNames).not.toContain('segment5min');
  });
});

describe('historical windows', () => {
  it('are eight minutes each around the time of arrival, over the weeks before', () => {
    const arriveS = NOW + 600;
    const windows = new TrafficWindows(
      network,
      driven([
        { segment: 0, endS: arriveS - WEEK_S, seconds: 20 },
        { segment: 0, endS: arriveS - 2 * WEEK_S, seconds: 20 },
        { segment: 0, endS: arriveS - WEEK_S - 480, seconds: 5 },
        { segment: 0, endS: arriveS - 3 * WEEK_S, seconds: 40 },
        { segment: 0, endS: arriveS, seconds: 40 },
      ]),
      tenSeconds,
      options,
    );
    const out = new Float32Array(windows.historyNames.length);
    windows.history([arriveS], [0], out);
    expect(out[0]).toBeCloseTo(Math.log(0.5) * (1 - 0.5 ** 4), 6);
    expect(out[1]).toBeCloseTo(Math.log(2) * (1 - (1 / 3) ** 4), 6);
    expect(out[2]).toBe(0);
    expect(out[3]).toBeCloseTo(Math.log1p(3), 6);
  });
});
