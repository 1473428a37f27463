import { EtalonError } from '../../base/index.ts';
import { type Csr, csrOf } from '../../graph/index.ts';
import type { InteractionData } from '../data.ts';
import { distinctPairs, rowOf } from '../pairs.ts';

/**
 * Scores of every item for some users: [users.length · items], user after user; higher is better. −Infinity takes an item out of
 * the ranking but for its last places. Models and baselines are asked through this alone, so one code judges them all.
 */
export type Scorer = (users: Int32Array) => Float32Array | Promise<Float32Array>;

/** Who is asked, what should be found, and what must not be offered. */
export interface RankingTask {
  readonly items: number;
  /** Users with at least one relevant item, ascending. */
  readonly users: Int32Array;
  /** By row of user, ascending: items to be found, none of them known. */
  readonly relevant: Csr;
  /** By row of user, ascending: items left out of the ranking. */
  readonly known: Csr;
  /** [items] different users who are known to go with each. */
  readonly popularity: Uint32Array;
  /** By row of user, ascending: the only items that are ranked, known ones left out; left out: every item. */
  readonly candidates?: Csr;
}

/**
 * The task among each user's candidates alone, as a ranker is asked about what retrieval found: relevant items that are no candidates do
 * not count, nor do users who have none left.
 */
export function amongCandidates(task: RankingTask, candidates: Csr): RankingTask {
  const relevant = mapRows(task.relevant, (own, user) => {
    const ranked = new Set(rowOf(candidates, user));
    return own.filter((item) => ranked.has(item));
  });
  const users = task.users.filter((user) => rowOf(relevant, user).length > 0);
  return { ...task, candidates, relevant, users };
}

/**
 * The task of finding the edges `relevant` of one type by the edges `known`. What a user is known to go with is neither offered nor
 * counted, nor is a user to themselves where both ends are of one type.
 */
export function rankingTask(
  data: InteractionData,
  type: string,
  { known, relevant }: { known: Int32Array; relevant: Int32Array },
): RankingTask {
  const { from, to, fromRows, toRows } = data.edges(type);
  const userCount = data.nodes(from).count;
  const items = data.nodes(to).count;
  const seen = distinctPairs(fromRows, toRows, userCount, known);
  const masked = from === to ? withSelf(seen) : seen;
  const asked = without(distinctPairs(fromRows, toRows, userCount, relevant), masked);
  const users = Int32Array.from({ length: userCount }, (_, user) => user).filter(
    (user) => rowOf(asked, user).length > 0,
  );
  if (users.length === 0)
    throw new EtalonError(
      'input',
      `Nothing is left to be found: no ${from} has a held-out ${to} that is not known.`,
      {
        remedy: 'Hold out more, or choose another way of splitting.',
      },
    );
  return { items, users, relevant: asked, known: masked, popularity: knownPopularity(seen, items) };
}

/** [items] different users of each among known pairs. */
export function knownPopularity(seen: Csr, items: number): Uint32Array {
  const popularity = new Uint32Array(items);
  for (const item of seen.entries) popularity[item]++;
  return popularity;
}

function withSelf(pairs: Csr): Csr {
  return mapRows(pairs, (own, user) => (own.includes(user) ? own : Int32Array.of(...own, user).sort()));
}

function without(pairs: Csr, removed: Csr): Csr {
  return mapRows(pairs, (own, user) => {
    const gone = new Set(rowOf(removed, user));
    return own.filter((item) => !gone.has(item));
  });
}

function mapRows(pairs: Csr, change: (own: Int32Array, row: number) => Int32Array): Csr {
  return csrOf(Array.from({ length: pairs.offsets.length - 1 }, (_, row) => change(rowOf(pairs, row), row)));
}
