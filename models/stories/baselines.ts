import { linearValue, Random, ridgeRegression, type TaskContext } from '@etalon/core/base';
import type { Device } from '@etalon/core/device';
import { type Block, edgeSage, linear, mlp, ParameterLayout, sage, stack } from '@etalon/core/gnn';
import { HOLD_OUT_SEED } from '@etalon/core/interactions';
import { add, concat, gather, sum } from '@etalon/core/tensor';
import { type BoostingOptions, boostTrees } from '@etalon/core/trees';
import { scaledBy } from '../normalisation.ts';
import { type PairNetwork, type Predict, pairNetwork, pairProduct, type Scales } from './network.ts';
import type { StorySettings } from './settings.ts';
import { type Asked, type Kept, type StoryData, viewerOf, viewersOf } from './snapshots.ts';
import { drawnViewers } from './split.ts';
import { PairPredictor, trainPairs } from './training.ts';

/** The paper's baselines (§ 5.1), by id, with what they are called. */
export const STORY_BASELINES = {
  mean: 'Mean',
  linear: 'Linear regression',
  trees: 'Boosted trees',
  mlp: 'MLP',
  sage: 'GraphSAGE',
  edgeSage: 'Edge-GraphSAGE',
} as const;
export type StoryBaseline = keyof typeof STORY_BASELINES;

/** What a baseline says of each asked pair, in their order. */
export type PairPredictions = (asked: readonly Asked[]) => Promise<Float64Array>;

export interface BaselineFit {
  readonly data: StoryData;
  readonly settings: StorySettings;
  readonly seed: number;
  readonly device: Device;
  readonly context: TaskContext;
}

/** λ of the linear regression: the one with the least squared error on validation is taken. */
const PENALTIES = [1e-4, 1e-3, 1e-2, 1e-1];
/** Fixed, with early stopping; few others were tried on validation parts. */
const TREES: Partial<BoostingOptions> = {
  trees: 600,
  patience: 50,
  learningRate: 0.05,
  leaves: 15,
  leafWeight: 20,
  columnShare: 0.3,
};
/** Share of the viewers. */
const CHOOSING = 0.1;
const HIDDEN = 64;
/** Of the networks among them: without decorrelated inputs they learn best slowly, and held back. */
const NETWORKS = { learningRate: 0.005, weightDecay: 0.5, averageDecay: 0.98 };
const BATCH = { mlp: 512, graph: 2048 };

/**
 * Fits one of them to the pairs that training sees. What has to be chosen (λ, when to stop) is chosen on those for validation, or where
 * training left none on the pairs of a tenth of its viewers; linear regression and trees are then fitted to all.
 */
export function fitBaseline(id: StoryBaseline, fit: BaselineFit): Promise<PairPredictions> {
  const { parts } = fit.data;
  if (parts.validation.length > 0) return FITS[id](fit);
  return FITS[id]({ ...fit, data: { ...fit.data, parts: { ...parts, ...choosing(parts.train) } } });
}

/** Pairs parted by viewer, a tenth of the viewers for validation. */
function choosing(asked: readonly Asked[]): Pick<StoryData['parts'], 'train' | 'validation'> {
  const drawn = drawnViewers(viewersOf(asked), HOLD_OUT_SEED);
  const chosen = new Set(drawn.slice(0, Math.ceil(drawn.length * CHOOSING)));
  const where = (isChosen: boolean) =>
    asked.flatMap(({ snapshot, places }) => {
      const own = places.filter((place) => chosen.has(viewerOf(snapshot, place)) === isChosen);
      return own.length > 0 ? [{ snapshot, places: own }] : [];
    });
  return { train: where(false), validation: where(true) };
}

const FITS: Readonly<Record<StoryBaseline, (fit: BaselineFit) => Promise<PairPredictions>>> = {
  mean: async ({ data }) => {
    const { mean } = data.kept.scales.target;
    return async (asked) => new Float64Array(targetsOf(asked).length).fill(mean);
  },
  linear: fitLinear,
  trees: fitTrees,
  mlp: (fit) => fitNetwork(mlpNetwork(fit.data.kept.scales), fit, BATCH.mlp),
  sage: (fit) => fitNetwork(graphNetwork(fit.data.kept.scales, fit.settings, 'nodes'), fit, BATCH.graph),
  edgeSage: (fit) => fitNetwork(graphNetwork(fit.data.kept.scales, fit.settings, 'edges'), fit, BATCH.graph),
};

async function fitLinear({ data: { kept, parts } }: BaselineFit): Promise<PairPredictions> {
  const models = ridgeRegression(rowsOf(parts.train, kept), targetsOf(parts.train), PENALTIES);
  const [held, targets] = [rowsOf(parts.validation, kept), targetsOf(parts.validation)];
  const errors = models.map((model) =>
    held.reduce((total, row, i) => total + (linearValue(model, row) - targets[i]) ** 2, 0),
  );
  const penalty = PENALTIES[errors.indexOf(Math.min(...errors))];
  const all = [...parts.train, ...parts.validation];
  const [best] = ridgeRegression(rowsOf(all, kept), targetsOf(all), [penalty]);
  return async (asked) => Float64Array.from(rowsOf(asked, kept), (row) => linearValue(best, row));
}

