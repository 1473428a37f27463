import type { Random } from '../../core/base/index.ts';

/** Directions in which a cluster is wide, and how wide: the widest, and the factor from each to the next. */
const DIRECTIONS = 16;
const WIDEST = 0.55;
const DECAY = 0.88;
/** In every direction. */
const NOISE = 0.08;

/**
 * Draws vectors as trained embeddings lie: clusters of unequal sizes (Zipf), each an ellipsoid that is wide in some directions of its own
 * and thin in the rest. Draws are independent: some may be indexed and others asked for.
 */
export class ClusteredVectors {
  readonly #dimension: number;
  readonly #random: Random;
  readonly #means: Float64Array;
  /** [clusters, directions, dimension] */
  readonly #axes: Float64Array;
  /** Cumulative shares of the clusters. */
  readonly #shares: Float64Array;

  constructor(dimension: number, clusters: number, random: Random) {
    this.#dimension = dimension;
    this.#random = random;
    this.#means = Float64Array.from({ length: clusters * dimension }, () => random.normal() / Math.sqrt(8));
    this.#axes = new Float64Array(clusters * DIRECTIONS * dimension);
    for (let i = 0; i < this.#axes.length; i++) {
      const direction = Math.floor(i / dimension) % DIRECTIONS;
      this.#axes[i] = (WIDEST * DECAY ** direction * random.normal()) / Math.sqrt(dimension);
    }
    let sum = 0;
    this.#shares = Float64Array.from({ length: clusters }, (_, c) => {
      sum += 1 / Math.sqrt(1 + c);
      return sum;
    });
  }

  /** [count, dimension] */
  draw(count: number, shared = false): Float32Array {
    const dimension = this.#dimension;
    const bytes = 4 * count * dimension;
    const rows = new Float32Array(shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes));
    const row = new Float64Array(dimension);
    for (let i = 0; i < count; i++) {
      this.#draw(row);
      rows.set(row, i * dimension);
    }
    return rows;
  }

  #draw(row: Float64Array): void {
    const random = this.#random;
    const cluster = this.#cluster(random.uniform());
    for (let j = 0; j < row.length; j++)
      row[j] = this.#means[cluster * row.length + j] + NOISE * random.normal();
    for (let direction = 0; direction < DIRECTIONS; direction++) {
      const start = (cluster * DIRECTIONS + direction) * row.length;
      const along = random.normal();
      for (let j = 0; j < row.length; j++) row[j] += along * this.#axes[start + j];
    }
  }

  #cluster(uniform: number): number {
    const target = uniform * this.#shares.at(-1)!;
    let [low, high] = [0, this.#shares.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#shares[middle] > target) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
