import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quietContext, Random } from '../../core/base/index.ts';
import {
  ExactIndex,
  type Hits,
  HnswIndex,
  IvfPqIndex,
  meanRecall,
  packIndex,
  RowFile,
  vectorsOf,
  writeIndexFile,
} from '../../core/retrieval/index.ts';
import { ClusteredVectors } from '../support/clusteredVectors.ts';

/**
 * Vector search beside exact search and the library USearch (HNSW too, in C++ with SIMD), on clustered vectors (`clusteredVectors.ts`),
 * with queries of the same distribution that are not indexed. `npm run bench:retrieval [-- <vectors>]`; 1,000,000 × 64 where no number
 * is given. Times are the process's own on the processor, so that a machine that is busy with other work counts as an idle one, one
 * thread each; wall time stands beside for builds. Exit code 1 where a target is missed.
 */
const DIMENSION = 64;
const CLUSTERS = 1000;
const QUERIES = 500;
const K = 10;
const SEED = 1;
const HNSW = { m: 16, efConstruction: 100 };
const EF = [16, 32, 64, 128, 256];
const PQ_BYTES = 16;
const NPROBE = [2, 4, 8, 16, 32, 64];
const RERANK = [0, 50, 100, 200];
const TARGET = {
  hnsw: { recall: 0.97, perSecond: 2000 },
  ivf: { recall: 0.9, scannedShare: 0.05, memoryShare: 0.1 },
};

const count = Number(process.argv[2] ?? 1_000_000);
const world = new ClusteredVectors(DIMENSION, CLUSTERS, new Random(SEED));
const vectors = vectorsOf(world.draw(count), DIMENSION, 'cosine');
const all = world.draw(QUERIES);
const queries = Array.from({ length: QUERIES }, (_, i) => all.subarray(i * DIMENSION, (i + 1) * DIMENSION));
console.log(`${count} × ${DIMENSION}, ${CLUSTERS} clusters, ${QUERIES} queries, cosine, seed ${SEED}`);
const exact = new ExactIndex(vectors);
const truth = await timed('exact search of all queries', () => exact.nearestOfMany(all, K, quietContext));

const passed = [await hnsw(), await ivfPq()];
peer();
process.exitCode = passed.every(Boolean) ? 0 : 1;

async function hnsw(): Promise<boolean> {
  const { m, efConstruction } = HNSW;
  console.log(`\nHNSW, M = ${m}, efConstruction = ${efConstruction}`);
  const index = await timed('build', () => HnswIndex.build(vectors, HNSW, new Random(SEED), quietContext));
  let reached = false;
  for (const efSearch of EF) {
    const { recall, perSecond, scanned } = judge((query) => index.nearest(query, K, { efSearch }));
    reached ||= recall >= TARGET.hnsw.recall && perSecond >= TARGET.hnsw.perSecond;
    say({
      efSearch,
      'recall@10': recall.toFixed(4),
      'queries/s': perSecond.toFixed(0),
      scanned: scanned.toFixed(0),
    });
  }
  return target(`recall ≥ ${TARGET.hnsw.recall} at ≥ ${TARGET.hnsw.perSecond} queries/s`, reached);
}

