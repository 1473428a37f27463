import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EtalonError, quietContext, Random } from '../../core/base/index.ts';
import { ExactIndex, type Metric, subset, vectorsOf } from '../../core/retrieval/index.ts';
import { gaussian, plainDistances, plainNearest } from './plain.ts';

const METRICS: Metric[] = ['innerProduct', 'cosine', 'l2'];

describe('exact search', () => {
  it.each(METRICS)('finds what sorting all distances finds (%s)', (metric) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 70 }),
        fc.integer({ min: 1, max: 13 }),
        fc.integer({ min: 0, max: 80 }),
        fc.integer(),
        (count, dimension, k, seed) => {
          const random = new Random(seed);
          const data = gaussian(count, dimension, random);
          const query = gaussian(1, dimension, random);
          const { ids, distances, scanned } = new ExactIndex(vectorsOf(data, dimension, metric)).nearest(
            query,
            k,
          );
          const expected = plainNearest(data, query, metric, k);
          expect([...ids]).toEqual(expected.map(({ row }) => row));
          expected.forEach(({ distance }, i) => {
            expect(distances[i]).toBeCloseTo(distance, 4);
          });
          expect(scanned).toBe(count);
        },
      ),
    );
  });

  it.each(METRICS)('finds all within a distance, and no other (%s)', (metric) => {
    const data = gaussian(500, 8, new Random(3));
    const query = gaussian(1, 8, new Random(4));
    const distances = plainDistances(data, query, metric);
    const radius = distances.toSorted((a, b) => a - b)[120] + 1e-6;
    const { ids } = new ExactIndex(vectorsOf(data, 8, metric)).within(query, radius);
    const expected = [...distances.keys()].filter((row) => distances[row] <= radius);
    expect([...ids].sort((a, b) => a - b)).toEqual(expected);
    expect(expected).toHaveLength(121);
  });

  it('answers many queries block by block as it answers each', async () => {
    const vectors = vectorsOf(gaussian(3000, 6, new Random(5)), 6, 'l2');
    const queries = gaussian(7, 6, new Random(6));
    const index = new ExactIndex(vectors);
    const many = await index.nearestOfMany(queries, 10, quietContext);
    many.forEach((hits, i) => {
      expect(hits).toEqual(index.nearest(queries.subarray(i * 6, (i + 1) * 6), 10));
    });
  });

  it('puts equally near ones in the order of their rows', () => {
    const vectors = vectorsOf(Float32Array.from([1, 0, 1, 0, 1]), 1, 'l2');
    expect([...new ExactIndex(vectors).nearest(Float32Array.of(1), 4).ids]).toEqual([0, 2, 4, 1]);
  });

  it('calls rows by their ids, also those of a subset', () => {
    const all = vectorsOf(Float32Array.from([0, 1, 2, 3]), 1, 'l2', Int32Array.from([10, 11, 12, 13]));
    const some = subset(all, Int32Array.from([1, 3]));
    expect([...new ExactIndex(some).nearest(Float32Array.of(3), 2).ids]).toEqual([13, 11]);
  });

  it('stops when cancelled', async () => {
    const abort = new AbortController();
    abort.abort();
    const index = new ExactIndex(vectorsOf(gaussian(10, 2, new Random(1)), 2, 'l2'));
    const search = index.nearestOfMany(gaussian(1, 2, new Random(2)), 1, {
      ...quietContext,
      signal: abort.signal,
    });
    await expect(search).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('vectors', () => {
  it('are scaled to unit length for the cosine, and kept where they have it', () => {
    const scaled = vectorsOf(Float32Array.from([3, 4, 0, 0]), 2, 'cosine');
    expect([...scaled.data]).toEqual([Math.fround(0.6), Math.fround(0.8), 0, 0]);
    expect(vectorsOf(scaled.data, 2, 'cosine').data).toBe(scaled.data);
  });

  it('are refused where a number is not finite, by the number of the vector', () => {
    expect(() => vectorsOf(Float32Array.from([0, 1, 2, Number.NaN]), 2, 'l2')).toThrow('Vector 1 holds NaN.');
  });

  it('must be as long as the query', () => {
    const index = new ExactIndex(vectorsOf(new Float32Array(4), 2, 'l2'));
    expect(() => index.nearest(new Float32Array(3), 1)).toThrow(EtalonError);
  });
});
