import { breathe, EtalonError, type Random, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import { squaredDistance } from '../kernels.ts';
import { centroidTable, nearestRows } from '../nearestRows.ts';

export interface KMeansOptions {
  clusters: number;
  /** Lloyd iterations at most; it stops before where the objective hardly falls. */
  iterations: number;
  /** [clusters, n] to go on from, instead of k-means++. */
  initial?: Float32Array;
  /** For the reports: what is being clustered. */
  stage: string;
}

export interface Clustering {
  /** [clusters, n] */
  centroids: Float32Array;
  /** Σ ‖x − c(x)‖² at the beginning of each iteration, and after the last; never rises. */
  objective: number[];
}

/** Rows that the beginning looks at, for each cluster and at least. */
const SEED_ROWS = 2;
const SEED_ROWS_LEAST = 16_384;
/** Iterations end where one lowers the objective by less than this share. */
const LEAST_GAIN = 1e-3;
/** Rows assigned between two breaths are as many as make this many products. */
const PRODUCTS_AT_ONCE = 2e7;

/**
 * k-means of rows [count, n] by Lloyd's iterations from k-means++ (Arthur & Vassilvitskii 2007) on a sample of the rows. A cluster that
 * loses its rows takes the row that lies farthest from its own centroid, so none stays empty. Throws `cancelled`.
 */
export async function kMeans(
  rows: Float32Array,
  n: number,
  { clusters, iterations, initial, stage }: KMeansOptions,
  random: Random,
  context: TaskContext,
): Promise<Clustering> {
  const count = rows.length / n;
  if (count < clusters)
    throw new EtalonError('input', `${clusters} clusters cannot be made of ${count} vectors.`, {
      remedy: 'Ask for fewer clusters.',
    });
  let centroids = initial ?? (await plusPlus(rows, n, clusters, random, context, stage));
  const objective: number[] = [];
  const nearest = new Int32Array(count);
  const squared = new Float32Array(count);
  for (let iteration = 0; ; iteration++) {
    await assignRows(rows, n, centroids, nearest, squared, context, stage);
    objective.push(squared.reduce((sum, value) => sum + value, 0));
    const [before, now] = objective.slice(-2);
    const settled = objective.length > 1 && before - now <= LEAST_GAIN * before;
    if (iteration === iterations || settled) return { centroids, objective };
    centroids = meansOf(rows, n, clusters, nearest, squared);
  }
}

/** The nearest centroid of every row, and its squared distance, written to the last two arrays. */
export async function assignRows(
  rows: Float32Array,
  n: number,
  centroids: Float32Array,
  nearest: Int32Array,
  squared: Float32Array,
  context: TaskContext,
  stage: string,
): Promise<void> {
  const count = rows.length / n;
  const table = centroidTable(centroids, n);
  const atOnce = Math.max(4, 4 * Math.floor(PRODUCTS_AT_ONCE / (4 * centroids.length)));
  for (let begin = 0; begin < count; begin += atOnce) {
    nearestRows(rows, [begin, Math.min(begin + atOnce, count)], table, nearest, squared);
    context.report({ stage, done: begin, total: count, unit: 'vectors' });
    throwIfCancelled(context.signal);
    await breathe();
  }
}

async function plusPlus(
  rows: Float32Array,
  n: number,
  clusters: number,
  random: Random,
  context: TaskContext,
  stage: string,
): Promise<Float32Array> {
  const count = rows.length / n;
  const sample = sampleRows(count, Math.max(SEED_ROWS * clusters, SEED_ROWS_LEAST), random);
  const seeds = new Float32Array(clusters * n);
  /** Squared distance of each row of the sample to the nearest seed so far. */
  const away = new Float64Array(sample.length).fill(Infinity);
  let chosen = sample[random.int(sample.length)];
  for (let c = 0; c < clusters; c++) {
    seeds.set(rows.subarray(chosen * n, (chosen + 1) * n), c * n);
    let total = 0;
    for (let i = 0; i < sample.length; i++) {
      const square = squaredDistance(rows, sample[i] * n, seeds, c * n, n);
      if (square < away[i]) away[i] = square;
      total += away[i];
    }
    chosen = sample[drawn(away, random.uniform() * total)];
    if (c % 16 !== 0) continue;
    context.report({ stage, done: c, total: clusters, unit: 'clusters' });
    throwIfCancelled(context.signal);
    await breathe();
  }
  return seeds;
}

/** At most `most` different rows, in ascending order. */
export function sampleRows(count: number, most: number, random: Random): Int32Array {
  if (count <= most) return Int32Array.from({ length: count }, (_, row) => row);
  const rows = new Int32Array(most);
  // Knuth's algorithm S: each row is taken with the share of those still wanted among those still to come.
  for (let row = 0, taken = 0; taken < most; row++)
    if (random.uniform() * (count - row) < most - taken) rows[taken++] = row;
  return rows;
}

/** The first place at which the sum of the weights passes the target. */
function drawn(weights: Float64Array, target: number): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    sum += weights[i];
    if (sum > target) return i;
  }
  return weights.length - 1;
}

function meansOf(
  rows: Float32Array,
  n: number,
  clusters: number,
  nearest: Int32Array,
  squared: Float32Array,
): Float32Array {
  const sums = new Float64Array(clusters * n);
  const sizes = new Uint32Array(clusters);
  for (let row = 0; row < nearest.length; row++) {
    const at = nearest[row] * n;
    sizes[nearest[row]]++;
    for (let i = 0; i < n; i++) sums[at + i] += rows[row * n + i];
  }
  const centroids = new Float32Array(clusters * n);
  for (let c = 0; c < clusters; c++)
    for (let i = c * n; i < (c + 1) * n; i++) centroids[i] = sums[i] / sizes[c];
  mendEmpty(centroids, sizes, rows, n, squared);
  return centroids;
}

/** Puts a centroid that has no rows on the row that is farthest from its own, one such row for each. */
function mendEmpty(
  centroids: Float32Array,
  sizes: Uint32Array,
  rows: Float32Array,
  n: number,
  squared: Float32Array,
): void {
  const empty = Array.from(sizes.keys()).filter((c) => sizes[c] === 0);
  if (empty.length === 0) return;
  const farthest = Array.from(squared.keys()).sort((a, b) => squared[b] - squared[a] || a - b);
  empty.forEach((c, i) => {
    centroids.set(rows.subarray(farthest[i] * n, (farthest[i] + 1) * n), c * n);
  });
}
