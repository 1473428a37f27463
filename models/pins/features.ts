import type { Adjacency } from '@etalon/core/graph';
import {
  beside,
  type FeatureEncoding,
  type FeatureMatrix,
  featureMatrix,
  fitFeatures,
  type NodeTable,
  textMatrix,
} from '@etalon/core/interactions';
import type { PinsSettings } from './settings.ts';

/** How features of pins become numbers, as training fitted it. */
export interface PinEncoding {
  readonly columns: FeatureEncoding;
  /** Features that are texts. */
  readonly texts: readonly string[];
  /** Mean and standard deviation of the log of 1 + boards of a pin. */
  readonly degree: { readonly mean: number; readonly deviation: number };
}

const TEXT_SEED = 1;

export function fitPins({ features }: NodeTable, boardsOf: Adjacency): PinEncoding {
  const logs = logDegrees(boardsOf);
  const mean = logs.reduce((sum, value) => sum + value, 0) / Math.max(1, logs.length);
  const variance = logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, logs.length);
  return {
    columns: fitFeatures(features),
    texts: Object.keys(features).filter((name) => features[name].kind === 'text'),
    degree: { mean, deviation: Math.sqrt(variance) || 1 },
  };
}

/** [pins, columns] what enters the first convolution: features, n-grams of texts, and how many boards a pin is on (§ 3.2, § 4.1). */
export function pinFeatures(
  { columns, texts, degree }: PinEncoding,
  { features, count }: NodeTable,
  boardsOf: Adjacency,
  { textBuckets, textLetters }: Pick<PinsSettings, 'textBuckets' | 'textLetters'>,
): FeatureMatrix {
  const options = {
    letters: textLetters > 0 ? [textLetters] : [],
    words: 1,
    buckets: textBuckets,
    seed: TEXT_SEED,
  };
  const written = textBuckets === 0 ? [] : texts;
  const parts: FeatureMatrix[] = [
    featureMatrix(columns, features, count),
    ...written.map((name) => {
      const column = features[name];
      const values = column?.kind === 'text' ? column.values : new Array<null>(count).fill(null);
      return textMatrix(name, values, options);
    }),
    {
      names: ['boards'],
      values: logDegrees(boardsOf).map((value) => (value - degree.mean) / degree.deviation),
    },
  ];
  return beside(parts, count);
}

function logDegrees({ rows, offsets }: Adjacency): Float32Array {
  return Float32Array.from({ length: rows }, (_, row) => Math.log1p(offsets[row + 1] - offsets[row]));
}
