import { booleanPointInPolygon } from '@turf/turf';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../core/base/random.ts';
import { isochroneBands, OneToAll, ROADSIDE_M, segmentPart } from '../../../core/roads/routing/index.ts';
import { distanceM, gridCity, sketchNetwork } from '../../support/network.ts';

/** 10 m/s everywhere. */
const costs = (lengthM: Float32Array) => ({
  fastestKmh: 36,
  traversalS: (segment: number) => lengthM[segment] / 10,
  turnS: () => 0,
});

describe('isochrones', () => {
  it('of a straight street are capsules that grow with the time', () => {
    const network = sketchNetwork(
      [
        [8.6, 49.4],
        [8.66, 49.4],
      ],
      [{ from: 0, to: 1 }],
    );
    const parts = new OneToAll(network).parts([{ segment: 0, fraction: 0 }], 0, 300, costs(network.lengthM));
    const bands = isochroneBands(network, parts, 0, [60, 120, 300]);
    bands.forEach(({ seconds, polygons, areaKm2, roadKm }) => {
      const metres = 10 * seconds;
      expect(roadKm).toBeCloseTo(metres / 1000, 3);
      const capsule = (2 * ROADSIDE_M * metres + Math.PI * ROADSIDE_M ** 2) / 1e6;
      expect(Math.abs(areaKm2 / capsule - 1)).toBeLessThan(0.08);
      expect(polygons).toHaveLength(1);
      expect(polygons[0]).toHaveLength(1);
    });
  });

  it('hold what is reached, none of what is far from it, and each other', () => {
    const random = new Random(2);
    const city = gridCity({ rows: 20, columns: 20, spacingM: 260 });
    const everywhere = costs(city.lengthM);
    for (let round = 0; round < 4; round++) {
      const from = [{ segment: random.int(city.segmentCount), fraction: random.uniform() }];
      const parts = new OneToAll(city).parts(from, 1000, 1150, everywhere);
      const [inner, outer] = isochroneBands(city, parts, 1000, [60, 150]);
      const holds = (band: typeof inner, [lon, lat]: [number, number]) =>
        booleanPointInPolygon([lon, lat], { type: 'MultiPolygon', coordinates: band.polygons });
      for (const part of parts) {
        const middle = segmentPart(city, part.segment, part.begin, (part.begin + part.end) / 2).at(-1)!;
        expect(holds(outer, middle)).toBe(true);
        if ((part.beginS + part.endS) / 2 < 1060) expect(holds(inner, middle)).toBe(true);
      }
      // What was reached by 1060, a mark every few metres.
      const marks = parts.flatMap(({ segment, begin, end, beginS, endS }) => {
        const share = Math.min(1, (1060 - beginS) / (endS - beginS));
        return share <= 0
          ? []
          : Array.from(
              { length: 41 },
              (_, k) => segmentPart(city, segment, begin, begin + (k / 40) * share * (end - begin)).at(-1)!,
            );
      });
      for (let i = 0; i < 300; i++) {
        const [lon, lat] = [8.68 + random.uniform() * 0.07, 49.4 + random.uniform() * 0.045];
        const nearestM = Math.min(...marks.map((mark) => distanceM(mark, [lon, lat])));
        // The raster knows distances to a tenth.
        if (nearestM < 0.88 * ROADSIDE_M) expect(holds(inner, [lon, lat])).toBe(true);
        if (nearestM > 1.12 * ROADSIDE_M && nearestM > 400) expect(holds(inner, [lon, lat])).toBe(false);
      }
      expect(inner.areaKm2).toBeLessThan(outer.areaKm2);
      expect(inner.roadKm).toBeLessThan(outer.roadKm);
    }
  });

  it('wind outer rings counter-clockwise, close them, and leave large holes out', () => {
    // A square of 2 km a side: its middle is far from any road.
    const city = gridCity({ rows: 2, columns: 2, spacingM: 2000 });
    const parts = new OneToAll(city).parts([{ segment: 0, fraction: 0 }], 0, 3600, costs(city.lengthM));
    const [{ polygons, areaKm2 }] = isochroneBands(city, parts, 0, [3600]);
    expect(polygons).toHaveLength(1);
    const [outer, ...holes] = polygons[0];
    expect(holes).toHaveLength(1);
    const turn = (ring: [number, number][]) =>
      Math.sign(ring.slice(1).reduce((sum, [x, y], i) => sum + ring[i][0] * y - x * ring[i][1], 0));
    expect([turn(outer), turn(holes[0])]).toEqual([1, -1]);
    for (const ring of polygons[0]) expect(ring[0]).toEqual(ring.at(-1));
    const expected = (2.2 ** 2 - (4 - Math.PI) * 0.1 ** 2 - 1.8 ** 2) as number;
    expect(Math.abs(areaKm2 / expected - 1)).toBeLessThan(0.08);
  });

  it('of nowhere are empty', () => {
    const city = gridCity({ rows: 2, columns: 2 });
    expect(isochroneBands(city, [], 0, [60])).toEqual([{ seconds: 60, polygons: [], areaKm2: 0, roadKm: 0 }]);
  });
});
