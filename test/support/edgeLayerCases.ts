import {
  edgeGnn,
  edgeSage,
  heterogeneousBlock,
  mpnn,
  type relationMean,
  typeProjections,
} from '../../core/gnn/index.ts';
import * as d from './denseLayers.ts';
import { arriving, type Dense, type LayerCase } from './layerCase.ts';
import { RELATIONS, WIDTH } from './layerWorld.ts';
import { type Matrix, plainLinear, plainMlp } from './plainGnn.ts';

const EDGE_GNN = { inputs: WIDTH.x, channels: WIDTH.e, width: 3 };

export const edgeGnnCases: LayerCase[] = (['convolution', 'attention'] as const).flatMap((form) =>
  (['concat', 'mean'] as const).map((combine): LayerCase => {
    return {
      name: `${form}, ${combine}`,
      declare: (layout) => {
        const block = edgeGnn(layout, 'egnn', { ...EDGE_GNN, form, combine });
        return ({ weights, structure, x, e }) => {
          const { nodes, edges } = block(weights, structure, { nodes: x, edges: e });
          return { nodes, edges };
        };
      },
      formula: ({ graph, x, e, weight }) => {
        const { senders, receivers, nodeCount } = graph;
        const h = d.product(x, weight('egnn.kernel', 3));
        const zero = () => Array.from({ length: nodeCount }, () => new Array<number>(nodeCount).fill(0));
        const score = (edge: number) => {
          const a = [...weight('egnn.attention.receiver', 1), ...weight('egnn.attention.sender', 1)].flat();
          return Math.exp(d.leaky(d.dot(a, [...h[receivers[edge]], ...h[senders[edge]]])));
        };
        const channel = (p: number): Matrix => {
          if (form === 'convolution') return d.adjacency(graph, (edge) => e[edge][p]);
          // Edges that are there twice are normalised together, which their share of the whole undoes.
          return d.denseSinkhorn(
            d.adjacency(graph, (edge) => score(edge) * e[edge][p]),
            2,
          );
        };
        const matrices = nodeCount === 0 ? [zero(), zero()] : [channel(0), channel(1)];
        const parts = matrices.map((matrix) => d.product(matrix, h));
        const joined = combine === 'concat' ? d.beside(...parts) : d.meanOf(parts);
        const outputs = combine === 'concat' ? 6 : 3;
        const share = (edge: number, p: number) => {
          if (form === 'convolution') return e[edge][p];
          const whole = d.adjacency(graph, (k) => score(k) * e[k][p])[receivers[edge]][senders[edge]];
          return ((score(edge) * e[edge][p]) / whole) * matrices[p][receivers[edge]][senders[edge]];
        };
        return {
          nodes: d.map(d.plusRow(joined, weight('egnn.bias', outputs)), d.relu),
          edges: e.map((_, edge) => [share(edge, 0), share(edge, 1)]),
        };
      },
    };
  }),
);

export const mpnnCases: LayerCase[] = (
  [
    ['linear', 'sum'],
    ['linear', 'mean'],
    [[4, 5], 'sum'],
    [[4], 'max'],
  ] as const
).map(([message, kind]): LayerCase => {
  const options = { inputs: WIDTH.x, edges: WIDTH.e, message, aggregation: kind, outputs: 4 };
  const width = message === 'linear' ? 4 : message[message.length - 1];
  return {
    name: `${message === 'linear' ? 'linear messages' : `messages of an MLP of ${message.length}`}, ${kind}`,
    declare: (layout) => {
      const block = mpnn(layout, 'mpnn', options);
      return ({ weights, structure, x, e }) => ({
        y: block(weights, structure, { nodes: x, edges: e }).nodes,
      });
    },
    formula: (dense) => {
      const { graph, x, e, plain } = dense;
      const messages = e.map((own, edge) => {
        const row = [...own, ...x[graph.receivers[edge]], ...x[graph.senders[edge]]];
        return message === 'linear'
          ? plainLinear(plain, 'mpnn.message', row)
          : plainMlp(plain, 'mpnn.message', row, { layers: message.length, norm: false });
      });
      const incoming = arriving(dense, messages, width, kind);
      return {
        y: x.map((own, i) => plainLinear(plain, 'mpnn.update', [...own, ...incoming[i]]).map(d.relu)),
      };
    },
  };
});

