import { attentionFusion, edgeAttention } from '../../core/gnn/index.ts';
import { tanh } from '../../core/tensor/index.ts';
import * as d from './denseLayers.ts';
import type { Dense, LayerCase } from './layerCase.ts';
import { WIDTH } from './layerWorld.ts';
import type { Matrix } from './plainGnn.ts';

const OUTPUTS = 4;

/** The paper's equations as they stand: a message for each edge, a softmax over those that enter, a sum. */
function plainEdgeAttention({ graph, x, e, weight }: Dense, withEdges: boolean): Matrix {
  const { senders, receivers } = graph;
  const carried = e.map((own, edge) => [...x[senders[edge]], ...(withEdges ? own : [])]);
  const m = d.product(carried, weight('layer.message.kernel', OUTPUTS));
  const own = d.product(x, weight('layer.self.kernel', OUTPUTS));
  const [a, b] = ['message', 'self'].map((part) => weight(`layer.attention.${part}`, 1).flat());
  const heard = x.map((_, v) => {
    const entering = m.map((_row, edge) => edge).filter((edge) => receivers[edge] === v);
    const powers = entering.map((edge) => Math.exp(d.leaky(d.dot(a, m[edge]) + d.dot(b, own[v]))));
    return Array.from({ length: OUTPUTS }, (__, c) =>
      d.COMBINE.sum(entering.map((edge, k) => (powers[k] / d.COMBINE.sum(powers)) * m[edge][c])),
    );
  });
  const left = d.plusRow(
    d.product(heard, weight('layer.left.kernel', OUTPUTS)),
    weight('layer.left.bias', OUTPUTS),
  );
  return d.plus(left, d.product(own, weight('layer.right.kernel', OUTPUTS)));
}

export const edgeAttentionCases: LayerCase[] = [true, false].map((withEdges) => ({
  name: withEdges ? 'edges in the message' : 'without edges',
  declare: (layout) => {
    const options = { inputs: WIDTH.x, edges: withEdges ? WIDTH.e : 0, outputs: OUTPUTS };
    const block = edgeAttention(layout, 'layer', options);
    return ({ weights, structure, x, e }) => ({
      y: block(weights, structure, { nodes: x, ...(withEdges && { edges: e }) }).nodes,
    });
  },
  formula: (dense) => ({ y: plainEdgeAttention(dense, withEdges) }),
}));

export const fusionCases: LayerCase[] = [
  {
    name: 'of two states of each node',
    declare: (layout) => {
      const fuse = attentionFusion(layout, 'fuse', WIDTH.x, OUTPUTS);
      return ({ weights, x }) => fuse(weights, [x, tanh(x)]);
    },
    formula: ({ x, weight }) => {
      const values = [x, d.map(x, Math.tanh)].map((z) => d.product(z, weight('fuse.kernel', OUTPUTS)));
      const query = weight('fuse.query', 1).flat();
      const [bias] = weight('fuse.bias', OUTPUTS);
      const shares = x.map((_, row) => {
        const powers = values.map((value) =>
          Math.exp(
            d.dot(
              query,
              value[row].map((entry, c) => Math.tanh(entry + bias[c])),
            ),
          ),
        );
        return powers.map((power) => power / d.COMBINE.sum(powers));
      });
      const fused = x.map((_, row) =>
        bias.map((__, c) => d.COMBINE.sum(values.map((value, k) => shares[row][k] * value[row][c]))),
      );
      return { fused, shares };
    },
  },
];
