import { quietContext, Random } from '@etalon/core/base';
import type { Device } from '@etalon/core/device';
import { bindParameters, linear, ParameterLayout, sage } from '@etalon/core/gnn';
import { type Adjacency, adjacencyOf, largestFlow } from '@etalon/core/graph';
import { mean, square, sub, Trace } from '@etalon/core/tensor';
import {
  ADAM_DEFAULTS,
  flowFields,
  flowInputs,
  inferLayerwise,
  initialTrainingState,
  onBlock,
  Producers,
  shareColumns,
  stepScalars,
  trainingProgram,
} from '@etalon/core/train';
import type { SamplingInput } from './samplingWorker.ts';

const NODES = 20_000;
const EDGES = 50_000;
const WIDTHS = [4, 16, 16];
const FANOUTS = [10, 10];
const BATCH = 256;
const STEPS = 300;

/**
 * Trains on sampled neighbourhoods of a large graph, then computes all of its nodes. The label of a node is known: the mean of a
 * feature over its neighbours, less its own. Returns what share of the variance is explained on nodes never trained on.
 */
export async function neighbourMeans(device: Device): Promise<number> {
  const random = new Random(1);
  const ends = () => Int32Array.from({ length: EDGES }, () => random.int(NODES));
  const adjacency = adjacencyOf({ rows: NODES, columns: NODES, from: ends(), to: ends() });
  const features = Float32Array.from({ length: NODES * WIDTHS[0] }, () => random.normal());
  const labels = labelsOf(adjacency, features);

  const nodes = random.shuffle(Int32Array.from({ length: NODES }, (_, node) => node));
  const trainNodes = nodes.slice(0, NODES / 2);
  const model = network();
  const parameters = await train(device, model, { adjacency, features, labels, trainNodes });
  const predicted = await predictAll(device, model, adjacency, features, parameters);
  return explainedShare(nodes.slice(NODES / 2), predicted, labels);
}

/** Two layers of GraphSAGE and a read-out: on the blocks of a batch to be trained, and layer by layer to be asked about all nodes. */
function network() {
  const layout = new ParameterLayout();
  const layers = [0, 1].map((i) => sage(layout, `sage${i}`, { inputs: WIDTHS[i], outputs: WIDTHS[i + 1] }));
  const readOut = linear(layout, 'readOut', WIDTHS[2], 1);

  const trace = new Trace();
  const weights = bindParameters(trace, layout);
  const blocks = flowInputs(trace, layers.length);
  const x = trace.input('x', [blocks[0].sources, WIDTHS[0]]);
  const states = layers.reduce((state, layer, i) => onBlock(layer, weights, blocks[i], state), x);
  const y = trace.input('y', [blocks[1].targets, 1]);
  const loss = trace.program({ loss: mean(square(sub(readOut(weights, states), y))) });

  const programs = layers.map((layer, i) => {
    const trace = new Trace();
    const weights = bindParameters(trace, layout);
    const [block] = flowInputs(trace, 1);
    const states = onBlock(layer, weights, block, trace.input('x', [block.sources, WIDTHS[i]]));
    return trace.program({ x: i === layers.length - 1 ? readOut(weights, states) : states });
  });
  return { layout, loss, programs };
}

type Model = ReturnType<typeof network>;

async function train(
  device: Device,
  { layout, loss }: Model,
  data: Pick<SamplingInput, 'adjacency' | 'features' | 'labels' | 'trainNodes'>,
): Promise<Float32Array> {
  const step = await device.compile(trainingProgram(loss, ADAM_DEFAULTS));
  const state = initialTrainingState(layout, layout.initialise(new Random(1)));
  for (const [name, values] of Object.entries(state)) await step.setState(name, values);

  const largest = largestFlow(NODES, BATCH, FANOUTS);
  const input: SamplingInput = {
    ...shareColumns(data),
    adjacency: shareColumns(data.adjacency),
    width: WIDTHS[0],
    fanouts: FANOUTS,
    batchSize: BATCH,
    seed: 1,
  };
  const producers = new Producers({
    module: new URL('./samplingWorker.ts', import.meta.url),
    input,
    threads: 1,
    slots: 4,
    fields: [
      ...flowFields(largest),
      { name: 'x', type: 'f32', capacity: largest.nodes[0] * WIDTHS[0] },
      { name: 'y', type: 'f32', capacity: BATCH },
    ],
    first: 0,
    end: STEPS,
    signal: quietContext.signal,
  });
  try {
    let steps = 0;
    for await (const batch of producers.take(STEPS))
      await step.run({ ...batch, ...stepScalars(++steps, 0.01, ADAM_DEFAULTS) });
    return await step.getState('parameters');
  } finally {
    await producers.close();
    await step.dispose();
  }
}

/** [nodes] each computed once for each layer. */
function predictAll(
  device: Device,
  { programs }: Model,
  adjacency: Adjacency,
  features: Float32Array,
  parameters: Float32Array,
): Promise<Float32Array> {
  const widths = [WIDTHS[1], 1];
  const layers = programs.map((program, i) => ({ program, width: widths[i], feed: { parameters } }));
  return inferLayerwise(device, { adjacency, x: features, layers }, quietContext);
}

function labelsOf({ offsets, neighbours }: Adjacency, features: Float32Array): Float32Array {
  return Float32Array.from({ length: NODES }, (_, node) => {
    const own = neighbours.subarray(offsets[node], offsets[node + 1]);
    const total = own.reduce((sum, neighbour) => sum + features[neighbour * WIDTHS[0]], 0);
    return total / Math.max(1, own.length) - features[node * WIDTHS[0]];
  });
}

function explainedShare(nodes: Int32Array, predicted: Float32Array, labels: Float32Array): number {
  const sumOf = (value: (node: number) => number) => nodes.reduce((sum, node) => sum + value(node), 0);
  const average = sumOf((node) => labels[node]) / nodes.length;
  return (
    1 -
    sumOf((node) => (predicted[node] - labels[node]) ** 2) / sumOf((node) => (labels[node] - average) ** 2)
  );
}
