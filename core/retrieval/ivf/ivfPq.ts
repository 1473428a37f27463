import { EtalonError, type Random, type TaskContext } from '../../base/index.ts';
import { type Found, type Hits, hitsOf, hitsWithin, type IvfPqSettings, type VectorIndex } from '../hits.ts';
import { NearestHeap } from '../nearestHeap.ts';
import type { RowReader } from '../rows.ts';
import { METRICS, type Metric, queryOf, type Vectors } from '../vectors.ts';
import { coarseClusters, fileVectors, type IvfPqOptions } from './build.ts';
import type { IvfParts } from './parts.ts';
import { project } from './projection.ts';
import { codeKey, QueryTables } from './tables.ts';

/** Of all clusters, as nprobe where it is not given. */
const PROBED_SHARE = 0.03;

/**
 * Inverted file with product quantisation (Jégou, Douze & Schmid 2011): documents are filed under the nearest of the coarse clusters as a
 * code of their residual. A search scans the clusters nearest to the query; `exact` rows may then re-rank the best.
 */
export class IvfPqIndex implements VectorIndex {
  readonly parts: IvfParts;
  readonly exact: RowReader | null;

  constructor(parts: IvfParts, exact: RowReader | null = null) {
    if (exact && (exact.count !== parts.rows.length || exact.dimension !== parts.projection.inputs))
      throw new EtalonError(
        'input',
        `The vectors for re-ranking are ${exact.count} × ${exact.dimension}; the index holds ${parts.rows.length} × ${parts.projection.inputs}.`,
        { remedy: 'Re-rank with the vectors that the index was built from.' },
      );
    this.parts = parts;
    this.exact = exact;
  }

  /** The same vectors, options and seed give the same index. Throws `input` for options out of range, and `cancelled`. */
  static async build(
    vectors: Vectors,
    options: IvfPqOptions,
    random: Random,
    context: TaskContext,
  ): Promise<IvfPqIndex> {
    const coarse = await coarseClusters(vectors, options, random, context);
    return new IvfPqIndex(await fileVectors(vectors, coarse, options, random, context));
  }

  /** The same index, which re-ranks by these vectors. */
  withRows(exact: RowReader): IvfPqIndex {
    return new IvfPqIndex(this.parts, exact);
  }

  get metric(): Metric {
    return this.parts.metric;
  }

  get dimension(): number {
    return this.parts.projection.inputs;
  }

  get count(): number {
    return this.parts.rows.length;
  }

  get clusters(): number {
    return this.parts.offsets.length - 1;
  }

  /** Bytes that a search needs in memory, re-ranking vectors aside. */
  get bytes(): number {
    const { projection, centroids, quantizer, offsets, rows, codes, ids } = this.parts;
    const arrays = [projection.matrix, centroids, quantizer.codewords, offsets, rows, codes, ids];
    return arrays.reduce((sum, array) => sum + (array?.byteLength ?? 0), 0);
  }

  nearest(query: Float32Array, k: number, settings: IvfPqSettings = {}): Hits {
    const unit = queryOf(query, this.dimension, this.metric);
    const rerank = this.#rerank(settings);
    const { heap, scanned } = this.#scan(unit, Math.max(k, rerank), settings);
    const coded = heap.take();
    if (rerank === 0) return hitsOf(coded, this.parts, scanned);
    const best = new NearestHeap(Math.min(k, coded.rows.length));
    for (const { row, key } of this.#measured(unit, coded.rows)) best.offer(key, row);
    return hitsOf(best.take(), this.parts, scanned);
  }

  /** By codes; with `rerank`, those of the best by code whose vectors lie within the distance. */
  within(query: Float32Array, distance: number, settings: IvfPqSettings = {}): Hits {
    const unit = queryOf(query, this.dimension, this.metric);
    const bound = METRICS[this.metric].key(distance);
    const rerank = this.#rerank(settings);
    if (rerank === 0) return this.#scanWithin(unit, bound, settings);
    const { heap, scanned } = this.#scan(unit, rerank, settings);
    const found = this.#measured(unit, heap.take().rows).filter(({ key }) => key <= bound);
    return hitsWithin(found, this.parts, scanned);
  }

  /** The clusters nearest to a query, nearest first, and the tables by which their codes are measured. */
  probe(
    query: Float32Array,
    nprobe = Math.ceil(this.clusters * PROBED_SHARE),
  ): { clusters: Int32Array; tables: QueryTables } {
    const { projection, centroids, metric } = this.parts;
    const n = projection.outputs;
    const projected = project(projection, queryOf(query, this.dimension, metric));
    const { kernel } = METRICS[metric];
    const nearest = new NearestHeap(Math.min(Math.max(1, nprobe), this.clusters));
    for (let cluster = 0; cluster < this.clusters; cluster++)
      nearest.offer(kernel(projected, 0, centroids, cluster * n, n), cluster);
    return { clusters: nearest.take().rows, tables: new QueryTables(this.parts, projected) };
  }

  #scan(unit: Float32Array, keep: number, { nprobe }: IvfPqSettings) {
    const { offsets, rows, codes, quantizer } = this.parts;
    const { clusters, tables } = this.probe(unit, nprobe);
    const heap = new NearestHeap(Math.min(keep, this.count));
    let scanned = 0;
    for (const cluster of clusters) {
      const table = tables.of(cluster);
      const end = offsets[cluster + 1];
      for (let at = offsets[cluster]; at < end; at++) {
        const key = codeKey(table, codes, at * quantizer.bytes, quantizer.bytes);
        if (key <= heap.bound) heap.offer(key, rows[at]);
      }
      scanned += end - offsets[cluster];
    }
    return { heap, scanned };
  }

  #scanWithin(unit: Float32Array, bound: number, { nprobe }: IvfPqSettings): Hits {
    const { offsets, rows, codes, quantizer } = this.parts;
    const { clusters, tables } = this.probe(unit, nprobe);
    const found: Found[] = [];
    let scanned = 0;
    for (const cluster of clusters) {
      const table = tables.of(cluster);
      const end = offsets[cluster + 1];
      for (let at = offsets[cluster]; at < end; at++) {
        const key = codeKey(table, codes, at * quantizer.bytes, quantizer.bytes);
        if (key <= bound) found.push({ row: rows[at], key });
      }
      scanned += end - offsets[cluster];
    }
    return hitsWithin(found, this.parts, scanned);
  }

  #measured(unit: Float32Array, rows: Int32Array): Found[] {
    const { kernel } = METRICS[this.metric];
    const vectors = this.exact!.read(rows);
    const n = this.dimension;
    return Array.from(rows, (row, i) => ({ row, key: kernel(unit, 0, vectors, i * n, n) }));
  }

  #rerank({ rerank = 0 }: IvfPqSettings): number {
    if (rerank > 0 && !this.exact)
      throw new EtalonError('usage', 'This index has no vectors to re-rank by.', {
        remedy: 'Open it with the file of its vectors, or search without re-ranking.',
      });
    return rerank;
  }
}
