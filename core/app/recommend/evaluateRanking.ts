import type { StoredRanking } from '../../api/recommenders.ts';
import { EtalonError, type TaskContext } from '../../base/index.ts';
import {
  bprMf,
  evaluateRanking,
  holdOut,
  type InteractionData,
  itemKnn,
  popularity,
  type RankingEvaluation,
  type Scorer,
} from '../../interactions/index.ts';
import type { ProjectStore } from '../../project/index.ts';
import type { RecommenderConfig, RecommenderDefinition } from './definition.ts';
import { storedRanking } from './storedRanking.ts';

/** As good as any of those that the benchmark of the baselines tries on ml-100k (`npm run bench:recommend-baselines`). */
const KNN = { neighbours: 800, shrinkage: 0 };
const BPR = { factors: 64, learningRate: 0.05, regularisation: 0.01, epochs: 60 };

/** What a run is judged by. Throws `conflict` where nothing was held out. */
export function assertHeldOut<T>(test: T | null): T {
  if (test !== null) return test;
  throw new EtalonError('conflict', 'Nothing was held out to judge the run by.', {
    remedy: 'Train a run with a test share above 0.',
  });
}

/** Judges a run on the interactions that it never saw, beside baselines that know the same. */
export async function evaluateRecommender(
  model: RecommenderDefinition,
  store: ProjectStore,
  runId: number,
  context: TaskContext,
): Promise<StoredRanking> {
  const own = await model.evaluate?.(store, runId, context);
  if (own) return own;
  const { interactions, seed } = store.run(runId).config as RecommenderConfig;
  const { edges, data } = interactions;
  const heldOut = holdOut(store.readInteractions(data), edges, interactions.holdOut);
  const { known } = heldOut;
  const test = assertHeldOut(heldOut.test);
  const judge = (scorer: Scorer) => evaluateRanking(scorer, test, { seed, context });
  const opened = await model.open(store, runId, 'known', context);
  const evaluation = await judge(opened.scorer).finally(() => opened.dispose());
  const baselines: Record<string, RankingEvaluation> = {};
  for (const [name, scorer] of Object.entries(await baselineScorers(known, edges, seed, context)))
    baselines[name] = await judge(scorer);
  return storedRanking({ runId, items: test.items, evaluation, baselines });
}

/** What every recommender stands beside. */
export async function baselineScorers(
  known: InteractionData,
  edges: string,
  seed: number,
  context: TaskContext,
): Promise<Record<string, Scorer>> {
  return {
    popularity: popularity(known, edges),
    itemKnn: itemKnn(known, edges, KNN),
    bprMf: await bprMf(known, edges, { ...BPR, seed }, context),
  };
}
