import { describe, expect, it } from 'vitest';
import { Random } from '../../../core/base/index.ts';
import {
  accidentalHits,
  hardNegatives,
  KnownPairs,
  NegativeSampler,
  popularityWeights,
} from '../../../core/graph/index.ts';
import { fitsExpected } from '../../support/chiSquare.ts';

const pairs: [number, number][] = [
  [0, 3],
  [0, 1],
  [0, 3],
  [2, 0],
  [2, 5],
];
const known = new KnownPairs(
  4,
  Int32Array.from(pairs, ([row]) => row),
  Int32Array.from(pairs, ([, item]) => item),
);

describe('KnownPairs', () => {
  it('knows the pairs it was made of and no others', () => {
    for (let row = 0; row < 4; row++)
      for (let item = 0; item < 8; item++)
        expect(known.has(row, item)).toBe(pairs.some(([a, b]) => a === row && b === item));
  });
});

describe('NegativeSampler', () => {
  const counts = [0, 1, 4, 9, 16, 25];

  it('draws evenly, or by popularity to a power, and says with which chance', () => {
    for (const [sampler, weights] of [
      [new NegativeSampler(6), [1, 1, 1, 1, 1, 1]],
      [new NegativeSampler(popularityWeights(counts, 0.5)), [0, 1, 2, 3, 4, 5]],
      [new NegativeSampler(popularityWeights(counts, 0)), [1, 1, 1, 1, 1, 1]],
    ] as const) {
      const drawn = countsOf(sampler.draw(30_000, new Random(1)), 6);
      const total = weights.reduce<number>((sum, weight) => sum + weight, 0);
      const items = [...weights.keys()].filter((item) => weights[item] > 0);
      expect(drawn.reduce((sum, count) => sum + count, 0)).toBe(
        items.reduce((sum, item) => sum + drawn[item], 0),
      );
      expect(
        fitsExpected(
          items.map((item) => drawn[item]),
          items.map((item) => (30_000 * weights[item]) / total),
        ),
      ).toBe(true);
      sampler.logProbabilities(Int32Array.of(1, 5, 0)).forEach((logQ, i) => {
        expect(Math.exp(logQ)).toBeCloseTo(weights[[1, 5, 0][i]] / total, 6);
      });
    }
  });

  it('leaves out the known positives of each row and keeps the proportions of the others', () => {
    const sampler = new NegativeSampler(Float32Array.of(1, 2, 3, 4, 5, 6));
    const drawn = sampler.drawFor(Int32Array.of(0, 2, 1), 5000, known, new Random(2));
    const [first, second, third] = [0, 1, 2].map((i) =>
      countsOf(drawn.subarray(i * 5000, (i + 1) * 5000), 6),
    );
    expect([first[1], first[3], second[0], second[5]]).toEqual([0, 0, 0, 0]);
    const check = (counts: number[], weights: number[]) => {
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const items = [...weights.keys()].filter((item) => weights[item] > 0);
      const expected = items.map((item) => (5000 * weights[item]) / total);
      return fitsExpected(
        items.map((item) => counts[item]),
        expected,
      );
    };
    expect(check(first, [1, 0, 3, 0, 5, 6])).toBe(true);
    expect(check(second, [0, 2, 3, 4, 5, 0])).toBe(true);
    expect(check(third, [1, 2, 3, 4, 5, 6])).toBe(true);
  });

  it('finds the few items left to a row that goes with nearly all, and says so when none is left', () => {
    const items = 3000;
    const all = Int32Array.from({ length: items }, (_, item) => item);
    const rest = [7, 1999, 2500];
    const most = all.filter((item) => !rest.includes(item));
    const almost = new KnownPairs(1, new Int32Array(most.length), most);
    const sampler = new NegativeSampler(Float32Array.from(all, (item) => (item === 7 ? 2 : 1)));
    const drawn = sampler.drawFor(Int32Array.of(0), 800, almost, new Random(3));
    expect(
      fitsExpected(
        rest.map((item) => drawn.filter((d) => d === item).length),
        [400, 200, 200],
      ),
    ).toBe(true);
    const everything = new KnownPairs(1, new Int32Array(items), all);
    expect(() => sampler.drawFor(Int32Array.of(0), 1, everything, new Random(3))).toThrow(
      expect.objectContaining({
        code: 'input',
        message: expect.stringContaining('Row 0 goes with every item'),
      }),
    );
    expect(() => new NegativeSampler(0)).toThrow('no items');
  });

  it('is the same for the same seed, and draws nothing for nobody', () => {
    const sampler = new NegativeSampler(popularityWeights(counts, 1));
    expect(sampler.draw(50, new Random(4))).toEqual(sampler.draw(50, new Random(4)));
    expect(sampler.draw(0, new Random(4))).toHaveLength(0);
    expect(sampler.drawFor(new Int32Array(0), 5, known, new Random(4))).toHaveLength(0);
  });
});

describe('accidentalHits', () => {
  it('marks known positives and repeated items of other rows, never a pair itself', () => {
    const rows = Int32Array.of(0, 2, 1, 0);
    const items = Int32Array.of(3, 0, 3, 1);
    expect([...accidentalHits(rows, items, known)]).toEqual([
      ...[0, 0, 1, 1],
      ...[0, 0, 0, 0],
      ...[1, 0, 0, 0],
      ...[1, 0, 1, 0],
    ]);
  });
});

describe('hardNegatives', () => {
  it('draws different items of the window evenly, without known positives', () => {
    const ranking = Int32Array.of(9, 8, 3, 6, 1, 4, 2);
    const window = { row: 0, from: 1, to: 6, count: 2, known };
    const counts = new Map<string, number>();
    const random = new Random(5);
    for (let draw = 0; draw < 3000; draw++) {
      const key = [...hardNegatives(ranking, window, random)].sort().join();
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['4,6', '4,8', '6,8']);
    expect(fitsExpected([...counts.values()], [1000, 1000, 1000])).toBe(true);
    expect([...ranking]).toEqual([9, 8, 3, 6, 1, 4, 2]);
  });

  it('gives fewer where the window holds no more', () => {
    const ranking = Int32Array.of(3, 1, 7);
    const drawn = hardNegatives(ranking, { row: 0, from: 0, to: 50, count: 4, known }, new Random(1));
    expect([...drawn]).toEqual([7]);
    expect(hardNegatives(ranking, { row: 0, from: 3, to: 50, count: 4, known }, new Random(1))).toHaveLength(
      0,
    );
  });
});

function countsOf(items: Int32Array, count: number): number[] {
  const counts: number[] = Array(count).fill(0);
  for (const item of items) counts[item]++;
  return counts;
}
