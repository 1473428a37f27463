import { describe, expect, it } from 'vitest';
import { quietContext, Random } from '../../core/base/index.ts';
import {
  activeRows,
  ExactIndex,
  GeoShards,
  GridRegions,
  HnswIndex,
  openShards,
  packShards,
  subset,
  vectorsOf,
} from '../../core/retrieval/index.ts';
import { gaussian } from './plain.ts';

const N = 5;
const COUNT = 600;
const random = new Random(1);
const vectors = vectorsOf(gaussian(COUNT, N, random), N, 'l2');
const grid = new GridRegions(0.5);
const latitudes = Float64Array.from({ length: COUNT }, () => 48 + 2 * random.uniform());
const longitudes = Float64Array.from({ length: COUNT }, () => 8 + 2 * random.uniform());
const lastActiveS = Float64Array.from({ length: COUNT }, (_, i) =>
  i % 7 === 0 ? Number.NaN : 1000 * random.uniform(),
);
const regions = grid.ofAll({ latitudes, longitudes });
const rows = activeRows(lastActiveS, 400);
const query = gaussian(1, N, random);
const here = grid.of(49.1, 9.2);

const exactShards = () =>
  GeoShards.build(vectors, { grid, regions, rows }, async (part) => new ExactIndex(part));
/** What an exact index of those rows finds. */
const among = (wanted: (row: number) => boolean, k: number) =>
  new ExactIndex(subset(vectors, rows.filter(wanted))).nearest(query, k);

describe('shards by region', () => {
  it('know the active of the searcher’s own region alone', async () => {
    const shards = await exactShards();
    const hits = shards.nearest(query, 8, here);
    expect(hits).toEqual(among((row) => regions[row] === here, 8));
    for (const id of hits.ids) {
      expect(lastActiveS[id]).toBeGreaterThanOrEqual(400);
      expect(Math.floor(latitudes[id] * 2)).toBe(98);
      expect(Math.floor(longitudes[id] * 2)).toBe(18);
    }
  });

  it('ask the regions around on request, as one index of all of them would', async () => {
    const shards = await exactShards();
    const around = new Set([here, ...grid.neighbours(here)]);
    const hits = shards.nearest(query, 30, here, { neighbours: true });
    expect(hits).toEqual(among((row) => around.has(regions[row]), 30));
    const { ids } = shards.within(query, 3, here, { neighbours: true });
    const expected = new ExactIndex(
      subset(
        vectors,
        rows.filter((row) => around.has(regions[row])),
      ),
    ).within(query, 3);
    expect([...ids]).toEqual([...expected.ids]);
    expect(ids.length).toBeGreaterThan(5);
  });

  it('find nothing where nobody is', async () => {
    const { ids, scanned } = (await exactShards()).nearest(query, 5, grid.of(0, 0), { neighbours: true });
    expect([ids.length, scanned]).toEqual([0, 0]);
  });

  it('are one buffer with an index of any kind for each region', async () => {
    const built = await GeoShards.build(vectors, { grid, regions, rows }, (part, region) =>
      HnswIndex.build(part, { m: 6 }, new Random(region), quietContext),
    );
    const opened = openShards(packShards(built, true));
    expect([...opened.shards.keys()]).toEqual([...built.shards.keys()]);
    const ask = { neighbours: true, settings: { efSearch: 20 } };
    expect(opened.nearest(query, 10, here, ask)).toEqual(built.nearest(query, 10, here, ask));
  });

  it('may be of regions that are no cells: these know no neighbours', async () => {
    const countries = regions.map((region) => region % 3);
    const built = await GeoShards.build(
      vectors,
      { grid: null, regions: countries, rows },
      async (part) => new ExactIndex(part),
    );
    const opened = openShards(packShards(built));
    const own = rows.filter((row) => countries[row] === 1);
    const expected = new ExactIndex(subset(vectors, own)).nearest(query, 5);
    expect([...opened.nearest(query, 5, 1).ids]).toEqual([...expected.ids]);
    expect(() => opened.nearest(query, 5, 1, { neighbours: true })).toThrow('known of cells alone');
  });
});

describe('a grid of regions', () => {
  it('holds every place on earth', () => {
    const coarse = new GridRegions(30);
    expect(coarse.of(-90, -180)).toBe(0);
    expect(coarse.of(90, 179.9)).toBe(6 * 12 - 1);
    expect(coarse.of(0, 180)).toBe(coarse.of(0, -180));
    expect(() => coarse.of(91, 0)).toThrow('91, 0 is no place on earth.');
    expect(() => coarse.of(Number.NaN, 0)).toThrow('no place on earth');
    expect(() => new GridRegions(0.7)).toThrow('do not fill the world');
  });

  it('has eight neighbours of a cell, five at a pole, and none is far; east meets west', () => {
    const coarse = new GridRegions(30);
    const centres = (region: number) => [Math.floor(region / 12) * 30 - 75, (region % 12) * 30 - 165];
    for (const region of [coarse.of(10, 20), coarse.of(10, 179), coarse.of(80, -179)]) {
      const [latitude, longitude] = centres(region);
      const around = coarse.neighbours(region);
      expect(around).toHaveLength(latitude > 60 ? 5 : 8);
      expect(new Set(around).size).toBe(around.length);
      for (const other of around) {
        const [otherLatitude, otherLongitude] = centres(other);
        expect(Math.abs(otherLatitude - latitude)).toBeLessThanOrEqual(30);
        const apart = Math.abs(otherLongitude - longitude);
        expect(Math.min(apart, 360 - apart)).toBeLessThanOrEqual(30);
      }
    }
    expect(coarse.neighbours(coarse.of(10, 179))).toContain(coarse.of(10, -179));
  });
});
