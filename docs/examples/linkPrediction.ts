import { Random } from '@etalon/core/base';
import type { Device, Feed } from '@etalon/core/device';
import {
  adjacencyCrossEntropy,
  bindParameters,
  edgeLogits,
  gcn,
  graphInputs,
  identity,
  ParameterLayout,
} from '@etalon/core/gnn';
import { type Graph, gcnScale } from '@etalon/core/graph';
import { mean, Trace } from '@etalon/core/tensor';
import { areaUnderRoc } from '@etalon/core/train';
import { structureOf, undirectedGraph } from './graphs.ts';
import { type Network, predict, train } from './training.ts';

/** Nodes of two blocks of equal size, and how likely two of them are joined. */
export const NODES = 400;
export const JOINED = { inside: 0.12, across: 0.024 };

/** Share of the edges that are held out. */
const HELD_OUT = 0.15;

/** Link prediction: which edges of a graph are missing, when nothing is known of its nodes but the other edges? */
export async function linkPrediction(device: Device) {
  const random = new Random(1);
  const { graph, missing, absent } = splitGraph(random);
  const network = autoEncoder();
  const structure = { ...structureOf(graph), nodeScale: gcnScale(graph) };
  const batches = Array.from({ length: 200 }, () => ({ ...structure, ...samplePairs(graph, random) }));
  const weights = await train(device, network, batches, { learningRate: 0.02, seed: 1 });

  const asked = pairColumns([...missing, ...absent]);
  const { logits } = await predict(device, network, { ...structure, ...asked }, weights);
  const labels = [...missing.map(() => 1), ...absent.map(() => 0)];
  return { auc: areaUnderRoc(logits, labels), missing: missing.length, absent: absent.length };
}

/** Two graph convolutions over learned states; the inner product of what they give is the logit of an edge. */
function autoEncoder(): Network {
  const layout = new ParameterLayout();
  const table = layout.declare('nodes', [NODES, 16], { normal: 0.3 });
  const first = gcn(layout, 'first', { inputs: 16, outputs: 16 });
  const second = gcn(layout, 'second', { inputs: 16, outputs: 16, activation: identity });

  const trace = new Trace();
  const weights = bindParameters(trace, layout);
  const structure = { ...graphInputs(trace), nodeScale: trace.input('nodeScale', [NODES, 1]) };
  const hidden = first(weights, structure, { nodes: weights(table) });
  const embeddings = second(weights, structure, hidden).nodes;
  const pairs = {
    first: trace.input('first', ['pairs'], 'i32'),
    second: trace.input('second', ['pairs'], 'i32'),
  };
  const forward = trace.program({ logits: edgeLogits(embeddings, pairs) });

  const edge = trace.input('edge', ['pairs', 1]);
  const loss = mean(adjacencyCrossEntropy(embeddings, { ...pairs, edge }));
  return { layout, forward, loss: trace.program({ loss }) };
}

/** Two blocks, with a part of the edges taken out, and as many pairs again five times that never had one. */
function splitGraph(random: Random) {
  const missing: Pair[] = [];
  const absent: Pair[] = [];
  const graph = undirectedGraph(NODES, (a, b) => {
    const isEdge = random.uniform() < (a % 2 === b % 2 ? JOINED.inside : JOINED.across);
    const isHeldOut = random.uniform() < HELD_OUT;
    if (isHeldOut) (isEdge ? missing : absent).push([a, b]);
    return isEdge && !isHeldOut;
  });
  return { graph, missing, absent };
}

type Pair = [number, number];

/** Edges, and as many pairs of any two nodes as examples of what is seldom an edge. */
function samplePairs({ senders, receivers, edgeCount }: Graph, random: Random) {
  const edges = Array.from({ length: 1000 }, (): Pair => {
    const edge = random.int(edgeCount);
    return [senders[edge], receivers[edge]];
  });
  const others = edges.map((): Pair => [random.int(NODES), random.int(NODES)]);
  const edge = Float32Array.from([...edges.map(() => 1), ...others.map(() => 0)]);
  return { ...pairColumns([...edges, ...others]), edge } satisfies Feed;
}

function pairColumns(pairs: readonly Pair[]) {
  return {
    first: Int32Array.from(pairs, ([first]) => first),
    second: Int32Array.from(pairs, ([, second]) => second),
  };
}
