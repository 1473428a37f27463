import { describe, expect, it } from 'vitest';
import { identity, multiply, quietContext, Random, svd, transpose } from '../../core/base/index.ts';
import {
  ExactIndex,
  IvfPqIndex,
  type Metric,
  meanRecall,
  packIndex,
  rowsInMemory,
  tuneIvfPq,
  vectorsOf,
} from '../../core/retrieval/index.ts';
import { optimizedQuantizer, principalAxes, project } from '../../core/retrieval/ivf/projection.ts';
import { decode, encode, trainQuantizer } from '../../core/retrieval/ivf/quantizer.ts';
import { ClusteredVectors } from '../support/clusteredVectors.ts';
import { gaussian, plainDistances, plainNearest } from './plain.ts';

const N = 16;
const METRICS: Metric[] = ['innerProduct', 'cosine', 'l2'];

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i])), 0);
}

describe('singular values', () => {
  it.each([1, 2, 9, 30])('give the matrix back, between orthonormal ones (%i)', (n) => {
    const matrix = Float64Array.from(gaussian(n, n, new Random(n)));
    const { u, values, v } = svd(matrix, n);
    const scaled = u.map((value, i) => value * values[i % n]);
    expect(largestDifference(multiply(scaled, transpose(v, n), n), matrix)).toBeLessThan(1e-10);
    for (const side of [u, v])
      expect(largestDifference(multiply(side, transpose(side, n), n), identity(n))).toBeLessThan(1e-10);
    expect([...values]).toEqual([...values].sort((a, b) => b - a));
  });

  it('give orthonormal sides of a matrix without full rank too', () => {
    const column = gaussian(6, 1, new Random(1));
    const matrix = Float64Array.from({ length: 36 }, (_, i) => column[Math.floor(i / 6)] * (1 + (i % 6)));
    const { u, v } = svd(matrix, 6);
    for (const side of [u, v])
      expect(largestDifference(multiply(side, transpose(side, 6), 6), identity(6))).toBeLessThan(1e-10);
  });
});

/** Rows whose numbers depend on each other and vary unequally, so that a rotation has something to gain. */
function skewed(count: number, random: Random): Float32Array {
  const mix = gaussian(N, N, random);
  const rows = gaussian(count, N, random).map((value, i) => value * 0.75 ** (i % N));
  return Float32Array.from(multiply(Float64Array.from(rows), Float64Array.from(mix), N));
}

describe('projections', () => {
  it('keep what principal axes hold, and lose least of all projections', () => {
    const rows = skewed(800, new Random(2));
    const kept = project(principalAxes(rows, N, 4), rows);
    const square = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0);
    // By Eckart and Young: the sum of the four largest eigenvalues of XᵀX.
    const scatter = multiply(transposeOf(rows, N), Float64Array.from(rows), rows.length / N);
    const { values } = svd(scatter, N);
    expect(square(kept) / values.subarray(0, 4).reduce((sum, value) => sum + value)).toBeCloseTo(1, 4);
  });

  it('learn a rotation that is orthonormal and loses less than parts of the vectors as they are', async () => {
    const rows = skewed(1500, new Random(3));
    const plain = await trainQuantizer(rows, { n: N, bytes: 4, iterations: 10 }, new Random(4), quietContext);
    const options = { n: N, bytes: 4, rounds: 3 };
    const { rotation, errors } = await optimizedQuantizer(rows, options, new Random(4), quietContext);
    const matrix = Float64Array.from(rotation.matrix);
    expect(largestDifference(multiply(matrix, transpose(matrix, N), N), identity(N))).toBeLessThan(1e-5);
    const decoded = decode(plain, encode(plain, rows));
    const loss = rows.reduce((sum, value, i) => sum + (value - decoded[i]) ** 2, 0) / 1500;
    expect(errors.at(-1)!).toBeLessThan(0.9 * loss);
    expect(errors.at(-1)!).toBeLessThan(errors[0]);
  });
});

