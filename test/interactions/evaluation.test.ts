import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import {
  amongCandidates,
  compareScorers,
  evaluateRanking,
  InteractionData,
  type RankingTask,
  rankingTask,
  type Scorer,
} from '../../core/interactions/index.ts';
import { anyEdges, interactionsOf } from '../support/interactions.ts';

const scorerOf =
  (scores: readonly (readonly number[])[]): Scorer =>
  (users) =>
    Float32Array.from([...users].flatMap((user) => scores[user]));

/** The definitions, word for word, from whole sorted lists. */
function plainFigures(task: RankingTask, scores: number[][], ks: number[], seed: number) {
  const order = new Random(seed).shuffle(Int32Array.from({ length: task.items }, (_, i) => i));
  const listOf = (rows: typeof task.known, user: number) => [
    ...rows.entries.subarray(rows.offsets[user], rows.offsets[user + 1]),
  ];
  const sums: Record<string, number[]> = {};
  const add = (name: string, value: number) => {
    sums[name] = [...(sums[name] ?? []), value];
  };
  const shown = ks.map(() => new Set<number>());
  for (const user of task.users) {
    const known = listOf(task.known, user);
    const relevant = listOf(task.relevant, user);
    const candidates = [...Array(task.items).keys()].filter((item) => !known.includes(item));
    const ranking = candidates.sort((a, b) => scores[user][b] - scores[user][a] || order[a] - order[b]);
    const rel = ranking.map((item) => (relevant.includes(item) ? 1 : 0)) as number[];
    ks.forEach((k, i) => {
      const hits = rel.slice(0, k).reduce((sum, one) => sum + one, 0);
      const dcg = (list: number[]) =>
        list.slice(0, k).reduce((sum, one, at) => sum + one / Math.log2(at + 2), 0);
      add(`recall@${k}`, hits / relevant.length);
      add(`precision@${k}`, hits / k);
      add(`hit@${k}`, hits > 0 ? 1 : 0);
      add(`ndcg@${k}`, dcg(rel) / dcg(rel.toSorted((a, b) => b - a)));
      for (const item of ranking.slice(0, k)) shown[i].add(item);
    });
    add('mrr', 1 / (rel.indexOf(1) + 1));
    const precisionAt = (at: number) => rel.slice(0, at + 1).reduce((sum, one) => sum + one, 0) / (at + 1);
    add('map', rel.reduce((sum, one, at) => sum + one * precisionAt(at), 0) / relevant.length);
    let [wins, pairs] = [0, 0];
    for (const good of relevant)
      for (const other of candidates.filter((item) => !relevant.includes(item))) {
        pairs++;
        const [a, b] = [scores[user][good], scores[user][other]];
        wins += a > b ? 1 : a === b ? 0.5 : 0;
      }
    if (pairs > 0) add('auc', wins / pairs);
  }
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    figures: Object.fromEntries(Object.entries(sums).map(([name, values]) => [name, mean(values)])),
    coverage: Object.fromEntries(ks.map((k, i) => [`@${k}`, shown[i].size / task.items])),
  };
}

describe('rankingTask', () => {
  it('asks for what is held out and not known, and never for a user themselves', () => {
    const data = interactionsOf(3, 4, [
      { user: 0, item: 1 },
      { user: 0, item: 3 },
      { user: 0, item: 1 },
      { user: 0, item: 0 },
      { user: 2, item: 2 },
      { user: 2, item: 2 },
    ]);
    const task = rankingTask(data, 'took', {
      known: Int32Array.of(0, 4),
      relevant: Int32Array.of(1, 2, 3, 5),
    });
    expect([...task.users]).toEqual([0]);
    expect([...task.relevant.entries]).toEqual([0, 3]);
    expect([...task.popularity]).toEqual([0, 1, 1, 0]);
    expect(() => rankingTask(data, 'took', { known: Int32Array.of(4), relevant: Int32Array.of(5) })).toThrow(
      'no user has a held-out item that is not known',
    );
    const edges = { fromRows: Int32Array.of(0, 0, 1), toRows: Int32Array.of(1, 0, 2) };
    const friends = new InteractionData(
      [{ name: 'user', ids: ['a', 'b', 'c'] }],
      [{ name: 'knows', from: 'user', to: 'user', ...edges }],
    );
    const asked = rankingTask(friends, 'knows', { known: Int32Array.of(0), relevant: Int32Array.of(1, 2) });
    expect([...asked.users]).toEqual([1]);
    expect([...asked.known.entries]).toEqual([0, 1, 1, 2]);
  });
});

