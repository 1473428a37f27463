import { EtalonError, type Random, type TaskContext } from '../../base/index.ts';
import { type Found, type Hits, type HnswSettings, hitsOf, hitsWithin, type VectorIndex } from '../hits.ts';
import { METRICS, type Metric, queryOf, type Vectors } from '../vectors.ts';
import { buildLayers, type HnswOptions } from './build.ts';
import type { Layers } from './layers.ts';
import { LayerSearch } from './search.ts';

export const hnswDefaults: HnswOptions = { m: 16, efConstruction: 128 };
const EF_SEARCH = 64;

/**
 * Hierarchical navigable small world graph (Malkov & Yashunin 2018, IEEE TPAMI 42(4)): each row is linked to diverse near ones, on layers
 * that thin out towards the top; a search walks down and then best first. One thread may search one at a time.
 */
export class HnswIndex implements VectorIndex {
  readonly vectors: Vectors;
  readonly layers: Layers;
  /** The row at which searches begin. */
  readonly entry: number;
  #search: LayerSearch | null = null;

  constructor(vectors: Vectors, layers: Layers, entry: number) {
    this.vectors = vectors;
    this.layers = layers;
    this.entry = entry;
  }

  /** The same vectors, options and seed give the same index. Throws `cancelled`. */
  static async build(
    vectors: Vectors,
    options: Partial<HnswOptions>,
    random: Random,
    context: TaskContext,
  ): Promise<HnswIndex> {
    const { m, efConstruction } = { ...hnswDefaults, ...options };
    if (!(Number.isInteger(m) && m >= 2 && m <= 256 && efConstruction >= 1))
      throw new EtalonError(
        'input',
        `M = ${m} and efConstruction = ${efConstruction} are no settings of HNSW.`,
        {
          remedy: 'M is a whole number from 2 to 256, efConstruction at least 1.',
        },
      );
    const { layers, entry } = await buildLayers(vectors, { m, efConstruction }, random, context);
    return new HnswIndex(vectors, layers, entry);
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

  nearest(query: Float32Array, k: number, { efSearch = EF_SEARCH }: HnswSettings = {}): Hits {
    const unit = queryOf(query, this.dimension, this.metric);
    if (this.count === 0 || k === 0) return hitsWithin([], this.vectors, 0);
    const search = this.#ready();
    const entry = search.descend(unit, 0, this.entry, this.layers.levels[this.entry], 0);
    search.explore(unit, 0, entry, 0, Math.max(efSearch, k));
    const { rows, keys } = search.found.take();
    const found = { rows: rows.slice(0, k), keys: keys.slice(0, k) };
    return hitsOf(found, this.vectors, search.computed);
  }

  /** Walks on as long as it meets rows within the distance, and a little beyond: what `efSearch` rows keep. */
  within(query: Float32Array, distance: number, { efSearch = EF_SEARCH }: HnswSettings = {}): Hits {
    const unit = queryOf(query, this.dimension, this.metric);
    if (this.count === 0) return hitsWithin([], this.vectors, 0);
    const search = this.#ready();
    const found: Found[] = [];
    const entry = search.descend(unit, 0, this.entry, this.layers.levels[this.entry], 0);
    search.explore(unit, 0, entry, 0, efSearch, METRICS[this.metric].key(distance), (row, key) => {
      found.push({ row, key });
    });
    return hitsWithin(found, this.vectors, search.computed);
  }

  #ready(): LayerSearch {
    this.#search ??= new LayerSearch(this.vectors, this.layers);
    this.#search.computed = 0;
    return this.#search;
  }
}
