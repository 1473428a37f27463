import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ndcgAt, rankItems, recallAt, reciprocalRank } from '../../core/train/index.ts';

const RANKED = fc
  .record({
    scores: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 12 }),
    k: fc.integer({ min: 1, max: 15 }),
    seed: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
  })
  .map(({ scores, k, seed }) => ({
    scores,
    k,
    relevant: new Set(scores.map((_, item) => item).filter((item) => seed[item])),
  }))
  .filter(({ relevant }) => relevant.size > 0);

/** The place of an item, counted from 1, by counting those before it. */
const placeOf = (item: number, scores: readonly number[]) =>
  1 + scores.filter((score, i) => score > scores[item] || (score === scores[item] && i < item)).length;

it('figures follow from the place of each relevant item', () => {
  fc.assert(
    fc.property(RANKED, ({ scores, k, relevant }) => {
      const ranking = rankItems(scores);
      const places = [...relevant].map((item) => placeOf(item, scores));
      const found = places.filter((place) => place <= k);
      expect(recallAt(k, ranking, relevant)).toBeCloseTo(found.length / relevant.size, 12);
      expect(reciprocalRank(ranking, relevant)).toBeCloseTo(1 / Math.min(...places), 12);
      const gain = (at: number[]) => at.reduce((total, place) => total + Math.LN2 / Math.log(place + 1), 0);
      const ideal = [...relevant].map((_, i) => i + 1).filter((place) => place <= k);
      expect(ndcgAt(k, ranking, relevant)).toBeCloseTo(gain(found) / gain(ideal), 12);
    }),
  );
});

it('ranks by score, then by number, without what is excluded', () => {
  expect([...rankItems([1, 3, 3, 0, 2], new Set([2, 3]))]).toEqual([1, 4, 0]);
});

it('an item that is not ranked is not found', () => {
  const ranking = rankItems([3, 2, 1], new Set([1]));
  expect(reciprocalRank(ranking, new Set([1]))).toBe(0);
  expect(recallAt(2, ranking, new Set([1, 2]))).toBe(0.5);
});

it('has no figure without a relevant item, or for scores that are no numbers', () => {
  expect(() => recallAt(1, [0], new Set())).toThrow('no figure');
  expect(() => ndcgAt(1, [0], new Set())).toThrow('no figure');
  expect(() => reciprocalRank([0], new Set())).toThrow('no figure');
  expect(() => rankItems([0, Number.NaN])).toThrow('item 1');
});
