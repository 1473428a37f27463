import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quietContext, Random } from '../../core/base/index.ts';
import { bprStep } from '../../core/interactions/baselines/bprMf.ts';
import {
  adamicAdar,
  Bm25Index,
  bm25,
  bprMf,
  evaluateRanking,
  friendsOfFriends,
  InteractionData,
  itemKnn,
  popularity,
  rankingTask,
  type Scorer,
  splitUsersAtRandom,
  tally,
  wordsOf,
} from '../../core/interactions/index.ts';
import { anyEdges, interactionsOf, type PlainEdge } from '../support/interactions.ts';

const [USERS, ITEMS] = [5, 6];
const users = [...Array(USERS).keys()];
const items = [...Array(ITEMS).keys()];

const scoresOf = async (scorer: Scorer, user: number) => [...(await scorer(Int32Array.of(user)))];
const itemsOf = (edges: readonly PlainEdge[], user: number) =>
  new Set(edges.filter((edge) => edge.user === user).map(({ item }) => item));
const usersOf = (edges: readonly PlainEdge[], item: number) =>
  new Set(edges.filter((edge) => edge.item === item).map(({ user }) => user));
const common = <T>(a: Set<T>, b: Set<T>) => [...a].filter((one) => b.has(one));

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], 5);
  });
}

describe('popularity', () => {
  it('counts different users', async () => {
    const edges = [
      { user: 0, item: 2 },
      { user: 0, item: 2 },
      { user: 1, item: 2 },
      { user: 1, item: 0 },
    ];
    expect(await scoresOf(popularity(interactionsOf(2, 3, edges), 'took'), 1)).toEqual([1, 0, 2]);
  });
});