describe('IVF with product quantisation', () => {
  it.each(METRICS)('measures codes as if it had decoded them (%s)', async (metric) => {
    const vectors = vectorsOf(new ClusteredVectors(N, 12, new Random(5)).draw(600), N, metric);
    const options = { numClusters: 8, pqBytes: 5 };
    const index = await IvfPqIndex.build(vectors, options, new Random(6), quietContext);
    const { parts } = index;
    const residuals = decode(parts.quantizer, parts.codes);
    const decoded = new Float32Array(600 * N);
    for (let cluster = 0; cluster < 8; cluster++)
      for (let at = parts.offsets[cluster]; at < parts.offsets[cluster + 1]; at++)
        for (let i = 0; i < N; i++)
          decoded[parts.rows[at] * N + i] = parts.centroids[cluster * N + i] + residuals[at * N + i];
    const query = vectors.data.slice(0, N);
    const turned = project(parts.projection, query);
    // What was decoded is of unit length no longer: the cosine is that of the vectors, 1 − q·x.
    const distances =
      metric === 'cosine'
        ? plainDistances(decoded, turned, 'innerProduct').map((negative) => 1 + negative)
        : plainDistances(decoded, turned, metric);
    const hits = index.nearest(query, 600, { nprobe: 8 });
    expect(hits.scanned).toBe(600);
    expect([...hits.ids].sort((a, b) => a - b)).toEqual([...Array(600).keys()]);
    hits.ids.forEach((row, i) => {
      expect(hits.distances[i]).toBeCloseTo(distances[row], 3);
    });
  });

  it.each(METRICS)('is exact where all clusters are probed and all is re-ranked (%s)', async (metric) => {
    const data = new ClusteredVectors(N, 12, new Random(7)).draw(500);
    const vectors = vectorsOf(data, N, metric);
    const built = await IvfPqIndex.build(
      vectors,
      { numClusters: 6, pqBytes: 4, opq: false },
      new Random(8),
      quietContext,
    );
    const index = built.withRows(rowsInMemory(vectors));
    const query = gaussian(1, N, new Random(9));
    const all = { nprobe: 6, rerank: 500 };
    const expected = plainNearest(data, query, metric, 20);
    const { ids } = index.nearest(query, 20, all);
    expect([...ids]).toEqual(expected.map(({ row }) => row));
    const radius = expected[14].distance + 1e-6;
    expect(index.within(query, radius, all).ids).toHaveLength(15);
  });

  it('finds nine of ten, looking at a few clusters', async () => {
    const world = new ClusteredVectors(N, 40, new Random(10));
    const vectors = vectorsOf(world.draw(3000), N, 'cosine');
    const queries = world.draw(40);
    const built = await IvfPqIndex.build(
      vectors,
      { numClusters: 50, pqBytes: 6, opq: false },
      new Random(11),
      quietContext,
    );
    const index = built.withRows(rowsInMemory(vectors));
    const truth = await new ExactIndex(vectors).nearestOfMany(queries, 10, quietContext);
    const found = truth.map((_, i) =>
      index.nearest(queries.subarray(i * N, (i + 1) * N), 10, { nprobe: 6, rerank: 60 }),
    );
    expect(meanRecall(found, truth)).toBeGreaterThan(0.9);
    for (const { scanned } of found) expect(scanned).toBeLessThan(0.3 * 3000);
  });

  it('works on principal axes, and on fewer vectors than a byte can name', async () => {
    const vectors = vectorsOf(skewed(90, new Random(12)), N, 'l2');
    const options = { numClusters: 3, pqBytes: 3, pcaDimension: 7, opq: false };
    const index = await IvfPqIndex.build(vectors, options, new Random(13), quietContext);
    expect(index.parts.projection.outputs).toBe(7);
    const { ids } = index.nearest(vectors.data.slice(0, N), 3, { nprobe: 3 });
    expect([...ids]).toContain(0);
  });

  it('finds by codes what lies within a distance by codes', async () => {
    const vectors = vectorsOf(gaussian(400, N, new Random(14)), N, 'l2');
    const index = await IvfPqIndex.build(
      vectors,
      { numClusters: 5, pqBytes: 4, opq: false },
      new Random(15),
      quietContext,
    );
    const query = gaussian(1, N, new Random(16));
    const all = index.nearest(query, 400, { nprobe: 3 });
    const radius = all.distances[30] + 1e-5;
    const { ids } = index.within(query, radius, { nprobe: 3 });
    expect([...ids]).toEqual([...all.ids.subarray(0, 31)]);
  });

  it('gives the same bytes for the same seed, other ones for another', async () => {
    const vectors = vectorsOf(gaussian(500, N, new Random(17)), N, 'cosine');
    const build = async (seed: number) =>
      packIndex(
        await IvfPqIndex.build(vectors, { numClusters: 10, pqBytes: 4 }, new Random(seed), quietContext),
      );
    const first = await build(1);
    expect(Buffer.compare(await build(1), first)).toBe(0);
    expect(Buffer.compare(await build(2), first)).not.toBe(0);
  });

  it.each([
    [{ numClusters: 0 }, 'numClusters is 0. Give a whole number from 1 to 50.'],
    [{ numClusters: 4, pqBytes: 17 }, 'pqBytes is 17. Give a whole number from 1 to 16.'],
    [{ numClusters: 4, pcaDimension: 20 }, 'pcaDimension is 20. Give a whole number from 1 to 16.'],
  ])('refuses %o', async (options, message) => {
    const vectors = vectorsOf(gaussian(50, N, new Random(1)), N, 'l2');
    const build = IvfPqIndex.build(vectors, options, new Random(1), quietContext);
    await expect(build.catch((error) => `${error.message} ${error.remedy}`)).resolves.toBe(message);
  });

  it('says what is missing where it is to re-rank without vectors', async () => {
    const vectors = vectorsOf(gaussian(50, N, new Random(1)), N, 'l2');
    const index = await IvfPqIndex.build(
      vectors,
      { numClusters: 4, pqBytes: 4, opq: false },
      new Random(1),
      quietContext,
    );
    expect(() => index.nearest(vectors.data.slice(0, N), 3, { rerank: 5 })).toThrow(
      'no vectors to re-rank by',
    );
    const others = vectorsOf(gaussian(49, N, new Random(1)), N, 'l2');
    expect(() => index.withRows(rowsInMemory(others))).toThrow('49 × 16; the index holds 50 × 16');
  });
});

