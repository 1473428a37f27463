import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import {
  evaluateRanking,
  pairQuestions,
  rankingTask,
  type Scorer,
  splitUsersAtRandom,
} from '../../core/interactions/index.ts';
import { anyEdges, interactionsOf } from '../support/interactions.ts';

const [USERS, ITEMS] = [6, 12];
/** No two scores of a user are equal, so that ranks can be counted. */
const scoreOf = (user: number, item: number) => ((user * 31 + item * 17) % 97) + item / 100;
const scorer: Scorer = (users) =>
  Float32Array.from(users.length * ITEMS === 0 ? [] : [...users].flatMap((user) => scoresOf(user)));
const scoresOf = (user: number) => Array.from({ length: ITEMS }, (_, item) => scoreOf(user, item));

it('judges pairs as counting by hand does', async () => {
  await fc.assert(
    fc.asyncProperty(anyEdges(USERS, ITEMS), async (edges) => {
      const data = interactionsOf(USERS, ITEMS, edges);
      const table = data.edges('took');
      const split = splitUsersAtRandom(table, { shares: { validation: 0, test: 0.5 } }, new Random(1));
      const pairOf = (edge: number) => `${table.fromRows[edge]} ${table.toRows[edge]}`;
      const known = new Set(Array.from(split.train, pairOf));
      const asked = [...new Set(Array.from(split.test, pairOf))].filter((pair) => !known.has(pair));
      fc.pre(asked.length > 0);
      const ranks = asked.map((pair) => {
        const [user, item] = pair.split(' ').map(Number);
        const others = Array.from({ length: ITEMS }, (_, other) => other).filter(
          (other) => other !== item && !known.has(`${user} ${other}`),
        );
        return 1 + others.filter((other) => scoreOf(user, other) > scoreOf(user, item)).length;
      });
      const task = rankingTask(data, 'took', { known: split.train, relevant: split.test });
      const questions = pairQuestions(task);
      const { users, figures } = await evaluateRanking(questions.scorer(scorer), questions.task, { ks: [3] });
      const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
      expect(users).toBe(asked.length);
      expect(figures['hit@3'].value).toBeCloseTo(mean(ranks.map((rank) => (rank <= 3 ? 1 : 0))), 9);
      expect(figures.mrr.value).toBeCloseTo(mean(ranks.map((rank) => 1 / rank)), 9);
    }),
    { numRuns: 40 },
  );
});
