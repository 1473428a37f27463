import {
  type Aggregation,
  type gat,
  gcn,
  gin,
  identity,
  localizedConvolution,
  sage,
} from '../../core/gnn/index.ts';
import * as d from './denseLayers.ts';
import { arriving, type LayerCase } from './layerCase.ts';
import { WIDTH } from './layerWorld.ts';
import { type Matrix, plainLinear } from './plainGnn.ts';

const GAT = { inputs: WIDTH.x, width: 2, heads: 3 };

export const attentionCases = (make: typeof gat, dense: typeof d.denseGat): LayerCase[] => [
  {
    name: 'heads beside each other',
    declare: (layout) => {
      const block = make(layout, 'gat', GAT);
      return ({ weights, structure, x }) => ({ y: block(weights, structure, { nodes: x }).nodes });
    },
    formula: ({ graph, x, weight }) => {
      const heads = dense(graph, x, weight, 'gat', GAT);
      return { y: d.map(d.plusRow(d.beside(...heads), weight('gat.bias', 6)), d.elu) };
    },
  },
  {
    name: 'mean of the heads, as in a last layer',
    declare: (layout) => {
      const block = make(layout, 'gat', { ...GAT, combine: 'mean', activation: identity });
      return ({ weights, structure, x }) => ({ y: block(weights, structure, { nodes: x }).nodes });
    },
    formula: ({ graph, x, weight }) => ({
      y: d.plusRow(d.meanOf(dense(graph, x, weight, 'gat', GAT)), weight('gat.bias', 2)),
    }),
  },
  {
    name: 'with dropped attention',
    training: true,
    declare: (layout) => {
      const block = make(layout, 'gat', { ...GAT, dropout: 0.4 });
      return ({ weights, structure, x, draws }) => ({
        y: block(weights, structure, { nodes: x }, draws).nodes,
      });
    },
  },
];

const SAGE = { inputs: WIDTH.x, outputs: 4 };

export const sageCases: LayerCase[] = (['mean', 'pool', 'gcn', 'weighted'] as const).flatMap((aggregator) =>
  [false, true].map((normalise): LayerCase => {
    const options = { ...SAGE, aggregator, normalise };
    return {
      name: `${aggregator}${normalise ? ', normalised' : ''}`,
      declare: (layout) => {
        const block = sage(layout, 'sage', options);
        return ({ weights, structure, x, edgeWeight }) => {
          const state = aggregator === 'weighted' ? { nodes: x, edges: edgeWeight } : { nodes: x };
          return { y: block(weights, structure, state).nodes };
        };
      },
      formula: (dense) => {
        const { x, weight, graph, edgeWeight } = dense;
        const messages = [...graph.senders].map((sender, edge) => d.scaled(x[sender], edgeWeight[edge]));
        const weighted = arriving(dense, messages, WIDTH.x, 'sum');
        const withKernel = (rows: Matrix) =>
          d.plusRow(d.product(rows, weight('sage.neighbours.kernel', 4)), weight('sage.neighbours.bias', 4));
        const around = (node: number) =>
          [...graph.senders].filter((_, edge) => graph.receivers[edge] === node).map((sender) => x[sender]);
        const pooled = (rows: Matrix) =>
          d.map(
            d.plusRow(d.product(rows, weight('sage.pool.kernel', 3)), weight('sage.pool.bias', 3)),
            d.relu,
          );
        const columns = (rows: Matrix, kind: Aggregation) =>
          Array.from({ length: WIDTH.x }, (_, c) => d.COMBINE[kind](rows.map((row) => row[c])));
        // One kernel over [self ‖ neighbours] for each node, as algorithm 1 has it.
        const joined = (own: number[], neighbours: number[]) => {
          const kernel = [...weight('sage.self.kernel', 4), ...weight('sage.neighbours.kernel', 4)];
          return d.plusRow(
            d.product([[...own, ...neighbours]], kernel),
            weight('sage.neighbours.bias', 4),
          )[0];
        };
        const hidden = x.map((own, node) => {
          if (aggregator === 'gcn') return withKernel([columns([own, ...around(node)], 'mean')])[0];
          if (aggregator === 'weighted') return joined(own, weighted[node]);
          const neighbours =
            aggregator === 'mean' ? columns(around(node), 'mean') : columns(pooled(around(node)), 'max');
          return joined(own, neighbours);
        });
        const y = d.map(hidden, d.relu);
        return { y: normalise ? y.map((row) => d.scaled(row, 1 / Math.sqrt(d.dot(row, row) + 1e-12))) : y };
      },
    };
  }),
);

export const gcnCases = [false, true].map(
  (weighted): LayerCase => ({
    name: weighted ? 'with weights' : 'without weights',
    declare: (layout) => {
      const block = gcn(layout, 'gcn', { inputs: WIDTH.x, outputs: 4 });
      return (inputs) => {
        const state = weighted ? { nodes: inputs.x, edges: inputs.edgeWeight } : { nodes: inputs.x };
        return { y: block(inputs.weights, inputs.scaledStructure(weighted), state).nodes };
      };
    },
    formula: ({ graph, x, edgeWeight, weight }) => {
      const a = d.adjacency(graph, (edge) => (weighted ? edgeWeight[edge] : 1));
      return { y: d.map(d.denseGcn(a, x, weight('gcn.kernel', 4), weight('gcn.bias', 4)), d.relu) };
    },
  }),
);

export const ginCases: LayerCase[] = [
  {
    name: 'sums of neighbours, with an epsilon',
    declare: (layout) => {
      const block = gin(layout, 'gin', { inputs: WIDTH.x, outputs: 4 });
      return ({ weights, structure, x }) => ({ y: block(weights, structure, { nodes: x }).nodes });
    },
    formula: (dense) => {
      const { graph, x, plain } = dense;
      const sent = [...graph.senders].map((sender) => x[sender]);
      const incoming = arriving(dense, sent, WIDTH.x, 'sum');
      const [epsilon] = plain('gin.epsilon');
      return {
        y: x.map((row, node) => {
          const summed = row.map((value, c) => (1 + epsilon) * value + incoming[node][c]);
          return plainLinear(plain, 'gin.last', plainLinear(plain, 'gin.hidden', summed).map(d.relu)).map(
            d.relu,
          );
        }),
      };
    },
  },
];

export const localizedCases: LayerCase[] = [
  {
    name: 'importance pooling',
    declare: (layout) => {
      const { block } = localizedConvolution(layout, 'pin', { inputs: WIDTH.x, messages: 5, outputs: 4 });
      return ({ weights, structure, x, edgeWeight }) => ({
        y: block(weights, structure, { nodes: x, edges: edgeWeight }).nodes,
      });
    },
    formula: (dense) => {
      const { graph, x, edgeWeight, plain, weight } = dense;
      const sent = x.map((row) => plainLinear(plain, 'pin.send', row).map(d.relu));
      const messages = [...graph.senders].map((sender, edge) => d.scaled(sent[sender], edgeWeight[edge]));
      const joined = d.beside(x, arriving(dense, messages, 5, 'sum'));
      const kernel = d.product(joined, weight('pin.update.kernel', 4));
      const z = d.map(d.plusRow(kernel, weight('pin.update.bias', 4)), d.relu);
      return { y: z.map((row) => d.scaled(row, 1 / Math.sqrt(d.dot(row, row) + 1e-12))) };
    },
  },
];