describe('the tuner', () => {
  it('gives every combination, and of those that reach the recall the one that scans fewest', async () => {
    const world = new ClusteredVectors(N, 30, new Random(18));
    const vectors = vectorsOf(world.draw(1500), N, 'cosine');
    const options = {
      queries: world.draw(20),
      k: 5,
      recall: 0.9,
      numClusters: [8, 24],
      pqBytes: [2, 8],
      nprobe: [1, 4, 8],
      rerank: [0, 50],
      opq: false,
      seed: 1,
    };
    const { table, best } = await tuneIvfPq(vectors, options, quietContext);
    expect(table).toHaveLength(2 * 2 * 3 * 2);
    const enough = table.filter(({ recall }) => recall >= 0.9);
    expect(enough.length).toBeGreaterThan(0);
    expect(enough.length).toBeLessThan(table.length);
    expect(best!.scanned).toBe(Math.min(...enough.map(({ scanned }) => scanned)));
    for (const { nprobe, numClusters, scannedShare } of table)
      if (nprobe === numClusters) expect(scannedShare).toBe(1);
    const impossible = await tuneIvfPq(
      vectors,
      { ...options, recall: 1, nprobe: [1], rerank: [0] },
      quietContext,
    );
    expect(impossible.best).toBeNull();
  });
});

function transposeOf(rows: Float32Array, n: number): Float64Array {
  const count = rows.length / n;
  return Float64Array.from({ length: rows.length }, (_, i) => rows[(i % count) * n + Math.floor(i / count)]);
}
