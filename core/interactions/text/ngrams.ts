import { EtalonError } from '../../base/index.ts';
import { wordsOf } from './words.ts';

export interface NgramOptions {
  /** Lengths of n-grams of letters; none: words alone. */
  readonly letters: readonly number[];
  /** Longest n-gram of words; 0: letters alone. */
  readonly words: number;
  /** Rows of the table that n-grams are hashed into. */
  readonly buckets: number;
  /** Which n-grams share a row depends on it. */
  readonly seed: number;
}

/** N-grams of some texts, text after text, as an embedding bag takes them. */
export interface TokenBags {
  /** [tokens] row of each in the table. */
  readonly tokens: Int32Array;
  /** [tokens] number of the text it is of, ascending. */
  readonly bags: Int32Array;
  /** [tokens] 1 / how many its text has: a bag is a mean. */
  readonly weights: Float32Array;
  /** [texts + 1] where the tokens of each begin. */
  readonly offsets: Uint32Array;
}

/**
 * What a text is seen as (Huang et al. 2020, §3.1): the n-grams of letters of each word between ‹ and ›, so that beginnings and ends
 * differ from middles, and the n-grams of its words. A word shorter than an n-gram of letters is one by itself, once.
 */
export function ngramsOf(
  text: string,
  { letters, words: most }: Pick<NgramOptions, 'letters' | 'words'>,
): string[] {
  const words = wordsOf(text);
  const grams: string[] = [];
  for (const word of words) {
    const marked = [...`‹${word}›`];
    const own = new Set<string>();
    for (const n of letters)
      if (marked.length <= n) own.add(marked.join(''));
      else for (let at = 0; at + n <= marked.length; at++) own.add(marked.slice(at, at + n).join(''));
    grams.push(...own);
  }
  for (let n = 1; n <= most; n++)
    for (let at = 0; at + n <= words.length; at++) grams.push(words.slice(at, at + n).join(' '));
  return grams;
}

/** Row of an n-gram in a table of `buckets`: FNV-1a of its UTF-16 units, mixed with the seed. */
export function bucketOf(gram: string, { buckets, seed }: Pick<NgramOptions, 'buckets' | 'seed'>): number {
  let hash = 0x811c9dc5 ^ Math.imul(seed, 0x9e3779b9);
  for (let i = 0; i < gram.length; i++) hash = Math.imul(hash ^ gram.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return ((hash ^ (hash >>> 16)) >>> 0) % buckets;
}

/** The n-grams of each text; a missing one has none. Throws `internal` for a table without rows. */
export function tokenBags(texts: readonly (string | null)[], options: NgramOptions): TokenBags {
  if (!(options.buckets >= 1)) throw new EtalonError('internal', 'internal: n-grams need a table with rows');
  const buckets = new Map<string, number>();
  const rowOf = (gram: string) => {
    const known = buckets.get(gram);
    if (known !== undefined) return known;
    const row = bucketOf(gram, options);
    buckets.set(gram, row);
    return row;
  };
  const offsets = new Uint32Array(texts.length + 1);
  const rows = texts.map((text, i) => {
    const own = text === null ? [] : ngramsOf(text, options).map(rowOf);
    offsets[i + 1] = offsets[i] + own.length;
    return own;
  });
  const count = offsets[texts.length];
  const bags = {
    tokens: new Int32Array(count),
    bags: new Int32Array(count),
    weights: new Float32Array(count),
  };
  rows.forEach((own, text) => {
    bags.tokens.set(own, offsets[text]);
    bags.bags.fill(text, offsets[text], offsets[text + 1]);
    bags.weights.fill(1 / own.length, offsets[text], offsets[text + 1]);
  });
  return { ...bags, offsets };
}

/** The bags of some texts alone, in the order given and numbered anew; a text may come twice. */
export function takeBags({ tokens, weights, offsets }: TokenBags, texts: Int32Array): TokenBags {
  const taken = new Uint32Array(texts.length + 1);
  texts.forEach((text, i) => {
    taken[i + 1] = taken[i] + offsets[text + 1] - offsets[text];
  });
  const count = taken[texts.length];
  const bags = {
    tokens: new Int32Array(count),
    bags: new Int32Array(count),
    weights: new Float32Array(count),
  };
  texts.forEach((text, i) => {
    bags.tokens.set(tokens.subarray(offsets[text], offsets[text + 1]), taken[i]);
    bags.weights.set(weights.subarray(offsets[text], offsets[text + 1]), taken[i]);
    bags.bags.fill(i, taken[i], taken[i + 1]);
  });
  return { ...bags, offsets: taken };
}
