import { METRICS, type Metric } from './vectors.ts';

/** What a search found, the nearest first; equally near ones by their rows. */
export interface Hits {
  ids: Int32Array;
  /** In the metric's sense (see {@link Metric}); from codes, where nothing was re-ranked. */
  distances: Float32Array;
  /** Documents whose distance was computed, from their codes or their vectors. */
  scanned: number;
}

/** How thoroughly an index searches; each kind reads what concerns it. */
export type SearchSettings = HnswSettings & IvfPqSettings;

export interface HnswSettings {
  /** Rows kept while searching, at least k: more find more and take longer. */
  efSearch?: number;
}

export interface IvfPqSettings {
  /** Nearest clusters whose documents are looked at. */
  nprobe?: number;
  /** How many of the documents nearest by their codes are measured again by their vectors; 0: none. */
  rerank?: number;
}

/** What answers searches. */
export interface VectorIndex {
  readonly metric: Metric;
  readonly dimension: number;
  readonly count: number;
  /** The k nearest, or as many as there are. */
  nearest(query: Float32Array, k: number, settings?: SearchSettings): Hits;
  /** All that are found within the distance. */
  within(query: Float32Array, distance: number, settings?: SearchSettings): Hits;
}

/** A row within a radius. */
export interface Found {
  row: number;
  key: number;
}

/** What a radius search found, in any order, as hits. */
export function hitsWithin(
  found: Found[],
  vectors: { metric: Metric; ids: Int32Array | null },
  scanned: number,
): Hits {
  found.sort((a, b) => a.key - b.key || a.row - b.row);
  const rows = Int32Array.from(found, ({ row }) => row);
  return hitsOf({ rows, keys: Float64Array.from(found, ({ key }) => key) }, vectors, scanned);
}

/** Rows by key as hits. */
export function hitsOf(
  { rows, keys }: { rows: Int32Array; keys: Float64Array },
  { metric, ids }: { metric: Metric; ids: Int32Array | null },
  scanned: number,
): Hits {
  const { distance } = METRICS[metric];
  return {
    ids: ids ? rows.map((row) => ids[row]) : rows,
    distances: Float32Array.from(keys, distance),
    scanned,
  };
}
