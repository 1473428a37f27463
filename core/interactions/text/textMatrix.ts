import type { FeatureMatrix } from '../featureMatrix.ts';
import type { Features } from '../features.ts';
import { type NgramOptions, tokenBags } from './ngrams.ts';
import { tally, wordsOf } from './words.ts';

/**
 * Texts as rows of numbers by the hashing trick (Weinberger et al. 2009, without signs): in each bucket how many of the text's n-grams fall
 * there, divided by the Euclidean norm of the row. A missing text is 0 everywhere. Columns are named after the feature and the bucket.
 */
export function textMatrix(
  name: string,
  texts: readonly (string | null)[],
  options: NgramOptions,
): FeatureMatrix {
  const { buckets } = options;
  const { tokens, offsets } = tokenBags(texts, options);
  const values = new Float32Array(texts.length * buckets);
  for (let text = 0; text < texts.length; text++) {
    const row = values.subarray(text * buckets, (text + 1) * buckets);
    for (const token of tokens.subarray(offsets[text], offsets[text + 1])) row[token]++;
    const norm = Math.hypot(...row) || 1;
    for (let bucket = 0; bucket < buckets; bucket++) row[bucket] /= norm;
  }
  return { names: Array.from({ length: buckets }, (_, bucket) => `${name} #${bucket}`), values };
}

/** Names of the features that are texts whose words come again: of at least half of the rows with a text another row has a word of letters too. */
export function sharedTexts(features: Features): string[] {
  return Object.entries(features).flatMap(([name, column]) => {
    if (column.kind !== 'text') return [];
    const texts = column.values.flatMap((text) => (text ? [new Set(wordsOf(text).filter(hasLetter))] : []));
    const rows = tally(texts.flatMap((words) => [...words]));
    const shared = texts.filter((words) => [...words].some((word) => rows.get(word)! > 1));
    return shared.length > 0 && 2 * shared.length >= texts.length ? [name] : [];
  });
}

const hasLetter = (word: string) => /\p{L}{2}/u.test(word);
