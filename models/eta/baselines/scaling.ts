/** Columns that vary in training, with their mean and deviation. */
export interface Scaling {
  width: number;
  kept: readonly number[];
  mean: readonly number[];
  deviation: readonly number[];
}

/** Values further out are held here: a day unlike all of training must not throw a network off. */
const REACH = 6;

/** Of row-major values of the given width. A column that never varies is left out: its weight would never be trained. */
export function scalingOf(values: Float32Array, width: number): Scaling {
  const rows = values.length / width;
  const columns = Array.from({ length: width }, (_, column) => {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += values[row * width + column];
    const mean = sum / rows;
    let squares = 0;
    for (let row = 0; row < rows; row++) squares += (values[row * width + column] - mean) ** 2;
    return { column, mean, deviation: Math.sqrt(squares / rows) };
  }).filter(({ deviation, mean }) => deviation > 1e-6 * Math.max(1, Math.abs(mean)));
  return {
    width,
    kept: columns.map(({ column }) => column),
    mean: columns.map(({ mean }) => mean),
    deviation: columns.map(({ deviation }) => deviation),
  };
}

/** [rows · kept] */
export function scaled(values: Float32Array, { width, kept, mean, deviation }: Scaling): Float32Array {
  const rows = values.length / width;
  const result = new Float32Array(rows * kept.length);
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < kept.length; i++) {
      const z = (values[row * width + kept[i]] - mean[i]) / deviation[i];
      result[row * kept.length + i] = Math.max(-REACH, Math.min(REACH, z));
    }
  return result;
}
