import { EtalonError } from '../base/index.ts';
import type { AnyIndex } from './buffer/indexBuffers.ts';
import type { Hits, SearchSettings, VectorIndex } from './hits.ts';
import { subset, type Vectors } from './vectors.ts';

/** Degrees, of each row. */
export interface Coordinates {
  latitudes: Float64Array;
  longitudes: Float64Array;
}

/** The world in cells of so many degrees each way; cells are numbered row by row from the south-west. */
export class GridRegions {
  readonly cellDegrees: number;
  readonly #rows: number;
  readonly #columns: number;

  constructor(cellDegrees: number) {
    const columns = 360 / cellDegrees;
    if (!(cellDegrees > 0 && Number.isInteger(columns) && Number.isInteger(columns / 2)))
      throw new EtalonError('input', `Cells of ${cellDegrees} degrees do not fill the world.`, {
        remedy: 'Give degrees of which 180 is a multiple: 1, 0.5, 0.25.',
      });
    this.cellDegrees = cellDegrees;
    this.#columns = columns;
    this.#rows = columns / 2;
  }

  /** Throws `input` for what is no place on earth. */
  of(latitude: number, longitude: number): number {
    if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180))
      throw new EtalonError('input', `${latitude}, ${longitude} is no place on earth.`, {
        remedy: 'Give latitude and longitude in degrees.',
      });
    const row = Math.min(Math.floor((latitude + 90) / this.cellDegrees), this.#rows - 1);
    return row * this.#columns + (Math.floor((longitude + 180) / this.cellDegrees) % this.#columns);
  }

  /** The cells around one, itself left out: eight, fewer at the poles; east meets west. */
  neighbours(region: number): number[] {
    const [row, column] = [Math.floor(region / this.#columns), region % this.#columns];
    const around = new Set<number>();
    for (let i = Math.max(0, row - 1); i <= Math.min(row + 1, this.#rows - 1); i++)
      for (const step of [-1, 0, 1])
        around.add(i * this.#columns + ((column + step + this.#columns) % this.#columns));
    around.delete(region);
    return [...around].sort((a, b) => a - b);
  }

  /** [rows] the cell of each. */
  ofAll({ latitudes, longitudes }: Coordinates): Int32Array {
    return Int32Array.from(latitudes, (latitude, i) => this.of(latitude, longitudes[i]));
  }
}

/** Rows that were active at `sinceS` or later: only these are worth finding. `lastActiveS` is in seconds, NaN for never. */
export function activeRows(lastActiveS: Float64Array, sinceS: number): Int32Array {
  return Int32Array.from([...lastActiveS.keys()].filter((row) => lastActiveS[row] >= sinceS));
}

/**
 * An index for each region, asked in the searcher's own: most friends are near, and a shard is a fraction of the whole (Shi et al. 2023,
 * *Embedding Based Retrieval in Friend Recommendation*, SIGIR).
 */
export class GeoShards {
  /** Null where regions are none of cells: countries, continents. */
  readonly grid: GridRegions | null;
  /** The index of each region that has one. */
  readonly shards: ReadonlyMap<number, AnyIndex>;

  constructor(grid: GridRegions | null, shards: ReadonlyMap<number, AnyIndex>) {
    this.grid = grid;
    this.shards = shards;
  }

  /** Builds the index of each region from its vectors, region after region; only `rows` are indexed, under their own numbers. */
  static async build(
    vectors: Vectors,
    { grid, regions, rows }: { grid: GridRegions | null; regions: Int32Array; rows: Int32Array },
    index: (vectors: Vectors, region: number) => Promise<AnyIndex>,
  ): Promise<GeoShards> {
    const byRegion = Map.groupBy(rows, (row) => regions[row]);
    const shards = new Map<number, AnyIndex>();
    for (const region of [...byRegion.keys()].sort((a, b) => a - b))
      shards.set(region, await index(subset(vectors, Int32Array.from(byRegion.get(region)!)), region));
    return new GeoShards(grid, shards);
  }

  /** The k nearest in a region, and in those around it where asked; none where nothing is. */
  nearest(
    query: Float32Array,
    k: number,
    region: number,
    { neighbours = false, settings }: { neighbours?: boolean; settings?: SearchSettings } = {},
  ): Hits {
    const found = this.#asked(region, neighbours).map((shard) => shard.nearest(query, k, settings));
    return merged(found, k);
  }

  within(
    query: Float32Array,
    distance: number,
    region: number,
    { neighbours = false, settings }: { neighbours?: boolean; settings?: SearchSettings } = {},
  ): Hits {
    const found = this.#asked(region, neighbours).map((shard) => shard.within(query, distance, settings));
    return merged(found, Infinity);
  }

  #asked(region: number, neighbours: boolean): VectorIndex[] {
    if (neighbours && !this.grid)
      throw new EtalonError('internal', 'internal: which regions are neighbours is known of cells alone');
    const regions = neighbours ? [region, ...this.grid!.neighbours(region)] : [region];
    return regions.flatMap((number) => this.shards.get(number) ?? []);
  }
}

/** Hits of several indexes as of one. */
export function merged(all: readonly Hits[], k: number): Hits {
  const found = all
    .flatMap(({ ids, distances }) => Array.from(ids, (id, i) => ({ id, distance: distances[i] })))
    .sort((a, b) => a.distance - b.distance || a.id - b.id)
    .slice(0, k);
  return {
    ids: Int32Array.from(found, ({ id }) => id),
    distances: Float32Array.from(found, ({ distance }) => distance),
    scanned: all.reduce((sum, { scanned }) => sum + scanned, 0),
  };
}
