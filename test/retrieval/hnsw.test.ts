import { describe, expect, it } from 'vitest';
import { quietContext, Random } from '../../core/base/index.ts';
import {
  ExactIndex,
  HnswIndex,
  type Metric,
  meanRecall,
  packIndex,
  vectorsOf,
} from '../../core/retrieval/index.ts';
import { ClusteredVectors } from '../support/clusteredVectors.ts';
import { gaussian } from './plain.ts';

const DIMENSION = 16;

describe('HNSW', () => {
  it.each<Metric>(['innerProduct', 'cosine', 'l2'])(
    'finds nearly all of the nearest, looking at few (%s)',
    async (metric) => {
      const world = new ClusteredVectors(DIMENSION, 20, new Random(1));
      const vectors = vectorsOf(world.draw(1500), DIMENSION, metric);
      const queries = world.draw(50);
      const index = await HnswIndex.build(
        vectors,
        { m: 12, efConstruction: 80 },
        new Random(2),
        quietContext,
      );
      const truth = await new ExactIndex(vectors).nearestOfMany(queries, 10, quietContext);
      const found = truth.map((_, i) =>
        index.nearest(queries.subarray(i * DIMENSION, (i + 1) * DIMENSION), 10),
      );
      expect(meanRecall(found, truth)).toBeGreaterThan(0.97);
      for (const { scanned } of found) expect(scanned).toBeLessThan(900);
    },
  );

  it('keeps all links within bounds, and no row without a way to it', async () => {
    const vectors = vectorsOf(gaussian(800, 4, new Random(3)), 4, 'l2');
    const { layers, entry } = await HnswIndex.build(
      vectors,
      { m: 6, efConstruction: 40 },
      new Random(4),
      quietContext,
    );
    const { ground, width0, levels } = layers;
    expect(levels[entry]).toBe(Math.max(...levels));
    const reached = new Set([entry]);
    for (const row of reached) {
      const slot = row * (1 + width0);
      expect(ground[slot]).toBeLessThanOrEqual(width0);
      const links = [...ground.subarray(slot + 1, slot + 1 + ground[slot])];
      expect(new Set(links).size).toBe(links.length);
      expect(links).not.toContain(row);
      for (const link of links) reached.add(link);
    }
    expect(reached.size).toBe(800);
  });

  it('draws levels that thin out by M', async () => {
    const vectors = vectorsOf(gaussian(4000, 2, new Random(5)), 2, 'l2');
    const { layers } = await HnswIndex.build(
      vectors,
      { m: 4, efConstruction: 8 },
      new Random(6),
      quietContext,
    );
    const above = layers.levels.filter((level) => level > 0).length;
    // A quarter of 4,000, give or take five standard deviations of the binomial distribution.
    expect(Math.abs(above - 1000)).toBeLessThan(5 * Math.sqrt(4000 * 0.25 * 0.75));
  });

  it('finds all within a distance in a well-linked graph', async () => {
    const vectors = vectorsOf(gaussian(2000, 6, new Random(7)), 6, 'l2');
    const index = await HnswIndex.build(vectors, { m: 16, efConstruction: 100 }, new Random(8), quietContext);
    const query = gaussian(1, 6, new Random(9));
    const truth = new ExactIndex(vectors).within(query, 2);
    expect(truth.ids.length).toBeGreaterThan(20);
    const { ids, distances } = index.within(query, 2);
    expect(ids.length).toBeGreaterThanOrEqual(0.98 * truth.ids.length);
    const known = new Set(truth.ids);
    expect(ids.every((id) => known.has(id))).toBe(true);
    expect([...distances]).toEqual([...distances].sort((a, b) => a - b));
  });

  it('gives the same bytes for the same seed, other ones for another', async () => {
    const vectors = vectorsOf(gaussian(500, 8, new Random(10)), 8, 'cosine');
    const build = async (seed: number) =>
      packIndex(await HnswIndex.build(vectors, {}, new Random(seed), quietContext));
    const first = await build(1);
    expect(Buffer.compare(await build(1), first)).toBe(0);
    expect(Buffer.compare(await build(2), first)).not.toBe(0);
  });

  it('answers with what there is: nothing, one, fewer than asked for', async () => {
    const index = (rows: number[]) =>
      HnswIndex.build(vectorsOf(Float32Array.from(rows), 1, 'l2'), {}, new Random(1), quietContext);
    const query = Float32Array.of(2);
    expect((await index([])).nearest(query, 3).ids).toHaveLength(0);
    expect((await index([])).within(query, 3).ids).toHaveLength(0);
    expect([...(await index([7])).nearest(query, 3).ids]).toEqual([0]);
    expect([...(await index([7, 2, 2])).nearest(query, 5).ids]).toEqual([1, 2, 0]);
  });

  it('stops when cancelled, and refuses an M that is none', async () => {
    const abort = new AbortController();
    abort.abort();
    const vectors = vectorsOf(gaussian(600, 2, new Random(1)), 2, 'l2');
    const context = { ...quietContext, signal: abort.signal };
    await expect(HnswIndex.build(vectors, {}, new Random(1), context)).rejects.toMatchObject({
      code: 'cancelled',
    });
    await expect(HnswIndex.build(vectors, { m: 1 }, new Random(1), quietContext)).rejects.toMatchObject({
      code: 'input',
    });
  });
});
