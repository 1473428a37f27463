import { choleskySolve, Random } from '@etalon/core/base';
import type { SpeedBatches } from './batch.ts';
import { LEAST_KMH } from './forecast.ts';
import type { SpeedData } from './prepare.ts';
import { lastDeviation, type SpeedSource, windowRows } from './windows.ts';

/** Windows that the ridge regression is fitted on. */
const RIDGE_WINDOWS = 600;
const RIDGE_PENALTY = 1e-3;

/** What a baseline says of segment `i` at a horizon after the row, km/h; `h` is the horizon's place. */
export type SpeedBaseline = (source: SpeedSource, row: number, i: number, h: number) => number;

const history = ({ matrix, expectedKmh, horizonRows }: SpeedSource, row: number, i: number, h: number) =>
  expectedKmh[(row + horizonRows[h]) * matrix.segments.length + i];

/** The last speed of the window; the history where it has none. */
const lastValue: SpeedBaseline = (source, row, i, h) => {
  const { kmh, rowsAgo } = lastDeviation(source, row, i);
  if (rowsAgo === source.historyRows) return history(source, row, i, h);
  return kmh + source.expectedKmh[(row - rowsAgo) * source.matrix.segments.length + i];
};

/** By id, from the plainest to the strongest; fitted to the run's training days where there is anything to fit. */
export function speedBaselines(
  data: SpeedData,
  batches: (source: SpeedSource) => SpeedBatches,
  seed: number,
): Record<string, SpeedBaseline> {
  return {
    lastValue,
    historical: history,
    blend: (source, row, i, h) =>
      history(source, row, i, h) + data.shape.persistence[h] * lastDeviation(source, row, i).kmh,
    ridge: fitRidge(data, batches, new Random(seed)),
  };
}

/**
 * Ridge regression of the deviation at each horizon on what the network is told of a segment, one for all segments: an autoregression
 * over the window, with the history's change.
 */
function fitRidge(
  { source, shape, trainDays, validationDays }: SpeedData,
  batches: (source: SpeedSource) => SpeedBatches,
  random: Random,
): SpeedBaseline {
  const days = new Set([...trainDays, ...validationDays]);
  const rows = random.shuffle(windowRows(source, days)).slice(0, RIDGE_WINDOWS);
  const feed = batches(source).labelled(rows, days) as Record<string, Float32Array>;
  const { nodeFeatures, observedDeviation, known } = feed;
  const { names, mean, deviation } = shape.nodes;
  const width = names.length + 1;
  const horizons = source.horizonRows.length;
  /** Scaled as the network has it, and a constant. */
  const inputs = (features: Float32Array, node: number) =>
    Float64Array.from({ length: width }, (_, c) =>
      c < names.length ? (features[node * names.length + c] - mean[c]) / deviation[c] : 1,
    );
  const normal = source.horizonRows.map(() => new Float64Array(width * width));
  const right = source.horizonRows.map(() => new Float64Array(width));
  for (let node = 0; node < nodeFeatures.length / names.length; node++) {
    const x = inputs(nodeFeatures, node);
    for (let h = 0; h < horizons; h++) {
      if (known[node * horizons + h] === 0) continue;
      const y = observedDeviation[node * horizons + h];
      for (let a = 0; a < width; a++) {
        right[h][a] += x[a] * y;
        for (let b = 0; b < width; b++) normal[h][a * width + b] += x[a] * x[b];
      }
    }
  }
  const weights = normal.map((matrix, h) => {
    const count = matrix[width * width - 1];
    for (let a = 0; a < width; a++) matrix[a * width + a] += RIDGE_PENALTY * count + 1e-9;
    return choleskySolve(matrix, right[h]);
  });
  let asked: { source: SpeedSource; row: number; features: Float32Array } | undefined;
  return (of, row, i, h) => {
    if (asked?.source !== of || asked.row !== row)
      asked = { source: of, row, features: batches(of).forward([row]).nodeFeatures as Float32Array };
    const x = inputs(asked.features, i);
    const kmh = x.reduce((sum, value, c) => sum + value * weights[h][c], 0);
    return Math.max(LEAST_KMH, history(of, row, i, h) + kmh);
  };
}