/** The vectors for re-ranking lie in a file beside the index, and are read from there. */
async function ivfPq(): Promise<boolean> {
  const numClusters = Math.round(Math.sqrt(count));
  console.log(`\nIVF-PQ, ${numClusters} clusters, ${PQ_BYTES} bytes, OPQ`);
  const options = { numClusters, pqBytes: PQ_BYTES };
  const built = await timed('build', () =>
    IvfPqIndex.build(vectors, options, new Random(SEED), quietContext),
  );
  const folder = mkdtempSync(join(tmpdir(), 'etalon-bench-'));
  try {
    writeIndexFile(join(folder, 'vectors'), packIndex(exact));
    using rows = new RowFile(join(folder, 'vectors'));
    const memoryShare = built.bytes / vectors.data.byteLength;
    console.log(`${(built.bytes / count).toFixed(1)} bytes a vector, ${percent(memoryShare)} of the vectors`);
    const reached = probeAll(built.withRows(rows));
    const { recall, scannedShare, memoryShare: most } = TARGET.ivf;
    return [
      target(`recall ≥ ${recall} scanning ≤ ${percent(scannedShare)}`, reached),
      target(`memory ≤ ${percent(most)} of the vectors`, memoryShare <= most),
    ].every(Boolean);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function probeAll(index: IvfPqIndex): boolean {
  let reached = false;
  for (const nprobe of NPROBE)
    for (const rerank of RERANK) {
      const { recall, perSecond, scanned } = judge((query) => index.nearest(query, K, { nprobe, rerank }));
      const share = scanned / count;
      reached ||= recall >= TARGET.ivf.recall && share <= TARGET.ivf.scannedShare;
      const figures = {
        'recall@10': recall.toFixed(4),
        'queries/s': perSecond.toFixed(0),
        scanned: percent(share),
      };
      say({ nprobe, rerank, ...figures });
    }
  return reached;
}

/** The parts of USearch's API that are used here. */
interface USearch {
  Index: new (
    options: Record<string, unknown>,
  ) => {
    add(keys: BigUint64Array, vectors: Float32Array, threads: number): void;
    search(
      query: Float32Array,
      k: number,
      threads: number,
    ): { keys: BigUint64Array; distances: Float32Array };
  };
}

/** Its expansion while searching is fixed when an index is made: one setting, the first of ours that is in the middle. */
function peer(): void {
  const efSearch = EF[2];
  console.log(`\nUSearch (HNSW, SIMD), the same M and efConstruction, efSearch = ${efSearch}`);
  const { Index } = createRequire(import.meta.url)('usearch') as USearch;
  const index = new Index({
    metric: 'ip',
    dimensions: DIMENSION,
    quantization: 'f32',
    connectivity: HNSW.m,
    expansion_add: HNSW.efConstruction,
    expansion_search: efSearch,
  });
  const started = clock();
  const keys = BigUint64Array.from({ length: count }, (_, i) => BigInt(i));
  index.add(keys, vectors.data, 1);
  console.log(`build: ${lap(started)}`);
  const { recall, perSecond } = judge((query) => {
    const { keys: found, distances } = index.search(query, K, 1);
    return { ids: Int32Array.from(found, Number), distances, scanned: 0 };
  });
  say({ efSearch, 'recall@10': recall.toFixed(4), 'queries/s': perSecond.toFixed(0) });
}

function judge(search: (query: Float32Array) => Hits) {
  for (const query of queries.slice(0, 20)) search(query);
  const started = clock();
  const found = queries.map(search);
  const seconds = (clock().processorMs - started.processorMs) / 1000;
  const scanned = found.reduce((sum, hits) => sum + hits.scanned, 0) / QUERIES;
  return { recall: meanRecall(found, truth), perSecond: QUERIES / seconds, scanned };
}

async function timed<T>(name: string, work: () => Promise<T>): Promise<T> {
  const started = clock();
  const result = await work();
  console.log(`${name}: ${lap(started)}`);
  return result;
}

function clock() {
  const { user, system } = process.cpuUsage();
  return { processorMs: (user + system) / 1000, wallMs: performance.now() };
}

function lap(started: ReturnType<typeof clock>): string {
  const now = clock();
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  return `${seconds(now.processorMs - started.processorMs)} of processor, ${seconds(now.wallMs - started.wallMs)} of wall time`;
}

function say(figures: Record<string, string | number>): void {
  console.log(
    Object.entries(figures)
      .map(([name, value]) => `${name} ${String(value).padStart(6)}`)
      .join('   '),
  );
}

function target(name: string, reached: boolean): boolean {
  console.log(`${reached ? 'reached' : 'MISSED'}: ${name}`);
  return reached;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
