import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { type Device, type Feed, openDevice } from '../../core/device/index.ts';
import { createWebGpuDevice } from '../../core/device/webgpu/index.ts';
import { explainerProgram, type GnnExplained } from '../../core/explain/explainerProgram.ts';
import { GNN_EXPLAINER_DEFAULTS, GnnExplainer, weighMessages } from '../../core/explain/index.ts';
import { bindParameters, linear, ParameterLayout } from '../../core/gnn/index.ts';
import {
  add,
  concat,
  gather,
  interpret,
  mean,
  mul,
  relu,
  segmentSum,
  softplus,
  sub,
  sum,
  type Tensor,
  Trace,
} from '../../core/tensor/index.ts';
import { ADAM_DEFAULTS, initialTrainingState, stepScalars, trainingProgram } from '../../core/train/index.ts';
import { areaUnderCurve, chainGraph, TYPES } from '../support/chainGraph.ts';
import { centralDifferences } from '../support/differences.ts';
import { GRAPH_WIDTH, graphProgram } from '../support/graphProgram.ts';
import { relativeError } from '../support/relativeError.ts';
import { noSwiftShader, skipNote } from '../support/swiftShader.ts';

const WIDTH = 12;
const messages = { indices: ['receivers'] };

describe('masks over a graph whose reasons are known', () => {
  const graph = chainGraph(new Random(3), { nodes: 300, edges: 900 });
  const { layout, forward, loss } = nodeClassifier();
  const explained: GnnExplained = {
    program: forward,
    output: 'logits',
    goal: 'class',
    messages,
    features: { input: 'x', baseline: new Float32Array(TYPES) },
  };
  const structure: Feed = {
    x: Float32Array.from({ length: TYPES * graph.nodeCount }, (_, i) =>
      graph.type[Math.floor(i / TYPES)] === i % TYPES ? 1 : 0,
    ),
    senders: graph.senders,
    receivers: graph.receivers,
  };
  /** Positive for one reason alone, so that a mask has nothing to choose from. */
  const nodes = graph.chains.flatMap((chains, node) => (chains.length === 1 ? [node] : [])).slice(0, 12);
  const positive = (node: number) => {
    const weights = new Float32Array(2 * graph.nodeCount);
    weights[2 * node + 1] = 1;
    return weights;
  };
  let device: Device;
  let feed: Feed;
  beforeAll(async () => {
    device = await openDevice('cpu');
    feed = { ...structure, parameters: await trained() };
  });
  afterAll(() => device.dispose());

  it('are explained for a model that has learned them', () => {
    const { logits } = interpret(forward, feed).outputs;
    const right = graph.isPositive.filter(
      (isPositive, i) => logits[2 * i + 1] > logits[2 * i] === isPositive,
    );
    expect(right.length / graph.nodeCount).toBeGreaterThan(0.97);
    expect(nodes.length).toBe(12);
  });

  it('are highest on the edges, and the features, that are the reason', async () => {
    const explainer = await GnnExplainer.compile(device, explained);
    const scores: number[] = [];
    const isReason: boolean[] = [];
    const features = new Float64Array(TYPES);
    for (const node of nodes) {
      const found = await explainer.explain(feed, positive(node), new Random(7));
      const reach = withinTwoSteps(graph, node);
      found.edges.forEach((mask, edge) => {
        // What cannot reach the node is no part of its explanation, and says so.
        if (!reach.has(edge)) expect(mask).toBe(0);
        else {
          scores.push(mask);
          isReason.push(graph.chains[node][0].includes(edge));
        }
      });
      found.features!.forEach((mask, i) => {
        features[i] += mask / nodes.length;
      });
      expect(found.losses.at(-1)).toBeLessThan(found.losses[0]);
    }
    expect(isReason.filter(Boolean)).toHaveLength(2 * nodes.length);
    expect(isReason.length).toBeGreaterThan(4 * nodes.length);
    // Chance is 0.5; other seeds give 0.996 to 1.
    expect(areaUnderCurve(scores, isReason)).toBeGreaterThan(0.95);
    // A chain is of types 0 and 1.
    expect(Math.min(features[0], features[1])).toBeGreaterThan(2 * Math.max(features[2], features[3]));
    await explainer.dispose();
  });

  it('keep what the model says', async () => {
    const explainer = await GnnExplainer.compile(device, explained);
    const { edges } = await explainer.explain(feed, positive(nodes[0]), new Random(7));
    const masked = weighMessages(forward, messages, (trace) => trace.input('factor', ['edges', 1]));
    const logit = (factor: Float32Array) => {
      const { logits } = interpret(masked, { ...feed, factor }).outputs;
      return logits[2 * nodes[0] + 1] - logits[2 * nodes[0]];
    };
    expect(logit(edges)).toBeGreaterThan(0);
    expect(
      logit(edges.map((mask, edge) => (graph.chains[nodes[0]][0].includes(edge) ? 0 : mask))),
    ).toBeLessThan(0);
    await explainer.dispose();
  });

  it('are the same bits for the same seed, others for another', async () => {
    const explainer = await GnnExplainer.compile(device, explained);
    const once = (seed: number) => explainer.explain(feed, positive(nodes[1]), new Random(seed));
    const first = await once(7);
    expect(await once(7)).toEqual(first);
    expect((await once(8)).edges).not.toEqual(first.edges);
    await explainer.dispose();
  });

  it.skipIf(noSwiftShader)(`are the same on WebGPU${skipNote}`, async () => {
    const gpu = await createWebGpuDevice({ software: true });
    const settings = { ...GNN_EXPLAINER_DEFAULTS, steps: 12 };
    const masks: Float32Array[] = [];
    for (const each of [device, gpu]) {
      const explainer = await GnnExplainer.compile(each, explained, settings);
      const { edges, features } = await explainer.explain(feed, positive(nodes[2]), new Random(7));
      masks.push(Float32Array.of(...edges, ...features!));
      await explainer.dispose();
    }
    expect(relativeError(masks[1], masks[0])).toBeLessThan(1e-3);
    await gpu.dispose();
  });

  async function trained(): Promise<Float32Array> {
    const adam = { ...ADAM_DEFAULTS, weightDecay: 5e-3, clipNorm: 2 };
    const executable = await device.compile(trainingProgram(loss, adam));
    const state = initialTrainingState(layout, layout.initialise(new Random(1)));
    for (const [name, values] of Object.entries(state)) await executable.setState(name, values);
    const isPositive = Float32Array.from(graph.isPositive, (value) => (value ? 1 : 0));
    for (let step = 1; step <= 400; step++)
      await executable.run({ ...structure, isPositive, ...stepScalars(step, 0.01, adam) });
    const parameters = await executable.getState('parameters');
    await executable.dispose();
    return parameters;
  }
});

