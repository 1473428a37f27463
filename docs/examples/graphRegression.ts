import { Random } from '@etalon/core/base';
import type { Device, Feed } from '@etalon/core/device';
import {
  bindParameters,
  graphInputs,
  graphNetworkBlock,
  l2,
  linear,
  ParameterLayout,
} from '@etalon/core/gnn';
import { batchGraphs } from '@etalon/core/graph';
import { mean, mul, sub, Trace } from '@etalon/core/tensor';
import { degrees, ones, randomGraph, structureOf } from './graphs.ts';
import { type Network, predict, train } from './training.ts';

/** Standard deviation of what is added to the true count: no model can have a smaller root mean square error. */
export const NOISE = 2;

/**
 * Graph regression: how many paths of two edges are there in a graph, Σ d (d − 1) / 2 over the degrees d of its nodes?
 * The observed count has noise of a known size, which is the error that a perfect model has.
 */
export async function graphRegression(device: Device) {
  const network = wedgeNetwork();
  const random = new Random(1);
  const batches = Array.from({ length: 800 }, () => wedgeBatch(random, 32));
  const weights = await train(device, network, batches, { learningRate: 0.02, seed: 1 });

  const test = wedgeBatch(random, 1000);
  const { count } = await predict(device, network, test, weights);
  const squares = count.map((value, i) => (value - test.observed[i]) ** 2);
  return { rmse: Math.sqrt(squares.reduce((a, b) => a + b) / squares.length), graphs: squares.length };
}

/** One block of message passing, and a head on the state of each graph. */
function wedgeNetwork(): Network {
  const layout = new ParameterLayout();
  const block = graphNetworkBlock(layout, 'block', { nodes: 1, edges: 1, graphs: 1, widths: [32, 32] });
  const head = linear(layout, 'head', 32, 1);

  const trace = new Trace();
  const weights = bindParameters(trace, layout);
  // Nothing is known of nodes, edges and graphs but how they hang together: each starts at 1.
  const allOnes = (rows: string) => trace.input(`${rows}Ones`, [rows, 1]);
  const state = { nodes: allOnes('nodes'), edges: allOnes('edges'), graphs: allOnes('graphs') };
  const { graphs } = block(weights, graphInputs(trace), state);
  const count = mul(head(weights, graphs), SCALE);
  const forward = trace.program({ count });

  const error = sub(count, trace.input('observed', ['graphs', 1]));
  const loss = mean(l2(mul(error, 1 / SCALE)));
  return { layout, forward, loss: trace.program({ loss }) };
}

/** Counts are tens, a network's values at the start about 1. */
const SCALE = 10;

/** Random graphs of 5 to 12 nodes. */
function wedgeBatch(random: Random, graphs: number) {
  const batch = batchGraphs(
    Array.from({ length: graphs }, () => randomGraph(random, 5 + random.int(8), 0.3)),
  );
  const observed = Float32Array.from({ length: graphs }, () => NOISE * random.normal());
  degrees(batch).forEach((d, node) => {
    observed[batch.nodeGraph[node]] += (d * (d - 1)) / 2;
  });
  const state = {
    nodesOnes: ones(batch.nodeCount),
    edgesOnes: ones(batch.edgeCount),
    graphsOnes: ones(graphs),
  };
  return { ...structureOf(batch), ...state, observed } satisfies Feed;
}
