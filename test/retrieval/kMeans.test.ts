import { describe, expect, it } from 'vitest';
import { quietContext, Random } from '../../core/base/index.ts';
import { kMeans } from '../../core/retrieval/index.ts';
import { sampleRows } from '../../core/retrieval/ivf/kMeans.ts';
import { centroidTable, nearestRows } from '../../core/retrieval/nearestRows.ts';
import { gaussian, plainNearest } from './plain.ts';

const options = { iterations: 20, stage: 'Clustering' };

describe('the nearest centroids', () => {
  it.each([1, 2, 5, 8])('are those of sorting all distances (%i centroids)', (count) => {
    const rows = gaussian(23, 7, new Random(1));
    const centroids = gaussian(count, 7, new Random(2));
    const [nearest, squared] = [new Int32Array(23), new Float32Array(23)];
    nearestRows(rows, [0, 23], centroidTable(centroids, 7), nearest, squared);
    for (let row = 0; row < 23; row++) {
      const [best] = plainNearest(centroids, rows.subarray(row * 7, (row + 1) * 7), 'l2', 1);
      expect(nearest[row]).toBe(best.row);
      expect(squared[row]).toBeCloseTo(best.distance ** 2, 4);
    }
  });
});

describe('k-means', () => {
  it('lowers its objective with every iteration', async () => {
    const rows = gaussian(2000, 5, new Random(3));
    const { objective } = await kMeans(rows, 5, { clusters: 30, ...options }, new Random(4), quietContext);
    expect(objective.length).toBeGreaterThan(3);
    for (let i = 1; i < objective.length; i++) expect(objective[i]).toBeLessThanOrEqual(objective[i - 1]);
  });

  it('finds clusters that lie apart', async () => {
    const noise = gaussian(900, 2, new Random(5));
    const rows = noise.map((value, i) => 0.1 * value + 10 * (Math.floor(i / 2) % 9) * (i % 2 === 0 ? 1 : -1));
    const { centroids, objective } = await kMeans(
      rows,
      2,
      { clusters: 9, ...options },
      new Random(6),
      quietContext,
    );
    const found = Array.from({ length: 9 }, (_, c) => Math.abs(Math.round(centroids[2 * c] / 10))).sort(
      (a, b) => a - b,
    );
    expect(found).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    // 900 rows of two numbers with variance 0.01.
    expect(objective.at(-1)).toBeLessThan(25);
  });

  it('mends clusters that no row is nearest to', async () => {
    const rows = gaussian(64, 3, new Random(7));
    const initial = Float32Array.from({ length: 8 * 3 }, (_, i) => (i < 3 ? 0 : 1000 + i));
    const { centroids } = await kMeans(
      rows,
      3,
      { clusters: 8, initial, ...options },
      new Random(8),
      quietContext,
    );
    const [nearest, squared] = [new Int32Array(64), new Float32Array(64)];
    nearestRows(rows, [0, 64], centroidTable(centroids, 3), nearest, squared);
    expect(new Set(nearest).size).toBe(8);
  });

  it('refuses more clusters than rows, and stops when cancelled', async () => {
    const rows = gaussian(4, 2, new Random(9));
    await expect(kMeans(rows, 2, { clusters: 5, ...options }, new Random(1), quietContext)).rejects.toThrow(
      '5 clusters cannot be made of 4 vectors.',
    );
    const abort = new AbortController();
    abort.abort();
    const context = { ...quietContext, signal: abort.signal };
    await expect(kMeans(rows, 2, { clusters: 2, ...options }, new Random(1), context)).rejects.toMatchObject({
      code: 'cancelled',
    });
  });

  it('samples rows without repeating one, each as often as any other', () => {
    const random = new Random(10);
    const counts = new Float64Array(20);
    for (let draw = 0; draw < 4000; draw++) {
      const rows = sampleRows(20, 5, random);
      expect(new Set(rows).size).toBe(5);
      for (const row of rows) counts[row]++;
    }
    // 4,000 draws with a share of a quarter: five standard deviations.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(750));
  });
});
