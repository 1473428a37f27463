import { describe, expect, it } from 'vitest';
import { Random } from '../../../core/base/index.ts';
import { countTraffic, findTurn, type RoadNetwork } from '../../../core/roads/index.ts';
import {
  coverByPaths,
  type PathSet,
  plannedTrips,
  sampleSupersegments,
  wholePaths,
} from '../../../models/eta/paths.ts';
import { gridNetwork, packTrips } from '../../support/gridNetwork.ts';
import { gridCity, sketchNetwork } from '../../support/network.ts';
import { changingTraffic } from '../../support/smallCity.ts';
import { randomTrips } from '../../support/trips.ts';

const network = gridNetwork(5, 4);
const pathsOf = (trips: PathSet['trips']): PathSet => ({
  trips,
  expectedS: new Float32Array(trips.segments.length),
  tripConstantS: new Float32Array(trips.count),
  live: new Float32Array(0),
  liveNames: [],
  city: new Float32Array(0),
  cityNames: [],
});

describe('supersegments', () => {
  const paths = pathsOf(changingTraffic(network, { days: 2, perDay: 60, seed: 1 }));
  const { offsets, segments } = paths.trips;
  const positions = Array.from({ length: 60 }, (_, i) => 2 * i);
  const draw = (count: number, length: number, seed = 1) =>
    sampleSupersegments(paths, positions, { count, length }, new Random(seed));

  it('begin at each segment in proportion to how often it is driven (χ²)', () => {
    const driven = new Float64Array(network.segmentCount);
    for (const path of positions)
      for (let k = offsets[path]; k < offsets[path + 1]; k++) driven[segments[k]]++;
    const total = driven.reduce((sum, n) => sum + n, 0);
    const count = 40_000;
    const begun = new Float64Array(network.segmentCount);
    for (const { start } of draw(count, 5)) begun[segments[start]]++;
    let chiSquare = 0;
    let cells = 0;
    driven.forEach((n, s) => {
      const expected = (count * n) / total;
      if (n === 0) expect(begun[s]).toBe(0);
      else {
        chiSquare += (begun[s] - expected) ** 2 / expected;
        cells++;
      }
    });
    // χ² has mean cells − 1 and variance 2 (cells − 1): five deviations above never happens by chance.
    expect(cells).toBeGreaterThan(30);
    expect(chiSquare).toBeLessThan(cells - 1 + 5 * Math.sqrt(2 * (cells - 1)));
  });

  it('are stretches of the trips they may come from, as long as asked or to the trip’s end', () => {
    for (const { path, start, end } of draw(2000, 5)) {
      expect(path % 2).toBe(0);
      expect(start).toBeGreaterThanOrEqual(offsets[path]);
      expect(end).toBe(Math.min(start + 5, offsets[path + 1]));
    }
  });

  it('are the same for the same seed', () => {
    expect(draw(50, 5, 7)).toEqual(draw(50, 5, 7));
    expect(draw(50, 5, 7)).not.toEqual(draw(50, 5, 8));
  });

  it('hold no traversal of unknown seconds, and are none where none is known', () => {
    const segmentS = paths.trips.segmentS!.slice();
    for (let k = 0; k < segmentS.length; k += 6) segmentS[k] = Number.NaN;
    const gappy = pathsOf({ ...paths.trips, segmentS });
    const drawn = sampleSupersegments(gappy, positions, { count: 500, length: 3 }, new Random(1));
    expect(drawn.length).toBeGreaterThan(50);
    for (const { start, end } of drawn)
      for (let k = start; k < end; k++) expect(segmentS[k]).toBeGreaterThan(0);
    const unknown = pathsOf(changingTraffic(network, { days: 2, perDay: 60, seed: 1, segmentTimes: false }));
    const options = { count: 500, length: 3 };
    expect(sampleSupersegments(unknown, positions, options, new Random(1))).toEqual([]);
    expect(sampleSupersegments(paths, [], options, new Random(1))).toEqual([]);
  });
});

it('whole paths are all traversals of the trips asked for', () => {
  const paths = pathsOf(randomTrips(network, { count: 4, seed: 2 }));
  const { offsets } = paths.trips;
  expect(wholePaths(paths, [2, 0])).toEqual([
    { path: 2, start: offsets[2], end: offsets[3] },
    { path: 0, start: 0, end: offsets[1] },
  ]);
});

it('planned trips have a departure and segments, and no time', () => {
  const trips = plannedTrips([
    { segments: [3, 1], departS: 50, localDepartS: 3650 },
    { segments: [4], departS: 60, localDepartS: 3660 },
  ]);
  expect([...trips.segments]).toEqual([3, 1, 4]);
  expect([...trips.offsets]).toEqual([0, 2, 3]);
  expect([...trips.departS, ...trips.localDepartS]).toEqual([50, 60, 3650, 3660]);
  expect([...trips.totalS]).toEqual([Number.NaN, Number.NaN]);
});

describe('the cover', () => {
  const deadEnds = sketchNetwork(
    [
      [0, 0],
      [0.001, 0],
      [0.002, 0],
      [0.001, 0.001],
      [0.01, 0.01],
      [0.011, 0.01],
    ],
    [
      { from: 0, to: 1 },
      { from: 1, to: 0 },
      { from: 1, to: 2 },
      { from: 1, to: 3 },
      { from: 4, to: 5 },
    ],
    [[0, 3]],
  );
  const cities: [string, RoadNetwork][] = [
    ['a grid', network],
    ['a larger grid', gridCity({ rows: 9, columns: 8 })],
    ['dead ends and an island', deadEnds],
  ];

  it.each(cities)('of %s has every segment once, along permitted turns other than back', (_name, city) => {
    for (const length of [2, 7, 50]) {
      const turns = countTraffic(city, randomTrips(city, { count: 50, seed: 3 })).turns;
      const cover = coverByPaths(city, turns, length);
      expect(cover.flatMap((path) => [...path]).sort((a, b) => a - b)).toEqual([
        ...Array(city.segmentCount).keys(),
      ]);
      for (const path of cover) {
        expect(path.length).toBeLessThanOrEqual(length);
        for (let i = 0; i + 1 < path.length; i++) {
          expect(findTurn(city, path[i], path[i + 1])).toBeGreaterThanOrEqual(0);
          expect(path[i + 1]).not.toBe(city.reverse[path[i]]);
        }
      }
    }
  });

  it('runs with the main flow', () => {
    const flow = [network.turnFrom[0], network.turnTo[0]];
    const turns = new Float32Array(network.turnCount);
    turns[0] = 100;
    const path = coverByPaths(network, turns, 20).find((segments) => segments.includes(flow[0]))!;
    expect(path[path.indexOf(flow[0]) + 1]).toBe(flow[1]);
  });
});

it('turns are counted as often as trips drove them', () => {
  const turn = 5;
  const [from, to] = [network.turnFrom[turn], network.turnTo[turn]];
  const trips = packTrips(
    Array.from({ length: 3 }, () => ({ localDepartS: 0, segments: [from, to], totalS: 10 })),
  );
  const counts = countTraffic(network, trips).turns;
  expect(counts[turn]).toBe(3);
  expect(counts.reduce((sum, n) => sum + n, 0)).toBe(3);
});
