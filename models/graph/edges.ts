import { randomStream } from '@etalon/core/base';
import type { Feed } from '@etalon/core/device';
import {
  adjacencyCrossEntropy,
  adjacencyMse,
  bindParameters,
  combineLosses,
  Draws,
  edgeLogits,
  linear,
  normalPrior,
  type PairTensors,
  ParameterLayout,
  pairwiseLogistic,
} from '@etalon/core/gnn';
import { KnownPairs, NegativeSampler } from '@etalon/core/graph';
import { add, exp, mean, mul, type Tensor, Trace } from '@etalon/core/tensor';
import { areaUnderRoc, averagePrecision } from '@etalon/core/train';
import type { Prepared, RecommenderNetwork, RecommenderSystem } from '../recommend/system.ts';
import { type AttributedGraph, attributedGraph, edgesFor, type KeptFeatures } from './attributed.ts';
import { infomaxLoss, nodeEncoder } from './encoder.ts';
import { linkQuestions, productScores } from './linkQuestions.ts';
import { type GraphSettings, graphSettingInfos, parseGraphSettings } from './settings.ts';

/** Steps of an epoch of links at least: so large a share of the edges is never hidden at once. */
const LEAST_PARTS = 4;
/** Seed of the pairs without an edge that validation takes. */
const VALIDATION_SEED = 1;

export interface PreparedEdges extends Prepared {
  readonly attributed: AttributedGraph;
  readonly known: KnownPairs;
}

/**
 * Links and reconstruction: a graph auto-encoder (Kipf & Welling 2016). A layer stack gives each node a state, z_u · z_v is the logit of an
 * edge. Reconstruction hears of every known edge and gives it back; of links the edges that a step asks for are hidden from its messages, so that it
 * learns to find what is not there.
 */
export const edgesSystem: RecommenderSystem<GraphSettings, PreparedEdges> = {
  id: 'graph',
  mutual: true,
  settings: graphSettingInfos,
  docs: { x: 'Features of each node; columns in the metadata "userFeatures".' },
  parseSettings: parseGraphSettings,
  prepare(data, type, settings, kept) {
    const attributed = attributedGraph(data, type, settings, [], kept as KeptFeatures | undefined);
    const { graph, columns, x } = attributed;
    const edges = edgesFor(attributed, settings.convolution);
    const features = { input: 'x', columns };
    return {
      attributed,
      known: new KnownPairs(graph.nodeCount, graph.receivers, graph.senders),
      feed: { x, ...edges },
      kept: attributed.kept,
      features: { users: features, items: features },
      edgeEnds: (edge) =>
        edge < graph.edgeCount ? { user: graph.receivers[edge], item: graph.senders[edge] } : undefined,
    };
  },
  network: ({ attributed: { columns, nodes } }, settings) =>
    edgesNetwork({ columns: columns.length, nodes: nodes.name, count: nodes.count }, settings),
  batches: edgeBatches,
  batchesPerEpoch,
  async validate(_prepared, { users }, _settings, { validation }) {
    const { items } = validation!;
    const asked = linkQuestions(validation!, VALIDATION_SEED);
    const scores = productScores(users, items, asked);
    const [auc, ap] = [areaUnderRoc(scores, asked.label), averagePrecision(scores, asked.label)];
    return { score: -auc, metrics: { 'val auc': auc, 'val ap': ap } };
  },
};

/** Outputs `users` and `items` are the same states: with `variational` their means. */
export function edgesNetwork(
  shape: { columns: number; nodes: string; count: number },
  settings: GraphSettings,
): RecommenderNetwork {
  const layout = new ParameterLayout();
  const encoder = nodeEncoder(layout, shape, settings);
  const isVariational = settings.variational === 'yes';
  const heads = isVariational
    ? ['mean', 'logSigma'].map((name) => linear(layout, name, settings.width, settings.width))
    : undefined;
  const contrast = settings.infomax > 0 ? infomaxLoss(layout, encoder) : undefined;

  const trace = new Trace();
  const weights = bindParameters(trace, layout);
  const inputs = encoder.inputs(trace, weights);
  const meanOf = (states: Tensor) => (heads ? heads[0](weights, states) : states);
  const z = meanOf(encoder.states(weights, inputs));
  const forward = trace.program({ users: z, items: z });

  const draws = new Draws(trace);
  const states = encoder.states(weights, inputs, draws);
  const parts: Record<string, Tensor> = {};
  let drawn = meanOf(states);
  if (heads) {
    const logSigma = heads[1](weights, states);
    parts.prior = mean(normalPrior(drawn, logSigma));
    // The reparameterisation of Kingma & Welling (2014, § 2.4).
    drawn = add(drawn, mul(exp(logSigma), draws.normal(drawn.shape)));
  }
  const index = (name: string) => trace.input(name, ['pairs'], 'i32');
  const pairs = { first: index('first'), second: index('second') };
  parts.edges = mean(edgeLoss(trace, drawn, pairs, settings.loss, index));
  if (contrast) parts.infomax = contrast(trace, weights, inputs, states, draws);
  // Of all N² pairs the prior weighs 1 / N (Kipf & Welling 2016, the authors' code).
  const shares = { edges: 1, prior: 1 / shape.count, infomax: settings.infomax };
  return {
    layout,
    nodeRows: encoder.nodeRows,
    forward,
    loss: trace.program(combineLosses(parts, shares)),
  };
}

