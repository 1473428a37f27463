import type { StoredRanking } from '@etalon/core/api/contract';
import type { RecommenderConfig } from '@etalon/core/app/model';
import { assertHeldOut, baselineScorers, storedRanking } from '@etalon/core/app/recommend';
import type { TaskContext } from '@etalon/core/base';
import { type Device, openDevice } from '@etalon/core/device';
import {
  evaluateRanking,
  type HeldOutData,
  pairQuestions,
  type RankingEvaluation,
  type Scorer,
  walkVisits,
} from '@etalon/core/interactions';
import type { ProjectStore } from '@etalon/core/project';
import { heldOutOf } from '../recommend/run.ts';
import { cosineScorer } from '../recommend/scorer.ts';
import { preparePins } from './prepare.ts';
import type { PinsSettings } from './settings.ts';
import { pinsSystem } from './system.ts';
import { trainedScorer } from './train.ts';

/** Lengths of the lists, and the figure that counts most. */
export const PIN_LISTS = [10, 20, 40];
const JUDGED_BY = 'hit@10';
const NOTE =
  'Every held-out pair is a question of its own: hit@k is the share of the pairs whose pin is among the k best of all pins.';
/** Walks of the scorer that learns nothing: chosen on validation pairs of another sample. */
const WALKS = { walks: 3000, steps: 3, restart: 0.5 };

/** The same network, trained in the same way, but for what is named. */
export const ABLATIONS = {
  kHop: { neighbourhood: 'hops', pooling: 'mean' },
  walksMean: { neighbourhood: 'walks', pooling: 'mean' },
  features: { neighbourhood: 'none' },
} as const satisfies Record<string, Partial<PinsSettings>>;

export const PIN_BASELINES: Readonly<Record<string, string>> = {
  kHop: 'k-hop, mean pooling',
  walksMean: 'Walks, mean pooling',
  features: 'Features alone, trained',
  cosine: 'Features alone, cosine',
  randomWalks: 'Random walks, nothing learned',
};

/**
 * Judges a run on the pairs of pins that it never saw, beside the same network on plain neighbourhoods, with mean pooling and on features alone,
 * and beside scorers that learn less. Null where boards are asked, which is judged like any recommender.
 */
export async function evaluatePins(
  store: ProjectStore,
  runId: number,
  context: TaskContext,
  scorerOf: (context: TaskContext) => Promise<{ scorer: Scorer; dispose(): Promise<void> }>,
): Promise<StoredRanking | null> {
  const config = store.run(runId).config as RecommenderConfig;
  const settings = pinsSystem.parseSettings(config.settings);
  const heldOut = heldOutOf(pinsSystem, store, config, settings);
  const { edges } = config.interactions;
  const { from, to } = heldOut.known.edges(edges);
  if (from !== to) return null;
  const test = assertHeldOut(heldOut.test);
  const { seed } = config;
  const questions = pairQuestions(test);
  const judge = (scorer: Scorer) =>
    evaluateRanking(questions.scorer(scorer), questions.task, { ks: PIN_LISTS, seed, context });
  const opened = await scorerOf(context);
  const evaluation = await judge(opened.scorer).finally(() => opened.dispose());
  const device = await openDevice('cpu');
  const baselines: Record<string, RankingEvaluation> = {};
  try {
    for (const [name, scorer] of Object.entries(rivals({ device, settings, seed, heldOut, edges, context })))
      baselines[name] = await judge(await scorer());
    for (const [name, scorer] of Object.entries(await baselineScorers(heldOut.known, edges, seed, context)))
      baselines[name] = await judge(scorer);
  } finally {
    await device.dispose();
  }
  const { items } = questions.task;
  return storedRanking({ runId, items, evaluation, baselines, judgedBy: JUDGED_BY, note: NOTE });
}

interface Rivals {
  device: Device;
  settings: PinsSettings;
  seed: number;
  heldOut: HeldOutData;
  edges: string;
  context: TaskContext;
}

/** What a run stands beside besides what every recommender does, each made when it is asked for. */
export function rivals({ device, settings, seed, heldOut, edges, context }: Rivals) {
  const { known } = heldOut;
  const trained = (changed: Partial<PinsSettings>) => async () =>
    trainedScorer({ device, settings: { ...settings, ...changed }, seed, heldOut, edges }, context);
  const { graph, matrix } = preparePins(known, edges, settings, undefined);
  return {
    kHop: trained(ABLATIONS.kHop),
    walksMean: trained(ABLATIONS.walksMean),
    features: trained(ABLATIONS.features),
    cosine: async () => cosineScorer(matrix.values, matrix.names.length),
    randomWalks: async () => walkVisits(graph.path, { ...WALKS, seed }),
  } satisfies Record<string, () => Promise<Scorer>>;
}
