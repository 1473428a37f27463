import { rowOf } from '../pairs.ts';
import type { RankingTask, Scorer } from './task.ts';

/** A task in which every relevant item is a question of its own, and how a scorer of its users answers it. */
export interface PairQuestions {
  readonly task: RankingTask;
  /** [questions] whom each asks about. */
  readonly users: Int32Array;
  readonly scorer: (ofUsers: Scorer) => Scorer;
}

/**
 * Asks for every relevant item by itself: figures are then means over pairs, as of items that were taken next, not over users. `hit@k` is the
 * share of the pairs whose item is among the k best, `mrr` the mean of 1 ÷ its place (PinSage: Ying et al. 2018, § 4.1). Other relevant
 * items of the user are ranked like any other, what is known is not.
 */
export function pairQuestions(task: RankingTask): PairQuestions {
  const pairs = Array.from(task.users).flatMap((user) =>
    Array.from(rowOf(task.relevant, user), (item) => ({ user, item })),
  );
  const users = Int32Array.from(pairs, ({ user }) => user);
  const known = Array.from(users, (user) => rowOf(task.known, user));
  const offsets = new Uint32Array(pairs.length + 1);
  known.forEach((own, pair) => {
    offsets[pair + 1] = offsets[pair] + own.length;
  });
  const entries = new Int32Array(offsets[pairs.length]);
  known.forEach((own, pair) => {
    entries.set(own, offsets[pair]);
  });
  return {
    task: {
      ...task,
      users: Int32Array.from(pairs.keys()),
      relevant: {
        offsets: Uint32Array.from({ length: pairs.length + 1 }, (_, pair) => pair),
        entries: Int32Array.from(pairs, ({ item }) => item),
      },
      known: { offsets, entries },
    },
    users,
    scorer: (ofUsers) => (questions) => ofUsers(questions.map((question) => users[question])),
  };
}
