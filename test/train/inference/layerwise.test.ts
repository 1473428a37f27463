import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quietContext, Random } from '../../../core/base/index.ts';
import { createCpuDevice } from '../../../core/device/cpu/index.ts';
import type { Device } from '../../../core/device/index.ts';
import { createWebGpuDevice } from '../../../core/device/webgpu/index.ts';
import {
  type Block,
  bindParameters,
  gat,
  gatv2,
  gcn,
  mlp,
  ParameterLayout,
  sage,
} from '../../../core/gnn/index.ts';
import { type Graph, gcnScale, incomingNeighbours } from '../../../core/graph/index.ts';
import {
  concat,
  gather,
  interpret,
  matmul,
  mul,
  type Program,
  segmentSum,
  Trace,
  tanh,
} from '../../../core/tensor/index.ts';
import { inferLayerwise, type LayerwiseOptions } from '../../../core/train/inference/index.ts';
import { flowInputs, onBlock } from '../../../core/train/producers/index.ts';
import { awkwardGraph, graphOf } from '../../support/awkwardGraph.ts';
import { type Matrix, plainLinear, plainMlp, rowsOf, weightsByName } from '../../support/plainGnn.ts';
import { relativeError } from '../../support/relativeError.ts';
import { sagePrograms } from '../../support/sageLayers.ts';
import { noSwiftShader, skipNote } from '../../support/swiftShader.ts';

const WIDTHS = [5, 4, 3];

let device: Device;
/** Targets of each run of a program, in turn. */
let runs: number[] = [];
beforeAll(async () => {
  device = counting(await createCpuDevice({ threads: 1 }));
});
afterAll(() => device.dispose());

function counting(inner: Device): Device {
  return {
    ...inner,
    async compile(program: Program) {
      const executable = await inner.compile(program);
      const run = executable.run.bind(executable);
      executable.run = (feed) => {
        runs.push(feed.self0.length);
        return run(feed);
      };
      return executable;
    },
  };
}

async function infer(
  options: Omit<LayerwiseOptions, 'adjacency'> & { graph: Graph },
  context = quietContext,
) {
  runs = [];
  return inferLayerwise(device, { ...options, adjacency: incomingNeighbours(options.graph) }, context);
}

function normals(random: Random, length: number): Float32Array {
  return Float32Array.from({ length }, () => random.normal());
}

function sageCase(graph: Graph, seed: number) {
  const random = new Random(seed);
  const { layout, programs } = sagePrograms(WIDTHS);
  const parameters = layout.initialise(random);
  const x = normals(random, graph.nodeCount * WIDTHS[0]);
  const options = { graph, x, layers: programs.map((layer) => ({ ...layer, feed: { parameters } })) };
  return { options, expected: plainSage(graph, rowsOf(x, WIDTHS[0]), weightsByName(layout, parameters)) };
}

/** ReLU(W₁ · mean + W₂ · self), node after node over the list of edges. */
function plainSage(graph: Graph, x: Matrix, weight: (name: string) => number[]): number[] {
  let rows = x;
  for (let layer = 0; layer + 1 < WIDTHS.length; layer++) {
    const before = rows;
    rows = before.map((own, node) => {
      const senders = [...graph.senders].filter((_, edge) => graph.receivers[edge] === node);
      const mean = own.map(
        (_, k) => senders.reduce((sum, sender) => sum + before[sender][k], 0) / Math.max(1, senders.length),
      );
      const kernel = rowsOf(weight(`layer${layer}.self.kernel`), WIDTHS[layer + 1]);
      return plainLinear(weight, `layer${layer}.neighbours`, mean).map((value, k) =>
        Math.max(0, value + own.reduce((sum, x, i) => sum + x * kernel[i][k], 0)),
      );
    });
  }
  return rows.flat();
}

