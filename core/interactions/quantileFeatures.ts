import type { FeatureMatrix } from './featureMatrix.ts';

/** Ascending places on a scale, each with a like share of the values between it and the next. */
export type Knots = readonly number[];

/** At most so many knots, fewer where quantiles fall together; none where the values do not differ. Missing values (NaN) do not count. */
export function fitKnots(values: Float64Array, most: number): Knots {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  if (sorted.length === 0) return [];
  const quantiles = Array.from({ length: most }, (_, i) => {
    return sorted[Math.round((i / (most - 1)) * (sorted.length - 1))];
  });
  const knots = quantiles.filter((value, i) => i === 0 || value > quantiles[i - 1]);
  return knots.length > 1 ? knots : [];
}

/**
 * Numbers as weights of the two knots that they lie between, which add up to 1: inner products of such rows are large for like numbers and 0 for
 * far ones, which those of the numbers themselves are not. Beyond the ends as at the ends; what is missing is 0 everywhere. [rows, knots]
 */
export function quantileFeatures(name: string, values: Float64Array, knots: Knots): FeatureMatrix {
  const result = new Float32Array(values.length * knots.length);
  const last = knots.length - 1;
  for (let row = 0; row < values.length; row++) {
    if (Number.isNaN(values[row])) continue;
    const value = Math.min(knots[last], Math.max(knots[0], values[row]));
    let above = 1;
    while (knots[above] < value) above++;
    const share = (value - knots[above - 1]) / (knots[above] - knots[above - 1]);
    result[row * knots.length + above - 1] = 1 - share;
    result[row * knots.length + above] = share;
  }
  return { names: knots.map((knot) => `${name} about ${Number(knot.toPrecision(4))}`), values: result };
}
