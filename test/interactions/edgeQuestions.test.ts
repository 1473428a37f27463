import { expect, it } from 'vitest';
import { edgeQuestions, evaluateRanking, holdOut, InteractionData } from '../../core/interactions/index.ts';

const USERS = 3;
const ITEMS = 5;
const TIMES = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const data = new InteractionData(
  [
    { name: 'user', ids: ['a', 'b', 'c'] },
    { name: 'dish', ids: ['0', '1', '2', '3', '4'] },
  ],
  [
    {
      name: 'ordered',
      from: 'user',
      to: 'dish',
      fromRows: Int32Array.of(0, 0, 1, 2, 1, 0, 2, 0),
      toRows: Int32Array.of(1, 1, 2, 3, 4, 1, 0, 1),
      timesS: TIMES,
      features: { hour: { kind: 'numeric', values: TIMES.map((time) => 10 + time) } },
    },
  ],
);
const held = holdOut(data, 'ordered', { way: 'time', test: 0.5, validation: 0.25, seed: 1 });

it('held-out edges keep their times and features', () => {
  expect([...held.heldOut.validation.timesS!]).toEqual([3, 4]);
  expect([...held.heldOut.test.timesS!]).toEqual([5, 6, 7, 8]);
  const { hour } = held.heldOut.test.features;
  expect(hour.kind === 'numeric' && [...hour.values]).toEqual([15, 16, 17, 18]);
});

it('every held-out edge is asked by itself, among all items, those had before too', async () => {
  const questions = edgeQuestions(held.known, held.heldOut.test);
  expect([...questions.users]).toEqual([1, 0, 2, 0]);
  expect([...questions.task.popularity]).toEqual([0, 1, 1, 1, 0]);
  const scoreOf = (user: number, item: number) => ((user * 7 + item * 3) % 11) + item / 10;
  const scorer = questions.scorer((users) =>
    Float32Array.from(
      [...users].flatMap((user) => Array.from({ length: ITEMS }, (_, i) => scoreOf(user, i))),
    ),
  );
  const ranks = [...held.heldOut.test.toRows].map((item, edge) => {
    const user = held.heldOut.test.fromRows[edge];
    return (
      1 +
      Array.from({ length: ITEMS }, (_, i) => i).filter((i) => scoreOf(user, i) > scoreOf(user, item)).length
    );
  });
  const { users, figures } = await evaluateRanking(scorer, questions.task, { ks: [1] });
  expect(users).toBe(4);
  expect(USERS).toBeLessThan(4);
  expect(figures.mrr.value).toBeCloseTo(ranks.reduce((sum, rank) => sum + 1 / rank, 0) / 4, 9);
  expect(figures['hit@1'].value).toBeCloseTo(ranks.filter((rank) => rank === 1).length / 4, 9);
});
