import { breathe, type Random, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import { METRICS, type Vectors } from '../vectors.ts';
import { emptyLayers, type Layers, linksOf, slotOf } from './layers.ts';
import { LayerSearch } from './search.ts';

export interface HnswOptions {
  /** Links of a row on the layers above the lowest, which has twice as many: more find more and take more memory. */
  m: number;
  /** Rows looked at for links when a row is added. */
  efConstruction: number;
}

/** Rows added between two breaths. */
const ROWS_AT_ONCE = 256;

/** Adds row after row (Malkov & Yashunin 2018, algorithm 1). Returns the layers and the row at which every search begins. */
export async function buildLayers(
  vectors: Vectors,
  { m, efConstruction }: HnswOptions,
  random: Random,
  context: TaskContext,
): Promise<{ layers: Layers; entry: number }> {
  const { count } = vectors;
  const layers = emptyLayers(count, m, random);
  const builder = new Builder(vectors, layers, m, efConstruction);
  for (let row = 1; row < count; row++) {
    builder.add(row);
    if (row % ROWS_AT_ONCE !== 0) continue;
    context.report({ stage: 'Linking vectors', done: row, total: count, unit: 'vectors' });
    throwIfCancelled(context.signal);
    await breathe();
  }
  return { layers, entry: builder.entry };
}

class Builder {
  entry = 0;
  readonly #vectors: Vectors;
  readonly #layers: Layers;
  readonly #m: number;
  readonly #efConstruction: number;
  readonly #search: LayerSearch;
  /** Scratch: the links chosen for a slot, and the keys of the links that one has. */
  readonly #chosen: Int32Array;

  constructor(vectors: Vectors, layers: Layers, m: number, efConstruction: number) {
    this.#vectors = vectors;
    this.#layers = layers;
    this.#m = m;
    this.#efConstruction = Math.max(efConstruction, m);
    this.#search = new LayerSearch(vectors, layers);
    this.#chosen = new Int32Array(layers.width0);
  }

  add(row: number): void {
    const { data, dimension } = this.#vectors;
    const { levels } = this.#layers;
    const search = this.#search;
    const start = row * dimension;
    const top = levels[this.entry];
    let nearest = search.descend(data, start, this.entry, top, Math.min(levels[row], top));
    for (let level = Math.min(levels[row], top); level >= 0; level--) {
      search.explore(data, start, nearest, level, this.#efConstruction);
      const { rows, keys } = search.found.take();
      nearest = rows[0];
      const chosen = this.#diverse(rows, keys, rows.length, this.#m);
      this.#write(row, level, chosen);
      const slot = slotOf(this.#layers, row, level);
      const links = linksOf(this.#layers, level);
      for (let i = 1; i <= chosen; i++) this.#linkBack(links[slot + i], row, level);
    }
    if (levels[row] > top) this.entry = row;
  }

  /**
   * Chooses at most `limit` of rows that are sorted by their keys to one row: a row is left out that is nearer to one already chosen
   * (algorithm 4), so that links lead in all directions and clusters stay connected. Leaves them in the scratch; returns how many.
   */
  #diverse(rows: Int32Array, keys: Float64Array, count: number, limit: number): number {
    const { data, dimension, metric } = this.#vectors;
    const { kernel } = METRICS[metric];
    const chosen = this.#chosen;
    let size = 0;
    for (let i = 0; i < count && size < limit; i++) {
      const start = rows[i] * dimension;
      let apart = true;
      for (let j = 0; j < size && apart; j++)
        apart = kernel(data, start, data, chosen[j] * dimension, dimension) >= keys[i];
      if (apart) chosen[size++] = rows[i];
    }
    return size;
  }

  #write(row: number, level: number, count: number): void {
    const links = linksOf(this.#layers, level);
    const slot = slotOf(this.#layers, row, level);
    links[slot] = count;
    for (let i = 0; i < count; i++) links[slot + 1 + i] = this.#chosen[i];
  }

  /** Adds a link from `from` to `to`; a full slot keeps what is diverse among its links and the new one. */
  #linkBack(from: number, to: number, level: number): void {
    const links = linksOf(this.#layers, level);
    const slot = slotOf(this.#layers, from, level);
    const width = level === 0 ? this.#layers.width0 : this.#layers.width;
    const count = links[slot];
    if (count < width) {
      links[slot + 1 + count] = to;
      links[slot] = count + 1;
      return;
    }
    const { data, dimension } = this.#vectors;
    const { found } = this.#search;
    found.reset(count + 1);
    found.offer(this.#search.key(data, from * dimension, to), to);
    for (let i = slot + 1; i <= slot + count; i++)
      found.offer(this.#search.key(data, from * dimension, links[i]), links[i]);
    const { rows, keys } = found.take();
    this.#write(from, level, this.#diverse(rows, keys, rows.length, width));
  }
}
