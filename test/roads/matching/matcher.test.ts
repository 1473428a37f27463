import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../core/base/index.ts';
import {
  estimateNoise,
  type GpsPoints,
  MapMatcher,
  QualityTally,
  type RoadNetwork,
} from '../../../core/roads/index.ts';
import { agreement } from '../../support/agreement.ts';
import { driveAlong, pointOn, shifted } from '../../support/gps.ts';
import { gridCity, type SegmentSketch, sketchNetwork } from '../../support/network.ts';
import { hasPorto, loadPortoNetwork, loadPortoTrips } from '../../support/porto.ts';

const ORIGIN: [number, number] = [8.68, 49.4];

/** Junctions given in metres east and north. */
function metricNetwork(
  junctions: readonly [number, number][],
  segments: readonly SegmentSketch[],
  forbidden: readonly [number, number][] = [],
): RoadNetwork {
  return sketchNetwork(
    junctions.map(([east, north]) => shifted(ORIGIN, east, north)),
    segments.map((segment) => {
      const [[e0, n0], [e1, n1]] = [junctions[segment.from], junctions[segment.to]];
      return { ...segment, lengthM: Math.hypot(e1 - e0, n1 - n0) };
    }),
    forbidden,
  );
}

/** Points in metres east and north, with their seconds. */
function points(given: readonly (readonly [timeS: number, east: number, north: number])[]): GpsPoints {
  const places = given.map(([, east, north]) => shifted(ORIGIN, east, north));
  return {
    timeS: Float64Array.from(given, ([timeS]) => timeS),
    lon: Float64Array.from(places, ([lon]) => lon),
    lat: Float64Array.from(places, ([, lat]) => lat),
  };
}

const twoWay = (from: number, to: number): SegmentSketch[] => [
  { from, to, ref: `${from}>${to}` },
  { from: to, to: from, ref: `${to}>${from}` },
];
const refsOf = (network: RoadNetwork, segments: readonly number[]) => segments.map((s) => network.refs[s]);

describe('roads with a known answer', () => {
  test('of two parallel roads, the one that most points lie on', () => {
    // Two roads 40 m apart, joined at both ends.
    const network = metricNetwork(
      [
        [0, 0],
        [1000, 0],
        [0, 40],
        [1000, 40],
        [-200, 20],
        [1200, 20],
      ],
      [...twoWay(4, 0), ...twoWay(0, 1), ...twoWay(1, 5), ...twoWay(4, 2), ...twoWay(2, 3), ...twoWay(3, 5)],
    );
    // One point in the middle is nearer to the upper road.
    const drive = points([0, 1, 2, 3, 4, 5, 6].map((k) => [15 * k, 100 + 130 * k, k === 3 ? 23 : 6]));
    const { paths } = new MapMatcher(network).match(drive);
    expect(paths.map((path) => refsOf(network, path.segments))).toEqual([['0>1']]);
    expect(paths[0].startM).toBeCloseTo(100, 0);
    expect(paths[0].endM).toBeCloseTo(880, 0);
    expect(paths[0].lengthM).toBeCloseTo(780, 0);
  });

  test('of the two carriageways of a motorway, the one in driving direction, though the points lie on the other', () => {
    const network = metricNetwork(
      [
        [0, 0],
        [2000, 0],
        [2000, 15],
        [0, 15],
      ],
      [
        { from: 0, to: 1, ref: 'east' },
        { from: 2, to: 3, ref: 'west' },
      ],
    );
    const drive = points([0, 1, 2, 3, 4].map((k) => [15 * k, 100 + 400 * k, 13]));
    const { paths, fates } = new MapMatcher(network).match(drive);
    expect(paths.map((path) => refsOf(network, path.segments))).toEqual([['east']]);
    expect(fates).toMatchObject({ matched: 5, unreachable: 0 });
  });

  describe('a forbidden left turn', () => {
    // A cross: south arm 0, centre 1, west arm 2, and a block around the north-east that allows three rights.
    const junctions: [number, number][] = [
      [0, -300],
      [0, 0],
      [-300, 0],
      [0, 100],
      [100, 100],
      [100, 0],
    ];
    const segments: SegmentSketch[] = [
      { from: 0, to: 1, ref: 'north' },
      { from: 1, to: 2, ref: 'west' },
      { from: 1, to: 3, ref: 'on' },
      { from: 3, to: 4, ref: 'a' },
      { from: 4, to: 5, ref: 'b' },
      { from: 5, to: 1, ref: 'c' },
    ];
    const drive = points([
      [0, 0, -250],
      [15, 0, -120],
      [60, -120, 0],
      [75, -250, 0],
    ]);
    test('is taken where it is allowed', () => {
      const network = metricNetwork(junctions, segments);
      const { paths } = new MapMatcher(network).match(drive);
      expect(paths.map((path) => refsOf(network, path.segments))).toEqual([['north', 'west']]);
    });
    test('is driven around where it is not', () => {
      const network = metricNetwork(junctions, segments, [[0, 1]]);
      const { paths } = new MapMatcher(network).match(drive);
      expect(paths.map((path) => refsOf(network, path.segments))).toEqual([
        ['north', 'on', 'a', 'b', 'c', 'west'],
      ]);
      expect(paths[0].lengthM).toBeCloseTo(250 + 400 + 250, 0);
    });
  });

  test('against a one-way street no way leads: the trace is split, no direction invented', () => {
    const network = metricNetwork(
      [
        [0, 0],
        [1000, 0],
      ],
      [{ from: 0, to: 1, ref: 'east' }],
    );
    const against = points([0, 1, 2, 3, 4, 5, 6].map((k) => [15 * k, 900 - 130 * k, 0]));
    const { paths, fates } = new MapMatcher(network).match(against);
    expect(paths).toEqual([]);
    expect(fates.matched).toBe(0);
  });
});