const TYPES = { user: WIDTH.x, item: WIDTH.item };

export const heterogeneousCase = (name: string, relation?: typeof relationMean): LayerCase => ({
  name,
  declare: (layout) => {
    const project = typeProjections(layout, 'project', TYPES, 4);
    const block = heterogeneousBlock(layout, 'hetero', {
      types: ['user', 'item'],
      relations: RELATIONS,
      inputs: 4,
      outputs: 4,
      ...(relation && { relation }),
    });
    return ({ weights, typedEdges, x, item }) => {
      const after = block(weights, typedEdges, project(weights, { user: x, item }));
      return { users: after.user, items: after.item };
    };
  },
  formula: (dense) => {
    const { plain, weight, typed, graph } = dense;
    const nodes = {
      user: dense.x.map((row) => plainLinear(plain, 'project.user', row)),
      item: dense.item.map((row) => plainLinear(plain, 'project.item', row)),
    };
    const after = (type: 'user' | 'item') => {
      const own = nodes[type].map((row) => plainLinear(plain, `hetero.${type}`, row));
      const terms = RELATIONS.filter(({ to }) => to === type).map(({ name: own_, from }) => {
        const { senders, receivers } = typed(own_);
        const sent = [...senders].map((sender) => nodes[from][sender]);
        if (!relation) {
          const means = d.grouped(sent, receivers, nodes[type].length, 4, d.COMBINE.mean);
          return d.product(means, weight(`hetero.${own_}.kernel`, 4));
        }
        return relationAttention(dense, nodes[from], nodes[type], senders, receivers, `hetero.${own_}`);
      });
      return d.map(terms.reduce(d.plus, own), d.relu);
    };
    return { users: graph.nodeCount === 0 ? [] : after('user'), items: after('item') };
  },
});

/** GAT of one head from nodes of one type to those of another. */
function relationAttention(
  { weight }: Dense,
  from: Matrix,
  to: Matrix,
  senders: Int32Array,
  receivers: Int32Array,
  name: string,
): Matrix {
  const h = d.product(from, weight(`${name}.kernel`, 4));
  const own = d.product(to, weight(`${name}.kernel`, 4));
  const [sent, received] = ['sender', 'receiver'].map((end) => weight(`${name}.attention.${end}`, 4)[0]);
  return to.map((_, i) => {
    const entering = [...senders].filter((__, edge) => receivers[edge] === i);
    const powers = entering.map((j) => Math.exp(d.leaky(d.dot(sent, h[j]) + d.dot(received, own[i]))));
    const [bias] = weight(`${name}.bias`, 4);
    return bias.map(
      (start, c) =>
        start + d.COMBINE.sum(entering.map((j, k) => (powers[k] / d.COMBINE.sum(powers)) * h[j][c])),
    );
  });
}

export const edgeSageCases: LayerCase[] = [0, 2].map((gates) => ({
  name: gates > 0 ? 'edges in the message, and what they let through' : 'edges in the message',
  declare: (layout) => {
    const block = edgeSage(layout, 'sage', { inputs: WIDTH.x, edges: WIDTH.e, outputs: 4, gates });
    return ({ weights, structure, x, e }) => ({
      y: block(weights, structure, { nodes: x, edges: e }).nodes,
    });
  },
  formula: (dense) => {
    const { graph, x, e, plain, weight } = dense;
    const messages = e.map((own, edge) => {
      const sent = x[graph.senders[edge]];
      const open = gates > 0 ? plainLinear(plain, 'sage.gate', own) : [];
      return [...sent, ...own, ...open.flatMap((gate) => sent.map((value) => gate * value))];
    });
    const means = arriving(dense, messages, (1 + gates) * WIDTH.x + WIDTH.e, 'mean');
    const kernel = [...weight('sage.self.kernel', 4), ...weight('sage.neighbours.kernel', 4)];
    const bias = weight('sage.neighbours.bias', 4);
    const joined = x.map((own, i) => [...own, ...plainLinear(plain, 'sage.message', means[i])]);
    return { y: d.map(d.plusRow(d.product(joined, kernel), bias), d.relu) };
  },
}));