async function fitTrees({ data: { kept, parts }, seed, context }: BaselineFit): Promise<PairPredictions> {
  const learned = targetsOf(parts.train).length;
  const all = [...parts.train, ...parts.validation];
  const target = targetsOf(all);
  const columns = columnsOf(rowsOf(all, kept));
  const heldOut = target.map((_, row) => (row < learned ? 0 : 1));
  const stopped = await boostTrees({ columns, target, heldOut }, TREES, new Random(seed), context);
  const options = { ...TREES, trees: stopped.trees.length };
  const trees = await boostTrees({ columns, target }, options, new Random(seed), context);
  return async (asked) => trees.predict(columnsOf(rowsOf(asked, kept)));
}

async function fitNetwork(
  network: PairNetwork,
  fit: BaselineFit,
  batchPairs: number,
): Promise<PairPredictions> {
  const { data, device, context } = fit;
  const settings = {
    ...fit.settings,
    ...NETWORKS,
    batchPairs: Math.min(batchPairs, fit.settings.batchPairs),
  };
  let parameters = new Float32Array();
  await trainPairs(
    { ...fit, settings, network },
    null,
    { ...context, stop: new AbortController().signal },
    (epoch) => {
      if (epoch.isBest) parameters = epoch.snapshot.arrays.average as Float32Array<ArrayBuffer>;
    },
  );
  const predictor = await PairPredictor.compile(device, network, data.kept);
  return (asked) => predictor.predict(asked, parameters);
}

/** Two hidden layers on [x_u ‖ x_v ‖ e_uv]. */
function mlpNetwork(scales: Scales): PairNetwork {
  const layout = new ParameterLayout();
  const width = 2 * scales.nodes.names.length + scales.edges.names.length;
  const hidden = mlp(layout, 'hidden', width, [HIDDEN, HIDDEN]);
  const score = linear(layout, 'score', HIDDEN, 1);
  const predict: Predict = (_trace, weights, { nodes, edges, asked, ends }) => {
    const users = scaledBy(nodes, scales.nodes);
    const pair = scaledBy(gather(edges, asked), scales.edges);
    const inputs = concat([...ends().map((end) => gather(users, end)), pair]);
    return { users, affinity: score(weights, hidden(weights, inputs)) };
  };
  return pairNetwork(layout, scales, [predict]);
}

/**
 * GraphSAGE or Edge-GraphSAGE, and the inner product of the states of the two. The paper's is of the states as they are, and so the
 * same both ways; here viewers and authors have a map of their own, and a term each.
 */
function graphNetwork(
  scales: Scales,
  { layers, width }: StorySettings,
  messages: 'edges' | 'nodes',
): PairNetwork {
  const layout = new ParameterLayout();
  const layer = (name: string, inputs: number, outputs: number): Block =>
    messages === 'edges'
      ? edgeSage(layout, name, { inputs, edges: scales.edges.names.length, outputs })
      : sage(layout, name, { inputs, outputs });
  const widths = [scales.nodes.names.length, ...new Array<number>(layers).fill(width)];
  const encode = stack(layout, 'users', { widths, layer });
  const product = pairProduct(layout, 'product', widths[layers], width);
  const terms = ['viewer', 'author'].map((end) => linear(layout, end, widths[layers], 1));
  const predict: Predict = (_trace, weights, { structure, nodes, edges, ends: endsOf }) => {
    const features = { nodes: scaledBy(nodes, scales.nodes), edges: scaledBy(edges, scales.edges) };
    const users = encode(weights, structure, features).nodes;
    const ends = endsOf();
    const [viewer, author] = terms.map((term, end) => gather(term(weights, users), ends[end]));
    const affinity = add(sum(product(weights, users, ends), [1], true), add(viewer, author));
    return { users, affinity };
  };
  return pairNetwork(layout, scales, [predict]);
}

/** [x_u ‖ x_v ‖ e_uv] of each asked pair, scaled as the networks have it. */
function rowsOf(asked: readonly Asked[], { scales }: Kept): Float32Array[] {
  return asked.flatMap(({ snapshot: { pairs, feed, asked: edges }, places }) => {
    const inputs = [
      { ...scales.nodes, values: feed.nodeFeatures, rowOf: (edge: number) => pairs.senders[edge] },
      { ...scales.nodes, values: feed.nodeFeatures, rowOf: (edge: number) => pairs.receivers[edge] },
      { ...scales.edges, values: feed.edgeFeatures, rowOf: (edge: number) => edge },
    ];
    return Array.from(places, (place) => {
      const edge = edges[place];
      return Float32Array.from(
        inputs.flatMap(({ mean, deviation, values, rowOf }) => {
          const row = rowOf(edge);
          return mean.map((m, c) => (values[row * mean.length + c] - m) / deviation[c]);
        }),
      );
    });
  });
}

function columnsOf(rows: readonly Float32Array[]): Float32Array[] {
  return Array.from(rows[0] ?? [], (_, c) => Float32Array.from(rows, (row) => row[c]));
}

/** What was observed of each asked pair, in their order. */
export function targetsOf(asked: readonly Asked[]): Float64Array {
  return Float64Array.from(
    asked.flatMap(({ snapshot, places }) => Array.from(places, (place) => snapshot.targets[place])),
  );
}