describe('what happens on the way', () => {
  const straight = metricNetwork(
    [
      [0, 0],
      [1000, 0],
      [2000, 0],
      [3000, 0],
    ],
    [...twoWay(0, 1), ...twoWay(1, 2), ...twoWay(2, 3)],
  );
  const matcher = new MapMatcher(straight);
  const driving = (seconds: number[]) => points(seconds.map((t) => [t, 10 * t, 4]));

  test('a gap in time splits the trace', () => {
    const { paths, breaks } = matcher.match(driving([0, 15, 30, 45, 240, 255, 270]));
    expect(breaks).toEqual({ time: 1, space: 0, stop: 0, unreachable: 0 });
    expect(paths.map(({ departS, arriveS }) => [departS, arriveS])).toEqual([
      [0, 45],
      [240, 270],
    ]);
  });

  test('a gap in space splits the trace', () => {
    const near = new MapMatcher(straight, { maxGapM: 500 });
    const { paths, breaks } = near.match(driving([0, 15, 30, 120, 135]));
    expect(breaks.space).toBe(1);
    expect(paths.map(({ arriveS }) => arriveS)).toEqual([30, 135]);
  });

  test('a point that no vehicle could have come to is left out, wherever it stands', () => {
    for (const outlier of [0, 1, 3, 6]) {
      const drive = driving([0, 15, 30, 45, 60, 75, 90]);
      // Beside the road, 2 km ahead: there is a road near it.
      [drive.lon[outlier], drive.lat[outlier]] = shifted(ORIGIN, 10 * 15 * outlier + 2000, 4);
      const { paths, fates } = matcher.match(drive);
      expect(fates).toMatchObject({ matched: 6 });
      expect(fates.fast + fates.lone).toBe(1);
      expect(paths).toHaveLength(1);
      expect(paths[0].lengthM).toBeCloseTo(outlier === 0 || outlier === 6 ? 750 : 900, 0);
    }
  });

  test('a point far from all roads is left out', () => {
    const drive = driving([0, 15, 30, 45, 60]);
    [drive.lon[2], drive.lat[2]] = shifted(ORIGIN, 300, 200);
    const { paths, fates } = matcher.match(drive);
    expect(fates).toMatchObject({ matched: 4, far: 1 });
    expect(paths[0].lengthM).toBeCloseTo(600, 0);
  });

  test('an outage that moves all points is a stretch of its own, not a row of outliers', () => {
    const drive = driving([0, 15, 30, 45, 60, 75, 90, 105, 120, 135]);
    for (let k = 5; k < 10; k++) [drive.lon[k], drive.lat[k]] = shifted(ORIGIN, 2200 + 10 * (15 * k - 75), 4);
    const slow = new MapMatcher(straight, { maxSpeedKmh: 60 });
    const { paths, breaks, fates } = slow.match(drive);
    expect(breaks.unreachable).toBe(1);
    expect(fates.matched).toBe(10);
    expect(paths.map(({ points: n }) => n)).toEqual([5, 5]);
  });

  test('time spent standing is thinned away, and counts for the segment that it was spent on', () => {
    // 10 m/s; stands for 90 s at 1,500 m, with a few metres of jitter; a whole middle segment in between.
    const drive = points([
      [0, 800, 0],
      [15, 950, 0],
      [30, 1100, 0],
      [70, 1500, 0],
      [85, 1503, 4],
      [100, 1497, 3],
      [115, 1504, -5],
      [130, 1499, 2],
      [160, 1500, 0],
      [200, 1900, 0],
      [220, 2100, 0],
      [235, 2250, 0],
    ]);
    const { paths, fates, breaks } = matcher.match(drive);
    expect(fates).toMatchObject({ thinned: 5, matched: 7 });
    expect(breaks.stop).toBe(0);
    expect(refsOf(straight, paths[0].segments)).toEqual(['0>1', '1>2', '2>3']);
    const [first, middle, last] = paths[0].segmentS;
    expect(first).toBeNaN();
    expect(last).toBeNaN();
    expect(middle).toBeCloseTo(190, 0);
  });

  test('after a stop of more than five minutes another trip begins, when the vehicle sets off', () => {
    const stand = Array.from({ length: 30 }, (_, k): [number, number, number] => [60 + 15 * k, 800, 0]);
    const drive = points([
      [0, 200, 0],
      [30, 500, 0],
      ...stand,
      [520, 900, 0],
      [535, 1050, 0],
      [550, 1200, 0],
    ]);
    const { paths, breaks } = matcher.match(drive);
    expect(breaks.stop).toBe(1);
    expect(paths.map(({ departS, arriveS }) => [departS, arriveS])).toEqual([
      [0, 60],
      [495, 550],
    ]);
    expect(paths[1].lengthM).toBeCloseTo(400, 0);
  });

  test('a turn back at a junction is found, and costs', () => {
    const there = [0, 1, 2, 3, 4, 5].map((k): [number, number, number] => [15 * k, 400 + 110 * k, 0]);
    const back = [6, 7, 8, 9].map((k): [number, number, number] => [15 * k + 30, 1600 - 110 * k, 0]);
    const drive = points([...there, ...back]);
    const { paths } = matcher.match(drive);
    expect(paths.map(({ segments }) => refsOf(straight, segments))).toEqual([['0>1', '1>0']]);
  });

  test('a segment driven whole from its very start has its seconds', () => {
    const drive = driving([100, 110, 125, 140, 155, 170, 185, 200]);
    const { paths } = matcher.match(drive);
    expect(refsOf(straight, paths[0].segments)).toEqual(['1>2']);
    expect(paths[0].segmentS[0]).toBeCloseTo(100, 1);
  });

  test('no points, one point', () => {
    for (const drive of [points([]), points([[0, 100, 0]])])
      expect(matcher.match(drive)).toMatchObject({ paths: [], distancesM: [] });
  });
});