describe('inferLayerwise', () => {
  const graph = awkwardGraph(new Random(1), { nodes: 90, hub: 300 });

  for (const [chunkNodes, chunkEdges, most] of [
    [1000, 10_000, 1],
    [90, 10_000, 1],
    [7, 10_000, 13],
    [1, 10_000, 90],
    [1000, 60, 90],
  ])
    it(`in chunks of ${chunkNodes} nodes and ${chunkEdges} edges gives what the formula gives, each node once a layer`, async () => {
      const { options, expected } = sageCase(graph, 2);
      const states = await infer({ ...options, chunkNodes, chunkEdges });
      expect(relativeError(states, expected)).toBeLessThan(1e-5);
      expect(runs.length).toBeLessThanOrEqual(2 * most);
      expect(runs.reduce((sum, count) => sum + count, 0)).toBe(2 * graph.nodeCount);
      expect(Math.max(...runs)).toBeLessThanOrEqual(chunkNodes);
    });

  it('cuts chunks at the limit of edges, and gives a hub beyond it a chunk of its own', async () => {
    const { options } = sageCase(graph, 3);
    const degrees = new Int32Array(90);
    for (const receiver of graph.receivers) degrees[receiver]++;
    await infer({ ...options, layers: options.layers.slice(0, 1), chunkEdges: 60 });
    let begin = 0;
    for (const count of runs) {
      const edges = degrees.subarray(begin, begin + count).reduce((sum, degree) => sum + degree, 0);
      expect(count === 1 || edges <= 60).toBe(true);
      begin += count;
    }
    expect(runs[0]).toBe(1);
    expect(Math.max(...runs)).toBeGreaterThan(5);
  });

  it('has states for graphs without edges and none for graphs without nodes', async () => {
    for (const nodes of [4, 0]) {
      const { options, expected } = sageCase(graphOf(nodes, []), 4);
      expect(relativeError(await infer({ ...options, chunkNodes: 3 }), expected)).toBeLessThan(1e-5);
    }
  });

  it('takes values of edges from their columns: a GCN with its coefficients, messages of features', async () => {
    const random = new Random(5);
    const layout = new ParameterLayout();
    const kernel = layout.declare('gcn.kernel', [5, 4], 'glorot');
    const message = mlp(layout, 'message', 4 + 4 + 2, [6]);
    const parameters = layout.initialise(random);
    const x = normals(random, 90 * 5);
    const coefficients = Float32Array.from({ length: graph.edgeCount }, () => random.uniform());
    const features = normals(random, graph.edgeCount * 2);

    const states = await infer({
      graph,
      x,
      layers: [
        { program: convolution(), width: 4, feed: { parameters } },
        { program: messages(), width: 6, feed: { parameters } },
      ],
      edgeColumns: {
        coefficients: { values: coefficients, width: 1 },
        features: { values: features, width: 2 },
      },
      chunkNodes: 11,
    });
    expect(relativeError(states, plain())).toBeLessThan(1e-5);

    function convolution(): Program {
      const trace = new Trace();
      const [block] = flowInputs(trace, 1);
      const weights = bindParameters(trace, layout);
      const sent = gather(matmul(trace.input('x', [block.sources, 5]), weights(kernel)), block.senders);
      const scaled = mul(sent, trace.input('coefficients', ['edges0', 1]));
      return trace.program({ x: tanh(segmentSum(scaled, block.receivers, block.targets)) });
    }
    function messages(): Program {
      const trace = new Trace();
      const [block] = flowInputs(trace, 1);
      const states = trace.input('x', [block.sources, 4]);
      const ends = [gather(states, block.senders), gather(gather(states, block.self), block.receivers)];
      const sent = message(
        bindParameters(trace, layout),
        concat([...ends, trace.input('features', ['edges0', 2])]),
      );
      return trace.program({ x: segmentSum(sent, block.receivers, block.targets) });
    }
    function plain(): number[] {
      const weight = weightsByName(layout, parameters);
      const sumOver = (node: number, width: number, sent: (edge: number) => number[]) =>
        [...graph.receivers.keys()]
          .filter((edge) => graph.receivers[edge] === node)
          .map(sent)
          .reduce((sum, row) => sum.map((value, k) => value + row[k]), Array<number>(width).fill(0));
      const kernelRows = rowsOf(weight('gcn.kernel'), 4);
      const inputs = rowsOf(x, 5);
      const hidden = inputs.map((_, node) =>
        sumOver(node, 4, (edge) =>
          kernelRows[0].map(
            (_, k) =>
              coefficients[edge] *
              inputs[graph.senders[edge]].reduce((sum, value, i) => sum + value * kernelRows[i][k], 0),
          ),
        ).map(Math.tanh),
      );
      return hidden.flatMap((_, node) =>
        sumOver(node, 6, (edge) =>
          plainMlp(
            weight,
            'message',
            [...hidden[graph.senders[edge]], ...hidden[node], ...features.subarray(2 * edge, 2 * edge + 2)],
            { layers: 1, norm: false },
          ),
        ),
      );
    }
  });

  const layers: [string, (layout: ParameterLayout) => Block, number][] = [
    [
      'GraphSAGE, pooled',
      (layout) => sage(layout, 'layer', { inputs: 5, outputs: 4, aggregator: 'pool' }),
      4,
    ],
    [
      'GraphSAGE, GCN aggregator',
      (layout) => sage(layout, 'layer', { inputs: 5, outputs: 4, aggregator: 'gcn' }),
      4,
    ],
    ['GAT', (layout) => gat(layout, 'layer', { inputs: 5, width: 3, heads: 2 }), 6],
    ['GATv2', (layout) => gatv2(layout, 'layer', { inputs: 5, width: 3, heads: 2 }), 6],
  ];
  it.each(layers)('agrees with %s on the whole graph', async (_name, make, width) => {
    const layout = new ParameterLayout();
    const layer = make(layout);
    const parameters = layout.initialise(new Random(10));
    const x = normals(new Random(11), 90 * 5);
    const trace = new Trace();
    const [block] = flowInputs(trace, 1);
    const states = onBlock(layer, bindParameters(trace, layout), block, trace.input('x', [block.sources, 5]));
    const inChunks = await infer({
      graph,
      x,
      layers: [{ program: trace.program({ x: states }), width, feed: { parameters } }],
      chunkNodes: 8,
    });
    const { outputs } = interpret(onWholeGraph(layout, layer), { ...ends(graph), x, parameters });
    expect(relativeError(inChunks, outputs.x)).toBeLessThan(1e-5);
  });

  it('agrees with two layers of GCN on the whole graph, which know no targets and take coefficients of nodes', async () => {
    const layout = new ParameterLayout();
    const [first, second] = [5, 4].map((inputs, i) => gcn(layout, `layer${i}`, { inputs, outputs: 4 }));
    const parameters = layout.initialise(new Random(12));
    const x = normals(new Random(13), 90 * 5);
    const nodeScale = gcnScale(graph);
    const states = await infer({
      graph,
      x,
      layers: [first, second].map((layer, i) => ({
        program: onWholeGraph(layout, layer, 5 - i),
        width: 4,
        feed: { parameters },
      })),
      nodeColumns: { nodeScale: { values: nodeScale, width: 1 } },
      chunkNodes: 8,
    });
    const oneShot = (layer: Block, inputs: number, values: Float32Array | Float64Array) =>
      interpret(onWholeGraph(layout, layer, inputs), { ...ends(graph), nodeScale, x: values, parameters })
        .outputs.x;
    expect(relativeError(states, oneShot(second, 4, oneShot(first, 5, x)))).toBeLessThan(1e-5);
  });

  it('gives the same bits again, reports how far it is, and is cancelled between chunks', async () => {
    const { options } = sageCase(graph, 8);
    const reports: string[] = [];
    const report = ({ step, steps, done, total }: Parameters<LayerwiseReport>[0]) => {
      reports.push(`${step}/${steps} ${done}/${total}`);
    };
    const first = await infer({ ...options, chunkNodes: 50 }, { signal: quietContext.signal, report });
    expect(reports).toEqual(['1/2 0/90', '1/2 50/90', '2/2 0/90', '2/2 50/90']);
    expect(await infer({ ...options, chunkNodes: 50 })).toEqual(first);

    const controller = new AbortController();
    const cancel = { signal: controller.signal, report: () => controller.abort() };
    await expect(infer({ ...options, chunkNodes: 50 }, cancel)).rejects.toMatchObject({ code: 'cancelled' });
    expect(runs).toHaveLength(1);
  });

  it('refuses features that are no rows of the nodes', async () => {
    const { options } = sageCase(graph, 9);
    await expect(infer({ ...options, x: new Float32Array(91) })).rejects.toThrow(
      '91 values are no rows of 90 nodes',
    );
  });
});

