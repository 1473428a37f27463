import type { RecommendQuestion, UserRecommendations } from '@etalon/core/api/contract';
import type { Knowledge, OpenRecommender } from '@etalon/core/app/model';
import { type TaskContext, throwIfCancelled } from '@etalon/core/base';
import { openDevice } from '@etalon/core/device';
import { rowOf } from '@etalon/core/interactions';
import type { ProjectStore } from '@etalon/core/project';
import { type FriendsAtWork, friendsAtWork, loadFriends } from './loaded.ts';
import { FriendReasons } from './reasons.ts';
import { listScorer, rankedCandidates } from './scorers.ts';

export async function openFriends(
  store: ProjectStore,
  runId: number,
  knowledge: Knowledge,
  context: TaskContext,
): Promise<OpenRecommender> {
  context.report({ stage: 'Loading the recommender', done: 0 });
  const loaded = loadFriends(store, runId, knowledge);
  const device = await openDevice('cpu');
  const work = await friendsAtWork(loaded, device, context);
  const { data, type, graph } = loaded;
  let reasons: Promise<FriendReasons> | undefined;
  const explain = async (user: number, candidate: number) => {
    reasons ??= FriendReasons.compile(device, work);
    return (await reasons).explain(user, candidate);
  };
  return {
    data,
    edges: type,
    scorer: listScorer(graph.count, (user) => rankedCandidates(work.search, work.ranker, user)),
    answer: (question, asked) => answer(work, explain, question, asked),
    embeddings: [
      {
        nodes: graph.users,
        ids: data.nodes(graph.users).ids,
        width: work.search.width,
        values: work.search.z,
      },
    ],
    explain,
    dispose: () => device.dispose(),
  };
}

/** The best candidates with what joins them to the user. Throws `not-found` for a user that the data do not have. */
async function answer(
  { search, ranker, loaded: { data, graph } }: FriendsAtWork,
  explain: OpenRecommender['explain'],
  { users, count, withReasons }: RecommendQuestion,
  context: TaskContext,
): Promise<UserRecommendations[]> {
  const nodes = data.nodes(graph.users);
  const answers: UserRecommendations[] = [];
  for (const id of users) {
    const user = nodes.row(id);
    const { rows, scores } = await rankedCandidates(search, ranker, user, count);
    const own = new Set(rowOf(graph.friends, user));
    const items: UserRecommendations['items'] = [];
    for (const [i, row] of rows.entries()) {
      throwIfCancelled(context.signal);
      items.push({
        item: nodes.ids[row],
        title: null,
        score: scores[i],
        reasons: withReasons ? await explain(user, row, context) : null,
        details: {
          'friends in common': rowOf(graph.friends, row).filter((friend) => own.has(friend)).length,
          similarity: search.similarity(user, row),
        },
      });
    }
    answers.push({ user: id, items });
  }
  return answers;
}