describe('drives through a city', () => {
  const city = gridCity({ rows: 8, columns: 8, spacingM: 120 });

  /** A walk over permitted turns. */
  function walk(random: Random, length: number): number[] {
    const segments = [random.int(city.segmentCount)];
    while (segments.length < length) {
      const last = segments[segments.length - 1];
      const turns = city.turnTo.subarray(city.turnOffsets[last], city.turnOffsets[last + 1]);
      segments.push(turns[random.int(turns.length)]);
    }
    return segments;
  }

  test('without noise, any walk comes back segment by segment with its seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 3, max: 25 }), (seed, length) => {
        const driven = walk(new Random(seed), length);
        const totalS = driven.length * 12;
        const drive = driveAlong(city, driven, totalS, { everyS: 3, noiseM: 0 }, new Random(1));
        const { paths } = new MapMatcher(city).match(drive);
        expect(paths.map(({ segments }) => segments)).toEqual([driven]);
        for (const seconds of paths[0].segmentS.slice(1, -1)) expect(seconds).toBeCloseTo(12, 1);
        expect(paths[0].arriveS - paths[0].departS).toBeCloseTo(totalS, 6);
      }),
      { numRuns: 60 },
    );
  });

  test('with noise, seconds are there, never negative, and no more than the whole; only listed turns are taken', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
        const random = new Random(seed);
        const driven = walk(random, 20);
        const drive = driveAlong(city, driven, 20 * 14, { everyS: 10, noiseM: 12, departS: 1e9 }, random);
        const { paths } = new MapMatcher(city).match(drive);
        for (const { segments, segmentS, departS, arriveS, startM, endM, confidence } of paths) {
          const known = segmentS.filter((s) => !Number.isNaN(s));
          expect(known.every((s) => s >= 0)).toBe(true);
          expect(known.reduce((sum, s) => sum + s, 0)).toBeLessThanOrEqual(arriveS - departS + 1e-6);
          expect(confidence).toBeGreaterThan(0);
          expect(confidence).toBeLessThanOrEqual(1 + 1e-9);
          expect(startM).toBeGreaterThanOrEqual(0);
          expect(endM).toBeLessThanOrEqual(city.lengthM[segments[segments.length - 1]] + 1e-3);
          segments.slice(1).forEach((segment, i) => {
            const from = segments[i];
            const turns = city.turnTo.subarray(city.turnOffsets[from], city.turnOffsets[from + 1]);
            expect(turns.includes(segment) || city.reverse[from] === segment).toBe(true);
          });
        }
      }),
      { numRuns: 60 },
    );
  });

  test('the noise is found from the points', () => {
    const random = new Random(5);
    for (const noiseM of [5, 12]) {
      const matcher = new MapMatcher(city);
      const matches = Array.from({ length: 60 }, () => {
        const driven = walk(random, 25);
        return matcher.match(driveAlong(city, driven, 25 * 12, { everyS: 15, noiseM }, random));
      });
      const noise = estimateNoise(matches)!;
      // Points near a crossing are taken by whichever road is nearer: the estimate is a little low.
      expect(noise.sigmaM / noiseM).toBeGreaterThan(0.75);
      expect(noise.sigmaM / noiseM).toBeLessThan(1.15);
    }
    expect(estimateNoise([])).toBeUndefined();
  });

  test('the tally of several matches adds up', () => {
    const matcher = new MapMatcher(city);
    const random = new Random(9);
    const tally = new QualityTally();
    const matches = Array.from({ length: 5 }, () =>
      matcher.match(driveAlong(city, walk(random, 12), 150, { everyS: 10, noiseM: 8 }, random)),
    );
    for (const match of matches) tally.add(match);
    const figures = tally.figures();
    const distances = matches.flatMap(({ distancesM }) => distancesM).sort((a, b) => a - b);
    expect(figures.points).toBe(5 * 16);
    expect(figures.medianDistanceM).toBeCloseTo(distances[(distances.length - 1) >> 1], 0);
    expect(figures.lengthM).toBeCloseTo(
      matches.flatMap(({ paths }) => paths).reduce((sum, { lengthM }) => sum + lengthM, 0),
      6,
    );
    expect(new QualityTally().figures()).toMatchObject({
      points: 0,
      matchedShare: 0,
      medianDistanceM: Number.NaN,
    });
  });
});