describe.skipIf(noSwiftShader)(`inferLayerwise on WebGPU${skipNote}`, () => {
  it('gives what the formula gives, in chunks of different sizes', async () => {
    const gpu = await createWebGpuDevice({ software: true });
    const { options, expected } = sageCase(awkwardGraph(new Random(14), { nodes: 60, hub: 100 }), 15);
    const adjacency = incomingNeighbours(options.graph);
    const states = await inferLayerwise(gpu, { ...options, adjacency, chunkNodes: 13 }, quietContext);
    await gpu.dispose();
    expect(relativeError(states, expected)).toBeLessThan(1e-5);
  });
});

/** A layer on a graph whose nodes are senders and receivers alike. */
function onWholeGraph(layout: ParameterLayout, layer: Block, inputs = 5): Program {
  const trace = new Trace();
  const [senders, receivers] = ['senders0', 'receivers0'].map((name) => trace.input(name, ['edges'], 'i32'));
  const structure = { senders, receivers, nodeScale: trace.input('nodeScale', ['nodes', 1]) };
  const nodes = trace.input('x', ['nodes', inputs]);
  return trace.program({ x: layer(bindParameters(trace, layout), structure, { nodes }).nodes });
}

/** What to feed for it. */
function ends({ nodeCount, senders, receivers }: Graph) {
  return { senders0: senders, receivers0: receivers, nodeScale: new Float32Array(nodeCount) };
}

type LayerwiseReport = Parameters<typeof inferLayerwise>[2]['report'];
