import type * as aggregation from '../../core/gnn/aggregation.ts';
import type * as drop from '../../core/gnn/dropout.ts';
import type * as edgeAttentive from '../../core/gnn/edgeAttention.ts';
import type * as edge from '../../core/gnn/edgeGnn.ts';
import type * as functions from '../../core/gnn/functions.ts';
import type * as attention from '../../core/gnn/gat.ts';
import type * as convolution from '../../core/gnn/gcn.ts';
import type * as isomorphism from '../../core/gnn/gin.ts';
import type * as network from '../../core/gnn/graphNetwork.ts';
import type * as heterogeneous from '../../core/gnn/heterogeneous.ts';
import {
  aggregate,
  attend,
  dropout,
  elu,
  embedding,
  embeddingBag,
  gat,
  gatedReadout,
  gatv2,
  gcn,
  gelu,
  graphNetworkBlock,
  identity,
  isEqual,
  l2Normalise,
  layerNorm,
  leakyRelu,
  linear,
  logSumExp,
  messagePassing,
  mlp,
  required,
  segmentCounts,
  segmentMean,
  segmentSoftmax,
  softmax,
  stack,
} from '../../core/gnn/index.ts';
import type * as layers from '../../core/gnn/layers.ts';
import type * as localized from '../../core/gnn/localizedConvolution.ts';
import type * as passing from '../../core/gnn/messagePassing.ts';
import type * as messages from '../../core/gnn/mpnn.ts';
import type * as pooling from '../../core/gnn/pooling.ts';
import type * as sampleAggregate from '../../core/gnn/sage.ts';
import type * as stacking from '../../core/gnn/stack.ts';
import {
  add,
  concat,
  gather,
  mul,
  relu,
  reshape,
  slice,
  square,
  step,
  tanh,
} from '../../core/tensor/index.ts';
import * as d from './denseLayers.ts';
import { edgeAttentionCases, fusionCases } from './edgeAttentionCases.ts';
import { edgeGnnCases, edgeSageCases, heterogeneousCase, mpnnCases } from './edgeLayerCases.ts';
import { arriving, type Dense, type LayerCase } from './layerCase.ts';
import { type Declare, type LayerInputs, WIDTH } from './layerWorld.ts';
import { attentionCases, gcnCases, ginCases, localizedCases, sageCases } from './nodeLayerCases.ts';
import { type Matrix, plainBlock, plainLayerNorm, plainLinear, plainMlp } from './plainGnn.ts';

/** The files of `core/gnn` whose functions the table below holds. A file that is in no such list fails a test. */
export const LAYER_FILES = [
  'aggregation',
  'dropout',
  'edgeAttention',
  'edgeGnn',
  'functions',
  'gat',
  'gcn',
  'gin',
  'graphNetwork',
  'heterogeneous',
  'layers',
  'localizedConvolution',
  'messagePassing',
  'mpnn',
  'pooling',
  'sage',
  'stack',
] as const;

/** What they export, but for what only declares inputs, finds mistakes, or is a part of a layer. */
type LayerName = Exclude<
  | keyof typeof aggregation
  | keyof typeof attention
  | keyof typeof convolution
  | keyof typeof drop
  | keyof typeof edge
  | keyof typeof edgeAttentive
  | keyof typeof functions
  | keyof typeof heterogeneous
  | keyof typeof isomorphism
  | keyof typeof layers
  | keyof typeof localized
  | keyof typeof messages
  | keyof typeof network
  | keyof typeof passing
  | keyof typeof pooling
  | keyof typeof sampleAggregate
  | keyof typeof stacking,
  'Draws' | 'endScores' | 'graphInputs' | 'relationInputs' | 'required'
>;

/** A function of the nodes' rows by themselves. */
function rowwise(
  name: string,
  layer: (x: LayerInputs['x']) => LayerInputs['x'],
  formula: (row: number[]) => number[],
): LayerCase {
  return {
    name,
    declare: () => (inputs) => ({ y: layer(inputs.x) }),
    formula: ({ x }) => ({ y: x.map(formula) }),
  };
}

/** A layer of declared weights on the nodes' rows. */
function onRows(
  name: string,
  declare: (layout: Parameters<Declare>[0]) => ReturnType<typeof linear>,
  formula: (plain: Dense['plain'], row: number[]) => number[],
): LayerCase {
  return {
    name,
    declare: (layout) => {
      const layer = declare(layout);
      return (inputs) => ({ y: layer(inputs.weights, inputs.x) });
    },
    formula: ({ x, plain }) => ({ y: x.map((row) => formula(plain, row)) }),
  };
}

