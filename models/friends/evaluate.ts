import type { StoredRanking } from '@etalon/core/api/contract';
import type { RecommenderConfig } from '@etalon/core/app/model';
import { assertHeldOut, baselineScorers, storedRanking } from '@etalon/core/app/recommend';
import type { TaskContext } from '@etalon/core/base';
import { type Device, openDevice } from '@etalon/core/device';
import { adjacencyOf } from '@etalon/core/graph';
import {
  adamicAdar,
  evaluateRanking,
  friendsOfFriends,
  type HeldOutData,
  type RankingEvaluation,
  type Scorer,
} from '@etalon/core/interactions';
import type { ProjectStore } from '@etalon/core/project';
import { heldOutOf } from '../recommend/run.ts';
import { type FriendGraph, friendGraph } from './graph.ts';
import { friendsAtWork, type LoadedFriends, loadFriends } from './loaded.ts';
import { FriendsEncoder } from './network.ts';
import { listScorer, similarityScorer } from './scorers.ts';
import { judgeSources, sourceLists } from './sources.ts';
import { embed, MUTUAL, rankersShare, trainEncoder } from './train.ts';

const KS = [10, 20, 100];

/**
 * Judges a run on friendships made after the cut, asked from both ends: its ranked lists beside baselines that know the same, and what
 * its embeddings find beside friends of friends.
 */
export async function evaluateFriends(
  store: ProjectStore,
  runId: number,
  context: TaskContext,
): Promise<StoredRanking> {
  const loaded = loadFriends(store, runId, 'known');
  const { settings, seed, type } = loaded;
  const config = store.run(runId).config as RecommenderConfig;
  const heldBack = heldOutOf(MUTUAL, store, config, settings);
  const { known } = heldBack;
  const test = assertHeldOut(heldBack.test);
  const judge = (scorer: Scorer) => evaluateRanking(scorer, test, { ks: KS, seed, context });
  const device = await openDevice('cpu');
  try {
    const work = await friendsAtWork(loaded, device, context);
    const lists = await sourceLists(work, test, context);
    const sources = judgeSources(test, lists);
    const places = new Map(Array.from(test.users, (user, place) => [user, place]));
    const evaluation = await judge(listScorer(test.items, (user) => lists.ranked[places.get(user)!]));
    const baselines: Record<string, RankingEvaluation> = {};
    const scorers = {
      friendsOfFriends: friendsOfFriends(known, type),
      adamicAdar: adamicAdar(known, type),
      featuresOnly: await featuresAlone(loaded, heldBack, device, context),
      ...(await baselineScorers(known, type, seed, context)),
    };
    for (const [name, scorer] of Object.entries(scorers)) baselines[name] = await judge(scorer);
    const stored = storedRanking({
      runId,
      items: test.items,
      evaluation,
      baselines,
      judgedBy: 'recall@100',
      note: 'New friendships, asked from both ends',
      reports: sources.reports,
    });
    return { ...stored, figures: { ...stored.figures, ...sources.figures } };
  } finally {
    await device.dispose();
  }
}

/** The same encoder, trained alike, that hears of no friends: users are told by their features. */
async function featuresAlone(
  { graph, settings, seed, type }: LoadedFriends,
  heldBack: HeldOutData,
  device: Device,
  context: TaskContext,
): Promise<Scorer> {
  const { before } = rankersShare(heldBack.train, type, settings, seed);
  const past = friendGraph(before, type, settings, graph.kept);
  const encoder = new FriendsEncoder(past.columns.length, settings);
  let parameters = new Float32Array(encoder.layout.size);
  await trainEncoder(
    {
      graph: past,
      encoder,
      settings,
      seed,
      device,
      heldBack: { ...heldBack, validation: null },
      messages: false,
    },
    null,
    { ...context, stop: new AbortController().signal },
    ({ snapshot }) => {
      parameters = snapshot.arrays.average.slice();
    },
  );
  const alone: FriendGraph = { ...graph, adjacency: withoutFriends(graph.count) };
  const z = await embed(alone, encoder, parameters, device, context);
  return similarityScorer(graph, z, settings.width);
}

function withoutFriends(count: number): FriendGraph['adjacency'] {
  return adjacencyOf({ rows: count, columns: count, from: new Int32Array(), to: new Int32Array() });
}