function edgeLoss(
  trace: Trace,
  z: Tensor,
  pairs: Pick<PairTensors, 'first' | 'second'>,
  loss: GraphSettings['loss'],
  index: (name: string) => Tensor,
): Tensor {
  if (loss === 'bpr') {
    const negative = { first: pairs.first, second: index('negative') };
    return pairwiseLogistic(edgeLogits(z, pairs), edgeLogits(z, negative));
  }
  const asked = { ...pairs, edge: trace.input('edge', ['pairs', 1]) };
  return loss === 'mse' ? adjacencyMse(z, asked) : adjacencyCrossEntropy(z, asked);
}

function batchesPerEpoch({ attributed }: PreparedEdges, { task, batchPairs }: GraphSettings): number {
  const parts = Math.ceil(attributed.graph.edgeCount / 2 / batchPairs);
  return task === 'links' ? Math.max(LEAST_PARTS, parts) : Math.max(1, parts);
}

/** Every known pair once, from a drawn end, each with pairs of that end that are no edges. */
function* edgeBatches(
  prepared: PreparedEdges,
  settings: GraphSettings,
  { seed, epoch }: { seed: number; epoch: number },
): Generator<Feed> {
  const { attributed, known } = prepared;
  const { senders, receivers, nodeCount } = attributed.graph;
  const { negatives, loss, task, infomax } = settings;
  const random = randomStream(seed, epoch);
  const once = Int32Array.from(senders.keys()).filter((edge) => senders[edge] < receivers[edge]);
  const order = random.shuffle(once);
  const sampler = new NegativeSampler(nodeCount);
  const batches = batchesPerEpoch(prepared, settings);
  for (let batch = 0; batch < batches; batch++) {
    const [begin, end] = [batch, batch + 1].map((at) => Math.round((at * order.length) / batches));
    const asked = order.subarray(begin, end);
    const turned = asked.map(() => random.int(2));
    const first = asked.map((edge, i) => (turned[i] ? receivers : senders)[edge]);
    const second = asked.map((edge, i) => (turned[i] ? senders : receivers)[edge]);
    const negative = sampler.drawFor(first, negatives, known, random);
    yield {
      ...(task === 'links' && hidden(prepared, settings, first, second)),
      ...(loss === 'bpr'
        ? { first: repeated(first, negatives), second: repeated(second, negatives), negative }
        : labelled(first, second, negative, negatives)),
      ...(infomax > 0 && shuffledNodes(nodeCount, random)),
    };
  }
}

export function shuffledNodes(nodeCount: number, random: ReturnType<typeof randomStream>): Feed {
  const order = Int32Array.from({ length: nodeCount }, (_, node) => node);
  return { shuffled: random.shuffle(order), oneGraph: new Int32Array(nodeCount) };
}

/** The edges that messages run along, without those that are asked for. */
function hidden(
  { attributed }: PreparedEdges,
  { convolution }: GraphSettings,
  first: Int32Array,
  second: Int32Array,
): Feed {
  const { graph } = attributed;
  const { nodeCount, senders, receivers } = graph;
  const asked = new Set<number>();
  first.forEach((u, i) => {
    asked.add(u * nodeCount + second[i]).add(second[i] * nodeCount + u);
  });
  const kept = Int32Array.from(senders.keys()).filter(
    (edge) => !asked.has(senders[edge] * nodeCount + receivers[edge]),
  );
  const ends = (column: Int32Array) => kept.map((edge) => column[edge]);
  const left = {
    ...graph,
    edgeCount: kept.length,
    senders: ends(senders),
    receivers: ends(receivers),
    edgeGraph: new Int32Array(kept.length),
  };
  return edgesFor({ graph: left }, convolution);
}

function labelled(first: Int32Array, second: Int32Array, negative: Int32Array, perPair: number): Feed {
  return {
    first: Int32Array.from([...first, ...repeated(first, perPair)]),
    second: Int32Array.from([...second, ...negative]),
    edge: Float32Array.from({ length: first.length * (1 + perPair) }, (_, i) => Number(i < first.length)),
  };
}

/** Each value so many times in a row. */
function repeated(values: Int32Array, times: number): Int32Array {
  return Int32Array.from({ length: values.length * times }, (_, i) => values[Math.floor(i / times)]);
}
