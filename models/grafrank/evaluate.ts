import type { ReportTable, StoredRanking } from '@etalon/core/api/contract';
import type { RecommenderConfig, RecommenderDefinition } from '@etalon/core/app/model';
import { assertHeldOut, storedRanking } from '@etalon/core/app/recommend';
import type { TaskContext } from '@etalon/core/base';
import {
  adamicAdar,
  evaluateRanking,
  friendsOfFriends,
  popularity,
  type RankingTask,
  type Scorer,
} from '@etalon/core/interactions';
import type { ProjectStore } from '@etalon/core/project';
import { loadRun, openLoaded } from '../recommend/open.ts';
import { heldOutOf } from '../recommend/run.ts';
import { modalityReports } from './analysis.ts';
import { withoutCloseness } from './baselines/pairs.ts';
import { pointwiseScorers } from './baselines/pointwise.ts';
import { grafrankSystem } from './system.ts';
import { neighbourhoodTask } from './task.ts';

const JUDGED_BY = 'mrr';
/** Lists that retrieval is judged by. */
const RETRIEVED = [100];

export const BASELINES = {
  popularity: 'Number of friends',
  friendsOfFriends: 'Friends in common',
  adamicAdar: 'Adamic–Adar',
  logistic: 'Logistic regression on pairs',
  mlp: 'MLP on pairs',
  trees: 'Boosted trees on pairs',
};

/** Ranks the neighbourhood of each user beside baselines that know the same, and looks at the data as the paper does. */
export const evaluateGrafrank: NonNullable<RecommenderDefinition['evaluate']> = async (
  store: ProjectStore,
  runId: number,
  context: TaskContext,
): Promise<StoredRanking> => {
  const config = store.run(runId).config as RecommenderConfig;
  const { seed, interactions } = config;
  const loaded = await loadRun(grafrankSystem, store, runId, 'known', context);
  const { prepared, settings } = loaded;
  const heldOut = heldOutOf(grafrankSystem, store, config, settings);
  const { known } = heldOut;
  const test = assertHeldOut(heldOut.test);
  const near = neighbourhoodTask(test, known, interactions.edges);
  const judge = (scorer: Scorer) => evaluateRanking(scorer, near, { seed, context });
  const opened = await openLoaded(grafrankSystem, loaded, context);
  const retrieved: [string, Scorer][] = [];
  try {
    const evaluation = await judge(opened.scorer);
    const graph = {
      popularity: popularity(known, interactions.edges),
      friendsOfFriends: friendsOfFriends(known, interactions.edges),
      adamicAdar: adamicAdar(known, interactions.edges),
    };
    retrieved.push(['grafrank', opened.scorer], ...Object.entries(graph));
    const told = withoutCloseness(known, interactions.edges, prepared, settings);
    const pairwise = await pointwiseScorers(told, settings, near, seed, context);
    const baselines: Record<string, Awaited<ReturnType<typeof judge>>> = {};
    try {
      for (const [name, scorer] of Object.entries({ ...graph, ...pairwise.scorers }))
        baselines[name] = await judge(scorer);
    } finally {
      await pairwise.dispose();
    }
    return storedRanking({
      runId,
      items: near.items,
      evaluation,
      baselines,
      judgedBy: JUDGED_BY,
      note: `New friends among all friends of friends who are no friends yet, ${near.users.length} users asked; new friends from beyond the neighbourhood are not asked for.`,
      reports: [
        await retrievalReport(retrieved, { ...test, users: near.users }, seed, context),
        ...(await modalityReports(prepared.history, seed, context)),
      ],
    });
  } finally {
    await opened.dispose();
  }
};

/** The same users, everybody ranked who is no friend yet. */
async function retrievalReport(
  scorers: readonly [string, Scorer][],
  task: RankingTask,
  seed: number,
  context: TaskContext,
): Promise<ReportTable> {
  const rows: ReportTable['rows'] = [];
  for (const [name, scorer] of scorers) {
    const { figures } = await evaluateRanking(scorer, task, { ks: RETRIEVED, seed, context });
    rows.push([name, figures.mrr.value, figures['recall@100'].value]);
  }
  return {
    title: 'Retrieval: everybody ranked',
    note: 'All new friends of the same users, among everybody who is no friend yet.',
    columns: ['', 'mrr', 'recall@100'],
    rows,
  };
}
