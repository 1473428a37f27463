import fc from 'fast-check';
import geodesic from 'geographiclib-geodesic';
import { describe, expect, it } from 'vitest';
import { type RoadNetwork, TURN_CLASSES } from '../../core/roads/index.ts';
import { node, readCity, restriction, way } from '../support/osmCity.ts';
import type { TestCity } from '../support/osmFiles.ts';

const NODES = 14;

/** Small random cities on a grid: ways may repeat nodes, cross themselves, lack nodes, coincide. */
const cities: fc.Arbitrary<TestCity> = fc
  .record({
    places: fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 5 })), {
      minLength: NODES,
      maxLength: NODES,
    }),
    ways: fc.array(
      fc.record({
        refs: fc.array(fc.integer({ min: 1, max: NODES + 1 }), { minLength: 2, maxLength: 7 }),
        oneway: fc.constantFrom('yes', 'no', '-1', ''),
        name: fc.constantFrom('', 'A', 'B'),
      }),
      { minLength: 1, maxLength: 10 },
    ),
    restrictions: fc.array(
      fc.record({
        kind: fc.constantFrom('no_left_turn', 'no_u_turn', 'only_straight_on', 'only_left_turn', 'no_entry'),
        from: fc.nat(9),
        via: fc.integer({ min: 1, max: NODES }),
        to: fc.nat(9),
      }),
      { maxLength: 6 },
    ),
  })
  .map(({ places, ways, restrictions }) => ({
    nodes: places.map(([x, y], i) => node(i + 1, x, y)),
    ways: [
      // One road that is always there: a city without any is refused.
      way(99, [101, 102]),
      ...ways.map(({ refs, oneway, name }, i) =>
        way(100 + i, refs, { ...(oneway && { oneway }), ...(name && { name }) }),
      ),
    ],
    relations: restrictions.map(({ kind, from, via, to }, i) =>
      restriction(i + 1, kind, [100 + from, via, 100 + to]),
    ),
  }))
  .map((city) => ({ ...city, nodes: [...city.nodes, node(101, 9, 9), node(102, 10, 9)] }));

describe('whatever the city, the network', () => {
  it('holds together', () =>
    fc.assert(
      fc.asyncProperty(cities, async (city) => {
        const { network } = await readCity(city);
        segmentsAreSound(network);
        reverseIsSymmetric(network);
        turnsAreSound(network);
      }),
      { numRuns: 150, seed: 5 },
    ));

  it('loses no metre of road that its nodes describe', () =>
    fc.assert(
      fc.asyncProperty(cities, async (city) => {
        const { network, report } = await readCity(city);
        const drawn = [...city.ways].reduce((sum, { refs, tags }) => {
          const directions = tags?.oneway === 'yes' || tags?.oneway === '-1' ? 1 : 2;
          return sum + directions * lengthM(city, refs);
        }, 0);
        const kept = network.lengthM.reduce((sum, length) => sum + length, 0);
        expect(Math.abs(kept - drawn)).toBeLessThan(1e-5 * (drawn + 1));
        const dropped = report.dropped.filter(({ reason }) => !reason.includes('restriction'));
        expect(report.kept.ways + dropped.reduce((sum, { count }) => sum + count, 0)).toBe(report.read.ways);
      }),
      { numRuns: 100, seed: 6 },
    ));

  it('loses turns by a restriction, and gains none but round a dead end', () =>
    fc.assert(
      fc.asyncProperty(cities, async (city) => {
        const free = new Set((await readCity({ ...city, relations: [] })).turns);
        const { turns, network, refs } = await readCity(city);
        for (const turn of turns) {
          const [from, to] = turn.split(' → ').map((ref) => refs.indexOf(ref));
          expect(free.has(turn) || network.reverse[from] === to).toBe(true);
        }
      }),
      { numRuns: 80, seed: 7 },
    ));
});

function segmentsAreSound(network: RoadNetwork): void {
  const { segmentCount, geometryOffsets, coordinates, junctionCoordinates } = network;
  expect(new Set(network.refs).size).toBe(segmentCount);
  expect(network.refs).toHaveLength(segmentCount);
  expect(geometryOffsets[segmentCount] * 2).toBe(coordinates.length);
  expect(junctionCoordinates).toHaveLength(2 * network.junctionCount);
  const used = new Set([...network.fromJunction, ...network.toJunction]);
  expect(used.size).toBe(network.junctionCount);
  const pointAt = (values: Float64Array, index: number) => [...values.subarray(2 * index, 2 * index + 2)];
  for (let s = 0; s < segmentCount; s++) {
    expect(geometryOffsets[s + 1] - geometryOffsets[s]).toBeGreaterThan(1);
    expect(network.lengthM[s]).toBeGreaterThan(0);
    expect(network.speedLimitKmh[s]).toBeGreaterThan(0);
    expect(pointAt(coordinates, geometryOffsets[s])).toEqual(
      pointAt(junctionCoordinates, network.fromJunction[s]),
    );
    expect(pointAt(coordinates, geometryOffsets[s + 1] - 1)).toEqual(
      pointAt(junctionCoordinates, network.toJunction[s]),
    );
  }
}

function reverseIsSymmetric(network: RoadNetwork): void {
  for (let s = 0; s < network.segmentCount; s++) {
    const back = network.reverse[s];
    if (back < 0) continue;
    expect(back).not.toBe(s);
    expect(network.reverse[back]).toBe(s);
    expect(network.fromJunction[back]).toBe(network.toJunction[s]);
    expect(network.toJunction[back]).toBe(network.fromJunction[s]);
    expect(network.lengthM[back]).toBeCloseTo(network.lengthM[s], 3);
    expect(network.wayIds[back]).toBe(network.wayIds[s]);
  }
}

function turnsAreSound(network: RoadNetwork): void {
  const { turnFrom, turnTo, turnOffsets, reverse } = network;
  expect(turnOffsets[0]).toBe(0);
  expect(turnOffsets[network.segmentCount]).toBe(network.turnCount);
  for (let s = 0; s < network.segmentCount; s++) {
    const begin = turnOffsets[s];
    const end = turnOffsets[s + 1];
    expect(end).toBeGreaterThanOrEqual(begin);
    for (let turn = begin; turn < end; turn++) {
      expect(turnFrom[turn]).toBe(s);
      expect(network.toJunction[s]).toBe(network.fromJunction[turnTo[turn]]);
      if (turn > begin) expect(turnTo[turn]).toBeGreaterThan(turnTo[turn - 1]);
      // Round the way one came only where nothing else is left.
      if (reverse[s] === turnTo[turn]) {
        expect(end - begin).toBe(1);
        expect(TURN_CLASSES[network.turnClass[turn]]).toBe('uTurn');
      }
      expect(network.turnAngleDeg[turn]).toBeGreaterThan(-180);
      expect(network.turnAngleDeg[turn]).toBeLessThanOrEqual(180);
    }
  }
}

/** Metres along those nodes of a way that are there, by GeographicLib. */
function lengthM(city: TestCity, refs: readonly number[]): number {
  const places = new Map([...city.nodes].map((place) => [place.id, place]));
  let sum = 0;
  for (let i = 1; i < refs.length; i++) {
    const a = places.get(refs[i - 1]);
    const b = places.get(refs[i]);
    if (a && b) sum += geodesic.Geodesic.WGS84.Inverse(a.lat, a.lon, b.lat, b.lon).s12!;
  }
  return sum;
}
