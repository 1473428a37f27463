import { breathe, EtalonError, type TaskContext, throwIfCancelled } from '../base/index.ts';
import { type Found, type Hits, hitsOf, hitsWithin, type VectorIndex } from './hits.ts';
import { NearestHeap } from './nearestHeap.ts';
import { METRICS, type Metric, queryOf, type Vectors } from './vectors.ts';

/** Rows that many queries look at together: 256 KB of 64 numbers each stay in a core's cache meanwhile. */
const BLOCK = 1024;
/** Blocks between two breaths. */
const BLOCKS_AT_ONCE = 16;

/** Compares with every vector: the truth that other indexes are judged by, and the fastest for a few thousand vectors. */
export class ExactIndex implements VectorIndex {
  readonly vectors: Vectors;

  constructor(vectors: Vectors) {
    this.vectors = vectors;
  }

  get metric(): Metric {
    return this.vectors.metric;
  }

  get dimension(): number {
    return this.vectors.dimension;
  }

  get count(): number {
    return this.vectors.count;
  }

  nearest(query: Float32Array, k: number): Hits {
    const heap = new NearestHeap(Math.min(k, this.count));
    this.#offer(queryOf(query, this.dimension, this.metric), 0, this.count, heap);
    return hitsOf(heap.take(), this.vectors, this.count);
  }

  within(query: Float32Array, distance: number): Hits {
    const { metric, dimension, count, data } = this.vectors;
    const { kernel, key: keyOf } = METRICS[metric];
    const unit = queryOf(query, dimension, metric);
    const bound = keyOf(distance);
    const found: Found[] = [];
    for (let row = 0; row < count; row++) {
      const key = kernel(unit, 0, data, row * dimension, dimension);
      if (key <= bound) found.push({ key, row });
    }
    return hitsWithin(found, this.vectors, count);
  }

  /** The k nearest of each query [queries, dimension], block by block of the vectors, so that each block is fetched once. */
  async nearestOfMany(queries: Float32Array, k: number, context: TaskContext): Promise<Hits[]> {
    const { dimension, metric, count } = this.vectors;
    if (queries.length % dimension !== 0)
      throw new EtalonError('internal', `internal: ${queries.length} numbers are no queries of ${dimension}`);
    const rows = Array.from({ length: queries.length / dimension }, (_, i) =>
      queryOf(queries.subarray(i * dimension, (i + 1) * dimension), dimension, metric),
    );
    const heaps = rows.map(() => new NearestHeap(Math.min(k, count)));
    for (let begin = 0; begin < count; begin += BLOCK) {
      const end = Math.min(begin + BLOCK, count);
      rows.forEach((row, i) => {
        this.#offer(row, begin, end, heaps[i]);
      });
      if ((begin / BLOCK) % BLOCKS_AT_ONCE !== 0) continue;
      context.report({ stage: 'Comparing vectors', done: begin, total: count, unit: 'vectors' });
      throwIfCancelled(context.signal);
      await breathe();
    }
    return heaps.map((heap) => hitsOf(heap.take(), this.vectors, count));
  }

  #offer(query: Float32Array, begin: number, end: number, heap: NearestHeap): void {
    const { metric, dimension, data } = this.vectors;
    const { kernel } = METRICS[metric];
    for (let row = begin; row < end; row++) {
      const key = kernel(query, 0, data, row * dimension, dimension);
      if (key < heap.bound) heap.offer(key, row);
    }
  }
}
