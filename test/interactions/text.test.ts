import { describe, expect, it, test } from 'vitest';
import { Random } from '../../core/base/index.ts';
import {
  bucketOf,
  isOneSlipAway,
  ngramsOf,
  placeFeatures,
  takeBags,
  tokenBags,
} from '../../core/interactions/index.ts';
import { distanceM } from '../../core/roads/index.ts';

describe('n-grams', () => {
  test('of letters have marked ends, those of words follow', () => {
    expect(ngramsOf('Anna Bo', { letters: [3], words: 2 })).toEqual([
      '‹an',
      'ann',
      'nna',
      'na›',
      '‹bo',
      'bo›',
      'anna',
      'bo',
      'anna bo',
    ]);
  });

  test('a word shorter than an n-gram is one, a repeated n-gram of a word counts once', () => {
    expect(ngramsOf('a', { letters: [3, 4], words: 0 })).toEqual(['‹a›']);
    expect(ngramsOf('aaaa', { letters: [3], words: 0 })).toEqual(['‹aa', 'aaa', 'aa›']);
  });

  test('letters of any script stay whole', () => {
    expect(ngramsOf('𝒜ß', { letters: [3], words: 1 })).toEqual(['‹𝒜ß', '𝒜ß›', '𝒜ß']);
  });

  it('spread evenly over the buckets, by the seed', () => {
    const buckets = 50;
    const grams = Array.from({ length: 20_000 }, (_, i) => `w${i}`);
    const counts = new Float64Array(buckets);
    for (const gram of grams) counts[bucketOf(gram, { buckets, seed: 3 })]++;
    const expected = grams.length / buckets;
    const chi2 = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // The 99.9 % quantile of χ² with 49 degrees of freedom.
    expect(chi2).toBeLessThan(85.4);
    const moved = grams.filter(
      (gram) => bucketOf(gram, { buckets, seed: 3 }) !== bucketOf(gram, { buckets, seed: 4 }),
    );
    expect(moved.length / grams.length).toBeGreaterThan(0.95);
  });

  const options = { letters: [3], words: 2, buckets: 1000, seed: 1 };
  it('fill bags whose weights are 1 / tokens; a missing text is empty', () => {
    const texts = ['Anna Bo', null, 'Bo'];
    const { tokens, bags, weights, offsets } = tokenBags(texts, options);
    expect([...offsets]).toEqual([0, 9, 9, 12]);
    texts.forEach((text, i) => {
      const own = text === null ? [] : ngramsOf(text, options).map((gram) => bucketOf(gram, options));
      expect([...tokens.subarray(offsets[i], offsets[i + 1])]).toEqual(own);
      expect([...bags.subarray(offsets[i], offsets[i + 1])]).toEqual(own.map(() => i));
      for (const weight of weights.subarray(offsets[i], offsets[i + 1]))
        expect(weight).toBeCloseTo(1 / own.length, 6);
    });
  });

  it('taken alone are the bags of those texts', () => {
    const texts = ['Anna Bo', null, 'Bo', 'Clara'];
    const rows = [3, 0, 1, 3];
    expect(takeBags(tokenBags(texts, options), Int32Array.from(rows))).toEqual(
      tokenBags(
        rows.map((row) => texts[row]),
        options,
      ),
    );
  });

  it('need a table', () => {
    expect(() => tokenBags(['a'], { ...options, buckets: 0 })).toThrow('internal: n-grams need a table');
  });
});

describe('one slip of the pen', () => {
  it('is what a table of edits says, for all words of three letters and fewer', () => {
    const letters = ['a', 'b', 'c'];
    let words = [''];
    const all = [''];
    for (let n = 0; n < 3; n++) {
      words = words.flatMap((word) => letters.map((letter) => word + letter));
      all.push(...words);
    }
    for (const a of all) for (const b of all) expect(isOneSlipAway(a, b), `${a} ${b}`).toBe(edits(a, b) <= 1);
  });
});

/** Restricted Damerau–Levenshtein distance, the whole table. */
function edits(a: string, b: string): number {
  const table = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : i)),
  );
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++) {
      const changed = table[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      table[i][j] = Math.min(table[i - 1][j] + 1, table[i][j - 1] + 1, changed);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        table[i][j] = Math.min(table[i][j], table[i - 2][j - 2] + 1);
    }
  return table[a.length][b.length];
}

describe('places', () => {
  const random = new Random(2);
  const longitude = Float64Array.from({ length: 40 }, () => 8 + random.uniform());
  const latitude = Float64Array.from({ length: 40 }, () => 49 + random.uniform());

  it('have inner products that follow a Gaussian of their distance', () => {
    const options = { scalesKm: [20], perScale: 4000, seed: 3 };
    const { values, names } = placeFeatures({ longitude, latitude }, options);
    expect(names.length).toBe(4000);
    const row = (i: number) => values.subarray(i * 4000, (i + 1) * 4000);
    for (let i = 0; i < 40; i++)
      for (let j = 0; j < i; j++) {
        const product = row(i).reduce((sum, value, k) => sum + value * row(j)[k], 0);
        const km = distanceM(longitude[i], latitude[i], longitude[j], latitude[j]) / 1000;
        // Means of 2,000 cosines deviate by at most 0.016; four times that.
        expect(Math.abs(product - Math.exp(-(km ** 2) / (2 * 20 ** 2)))).toBeLessThan(0.07);
      }
  });

  it('that are not known are 0, and the same from the same seed', () => {
    const options = { scalesKm: [5, 50], perScale: 4, seed: 3 };
    const unknown = placeFeatures(
      { longitude: Float64Array.of(Number.NaN), latitude: Float64Array.of(1) },
      options,
    );
    expect([...unknown.values]).toEqual(new Array(8).fill(0));
    const features = (seed: number) => placeFeatures({ longitude, latitude }, { ...options, seed }).values;
    expect(features(3)).toEqual(features(3));
    expect(features(3)).not.toEqual(features(4));
  });
});