const softmaxOf = (row: number[]) => {
  const powers = row.map(Math.exp);
  return powers.map((power) => power / d.COMBINE.sum(powers));
};

const sendersOf = ({ graph, x }: Dense): Matrix => [...graph.senders].map((sender) => x[sender]);

const aggregationCases = (['sum', 'mean', 'max'] as const).map(
  (kind): LayerCase => ({
    name: `${kind} of edges by receiver and of nodes by graph`,
    declare:
      () =>
      ({ e, x, g, graphs }) => ({
        nodes: aggregate(kind, e, graphs.receivers, x.shape[0]),
        graphs: aggregate(kind, x, graphs.nodeGraph, g.shape[0]),
      }),
    formula: (dense) => ({
      nodes: arriving(dense, dense.e, WIDTH.e, kind),
      graphs: d.grouped(dense.x, dense.graph.nodeGraph, dense.graph.graphCount, WIDTH.x, d.COMBINE[kind]),
    }),
  }),
);

const ATTEND = { heads: 2, width: 3 };

const attendCases = (training: boolean): LayerCase => ({
  name: training ? 'with dropped weights' : 'one value for all heads',
  training,
  declare:
    () =>
    ({ x, e, structure, draws }) => {
      const values = reshape(gather(x, structure.senders), ['edges', 1, ATTEND.width]);
      const options = training ? { dropout: 0.3, draws } : {};
      const y = attend(values, e, structure.receivers, x.shape[0], options);
      return { y: reshape(y, ['nodes', ATTEND.heads * ATTEND.width]) };
    },
  formula: ({ graph, x, e }) => ({
    y: x.map((_, node) =>
      Array.from({ length: ATTEND.heads }, (__, head) => head).flatMap((head) => {
        const entering = [...graph.receivers.keys()].filter((edge) => graph.receivers[edge] === node);
        const shares = softmaxOf(entering.map((edge) => e[edge][head]));
        return Array.from({ length: ATTEND.width }, (__, c) =>
          d.COMBINE.sum(entering.map((edge, k) => shares[k] * x[graph.senders[edge]][c])),
        );
      }),
    ),
  }),
});

const networkCase: LayerCase = {
  name: 'edges, nodes and graphs',
  declare: (layout) => {
    const options = { edges: WIDTH.e, nodes: WIDTH.x, graphs: WIDTH.g, widths: [4, 3], norm: true };
    const block = graphNetworkBlock(layout, 'block', { ...options, activation: tanh });
    return ({ weights, graphs, x, e, g }) => ({
      ...block(weights, graphs, { nodes: x, edges: e, graphs: g }),
    });
  },
  formula: ({ graph, x, e, g, plain }) => {
    const shape = { layers: 2, norm: true, activation: Math.tanh, width: 3, residual: false };
    return { ...plainBlock(plain, 'block', graph, { nodes: x, edges: e, graphs: g }, shape) };
  },
};

const stackCase = (training: boolean): LayerCase => ({
  name: training ? 'with dropout' : 'norm and residuals',
  training,
  declare: (layout) => {
    const net = stack(layout, 'net', {
      widths: [WIDTH.x, 4, 4, 2],
      layer: (name, inputs, outputs, at) =>
        gcn(layout, name, { inputs, outputs, activation: at === 2 ? identity : relu }),
      norm: true,
      residual: true,
      dropout: 0.25,
    });
    return (inputs) => ({
      y: net(inputs.weights, inputs.scaledStructure(false), { nodes: inputs.x }, inputs.draws).nodes,
    });
  },
  formula: ({ graph, x, weight, plain }) => {
    const a = d.adjacency(graph, () => 1);
    const convolve = (at: number, rows: Matrix, width: number) =>
      d.denseGcn(a, rows, weight(`net.${at}.kernel`, width), weight(`net.${at}.bias`, width));
    const normed = (at: number, rows: Matrix) =>
      rows.map((row) => plainLayerNorm(plain, `net.${at}.norm`, row));
    const first = normed(0, d.map(convolve(0, x, 4), d.relu));
    const second = d.plus(first, normed(1, d.map(convolve(1, first, 4), d.relu)));
    return { y: convolve(2, second, 2) };
  },
});

