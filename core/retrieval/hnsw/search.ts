import type { Kernel } from '../kernels.ts';
import { NearestHeap, NearestQueue } from '../nearestHeap.ts';
import { METRICS, type Vectors } from '../vectors.ts';
import { type Layers, linksOf, slotOf } from './layers.ts';

/** Walks the layers; holds the scratch that a walk needs. One thread may use one at a time. */
export class LayerSearch {
  /** What the last walk of {@link explore} kept. */
  readonly found = new NearestHeap(1);
  /** Distances computed since it was last set to 0. */
  computed = 0;
  readonly #vectors: Vectors;
  readonly #layers: Layers;
  readonly #kernel: Kernel;
  readonly #queue = new NearestQueue();
  readonly #visited: Uint16Array;
  #visit = 0;

  constructor(vectors: Vectors, layers: Layers) {
    this.#vectors = vectors;
    this.#layers = layers;
    this.#kernel = METRICS[vectors.metric].kernel;
    this.#visited = new Uint16Array(vectors.count);
  }

  /** The key between a query, which begins at `start` of `query`, and a row. */
  key(query: Float32Array, start: number, row: number): number {
    const { data, dimension } = this.#vectors;
    this.computed++;
    return this.#kernel(query, start, data, row * dimension, dimension);
  }

  /** From `entry` ever nearer to the query, layer by layer from `top` down to `bottom` + 1: the nearest row that was met. */
  descend(query: Float32Array, start: number, entry: number, top: number, bottom: number): number {
    let nearest = entry;
    let nearestKey = this.key(query, start, entry);
    for (let level = top; level > bottom; level--) {
      const links = linksOf(this.#layers, level);
      for (let moved = true; moved; ) {
        moved = false;
        const slot = slotOf(this.#layers, nearest, level);
        for (let i = slot + 1; i <= slot + links[slot]; i++) {
          const key = this.key(query, start, links[i]);
          if (key >= nearestKey) continue;
          [nearest, nearestKey, moved] = [links[i], key, true];
        }
      }
    }
    return nearest;
  }

  /**
   * Best first search of one layer (Malkov & Yashunin 2018, algorithm 2): keeps the `ef` nearest in `found`. Rows whose key is within
   * `radius` are always followed, and all of them handed to `onWithin`.
   */
  explore(
    query: Float32Array,
    start: number,
    entry: number,
    level: number,
    ef: number,
    radius = -Infinity,
    onWithin: (row: number, key: number) => void = ignore,
  ): void {
    const { found } = this;
    const { data, dimension } = this.#vectors;
    const kernel = this.#kernel;
    const queue = this.#queue;
    const visited = this.#visited;
    const links = linksOf(this.#layers, level);
    const visit = this.#nextVisit();
    let computed = 1;
    const entryKey = kernel(query, start, data, entry * dimension, dimension);
    visited[entry] = visit;
    found.reset(ef);
    found.offer(entryKey, entry);
    queue.clear();
    queue.push(entryKey, entry);
    if (entryKey <= radius) onWithin(entry, entryKey);
    while (queue.size > 0 && queue.keys[0] <= Math.max(found.bound, radius)) {
      const slot = slotOf(this.#layers, queue.rows[0], level);
      queue.pop();
      const end = slot + links[slot];
      for (let i = slot + 1; i <= end; i++) {
        const row = links[i];
        if (visited[row] === visit) continue;
        visited[row] = visit;
        computed++;
        const key = kernel(query, start, data, row * dimension, dimension);
        if (key <= radius) onWithin(row, key);
        if (key < found.bound) found.offer(key, row);
        else if (key > radius) continue;
        queue.push(key, row);
      }
    }
    this.computed += computed;
  }

  #nextVisit(): number {
    if (this.#visit === 0xffff) {
      this.#visited.fill(0);
      this.#visit = 0;
    }
    return ++this.#visit;
  }
}

function ignore(): void {}
