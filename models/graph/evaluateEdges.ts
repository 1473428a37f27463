import type { RankingFigures, ReportTable, StoredRanking } from '@etalon/core/api/contract';
import type { RecommenderConfig } from '@etalon/core/app/model';
import { assertHeldOut, baselineScorers, storedRanking } from '@etalon/core/app/recommend';
import { Random, type TaskContext } from '@etalon/core/base';
import { lowRankAdjacency } from '@etalon/core/graph';
import {
  adamicAdar,
  evaluateRanking,
  friendsOfFriends,
  type InteractionData,
  type RankingEvaluation,
  type RankingTask,
  rowOf,
  type Scorer,
} from '@etalon/core/interactions';
import type { ProjectStore } from '@etalon/core/project';
import { compareDetections, type DetectionEvaluation, evaluateDetection } from '@etalon/core/train';
import { type LoadedRun, loadRun, openLoaded } from '../recommend/open.ts';
import { heldOutOf } from '../recommend/run.ts';
import type { AttributedGraph } from './attributed.ts';
import { edgesSystem, type PreparedEdges } from './edges.ts';
import { type LinkQuestions, linkQuestions, productScores, scoresOf } from './linkQuestions.ts';
import type { GraphSettings } from './settings.ts';

/** Of links and reconstruction; popularity, item-kNN and BPR-MF of links are the shell's. */
export const EDGE_BASELINES = {
  friendsOfFriends: 'Common neighbours',
  adamicAdar: 'Adamic–Adar',
  degrees: 'Product of degrees',
  svd: 'Truncated SVD',
};

/** Links: every node ranked for every node. Reconstruction: held-out edges told from pairs without one. Beside baselines that know the same. */
export async function evaluateEdges(
  store: ProjectStore,
  runId: number,
  context: TaskContext,
): Promise<StoredRanking> {
  const config = store.run(runId).config as RecommenderConfig;
  const loaded = await loadRun(edgesSystem, store, runId, 'known', context);
  const heldOut = heldOutOf(edgesSystem, store, config, loaded.settings);
  const { known } = heldOut;
  const test = assertHeldOut(heldOut.test);
  const judge = loaded.settings.task === 'links' ? judgeLinks : judgeReconstruction;
  return judge({ runId, seed: config.seed, loaded, known, test }, context);
}

interface Judged {
  readonly runId: number;
  readonly seed: number;
  readonly loaded: LoadedRun<PreparedEdges, GraphSettings>;
  readonly known: InteractionData;
  readonly test: RankingTask;
}

async function judgeLinks(
  { runId, seed, loaded, known, test }: Judged,
  context: TaskContext,
): Promise<StoredRanking> {
  const { edges } = loaded;
  const judge = (scorer: Scorer) => evaluateRanking(scorer, test, { seed, context });
  const opened = await openLoaded(edgesSystem, loaded, context);
  const evaluation = await judge(opened.scorer).finally(() => opened.dispose());
  const baselines: Record<string, RankingEvaluation> = {};
  const scorers = {
    friendsOfFriends: friendsOfFriends(known, edges),
    adamicAdar: adamicAdar(known, edges),
    ...(await baselineScorers(known, edges, seed, context)),
  };
  for (const [name, scorer] of Object.entries(scorers)) baselines[name] = await judge(scorer);
  return storedRanking({
    runId,
    items: test.items,
    evaluation,
    baselines,
    note: 'Held-out edges, asked from both ends',
  });
}

