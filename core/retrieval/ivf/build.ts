import { breathe, EtalonError, type Random, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import { centroidTable, nearestRows } from '../nearestRows.ts';
import type { Vectors } from '../vectors.ts';
import { kMeans, sampleRows } from './kMeans.ts';
import type { IvfParts } from './parts.ts';
import { chain, keepAll, optimizedQuantizer, type Projection, principalAxes, project } from './projection.ts';
import { encode, type ProductQuantizer, trainQuantizer } from './quantizer.ts';

export interface IvfPqOptions {
  /** Coarse clusters; √vectors where not given. */
  numClusters?: number;
  /** Bytes of a code, from 1 to the number of dimensions. */
  pqBytes?: number;
  /** Turn residuals before they are cut into parts so that codes lose least. */
  opq?: boolean;
  /** Reduce vectors to this many principal axes first. */
  pcaDimension?: number;
}

export const ivfPqDefaults = { pqBytes: 16, opq: true } as const;

/** Rows that coarse clusters are learnt from, for each cluster and at least; and rows that codewords are learnt from. */
const ROWS_PER_CLUSTER = 48;
const COARSE_ROWS_LEAST = 32_768;
const CODE_ROWS = 16_384;
const COARSE_ITERATIONS = 10;
const CODE_ITERATIONS = 15;
const OPQ_ROUNDS = 4;
/** Rows encoded between two breaths. */
const ROWS_AT_ONCE = 4096;

/** Vectors reduced to principal axes, if at all, and clustered: what is learnt before codes, and the same for codes of any size. */
export interface CoarseClusters {
  projection: Projection;
  /** [clusters, projection.outputs] */
  centroids: Float32Array;
}

export async function coarseClusters(
  vectors: Vectors,
  { numClusters = defaultClusters(vectors.count), pcaDimension }: IvfPqOptions,
  random: Random,
  context: TaskContext,
): Promise<CoarseClusters> {
  const { dimension, count } = vectors;
  if (count === 0) throw new EtalonError('input', 'There are no vectors to index.');
  checkWhole('numClusters', numClusters, count);
  if (pcaDimension !== undefined) checkWhole('pcaDimension', pcaDimension, dimension);
  const sample = sampled(vectors, Math.max(ROWS_PER_CLUSTER * numClusters, COARSE_ROWS_LEAST), random);
  const projection =
    pcaDimension === undefined ? keepAll(dimension) : principalAxes(sample, dimension, pcaDimension);
  const rows = project(projection, sample);
  const options = { clusters: numClusters, iterations: COARSE_ITERATIONS, stage: 'Clustering vectors' };
  const { centroids } = await kMeans(rows, projection.outputs, options, random, context);
  return { projection, centroids };
}

/** Learns codes for the residuals of given clusters, and files every vector. */
export async function fileVectors(
  vectors: Vectors,
  coarse: CoarseClusters,
  { pqBytes = ivfPqDefaults.pqBytes, opq = ivfPqDefaults.opq }: IvfPqOptions,
  random: Random,
  context: TaskContext,
): Promise<IvfParts> {
  const n = coarse.projection.outputs;
  checkWhole('pqBytes', pqBytes, n);
  const sample = project(coarse.projection, sampled(vectors, CODE_ROWS, random));
  const { residuals } = split(sample, n, coarse.centroids);
  if (!opq) {
    const options = { n, bytes: pqBytes, iterations: CODE_ITERATIONS };
    const quantizer = await trainQuantizer(residuals, options, random, context);
    return encodeAll(vectors, coarse, quantizer, context);
  }
  const options = { n, bytes: pqBytes, rounds: OPQ_ROUNDS };
  const { rotation, quantizer } = await optimizedQuantizer(residuals, options, random, context);
  const turned = {
    projection: chain(coarse.projection, rotation),
    centroids: project(rotation, coarse.centroids),
  };
  return encodeAll(vectors, turned, quantizer, context);
}

async function encodeAll(
  vectors: Vectors,
  { projection, centroids }: CoarseClusters,
  quantizer: ProductQuantizer,
  context: TaskContext,
): Promise<IvfParts> {
  const { dimension, count, data, metric, ids } = vectors;
  const { n, bytes } = quantizer;
  const clusterOf = new Int32Array(count);
  const codeOf = new Uint8Array(count * bytes);
  for (let begin = 0; begin < count; begin += ROWS_AT_ONCE) {
    const end = Math.min(begin + ROWS_AT_ONCE, count);
    const rows = project(projection, data.subarray(begin * dimension, end * dimension));
    const { nearest, residuals } = split(rows, n, centroids);
    clusterOf.set(nearest, begin);
    codeOf.set(encode(quantizer, residuals), begin * bytes);
    context.report({ stage: 'Encoding vectors', done: begin, total: count, unit: 'vectors' });
    throwIfCancelled(context.signal);
    await breathe();
  }
  const lists = listsOf(clusterOf, centroids.length / n, codeOf, bytes);
  return { metric, projection, centroids, quantizer, ids, ...lists };
}

/** The nearest centroid of each row, and what it leaves. */
function split(rows: Float32Array, n: number, centroids: Float32Array) {
  const count = rows.length / n;
  const nearest = new Int32Array(count);
  nearestRows(rows, [0, count], centroidTable(centroids, n), nearest, new Float32Array(count));
  const residuals = new Float32Array(rows.length);
  for (let row = 0; row < count; row++)
    for (let i = 0; i < n; i++) residuals[row * n + i] = rows[row * n + i] - centroids[nearest[row] * n + i];
  return { nearest, residuals };
}

/** Rows and codes, cluster by cluster. */
function listsOf(clusterOf: Int32Array, clusters: number, codeOf: Uint8Array, bytes: number) {
  const offsets = new Uint32Array(clusters + 1);
  for (const cluster of clusterOf) offsets[cluster + 1]++;
  for (let c = 0; c < clusters; c++) offsets[c + 1] += offsets[c];
  const next = offsets.slice();
  const rows = new Int32Array(clusterOf.length);
  const codes = new Uint8Array(codeOf.length);
  clusterOf.forEach((cluster, row) => {
    const at = next[cluster]++;
    rows[at] = row;
    for (let i = 0; i < bytes; i++) codes[at * bytes + i] = codeOf[row * bytes + i];
  });
  return { offsets, rows, codes };
}

function sampled({ data, dimension, count }: Vectors, most: number, random: Random): Float32Array {
  const rows = sampleRows(count, most, random);
  const sample = new Float32Array(rows.length * dimension);
  rows.forEach((row, i) => {
    sample.set(data.subarray(row * dimension, (row + 1) * dimension), i * dimension);
  });
  return sample;
}

function defaultClusters(count: number): number {
  return Math.max(1, Math.round(Math.sqrt(count)));
}

function checkWhole(name: string, value: number, most: number): void {
  if (!(Number.isInteger(value) && value >= 1 && value <= most))
    throw new EtalonError('input', `${name} is ${value}.`, {
      where: { field: name },
      remedy: `Give a whole number from 1 to ${most}.`,
    });
}
