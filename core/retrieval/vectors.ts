import { EtalonError } from '../base/index.ts';
import { dot, type Kernel, negativeDot, squaredDistance } from './kernels.ts';

/**
 * What "near" means. Every distance here is smaller for what is nearer: `l2` is ‖a − b‖, `cosine` is 1 − cos(a, b), and
 * `innerProduct` is −a·b, which is no distance of geometry but sorts like one.
 */
export type Metric = 'innerProduct' | 'cosine' | 'l2';

/** Rows that are searched, in one array that threads may share. */
export interface Vectors {
  readonly metric: Metric;
  readonly dimension: number;
  readonly count: number;
  /** [count, dimension], of unit length where the metric is cosine. */
  readonly data: Float32Array;
  /** [count] what the caller calls each row; null: by its number. */
  readonly ids: Int32Array | null;
}

interface MetricRule {
  /** On rows as {@link vectorsOf} and {@link queryOf} give them. */
  kernel: Kernel;
  distance(key: number): number;
  /** The largest key that lies within a distance. */
  key(distance: number): number;
}

export const METRICS: Readonly<Record<Metric, MetricRule>> = {
  l2: {
    kernel: squaredDistance,
    distance: (key) => Math.sqrt(Math.max(0, key)),
    key: (distance) => (distance < 0 ? -Infinity : distance * distance),
  },
  cosine: { kernel: negativeDot, distance: (key) => 1 + key, key: (distance) => distance - 1 },
  innerProduct: { kernel: negativeDot, distance: (key) => key, key: (distance) => distance },
};

/**
 * Rows [count, dimension] to be searched by a metric. The array itself is kept, unless the metric is cosine and a row is not of unit length: then a
 * copy is scaled (a row of zeros stays: its cosine with anything is taken as 0). Throws `input` for numbers that are not finite.
 */
export function vectorsOf(
  data: Float32Array,
  dimension: number,
  metric: Metric,
  ids: Int32Array | null = null,
): Vectors {
  if (!(Number.isInteger(dimension) && dimension > 0 && data.length % dimension === 0))
    throw new EtalonError('internal', `internal: ${data.length} numbers are no rows of ${dimension}`);
  const count = data.length / dimension;
  if (ids && ids.length !== count)
    throw new EtalonError('internal', `internal: ${ids.length} ids for ${count} vectors`);
  checkFinite(data, dimension);
  const rows = metric === 'cosine' ? unitRows(data, dimension) : data;
  return { metric, dimension, count, data: rows, ids };
}

/** These rows alone, copied, in the order given; their ids are what they were. */
export function subset({ metric, dimension, data, ids }: Vectors, rows: Int32Array): Vectors {
  const chosen = new Float32Array(rows.length * dimension);
  rows.forEach((row, i) => {
    chosen.set(data.subarray(row * dimension, (row + 1) * dimension), i * dimension);
  });
  return {
    metric,
    dimension,
    count: rows.length,
    data: chosen,
    ids: ids ? rows.map((row) => ids[row]) : rows.slice(),
  };
}

/** A query as the metric's kernel takes it. Throws `input` where it has another length than the vectors, or is not finite. */
export function queryOf(query: Float32Array, dimension: number, metric: Metric): Float32Array {
  if (query.length !== dimension)
    throw new EtalonError(
      'input',
      `The query has ${query.length} numbers; the index holds vectors of ${dimension}.`,
      {
        remedy: 'Ask with the model whose vectors were indexed.',
      },
    );
  checkFinite(query, dimension);
  return metric === 'cosine' ? unitRows(query, dimension) : query;
}

/** Off unit length by less than this is what float32 cannot tell. */
const UNIT_TOLERANCE = 1e-6;

function unitRows(data: Float32Array, dimension: number): Float32Array {
  let scaled: Float32Array | null = null;
  for (let start = 0; start < data.length; start += dimension) {
    const square = dot(data, start, data, start, dimension);
    if (square === 0 || Math.abs(square - 1) < UNIT_TOLERANCE) continue;
    scaled ??= data.slice();
    const factor = 1 / Math.sqrt(square);
    for (let i = start; i < start + dimension; i++) scaled[i] = data[i] * factor;
  }
  return scaled ?? data;
}

function checkFinite(data: Float32Array, dimension: number): void {
  for (let i = 0; i < data.length; i++)
    if (!Number.isFinite(data[i]))
      throw new EtalonError('input', `Vector ${Math.floor(i / dimension)} holds ${data[i]}.`, {
        remedy: 'Leave out vectors with numbers that are not finite.',
      });
}