/** Every layer in the ways that it is used: the compiler asks for the entry of one that was forgotten. */
export const LAYER_CASES: Record<LayerName, readonly LayerCase[]> = {
  identity: [
    rowwise(
      'as it is',
      (x) => identity(x),
      (row) => row,
    ),
  ],
  leakyRelu: [
    rowwise(
      'slope 0.2',
      (x) => leakyRelu(x),
      (row) => row.map(d.leaky),
    ),
  ],
  elu: [
    rowwise(
      'α = 1',
      (x) => elu(x),
      (row) => row.map(d.elu),
    ),
  ],
  gelu: [
    rowwise(
      'by tanh',
      (x) => gelu(x),
      (row) => row.map((v) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)))),
    ),
  ],
  softmax: [
    rowwise('of rows', (x) => softmax(x), softmaxOf),
    rowwise('of large values', (x) => softmax(add(x, 500)), softmaxOf),
    {
      name: 'of columns',
      declare:
        () =>
        ({ x }) => ({ y: softmax(x, 0) }),
      formula: ({ x }) => ({
        y: x.map((row, i) => row.map((_, c) => softmaxOf(x.map((other) => other[c]))[i])),
      }),
    },
  ],
  logSumExp: [
    rowwise(
      'of rows',
      (x) => reshape(logSumExp(x), ['nodes', 1]),
      (row) => [Math.log(d.COMBINE.sum(row.map(Math.exp)))],
    ),
  ],
  isEqual: [
    rowwise(
      'lets through what equals itself above 0',
      (x) => mul(x, isEqual(step(x), add(mul(x, 0), 1))),
      (row) => row.map((v) => Math.max(0, v)),
    ),
  ],
  l2Normalise: [
    rowwise(
      'of rows',
      (x) => l2Normalise(x),
      (row) => d.scaled(row, 1 / Math.sqrt(d.dot(row, row) + 1e-12)),
    ),
  ],
  dropout: [
    {
      name: 'while training',
      training: true,
      declare:
        () =>
        ({ x, draws }) => ({ y: dropout(dropout(x, 0.5, draws), 0.2, draws) }),
    },
    rowwise(
      'while predicting',
      (x) => dropout(x, 0.5, undefined),
      (row) => row,
    ),
  ],
  linear: [
    onRows(
      'x·W + b',
      (layout) => linear(layout, 'l', WIDTH.x, 4),
      (plain, row) => plainLinear(plain, 'l', row),
    ),
  ],
  layerNorm: [
    onRows(
      'of rows',
      (layout) => layerNorm(layout, 'n', WIDTH.x),
      (plain, row) => plainLayerNorm(plain, 'n', row),
    ),
  ],
  mlp: [
    onRows(
      'two layers and a norm',
      (layout) => mlp(layout, 'm', WIDTH.x, [5, 4], { norm: true }),
      (plain, row) => plainMlp(plain, 'm', row, { layers: 2, norm: true }),
    ),
  ],
  embedding: [
    {
      name: 'rows of a table',
      declare: (layout) => {
        const table = embedding(layout, 'table', 4, 3);
        return ({ weights, row }) => ({ y: table(weights, row) });
      },
      formula: ({ row, weight }) => ({ y: [...row].map((at) => weight('table.table', 3)[at]) }),
    },
  ],
  embeddingBag: [
    {
      name: 'weighted sums of rows of a table, beside what each bag has',
      declare: (layout) => {
        const bag = embeddingBag(layout, 'bag', 4, 3);
        return ({ weights, row, x, item, graphs }) => {
          const of = { tokens: row, bags: graphs.nodeGraph, weights: slice(x, 0, 1) };
          return { y: add(bag(weights, of, 'graphs'), slice(item, 0, 3)) };
        };
      },
      formula: ({ graph, row, x, item, weight }) => ({
        y: item.map((own, bag) =>
          own
            .slice(0, 3)
            .map((start, k) =>
              [...graph.nodeGraph.keys()]
                .filter((node) => graph.nodeGraph[node] === bag)
                .reduce((sum, node) => sum + x[node][0] * weight('bag.table', 3)[row[node]][k], start),
            ),
        ),
      }),
    },
  ],
  aggregate: aggregationCases,
  segmentCounts: [
    {
      name: 'edges of each node, beside what depends on the weights',
      declare:
        () =>
        ({ x, structure }) => ({ y: mul(x, segmentCounts(structure.receivers, 'nodes')) }),
      formula: ({ graph, x }) => ({
        y: x.map((row, node) =>
          d.scaled(row, graph.receivers.filter((receiver) => receiver === node).length),
        ),
      }),
    },
  ],
  segmentMean: [
    {
      name: 'of gathered rows',
      declare:
        () =>
        ({ x, structure: { senders, receivers } }) => ({
          y: segmentMean(gather(x, senders), receivers, 'nodes'),
        }),
      formula: (dense) => ({ y: arriving(dense, sendersOf(dense), WIDTH.x, 'mean') }),
    },
  ],
  segmentSoftmax: [
    {
      name: 'of the edges of a node',
      declare:
        () =>
        ({ x, e, structure }) => ({ y: segmentSoftmax(add(e, 300), structure.receivers, x.shape[0]) }),
      formula: ({ graph, e }) => ({
        y: e.map((row, edge) =>
          row.map((value, c) => {
            const fellows = e.filter((_, other) => graph.receivers[other] === graph.receivers[edge]);
            return Math.exp(value) / d.COMBINE.sum(fellows.map((fellow) => Math.exp(fellow[c])));
          }),
        ),
      }),
    },
  ],
  attend: [attendCases(false), attendCases(true)],
  messagePassing: [
    {
      name: 'without any update: the sum of the senders',
      declare:
        () =>
        ({ weights, structure, x }) => ({ y: messagePassing({})(weights, structure, { nodes: x }).nodes }),
      formula: (dense) => ({ y: arriving(dense, sendersOf(dense), WIDTH.x, 'sum') }),
    },
    {
      name: 'edges that are kept, and largest messages made of them',
      declare:
        () =>
        ({ weights, graphs, x, e, g }) => ({
          ...messagePassing({
            edges: (_weights, view) => add(e, slice(add(view.senders, view.receivers), 0, 2)),
            messages: (_weights, view) => square(required(view.edges, 'edges')),
            aggregation: 'max',
            graphs: (_weights, view) =>
              add(view.graphs, add(view.aggregateNodes('mean'), view.aggregateEdges('max'))),
          })(weights, graphs, { nodes: x, edges: e, graphs: g }),
        }),
      formula: (dense) => {
        const { graph, x, e, g } = dense;
        const edges = e.map((row, k) =>
          row.map((value, c) => value + (x[graph.senders[k]][c] + x[graph.receivers[k]][c])),
        );
        const nodes = arriving(
          dense,
          d.map(edges, (value) => value ** 2),
          2,
          'max',
        );
        const means = d.grouped(nodes, graph.nodeGraph, graph.graphCount, 2, d.COMBINE.mean);
        const largest = d.grouped(edges, graph.edgeGraph, graph.graphCount, 2, d.COMBINE.max);
        return { edges, nodes, graphs: d.plus(g, d.plus(means, largest)) };
      },
    },
  ],
  graphNetworkBlock: [networkCase],
  gcn: gcnCases,
  gin: ginCases,
  localizedConvolution: localizedCases,
  gat: attentionCases(gat, d.denseGat),
  gatv2: attentionCases(gatv2, d.denseGatv2),
  sage: sageCases,
  edgeSage: edgeSageCases,
  edgeAttention: edgeAttentionCases,
  attentionFusion: fusionCases,
  edgeGnn: edgeGnnCases,
  mpnn: mpnnCases,
  gatedReadout: [
    {
      name: 'of nodes beside what they were',
      declare: (layout) => {
        const readout = gatedReadout(layout, 'out', 2 * WIDTH.x, 4);
        return ({ weights, graphs, x, g }) => ({
          y: readout(weights, concat([tanh(x), x]), graphs.nodeGraph, g.shape[0]),
        });
      },
      formula: ({ graph, x, plain }) => {
        const terms = x.map((row) => {
          const both = [...row.map(Math.tanh), ...row];
          const gate = plainLinear(plain, 'out.gate', both).map(d.sigmoid);
          return plainLinear(plain, 'out.value', both).map((value, c) => value * gate[c]);
        });
        return { y: d.grouped(terms, graph.nodeGraph, graph.graphCount, 4, d.COMBINE.sum) };
      },
    },
  ],
  stack: [stackCase(false), stackCase(true)],
  typeProjections: [heterogeneousCase('before means of relations')],
  relationMean: [heterogeneousCase('means of relations')],
  heterogeneousBlock: [
    heterogeneousCase('attention of relations', (layout, name, inputs, width) =>
      gat(layout, name, { inputs, width, heads: 1, activation: identity }),
    ),
  ],
};