async function judgeReconstruction(
  { runId, seed, loaded, known, test }: Judged,
  context: TaskContext,
): Promise<StoredRanking> {
  const { prepared, edges, settings } = loaded;
  const { attributed } = prepared;
  const nodes = attributed.nodes.count;
  const questions = {
    heldOut: linkQuestions(test, seed),
    known: linkQuestions({ items: nodes, relevant: attributed.neighbours, known: test.relevant }, seed),
  };
  const opened = await openLoaded(edgesSystem, loaded, context);
  const [{ values: z }] = opened.embeddings;
  await opened.dispose();
  const byScorer = (scorer: Scorer) => (asked: LinkQuestions) => scoresOf(scorer, nodes, asked);
  const scorers: Record<string, (asked: LinkQuestions) => ArrayLike<number> | Promise<ArrayLike<number>>> = {
    friendsOfFriends: byScorer(friendsOfFriends(known, edges)),
    adamicAdar: byScorer(adamicAdar(known, edges)),
    degrees: degreeProducts(attributed),
    svd: lowRankScores(attributed, settings.width, seed),
  };
  const judge = async (scores: (typeof scorers)[string]) => {
    context.report({ stage: 'Judging pairs', done: 0 });
    const of = async (asked: LinkQuestions) =>
      evaluateDetection({ scores: await scores(asked), labels: asked.label }, seed);
    return { heldOut: await of(questions.heldOut), known: await of(questions.known) };
  };
  const own = await judge((asked) => productScores(z, nodes, asked));
  const baselines: Record<string, Awaited<ReturnType<typeof judge>>> = {};
  for (const [name, scorer] of Object.entries(scorers)) baselines[name] = await judge(scorer);
  const ofEach = <T>(value: (each: Awaited<ReturnType<typeof judge>>) => T) =>
    Object.fromEntries(Object.entries(baselines).map(([name, each]) => [name, value(each)]));
  return {
    kind: 'ranking',
    runId,
    from: null,
    until: null,
    users: questions.heldOut.first.length,
    items: nodes,
    judgedBy: 'auc',
    note: `${questions.heldOut.label.filter((label) => label === 1).length} held-out edges told from as many pairs without one`,
    ...figuresOf(own.heldOut),
    baselines: ofEach(({ heldOut }) => figuresOf(heldOut)),
    gains: ofEach(({ heldOut }) => compareDetections(own.heldOut, heldOut)),
    byActivity: [],
    byPopularity: [],
    reports: [knownEdges({ run: own, ...baselines }, z, attributed, questions.known)],
  };
}

function figuresOf({ figures }: DetectionEvaluation): RankingFigures {
  return { figures: { ...figures }, coverage: {}, gini: {} };
}

/** How well the edges that training saw are given back. */
function knownEdges(
  judged: Readonly<Record<string, { readonly known: DetectionEvaluation }>>,
  z: Float32Array,
  { nodes }: AttributedGraph,
  asked: LinkQuestions,
): ReportTable {
  const logits = productScores(z, nodes.count, asked);
  const squared = logits.reduce(
    (sum, logit, i) => sum + (asked.label[i] - 1 / (1 + Math.exp(-logit))) ** 2,
    0,
  );
  return {
    title: 'Known edges',
    note: `The edges that it was trained on, told from as many pairs without one. Mean squared error of the run’s probabilities on these: ${(squared / logits.length).toFixed(4)}.`,
    columns: ['', 'auc', 'ap'],
    rows: Object.entries(judged).map(([name, { known }]) => [
      name,
      known.figures.auc.value,
      known.figures.ap.value,
    ]),
  };
}

/** d_u · d_v: preferential attachment (Newman 2001; Liben-Nowell & Kleinberg 2007, § 3). */
function degreeProducts({ neighbours }: AttributedGraph) {
  const degree = (node: number) => rowOf(neighbours, node).length;
  return ({ first, second }: LinkQuestions) =>
    Float64Array.from(first, (node, i) => degree(node) * degree(second[i]));
}

/** Entries of the known adjacency, of as low a rank as states are wide. */
function lowRankScores({ neighbours, nodes }: AttributedGraph, width: number, seed: number) {
  const { value } = lowRankAdjacency(neighbours, Math.min(width, nodes.count), new Random(seed));
  return ({ first, second }: LinkQuestions) => Float64Array.from(first, (node, i) => value(node, second[i]));
}
