import type { Vectors } from './vectors.ts';

/** Gives vectors of chosen rows, from memory or from a file: what codes are checked against. */
export interface RowReader {
  readonly dimension: number;
  readonly count: number;
  /** [rows, dimension], of unit length where the metric is cosine. */
  read(rows: Int32Array): Float32Array;
}

/** The rows of vectors in memory. */
export function rowsInMemory({ data, dimension, count }: Vectors): RowReader {
  return {
    dimension,
    count,
    read(rows) {
      const chosen = new Float32Array(rows.length * dimension);
      for (let i = 0; i < rows.length; i++) {
        const from = rows[i] * dimension;
        for (let j = 0; j < dimension; j++) chosen[i * dimension + j] = data[from + j];
      }
      return chosen;
    },
  };
}