describe('a step of the explainer', () => {
  const random = new Random(6);
  const { program, graph, feed } = graphProgram(random);
  const normals = (length: number) => Float32Array.from({ length }, () => random.normal());
  const used = Float32Array.from({ length: graph.edgeCount }, (_, i) => (i % 4 === 3 ? 0 : 1));
  const baseline = normals(GRAPH_WIDTH);
  const inputs = {
    ...feed,
    'explain.edgeLogits': normals(graph.edgeCount),
    'explain.edgeUsed': used,
    'explain.featureLogits': normals(GRAPH_WIDTH),
    'explain.featureBaseline': baseline,
    'explain.weights': Float32Array.from(feed.nodeFeatures, (_, i) => (i % 5 === 1 ? 1 : 0)),
  };
  const settings = {
    ...GNN_EXPLAINER_DEFAULTS,
    edgeSize: 0.07,
    edgeEntropy: 0.6,
    featureSize: 0.3,
    featureEntropy: 0.2,
  };
  const graphMessages = { indices: ['receivers', 'edgeGraph'] };
  const sigma = (x: number) => 1 / (1 + Math.exp(-x));
  const entropy = (m: number) => -m * Math.log(m) - (1 - m) * Math.log(1 - m);

  it.each(['class', 'value'] as const)('has the loss and the gradients of its formula: %s', (goal) => {
    const kept = normals(feed.nodeFeatures.length);
    const fed = { ...inputs, ...(goal === 'value' && { 'explain.kept': kept }) };
    const step = explainerProgram(
      {
        program,
        output: 'nodes',
        goal,
        messages: graphMessages,
        features: { input: 'nodeFeatures', baseline },
      },
      settings,
    );
    const { outputs } = interpret(step, fed);

    // By hand: masks on the host, the model on what they leave.
    const mask = Float64Array.from(inputs['explain.edgeLogits'], (x, i) => sigma(x) * used[i]);
    const columns = Array.from(inputs['explain.featureLogits'], sigma);
    const left = Float64Array.from(feed.nodeFeatures, (x, i) => {
      const column = i % GRAPH_WIDTH;
      return baseline[column] + (x - baseline[column]) * columns[column];
    });
    const masked = weighMessages(program, graphMessages, (trace) => trace.input('factor', ['edges', 1]));
    const said = interpret(masked, { ...feed, nodeFeatures: left, factor: mask }).outputs.nodes;
    const weights = inputs['explain.weights'];
    const counted = Array.from(used.keys()).filter((i) => used[i] === 1);
    const average = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const expected =
      said.reduce((total, value, i) => total + weights[i] * lossOf(said, value, i), 0) +
      settings.edgeSize * mask.reduce((a, b) => a + b, 0) +
      settings.edgeEntropy * average(counted.map((i) => entropy(mask[i]))) +
      settings.featureSize * average(columns) +
      settings.featureEntropy * average(columns.map(entropy));
    expect(outputs.loss[0]).toBeCloseTo(expected, 10);

    const byEdges = centralDifferences(step, fed, 'explain.edgeLogits');
    expect(relativeError(outputs.edgeGradient, byEdges)).toBeLessThan(1e-6);
    const byFeatures = centralDifferences(step, fed, 'explain.featureLogits');
    expect(relativeError(outputs.featureGradient, byFeatures)).toBeLessThan(1e-6);
    used.forEach((isUsed, i) => {
      if (isUsed === 0) expect(outputs.edgeInfluence[i]).toBeCloseTo(0, 12);
    });

    function lossOf(all: Float64Array, value: number, i: number): number {
      if (goal === 'value') return (value - kept[i]) ** 2;
      const first = i - (i % GRAPH_WIDTH);
      const row = all.subarray(first, first + GRAPH_WIDTH);
      return Math.log(row.reduce((total, other) => total + Math.exp(other), 0)) - value;
    }
  });
});

