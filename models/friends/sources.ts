import type { ReportTable } from '@etalon/core/api/contract';
import { type BoundedFigure, type TaskContext, throwIfCancelled } from '@etalon/core/base';
import {
  type CandidateLists,
  inTurns,
  meanOfUsers,
  overlapOf,
  type RankingTask,
  recallOfLists,
  relativeGain,
  rowOf,
  union,
} from '@etalon/core/interactions';
import type { RankerScores } from './ranker.ts';
import { type RankedList, rankedCandidates } from './scorers.ts';
import type { FriendSearch } from './search.ts';

/** Candidates of a source that recall is told at. */
const K = 100;
const REPORT_EVERY = 64;
/** Users by how many friends they had: up to so many. */
const ACTIVITY = [0, 5, 15, Number.POSITIVE_INFINITY];

/** What each source offered every user of a task. */
export interface SourceLists {
  readonly friendsOfFriends: CandidateLists;
  /** Twice as many of the same. */
  readonly moreFriendsOfFriends: CandidateLists;
  /** By the user's own embedding alone, and with those of seed friends. */
  readonly own: CandidateLists;
  readonly seeded: CandidateLists;
  /** All candidates of both sources, by the ranker; empty without one. */
  readonly ranked: readonly RankedList[];
}

export async function sourceLists(
  { search, ranker }: { search: FriendSearch; ranker?: RankerScores },
  { users }: RankingTask,
  context: TaskContext,
): Promise<SourceLists> {
  const more: Int32Array[] = [];
  const own: Int32Array[] = [];
  const seeded: Int32Array[] = [];
  const ranked: RankedList[] = [];
  for (const [place, user] of users.entries()) {
    if (place % REPORT_EVERY === 0) {
      context.report({ stage: 'Asking both sources', done: place, total: users.length, unit: 'users' });
      throwIfCancelled(context.signal);
    }
    more.push(await search.friendsOfFriends(user, 2 * K));
    own.push(search.byEmbedding(user, K, false));
    seeded.push(search.byEmbedding(user, K));
    if (ranker) ranked.push(await rankedCandidates(search, ranker, user));
  }
  const friendsOfFriends = more.map((list) => list.slice(0, K));
  return { friendsOfFriends, moreFriendsOfFriends: more, own, seeded, ranked };
}

/** Recall of sources alone and together, as figures by name, and as tables with their overlap. */
export function judgeSources(
  task: RankingTask,
  lists: SourceLists,
): { figures: Record<string, BoundedFigure>; reports: ReportTable[] } {
  const { friendsOfFriends: near, moreFriendsOfFriends, own, seeded, ranked } = lists;
  const together = (merge: typeof union) => near.map((list, i) => merge(list, seeded[i]));
  const inTurnsOf = together((a, b) => inTurns(a, b, K));
  const either = together(union);
  const base = recallOfLists(task, near);
  const sources: [name: string, lists: CandidateLists][] = [
    ['friends of friends', near],
    ['embeddings, own', own],
    ['embeddings, with seed friends', seeded],
    ['both in turns', inTurnsOf],
    ['both, all of either', either],
    ['friends of friends, twice as many', moreFriendsOfFriends],
  ];
  if (ranked.length > 0) sources.push(['both, ranked', ranked.map(({ rows }) => rows.slice(0, K))]);
  const rows = sources.map(([name, offered]) => {
    const recall = recallOfLists(task, offered);
    const [mean, gain] = [meanOfUsers(recall), relativeGain(recall, base)];
    return { name, size: sizeOf(offered), mean, gain, recall };
  });
  const meanOf = (name: string) => rows.find((row) => row.name === name)!;
  return {
    figures: {
      [`friendsOfFriends recall@${K}`]: meanOf('friends of friends').mean,
      [`embedding recall@${K}`]: meanOf('embeddings, with seed friends').mean,
      [`joint recall@${K}`]: meanOf('both in turns').mean,
      'union recall': meanOf('both, all of either').mean,
      [`joint gain@${K}`]: meanOf('both in turns').gain,
      'union gain': meanOf('both, all of either').gain,
    },
    reports: [
      {
        title: 'Candidates',
        note: `Share of the new friends among the first ${K} candidates of a source, and by how much it is above friends of friends; 95 % intervals over users. In turns: ${K} in all.`,
        columns: ['source', 'candidates', 'recall', 'low', 'high', 'gain', 'gain low', 'gain high'],
        rows: rows.map(({ name, size, mean, gain }) => [
          ...[name, size, mean.value, mean.low, mean.high],
          ...[gain.value, gain.low, gain.high],
        ]),
      },
      overlapTable(task, near, seeded),
      activityTable(task, rows),
    ],
  };
}

function sizeOf(lists: CandidateLists): number {
  return lists.reduce((sum, list) => sum + list.length, 0) / lists.length;
}

function overlapTable(task: RankingTask, near: CandidateLists, seeded: CandidateLists): ReportTable {
  const found = { both: 0, near: 0, seeded: 0, neither: 0 };
  task.users.forEach((user, i) => {
    const [a, b] = [new Set(near[i]), new Set(seeded[i])];
    for (const friend of rowOf(task.relevant, user)) {
      const [inNear, inSeeded] = [a.has(friend), b.has(friend)];
      found[inNear ? (inSeeded ? 'both' : 'near') : inSeeded ? 'seeded' : 'neither']++;
    }
  });
  const all = found.both + found.near + found.seeded + found.neither;
  return {
    title: 'Overlap',
    note: `Of the first ${K} candidates of either source, and of the new friends that are among them.`,
    columns: ['', 'share'],
    rows: [
      ['candidates of both sources among those of either', overlapOf(near, seeded)],
      ['new friends that both found', found.both / all],
      ['new friends that friends of friends alone found', found.near / all],
      ['new friends that embeddings alone found', found.seeded / all],
      ['new friends that neither found', found.neither / all],
    ],
  };
}

function activityTable(
  task: RankingTask,
  rows: readonly { name: string; recall: Float64Array }[],
): ReportTable {
  // Users themselves are among what they know.
  const friends = Array.from(task.users, (user) => rowOf(task.known, user).length - 1);
  const groups = ACTIVITY.map((most, i) => {
    const above = i === 0 ? -1 : ACTIVITY[i - 1];
    const places = [...friends.keys()].filter((place) => friends[place] > above && friends[place] <= most);
    const name = most === 0 ? 'none' : Number.isFinite(most) ? `${above + 1} to ${most}` : `over ${above}`;
    return { name, places };
  }).filter(({ places }) => places.length > 0);
  return {
    title: 'By friends',
    note: 'Recall of users by how many friends they had.',
    columns: ['friends', 'users', ...rows.map(({ name }) => name)],
    rows: groups.map(({ name, places }) => [
      name,
      places.length,
      ...rows.map(({ recall }) => places.reduce((sum, place) => sum + recall[place], 0) / places.length),
    ]),
  };
}
