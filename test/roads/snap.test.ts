import geodesic from 'geographiclib-geodesic';
import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/random.ts';
import type { RoadNetwork } from '../../core/roads/network.ts';
import { SegmentIndex } from '../../core/roads/snap.ts';
import { gridCity, sketchNetwork } from '../support/network.ts';

const earth = geodesic.Geodesic.WGS84;
const metres = (a: readonly number[], b: readonly number[]) => earth.Inverse(a[1], a[0], b[1], b[0]).s12!;

/** Nearest place on a segment by golden-section-like search over every straight piece, on the ellipsoid. */
function bruteForce(network: RoadNetwork, segment: number, point: [number, number]) {
  let best = { distanceM: Infinity, alongM: 0, lengthM: 0 };
  let beforeM = 0;
  for (let p = network.geometryOffsets[segment]; p < network.geometryOffsets[segment + 1] - 1; p++) {
    const [lonA, latA, lonB, latB] = network.coordinates.subarray(2 * p, 2 * p + 4);
    const at = (t: number) => [lonA + t * (lonB - lonA), latA + t * (latB - latA)];
    let [low, high] = [0, 1];
    for (let i = 0; i < 60; i++) {
      const [a, b] = [low + (high - low) / 3, high - (high - low) / 3];
      if (metres(at(a), point) < metres(at(b), point)) high = b;
      else low = a;
    }
    const distanceM = metres(at(low), point);
    const pieceM = metres([lonA, latA], [lonB, latB]);
    if (distanceM < best.distanceM) best = { distanceM, alongM: beforeM + low * pieceM, lengthM: 0 };
    beforeM += pieceM;
  }
  return { ...best, lengthM: beforeM };
}

function crookedNetwork(lat: number): RoadNetwork {
  const random = new Random(3);
  const junctions = Array.from({ length: 12 }, (): [number, number] => [
    24 + random.uniform() * 0.03,
    lat + random.uniform() * 0.02,
  ]);
  const near = ([lon, la]: [number, number]): [number, number] => [
    lon + (random.uniform() - 0.5) * 0.01,
    la + (random.uniform() - 0.5) * 0.01,
  ];
  return sketchNetwork(
    junctions,
    Array.from({ length: 30 }, () => {
      const from = random.int(12);
      const to = (from + 1 + random.int(11)) % 12;
      return { from, to, via: Array.from({ length: random.int(5) }, () => near(junctions[from])) };
    }),
  );
}

describe('the segments nearest to a point', () => {
  it.each([0, 41, 60, -75])('agree with a search on the ellipsoid at %i° of latitude', (lat) => {
    const network = crookedNetwork(lat);
    const index = SegmentIndex.build(network);
    const random = new Random(11);
    for (let i = 0; i < 6; i++) {
      const point: [number, number] = [
        24 + random.uniform() * 0.04 - 0.005,
        lat + random.uniform() * 0.03 - 0.005,
      ];
      const expected = Array.from({ length: network.segmentCount }, (_, segment) => ({
        segment,
        ...bruteForce(network, segment, point),
      })).sort((a, b) => a.distanceM - b.distanceM);
      const found = index.nearest(point, { limit: 5, maxM: 10_000 });
      expect(found).toHaveLength(5);
      found.forEach((snap, rank) => {
        expect(snap.distanceM).toBeCloseTo(expected[rank].distanceM, 0);
        const same = expected.find((other) => other.segment === snap.segment)!;
        expect(snap.distanceM).toBeCloseTo(same.distanceM, 0);
        expect(Math.abs(snap.fraction * same.lengthM - same.alongM)).toBeLessThan(1);
        expect(metres(snap.point, point)).toBeCloseTo(same.distanceM, 0);
      });
    }
  });

  it('are both directions of a road, with fractions that add up to one', () => {
    const city = gridCity({ rows: 3, columns: 3 });
    const index = SegmentIndex.build(city);
    // 30 m along the street from junction 3 to 4, and 8 m beside it.
    const [lonA, latA, lonB] = [
      city.junctionCoordinates[6],
      city.junctionCoordinates[7],
      city.junctionCoordinates[8],
    ];
    const point: [number, number] = [lonA + 0.3 * (lonB - lonA), latA + 8 / 111_195];
    const [one, other, third] = index.nearest(point, { limit: 3 });
    expect([city.refs[one.segment], city.refs[other.segment]].sort()).toEqual(['3>4', '4>3']);
    expect(one.fraction + other.fraction).toBeCloseTo(1, 6);
    expect(one.distanceM).toBeCloseTo(8, 1);
    expect(third.distanceM).toBeGreaterThan(20);
    const back = index.nearest(point, { accept: (segment) => city.refs[segment] === '4>3' });
    expect(back).toMatchObject([{ fraction: expect.closeTo(0.7, 4) }]);
  });

  it('end within reach', () => {
    const city = gridCity({ rows: 2, columns: 2 });
    const index = SegmentIndex.build(city);
    const [lon, lat] = city.junctionCoordinates;
    const away: [number, number] = [lon, lat - 1000 / 111_195];
    expect(index.nearest(away, { maxM: 990 })).toEqual([]);
    expect(index.nearest(away, { maxM: 1003, limit: 100 })).toHaveLength(4);
    expect(index.nearest([lon + 90, lat])).toEqual([]);
  });

  it('have extent: a loop that the source draws as a point is none', () => {
    const a: [number, number] = [8, 49];
    const network = sketchNetwork(
      [a, [8.001, 49]],
      [
        { from: 0, to: 0 },
        { from: 0, to: 1, via: [a, [8.0005, 49]] },
      ],
    );
    const snaps = SegmentIndex.build(network).nearest(a, { limit: 9 });
    expect(snaps).toMatchObject([{ segment: 1, fraction: 0, distanceM: 0 }]);
  });

  it('are the same from a copy of the buffer', () => {
    const network = crookedNetwork(41);
    const index = SegmentIndex.build(network);
    const copy = SegmentIndex.from(structuredClone(index.buffer as ArrayBuffer));
    const point: [number, number] = [24.01, 41.01];
    expect(copy.nearest(point, { limit: 9 })).toEqual(index.nearest(point, { limit: 9 }));
    expect(() => SegmentIndex.from(new ArrayBuffer(64))).toThrow('no segment index');
  });

  it('of no roads are none', () => {
    expect(SegmentIndex.build(sketchNetwork([], [])).nearest([8, 49])).toEqual([]);
  });
});
