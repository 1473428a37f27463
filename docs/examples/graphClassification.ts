import { Random } from '@etalon/core/base';
import type { Device, Feed } from '@etalon/core/device';
import {
  bindParameters,
  categoricalCrossEntropy,
  graphInputs,
  graphNetworkBlock,
  linear,
  ParameterLayout,
} from '@etalon/core/gnn';
import { batchGraphs } from '@etalon/core/graph';
import { mean, Trace } from '@etalon/core/tensor';
import { accuracy, likeliestClass } from '@etalon/core/train';
import { ones, randomGraph, structureOf } from './graphs.ts';
import { type Network, predict, train } from './training.ts';

/** Classes: no edge between two red nodes, one, or more. */
const CLASSES = 3;

/** Share of labels that were replaced by another class: no model can be right more often than 1 less this. */
export const WRONG_LABELS = 0.1;

/** Graph classification: how often does a motif, two red nodes side by side, stand in a graph: never, once, more often? */
export async function graphClassification(device: Device) {
  const network = motifNetwork();
  const random = new Random(1);
  const batches = Array.from({ length: 500 }, () => motifBatch(random, 64));
  const weights = await train(device, network, batches, { learningRate: 0.01, seed: 1 });

  const test = motifBatch(random, 1000);
  const { logits } = await predict(device, network, test, weights);
  return { accuracy: accuracy(likeliestClass(logits, CLASSES), test.labels), graphs: test.labels.length };
}

/** One block of message passing, in which an edge sees both its ends, and a head on the state of each graph. */
function motifNetwork(): Network {
  const layout = new ParameterLayout();
  const block = graphNetworkBlock(layout, 'block', { nodes: 1, edges: 1, graphs: 1, widths: [32, 32] });
  const head = linear(layout, 'head', 32, CLASSES);

  const trace = new Trace();
  const weights = bindParameters(trace, layout);
  const state = {
    nodes: trace.input('red', ['nodes', 1]),
    edges: trace.input('edgeOnes', ['edges', 1]),
    graphs: trace.input('graphOnes', ['graphs', 1]),
  };
  const { graphs } = block(weights, graphInputs(trace), state);
  const logits = head(weights, graphs);
  const forward = trace.program({ logits });

  const labels = trace.input('labels', ['graphs'], 'i32');
  const loss = mean(categoricalCrossEntropy(logits, labels));
  return { layout, forward, loss: trace.program({ loss }) };
}

/** Random graphs of 5 to 10 nodes, of which two in five are red. */
function motifBatch(random: Random, graphs: number) {
  const batch = batchGraphs(
    Array.from({ length: graphs }, () => randomGraph(random, 5 + random.int(6), 0.3)),
  );
  const red = Float32Array.from({ length: batch.nodeCount }, () => Number(random.uniform() < 0.4));
  const motifs = new Int32Array(graphs);
  for (let edge = 0; edge < batch.edgeCount; edge += 2)
    if (red[batch.senders[edge]] && red[batch.receivers[edge]]) motifs[batch.edgeGraph[edge]]++;
  const labels = motifs.map((count) => {
    const label = Math.min(count, CLASSES - 1);
    return random.uniform() < WRONG_LABELS ? (label + 1 + random.int(CLASSES - 1)) % CLASSES : label;
  });
  const state = { red, edgeOnes: ones(batch.edgeCount), graphOnes: ones(graphs) };
  return { ...structureOf(batch), ...state, labels } satisfies Feed;
}