describe('itemKnn', () => {
  it('is its formula', async () => {
    const settings = fc.record({
      neighbours: fc.integer({ min: 1, max: 6 }),
      shrinkage: fc.constantFrom(0, 1, 10),
    });
    await fc.assert(
      fc.asyncProperty(anyEdges(USERS, ITEMS), settings, async (edges, { neighbours, shrinkage }) => {
        const scorer = itemKnn(interactionsOf(USERS, ITEMS, edges), 'took', { neighbours, shrinkage });
        const similarity = (a: number, b: number) => {
          const [own, other] = [usersOf(edges, a), usersOf(edges, b)];
          return common(own, other).length / (Math.sqrt(own.size * other.size) + shrinkage);
        };
        const nearest = (item: number) =>
          items
            .filter(
              (other) => other !== item && common(usersOf(edges, item), usersOf(edges, other)).length > 0,
            )
            .sort((a, b) => similarity(item, b) - similarity(item, a) || a - b)
            .slice(0, neighbours);
        for (const user of users) {
          const expected = items.map((item) =>
            [...itemsOf(edges, user)].reduce(
              (sum, own) => sum + (nearest(own).includes(item) ? similarity(own, item) : 0),
              0,
            ),
          );
          expectClose(await scoresOf(scorer, user), expected);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('bprMf', () => {
  it('steps down the gradient of its loss, by central differences', () => {
    const random = new Random(3);
    const factors = 3;
    const draw = (count: number) => Float32Array.from({ length: count }, () => random.normal());
    const before = { users: draw(2 * factors), items: draw(3 * factors), bias: draw(3) };
    const triple = { user: 1, positive: 2, negative: 0 };
    const regularisation = 0.3;
    const loss = (parameters: Record<'users' | 'items' | 'bias', Float64Array>) => {
      const p = parameters.users.subarray(3, 6);
      const [r, q] = [parameters.items.subarray(0, 3), parameters.items.subarray(6, 9)];
      const [c, b] = [parameters.bias[0], parameters.bias[2]];
      const squares = [...p, ...q, ...r, b, c].reduce((sum, value) => sum + value * value, 0);
      const x = b - c + p.reduce((sum, value, k) => sum + value * (q[k] - r[k]), 0);
      return Math.log(1 + Math.exp(-x)) + (regularisation / 2) * squares;
    };
    const after = { users: before.users.slice(), items: before.items.slice(), bias: before.bias.slice() };
    bprStep(after, { factors, learningRate: 1, regularisation }, triple);
    for (const name of ['users', 'items', 'bias'] as const)
      before[name].forEach((_, i) => {
        const shifted = (by: number) => {
          const moved = {
            users: Float64Array.from(before.users),
            items: Float64Array.from(before.items),
            bias: Float64Array.from(before.bias),
          };
          moved[name][i] += by;
          return loss(moved);
        };
        const gradient = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
        expect(before[name][i] - after[name][i], `${name} ${i}`).toBeCloseTo(gradient, 5);
      });
  });

  it('finds what groups of users like, the same for a seed', async () => {
    const random = new Random(5);
    const edges = Array.from({ length: 60 }, (_, user) =>
      Array.from({ length: 12 }, () => ({ user, item: (user % 2) * 30 + random.int(30) })),
    ).flat();
    const data = interactionsOf(60, 60, edges);
    const split = splitUsersAtRandom(
      data.edges('took'),
      { shares: { validation: 0, test: 0.25 } },
      new Random(1),
    );
    const train = data.withEdges(data.edges('took').take(split.train));
    const task = rankingTask(data, 'took', { known: split.train, relevant: split.test });
    const settings = { factors: 8, learningRate: 0.05, regularisation: 0.01, epochs: 30, seed: 7 };
    const scorer = await bprMf(train, 'took', settings, quietContext);
    const auc = async (judged: Scorer) => (await evaluateRanking(judged, task)).figures.auc.value;
    // Nothing within a group can be known: its items are right, half of all, and chance decides between them.
    expect(await auc(scorer)).toBeGreaterThan(0.7);
    expect(await auc(popularity(train, 'took'))).toBeLessThan(0.6);
    const again = await bprMf(train, 'took', settings, quietContext);
    expect(await scoresOf(again, 3)).toEqual(await scoresOf(scorer, 3));
    const epochs: number[] = [];
    await bprMf(train, 'took', settings, quietContext, async (epoch) => epochs.push(epoch) < 3);
    expect(epochs).toEqual([1, 2, 3]);
  });
});

describe('friends', () => {
  it('are their formulas, whichever way a friendship is written', async () => {
    await fc.assert(
      fc.asyncProperty(anyEdges(6, 6, 20), async (edges) => {
        const data = new InteractionData(
          [{ name: 'user', ids: ['0', '1', '2', '3', '4', '5'] }],
          [
            {
              name: 'knows',
              from: 'user',
              to: 'user',
              fromRows: Int32Array.from(edges, ({ user }) => user),
              toRows: Int32Array.from(edges, ({ item }) => item),
            },
          ],
        );
        const all = [0, 1, 2, 3, 4, 5];
        const friends = all.map(
          (one) =>
            new Set(
              all.filter(
                (other) =>
                  other !== one &&
                  edges.some(
                    ({ user, item }) => (user === one && item === other) || (user === other && item === one),
                  ),
              ),
            ),
        );
        const expected = (user: number, weight: (z: number) => number) =>
          all.map((other) =>
            other === user ? 0 : common(friends[user], friends[other]).reduce((sum, z) => sum + weight(z), 0),
          );
        for (const user of all) {
          expect(await scoresOf(friendsOfFriends(data, 'knows'), user)).toEqual(expected(user, () => 1));
          const adamic = await scoresOf(adamicAdar(data, 'knows'), user);
          expectClose(
            adamic,
            expected(user, (z) => 1 / Math.log(friends[z].size)),
          );
        }
      }),
      { numRuns: 40 },
    );
    expect(() => adamicAdar(interactionsOf(1, 1, [{ user: 0, item: 0 }]), 'took')).toThrow(
      'that is no friendship',
    );
  });
});

describe('bm25', () => {
  it('is its formula', () => {
    expect(wordsOf('Crème brûlée, N°2 (2019)!')).toEqual(['crème', 'brûlée', 'n', '2', '2019']);
    const texts = ['war and peace', 'war war war of the worlds', '', 'peace'];
    const scores = new Float32Array(4);
    new Bm25Index(texts).addScores(tally(['war', 'peace', 'peace', 'unheard']), scores);
    const mean = (3 + 6 + 0 + 1) / 4;
    const part = (times: number, length: number) =>
      (times * 2.2) / (times + 1.2 * (0.25 + (0.75 * length) / mean));
    const rarity = Math.log(1 + (4 - 2 + 0.5) / (2 + 0.5));
    expectClose(
      [...scores],
      [rarity * (part(1, 3) + 2 * part(1, 3)), rarity * part(3, 6), 0, 2 * rarity * part(1, 1)],
    );
  });

  it('finds items whose texts are like those that a user knows', async () => {
    const data = interactionsOf(1, 3, [{ user: 0, item: 0 }]);
    const texts = ['space war', 'a war in space', 'a love story'];
    const named = new InteractionData(
      [
        { name: 'user', ids: ['u0'] },
        { name: 'item', ids: ['a', 'b', 'c'], features: { title: { kind: 'text', values: texts } } },
      ],
      [data.edges('took')],
    );
    const [, like, unlike] = await scoresOf(bm25(named, 'took', ['title']), 0);
    expect(like).toBeGreaterThan(0);
    expect(unlike).toBe(0);
  });
});
