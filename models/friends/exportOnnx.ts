import type { ExportReport } from '@etalon/core/app/model';
import type { TaskContext } from '@etalon/core/base';
import { type Feed, openDevice } from '@etalon/core/device';
import type { ProjectStore } from '@etalon/core/project';
import { exportChecked } from '../checkedExport.ts';
import { allWeights, type FriendsAtWork, friendsAtWork, loadFriends } from './loaded.ts';
import { wholeProgram } from './network.ts';

/** Pairs of a user and a candidate that the file is held to. */
const CHECKED_USERS = 20;

const DOCS = {
  x: 'Features of each user; columns in the metadata "columns".',
  senders: 'For each message: the friend that it comes from.',
  receivers: 'The user that it goes to; a friendship is a message each way.',
  user: 'Rows of users who are asked for.',
  candidate: 'The candidate beside each.',
  pairs: 'What is known of the two; columns in the metadata "pairs".',
  users: 'Embedding of each user.',
  score: 'How likely the two are to become friends, beside the user’s other candidates.',
};

/** Writes encoder and ranker as one ONNX file over the project's friendships, held to the engine on them; see {@link exportChecked}. */
export async function exportFriends(
  store: ProjectStore,
  runId: number,
  path: string,
  context: TaskContext,
): Promise<ExportReport> {
  const run = store.run(runId);
  const loaded = loadFriends(store, runId, 'everything');
  const { graph, scaling, settings } = loaded;
  const device = await openDevice('cpu');
  try {
    const work = await friendsAtWork(loaded, device, context);
    const parameters = allWeights(loaded);
    return await exportChecked(
      path,
      {
        forward: wholeProgram(graph.columns.length, scaling, settings),
        parameters,
        docs: DOCS,
        doc: `Friend recommendations: run ${run.name} of project ${store.info().name}.`,
        metadata: {
          'etalon.model': 'friends',
          edges: graph.type,
          users: JSON.stringify(loaded.data.nodes(graph.users).ids),
          columns: JSON.stringify(graph.columns),
          pairs: JSON.stringify(scaling.names.slice(1)),
        },
        feeds: async () => [await feedOf(work)],
      },
      context,
    );
  } finally {
    await device.dispose();
  }
}

/** The whole graph, and the candidates of some users. */
async function feedOf({ loaded: { graph }, search, ranker }: FriendsAtWork): Promise<Feed> {
  const asked: { user: number; candidate: number; pairs: Float32Array }[] = [];
  for (let user = 0; user < Math.min(CHECKED_USERS, graph.count); user++) {
    const { all } = await search.candidates(user);
    for (const candidate of all.slice(0, 2)) {
      const pairs = (await ranker.features.rows(user, Int32Array.of(candidate))).slice(1);
      asked.push({ user, candidate, pairs });
    }
  }
  return {
    x: graph.x,
    senders: graph.from,
    receivers: graph.to,
    user: Int32Array.from(asked, ({ user }) => user),
    candidate: Int32Array.from(asked, ({ candidate }) => candidate),
    pairs: Float32Array.from(asked.flatMap(({ pairs }) => [...pairs])),
  };
}