describe('values', () => {
  const random = new Random(9);
  const { program, graph, feed } = graphProgram(random);
  let device: Device;
  beforeAll(async () => {
    device = await openDevice('cpu');
  });
  afterAll(() => device.dispose());

  it('are kept by a mask that leaves out edges of the other graph', async () => {
    const explainer = await GnnExplainer.compile(device, {
      program,
      output: 'graphs',
      goal: 'value',
      messages: { indices: ['receivers', 'edgeGraph'] },
    });
    const weights = new Float32Array(GRAPH_WIDTH * graph.graphCount).fill(1, 0, GRAPH_WIDTH);
    const { edges, losses, features } = await explainer.explain(feed, weights, random);
    graph.edgeGraph.forEach((of, edge) => {
      if (of === 1) expect(edges[edge]).toBe(0);
      else expect(edges[edge]).toBeGreaterThan(0);
    });
    expect(features).toBeUndefined();
    expect(losses.at(-1)).toBeLessThan(losses[0]);
    await explainer.dispose();

    // What the masks leave says nearly the same of the first graph.
    const masked = weighMessages(program, { indices: ['receivers', 'edgeGraph'] }, (trace) =>
      trace.input('factor', ['edges', 1]),
    );
    const [plain, muted] = [edges, new Float32Array(graph.edgeCount)].map((factor) =>
      interpret(masked, { ...feed, factor }).outputs.graphs.subarray(0, GRAPH_WIDTH),
    );
    const said = interpret(program, feed).outputs.graphs.subarray(0, GRAPH_WIDTH);
    expect(relativeError(plain, said)).toBeLessThan(0.5 * relativeError(muted, said));
  });

  it('and classes are refused where they cannot be explained', async () => {
    const base = { program, output: 'nodes', goal: 'class', messages } as const;
    const compile = (change: Partial<GnnExplained>) => GnnExplainer.compile(device, { ...base, ...change });
    await expect(compile({ output: 'edges' })).rejects.toThrow('no output "edges"');
    await expect(compile({ messages: { indices: ['edge'] } })).rejects.toThrow('no input "edge"');
    await expect(compile({ messages: { indices: ['senders'] } })).rejects.toThrow('nothing over senders');
    const features = { input: 'nodeFeatures', baseline: new Float32Array(2) };
    await expect(compile({ features })).rejects.toThrow('[rows, 2]');
  });
});

/** Two layers that add what neighbours say, and a logistic loss against `isPositive`. */
function nodeClassifier() {
  const layout = new ParameterLayout();
  const layers = [TYPES, WIDTH].map((inputs, i) => ({
    own: linear(layout, `own${i}`, inputs, WIDTH),
    neighbours: linear(layout, `neighbours${i}`, inputs, WIDTH),
  }));
  const head = linear(layout, 'head', 2 * WIDTH, 2);
  const logitsOf = (trace: Trace): Tensor => {
    const weights = bindParameters(trace, layout);
    const senders = trace.input('senders', ['edges'], 'i32');
    const receivers = trace.input('receivers', ['edges'], 'i32');
    const hidden: Tensor[] = [];
    let state = trace.input('x', ['nodes', TYPES]);
    for (const { own, neighbours } of layers) {
      const said = segmentSum(gather(neighbours(weights, state), senders), receivers, 'nodes');
      state = relu(add(own(weights, state), said));
      hidden.push(state);
    }
    return head(weights, concat(hidden));
  };
  const forwardTrace = new Trace();
  const forward = forwardTrace.program({ logits: logitsOf(forwardTrace) });
  const trace = new Trace();
  const margin = sum(mul(logitsOf(trace), trace.constant([-1, 1], [1, 2])), [1]);
  const isPositive = trace.input('isPositive', ['nodes']);
  const loss = trace.program({ loss: mean(sub(softplus(margin), mul(margin, isPositive))) });
  return { layout, forward, loss };
}

/** Edges by which something reaches a node in two steps. */
function withinTwoSteps(
  { senders, receivers }: { senders: Int32Array; receivers: Int32Array },
  node: number,
): Set<number> {
  const edges = Array.from(senders.keys());
  const last = edges.filter((edge) => receivers[edge] === node);
  const middles = new Set(last.map((edge) => senders[edge]));
  return new Set([...last, ...edges.filter((edge) => middles.has(receivers[edge]))]);
}
