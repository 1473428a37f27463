import { breathe, EtalonError, randomStream, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import { ExactIndex } from '../exact.ts';
import type { Hits } from '../hits.ts';
import { rowsInMemory } from '../rows.ts';
import type { Vectors } from '../vectors.ts';
import { coarseClusters, fileVectors, type IvfPqOptions } from './build.ts';
import { IvfPqIndex } from './ivfPq.ts';

export interface TuneOptions {
  /** [queries, dimension], not among the vectors: of the same kind as will be asked. */
  queries: Float32Array;
  k: number;
  /** Share of the true k nearest that is to be found, on average. */
  recall: number;
  /** What to try: every combination. `rerank` 0 is without. */
  numClusters: readonly number[];
  pqBytes: readonly number[];
  nprobe: readonly number[];
  rerank: readonly number[];
  /** Of every index that is tried. */
  opq?: boolean;
  pcaDimension?: number;
  seed: number;
}

/** One combination, and what it gave on average. */
export interface TradeOff {
  numClusters: number;
  pqBytes: number;
  nprobe: number;
  rerank: number;
  recall: number;
  /** Documents whose distance was computed from their codes, for a query; and their share of all. */
  scanned: number;
  scannedShare: number;
  /** Bytes of the index for a vector, re-ranking vectors aside. */
  bytesPerVector: number;
}

export interface Tuning {
  /** Every combination, by scanned documents. */
  table: TradeOff[];
  /** Of those with the wanted recall the one that scans fewest documents, then re-ranks fewest, then is smallest; null: none has it. */
  best: TradeOff | null;
}

/** Queries between two breaths. */
const QUERIES_AT_ONCE = 16;

/**
 * Tries settings on the vectors, or a sample of them, against exact search. An index is built once for each pair of clusters and
 * bytes, its clusters once for all sizes of codes. Throws `cancelled`.
 */
export async function tuneIvfPq(
  vectors: Vectors,
  options: TuneOptions,
  context: TaskContext,
): Promise<Tuning> {
  const { queries, k, numClusters, pqBytes, nprobe, rerank, seed, recall } = options;
  if (!(recall > 0 && recall <= 1))
    throw new EtalonError('input', `A recall of ${recall} cannot be had.`, {
      remedy: 'Give a share up to 1.',
    });
  const truth = await new ExactIndex(vectors).nearestOfMany(queries, k, context);
  const table: TradeOff[] = [];
  for (const clusters of numClusters) {
    const build: IvfPqOptions = {
      numClusters: clusters,
      ...(options.opq !== undefined && { opq: options.opq }),
      ...(options.pcaDimension !== undefined && { pcaDimension: options.pcaDimension }),
    };
    const coarse = await coarseClusters(vectors, build, randomStream(seed, clusters), context);
    for (const bytes of pqBytes) {
      const random = randomStream(seed, clusters, bytes);
      const parts = await fileVectors(vectors, coarse, { ...build, pqBytes: bytes }, random, context);
      const index = new IvfPqIndex(parts, rowsInMemory(vectors));
      for (const probed of nprobe.filter((value) => value <= clusters))
        for (const measured of rerank) {
          const settings = { nprobe: probed, rerank: measured };
          const figures = await judge(index, queries, truth, { k, ...settings }, context);
          table.push({ numClusters: clusters, pqBytes: bytes, ...settings, ...figures });
        }
    }
  }
  table.sort((a, b) => a.scanned - b.scanned || a.rerank - b.rerank || a.bytesPerVector - b.bytesPerVector);
  return { table, best: table.find((row) => row.recall >= recall) ?? null };
}

async function judge(
  index: IvfPqIndex,
  queries: Float32Array,
  truth: readonly Hits[],
  { k, nprobe, rerank }: { k: number; nprobe: number; rerank: number },
  context: TaskContext,
) {
  const n = index.dimension;
  const found: Hits[] = [];
  for (let query = 0; query < truth.length; query++) {
    found.push(index.nearest(queries.subarray(query * n, (query + 1) * n), k, { nprobe, rerank }));
    if (query % QUERIES_AT_ONCE !== 0) continue;
    context.report({ stage: 'Trying settings', done: query, total: truth.length, unit: 'queries' });
    throwIfCancelled(context.signal);
    await breathe();
  }
  const scanned = found.reduce((sum, hits) => sum + hits.scanned, 0) / found.length;
  return {
    recall: meanRecall(found, truth),
    scanned,
    scannedShare: scanned / index.count,
    bytesPerVector: index.bytes / index.count,
  };
}

/** Mean share of the true hits that were found. */
export function meanRecall(found: readonly Hits[], truth: readonly Hits[]): number {
  const shares = truth.map(({ ids }, query) => {
    const known = new Set(ids);
    const hit = found[query].ids.filter((id) => known.has(id)).length;
    return ids.length === 0 ? 1 : hit / ids.length;
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}
