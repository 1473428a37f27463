import { mul, sub, type Tensor, type Trace } from '@etalon/core/tensor';

/** How raw inputs are scaled: (x − mean) / deviation, column by column. */
export interface Normalisation {
  names: string[];
  mean: number[];
  deviation: number[];
}

/**
 * Mean and deviation of each column over sample rows. A column that never varies is dropped: its weight would
 * never be trained, and would speak up on the first day that it does vary.
 */
export function fitNormalisation(
  values: Float32Array,
  features: readonly { readonly name: string }[],
): Normalisation {
  const width = features.length;
  const rows = values.length / width;
  const kept: Normalisation = { names: [], mean: [], deviation: [] };
  features.forEach(({ name }, column) => {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += values[row * width + column];
    const mean = sum / rows;
    let squares = 0;
    for (let row = 0; row < rows; row++) squares += (values[row * width + column] - mean) ** 2;
    const deviation = Math.sqrt(squares / rows);
    if (!(deviation > 1e-6)) return;
    kept.names.push(name);
    kept.mean.push(mean);
    kept.deviation.push(deviation);
  });
  return kept;
}

/** Declares raw inputs [rows, columns] by a name, and scales them. */
export function normalised(trace: Trace, name: string, rows: string, normalisation: Normalisation): Tensor {
  return scaledBy(trace.input(name, [rows, normalisation.names.length]), normalisation);
}

/** Raw rows [n, columns] scaled. */
export function scaledBy(raw: Tensor, { names, mean, deviation }: Normalisation): Tensor {
  const width = names.length;
  const scale = raw.trace.constant(
    deviation.map((value) => 1 / value),
    [1, width],
  );
  return mul(sub(raw, raw.trace.constant(mean, [1, width])), scale);
}