test.skipIf(!hasPorto)(
  `Porto: of 300 trips with 10 m of noise every 15 s, at least 97 % of the length comes back${hasPorto ? '' : ' (skipped: no ../shared/data/porto)'}`,
  { timeout: 120_000 },
  () => {
    const network = loadPortoNetwork();
    const trips = loadPortoTrips(network);
    const random = new Random(1);
    const matcher = new MapMatcher(network);
    let [drivenM, commonM] = [0, 0];
    for (let trip = 0; trip < 300; trip++) {
      const segments = trips.segments.subarray(trips.offsets[trip], trips.offsets[trip + 1]);
      const drive = driveAlong(network, segments, trips.totalS[trip], { everyS: 15, noiseM: 10 }, random);
      const agreed = agreement(network, segments, matcher.match(drive).paths);
      drivenM += agreed.drivenM;
      commonM += agreed.commonM;
    }
    expect(commonM / drivenM).toBeGreaterThanOrEqual(0.97);
  },
);

test('points on a segment lie on its line', () => {
  const network = metricNetwork(
    [
      [0, 0],
      [100, 0],
    ],
    [{ from: 0, to: 1 }],
  );
  const [lon, lat] = pointOn(network, 0, 0.25);
  const [wantedLon, wantedLat] = shifted(ORIGIN, 25, 0);
  expect(lon).toBeCloseTo(wantedLon, 7);
  expect(lat).toBeCloseTo(wantedLat, 7);
});
