import { Random } from '@etalon/core/base';
import type { Device, Feed } from '@etalon/core/device';
import {
  bindParameters,
  graphInputs,
  identity,
  l2,
  ParameterLayout,
  sage,
  weightedMean,
} from '@etalon/core/gnn';
import { batchGraphs } from '@etalon/core/graph';
import { sub, Trace } from '@etalon/core/tensor';
import { structureOf, undirectedGraph } from './graphs.ts';
import { type Network, predict, train } from './training.ts';

/** Rows and columns of a grid. */
const SIDE = 6;

/** Standard deviation of each measurement. */
export const NOISE = 0.5;

/**
 * Node regression: on grids, a field that is linear in the coordinates is measured twice at every node. What will the second
 * measurement be, given the first ones of the node and of its neighbours? The best estimate of an inner node is the mean of five.
 */
export async function nodeRegression(device: Device) {
  const network = smoothingNetwork();
  const random = new Random(1);
  const batches = Array.from({ length: 300 }, () => fieldBatch(random, 32));
  const weights = await train(device, network, batches, { learningRate: 0.05, seed: 1 });

  const test = fieldBatch(random, 100);
  const { estimate } = await predict(device, network, test, weights);
  const inner = [...estimate.keys()].filter((node) => test.isInner[node] === 1);
  const squares = inner.map((node) => (estimate[node] - test.second[node]) ** 2);
  return { rmse: Math.sqrt(squares.reduce((a, b) => a + b) / squares.length), nodes: squares.length };
}

/** One GraphSAGE layer without an activation: a weight for the node's own value, one for the mean of its neighbours. */
function smoothingNetwork(): Network {
  const layout = new ParameterLayout();
  const layer = sage(layout, 'layer', { inputs: 1, outputs: 1, activation: identity });

  const trace = new Trace();
  const weights = bindParameters(trace, layout);
  const first = trace.input('first', ['nodes', 1]);
  const estimate = layer(weights, graphInputs(trace), { nodes: first }).nodes;
  const forward = trace.program({ estimate });

  const error = sub(estimate, trace.input('second', ['nodes', 1]));
  const loss = weightedMean(l2(error), trace.input('isInner', ['nodes', 1]));
  return { layout, forward, loss: trace.program({ loss }) };
}

/** Grids, each with slopes and an offset of its own. */
function fieldBatch(random: Random, grids: number) {
  const batch = batchGraphs(Array.from({ length: grids }, gridGraph));
  const isInner = new Float32Array(batch.nodeCount);
  const field = new Float32Array(batch.nodeCount);
  for (let grid = 0, node = 0; grid < grids; grid++) {
    const [offset, slopeX, slopeY] = [3 * random.normal(), random.normal(), random.normal()];
    for (let y = 0; y < SIDE; y++)
      for (let x = 0; x < SIDE; x++, node++) {
        field[node] = offset + slopeX * x + slopeY * y;
        isInner[node] = Number(x > 0 && x < SIDE - 1 && y > 0 && y < SIDE - 1);
      }
  }
  const measure = () => field.map((value) => value + NOISE * random.normal());
  return {
    ...structureOf(batch),

    first: measure(),
    second: measure(),
    isInner,
  } satisfies Feed;
}

/** Nodes side by side are joined. */
function gridGraph() {
  return undirectedGraph(SIDE * SIDE, (a, b) => {
    const [dx, dy] = [(a % SIDE) - (b % SIDE), Math.floor(a / SIDE) - Math.floor(b / SIDE)];
    return Math.abs(dx) + Math.abs(dy) === 1;
  });
}