describe('evaluateRanking', () => {
  it('gives the figures worked out by hand', async () => {
    // User 0 knows item 0; of 1 … 5, items 2 and 5 are to be found, ranked 4, 2, 1, 5, 3: places 2 and 4.
    const data = interactionsOf(1, 6, [
      { user: 0, item: 0 },
      { user: 0, item: 2 },
      { user: 0, item: 5 },
    ]);
    const task = rankingTask(data, 'took', { known: Int32Array.of(0), relevant: Int32Array.of(1, 2) });
    const { figures, coverage, gini, byPopularity } = await evaluateRanking(
      scorerOf([[9, 3, 4, 1, 5, 2]]),
      task,
      { ks: [1, 3] },
    );
    const value = (name: string) => figures[name].value;
    expect(value('recall@1')).toBe(0);
    expect(value('recall@3')).toBe(1 / 2);
    expect(value('precision@3')).toBeCloseTo(1 / 3);
    expect(value('hit@3')).toBe(1);
    expect(value('ndcg@3')).toBeCloseTo(1 / Math.log2(3) / (1 + 1 / Math.log2(3)));
    expect(value('mrr')).toBe(1 / 2);
    expect(value('map')).toBeCloseTo((1 / 2 + 2 / 4) / 2);
    // Pairs won: item 2 above 1 and 3, item 5 above 3.
    expect(value('auc')).toBeCloseTo(3 / 6);
    expect(coverage).toEqual({ '@1': 1 / 6, '@3': 3 / 6 });
    // One item shown of six: (n − 1) / n.
    expect(gini['@1']).toBeCloseTo(5 / 6);
    expect(gini['@3']).toBeCloseTo(1 / 2);
    expect(byPopularity.map(({ least, most, count }) => [least, most, count])).toEqual([[0, 1, 2]]);
  });

  it('ranks candidates alone where a task has them', async () => {
    const data = interactionsOf(2, 6, [
      { user: 0, item: 0 },
      { user: 0, item: 2 },
      { user: 0, item: 5 },
      { user: 1, item: 3 },
    ]);
    const whole = rankingTask(data, 'took', { known: Int32Array.of(0), relevant: Int32Array.of(1, 2, 3) });
    // User 0 may be offered 0, which they have, 1, 3 and 5; user 1 nothing that is to be found.
    const task = amongCandidates(whole, {
      offsets: Uint32Array.of(0, 4, 5),
      entries: Int32Array.of(0, 1, 3, 5, 4),
    });
    expect([...task.users]).toEqual([0]);
    expect([...task.relevant.entries]).toEqual([5]);
    // Of 1, 3 and 5, with 4, 1 and 2: item 5 stands second, whatever items 2 and 4 have.
    const { figures } = await evaluateRanking(scorerOf([[9, 4, 8, 1, 7, 2]]), task, { ks: [1, 3] });
    expect(figures.mrr.value).toBe(1 / 2);
    expect(figures['recall@3'].value).toBe(1);
    expect(figures.auc.value).toBe(1 / 2);
  });

  it('agrees with the definitions for any scores, ties among them', async () => {
    const score = fc.constantFrom(-1, 0, 0.5, 2, Number.NEGATIVE_INFINITY);
    const case_ = fc.record({
      edges: anyEdges(4, 9, 40),
      scores: fc.array(fc.array(score, { minLength: 9, maxLength: 9 }), { minLength: 4, maxLength: 4 }),
      seed: fc.integer({ min: 1, max: 99 }),
    });
    await fc.assert(
      fc.asyncProperty(case_, async ({ edges, scores, seed }) => {
        const data = interactionsOf(4, 9, edges);
        const numbers = Int32Array.from(edges.keys());
        const [known, relevant] = [numbers.filter((i) => i % 2 === 0), numbers.filter((i) => i % 2 === 1)];
        let task: RankingTask;
        try {
          task = rankingTask(data, 'took', { known, relevant });
        } catch {
          return fc.pre(false);
        }
        const ks = [1, 3, 20];
        const result = await evaluateRanking(scorerOf(scores), task, { ks, seed });
        const plain = plainFigures(task, scores, ks, seed);
        for (const [name, value] of Object.entries(plain.figures))
          expect(result.figures[name].value, name).toBeCloseTo(value, 10);
        expect(result.coverage).toEqual(plain.coverage);
        const total = result.byActivity.reduce((sum, { count }) => sum + count, 0);
        expect(total).toBe(result.users);
        const weighted = result.byActivity.reduce((sum, b) => sum + b.count * b.figures['recall@3'], 0);
        expect(weighted / total).toBeCloseTo(plain.figures['recall@3'], 10);
      }),
      { numRuns: 150 },
    );
  });

  it('gives nothing for an item’s number: a scorer that says the same of all is as good as chance', async () => {
    const edges = Array.from({ length: 40 }, (_, user) =>
      [0, 1].map((item) => ({ user, item: item + (user % 2) * 50 })),
    ).flat();
    const data = interactionsOf(40, 100, edges);
    const numbers = Int32Array.from(edges.keys());
    const task = rankingTask(data, 'took', { known: numbers.subarray(0, 0), relevant: numbers });
    const same: Scorer = (users) => new Float32Array(users.length * 100);
    const means = await Promise.all(
      Array.from(
        { length: 200 },
        async (_, seed) => (await evaluateRanking(same, task, { seed, ks: [10] })).figures['recall@10'].value,
      ),
    );
    const mean = means.reduce((sum, value) => sum + value, 0) / means.length;
    expect(Math.abs(mean - 0.1)).toBeLessThan(0.04);
  });

  it('has intervals that hold the truth, smaller for more users, and compares scorers user by user', async () => {
    const users = 300;
    const random = new Random(4);
    const edges = Array.from({ length: users }, (_, user) => ({ user, item: 0 }));
    const data = interactionsOf(users, 2, edges);
    const task = rankingTask(data, 'took', {
      known: new Int32Array(0),
      relevant: Int32Array.from(edges.keys()),
    });
    const first = Float32Array.from({ length: users }, () => (random.uniform() < 0.7 ? 1 : -1));
    const scorer: Scorer = (asked) => Float32Array.from([...asked].flatMap((user) => [first[user], 0]));
    const result = await evaluateRanking(scorer, task, { ks: [1] });
    const { value, low, high } = result.figures['hit@1'];
    expect(value).toBeCloseTo(first.filter((score) => score > 0).length / users, 10);
    // 95 % of a share: ± 1.96 √(p (1 − p) / n).
    const width = 2 * 1.96 * Math.sqrt((value * (1 - value)) / users);
    expect((high - low) / width).toBeGreaterThan(0.8);
    expect((high - low) / width).toBeLessThan(1.2);
    const better: Scorer = (asked) => Float32Array.from([...asked].flatMap(() => [1, 0]));
    const difference = compareScorers(await evaluateRanking(better, task, { ks: [1] }), result)['hit@1'];
    expect(difference.value).toBeCloseTo(1 - value, 10);
    expect(difference.low).toBeGreaterThan(0);
  });

  it('ranks among as many drawn items as asked for, and says so', async () => {
    const data = interactionsOf(1, 50, [{ user: 0, item: 7 }]);
    const task = rankingTask(data, 'took', { known: new Int32Array(0), relevant: Int32Array.of(0) });
    const worst: Scorer = () => Float32Array.from({ length: 50 }, (_, item) => (item === 7 ? -1 : 0));
    const { figures, sampled } = await evaluateRanking(worst, task, { sampled: 4 });
    expect(sampled).toBe(4);
    expect(figures.mrr.value).toBe(1 / 5);
    expect((await evaluateRanking(worst, task)).figures.mrr.value).toBe(1 / 50);
  });

  it('refuses scores that are not numbers, and too few of them', async () => {
    const data = interactionsOf(1, 2, [{ user: 0, item: 1 }]);
    const task = rankingTask(data, 'took', { known: new Int32Array(0), relevant: Int32Array.of(0) });
    await expect(evaluateRanking(scorerOf([[Number.NaN, 1]]), task)).rejects.toThrow(
      'item 0 is not a number',
    );
    await expect(evaluateRanking(scorerOf([[1]]), task)).rejects.toThrow('1 scores for 1 × 2');
  });
});
