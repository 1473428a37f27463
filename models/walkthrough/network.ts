import {
  type Block,
  bindParameters,
  combineLosses,
  dot,
  edgeGnn,
  gat,
  gcn,
  l2Normalise,
  l2Penalty,
  linear,
  logSumExp,
  maxMargin,
  messagePassing,
  ParameterLayout,
  pairwiseLogistic,
  sage,
  stack,
  weightedMean,
} from '@etalon/core/gnn';
import {
  add,
  concat,
  gather,
  matmul,
  mean,
  mul,
  pad,
  relu,
  reshape,
  slice,
  sub,
  type Tensor,
  Trace,
} from '@etalon/core/tensor';
import type { RecommenderNetwork } from '../recommend/system.ts';
import type { BipartiteGraph } from './graph.ts';
import type { WalkthroughSettings } from './settings.ts';

const HEADS = 4;
/** Deviation of learned embeddings at the start (He et al. 2020, §4.1.3). */
const START = 0.1;

/** Sizes that the network is made for. */
export type WalkthroughShape = Pick<
  BipartiteGraph,
  'users' | 'items' | 'userType' | 'itemType' | 'userColumns' | 'itemColumns' | 'channels'
>;

/**
 * First states: a learned row for each user and item, and a linear map of its features for each type. Then layers over the graph of
 * both, and a score s(u, i) = z_u · z_i, of rows of length 1 where the similarity is the cosine. The loss compares items taken with
 * sampled ones that were not: BPR −ln σ(s⁺ − s⁻) (Rendle et al. 2009) or max(0, s⁻ − s⁺ + margin).
 */
export function walkthroughNetwork(
  shape: WalkthroughShape,
  settings: WalkthroughSettings,
): RecommenderNetwork {
  const { users, items } = shape;
  const { similarity, loss, margin, temperature, negatives, penalty, width } = settings;
  const layout = new ParameterLayout();
  const userTable =
    settings.users === 'learned' ? layout.declare('users', [users, width], { normal: START }) : undefined;
  const itemTable = layout.declare('items', [items, width], { normal: START });
  const tables = userTable ? [userTable, itemTable] : [itemTable];
  const hasFeatures = settings.features === 'yes';
  const enter = {
    users: featureMap(layout, 'userFeatures', users, hasFeatures ? shape.userColumns.length : 0, width),
    items: featureMap(layout, 'itemFeatures', items, hasFeatures ? shape.itemColumns.length : 0, width),
  };
  const convolve = convolution(layout, shape, settings);

  const trace = new Trace();
  const weights = bindParameters(trace, layout);
  const userRows = userTable ? weights(userTable) : zeros(trace, users, width);
  const first = [enter.users(trace, weights, userRows), enter.items(trace, weights, weights(itemTable))];
  const states = convolve(trace, weights, concat(first, 0));
  const finish = (rows: Tensor) => (similarity === 'cosine' ? l2Normalise(rows) : rows);
  const [z_u, z_i] = [finish(slice(states, 0, users, 0)), finish(slice(states, users, users + items, 0))];
  const forward = trace.program({ users: z_u, items: z_i });

  // Cosines alone are too close to each other for a logistic loss.
  const sharpness = similarity === 'cosine' && loss !== 'maxMargin' ? 1 / temperature : 1;
  const [user, taken] = ['user', 'positive'].map((name) => trace.input(name, ['pairs'], 'i32'));
  const positive = mul(dot(gather(z_u, user), gather(z_i, taken)), sharpness);
  const order = loss === 'softmax' ? ofAll() : ofSampled();
  const size = mul(l2Penalty(tables.map(weights)), 1 / (users + items));
  const parts = { order: weightedMean(order, trace.input('weight', ['pairs', 1])), size };
  const nodeRows = [
    ...(userTable ? [{ parameter: userTable.name, nodes: shape.userType }] : []),
    { parameter: itemTable.name, nodes: shape.itemType },
  ];
  return {
    layout,
    nodeRows,
    forward,
    loss: trace.program(combineLosses(parts, { order: 1, size: penalty })),
  };

  /** −log of the taken item's share of Σ exp s over all items. */
  function ofAll(): Tensor {
    const scores = mul(matmul(z_u, z_i, { transposeB: true }), sharpness);
    return sub(gather(reshape(logSumExp(scores), [users, 1]), user), positive);
  }

  /** Column k is of the k-th item that was drawn for each pair. */
  function ofSampled(): Tensor {
    const drawn = Array.from({ length: negatives }, (_, k) => trace.input(`negative${k}`, ['pairs'], 'i32'));
    const negative = mul(concat(drawn.map((items) => dot(gather(z_u, user), gather(z_i, items)))), sharpness);
    return loss === 'maxMargin'
      ? maxMargin(positive, negative, margin)
      : mean(pairwiseLogistic(positive, negative), [1], true);
  }
}

type Weights = ReturnType<typeof bindParameters>;
type Convolve = (trace: Trace, weights: Weights, nodes: Tensor) => Tensor;

function zeros(trace: Trace, rows: number, width: number): Tensor {
  return pad(trace.constant(new Array<number>(width).fill(0), [1, width]), 0, rows - 1, 0);
}

/** x ↦ x + features · W + b, or x where there are none. */
function featureMap(
  layout: ParameterLayout,
  input: string,
  rows: number,
  columns: number,
  width: number,
): Convolve {
  if (columns === 0) return (_trace, _weights, x) => x;
  const map = linear(layout, input, columns, width);
  return (trace, weights, x) => add(x, map(weights, trace.input(input, [rows, columns])));
}

function convolution(
  layout: ParameterLayout,
  shape: WalkthroughShape,
  settings: WalkthroughSettings,
): Convolve {
  const { convolution: kind, layers, width } = settings;
  const structureOf = (trace: Trace) => ({
    senders: trace.input('senders', ['edges'], 'i32'),
    receivers: trace.input('receivers', ['edges'], 'i32'),
  });
  const stacked = (layer: (name: string, inputs: number, outputs: number) => Block) =>
    stack(layout, 'layers', { widths: new Array<number>(layers + 1).fill(width), layer });
  switch (kind) {
    case 'lightgcn':
      return (trace, weights, nodes) => {
        const structure = structureOf(trace);
        return lightGcn(layers)(weights, structure, { nodes, edges: trace.input('edgeScale', ['edges', 1]) })
          .nodes;
      };
    case 'gcn': {
      const block = stacked((name, inputs, outputs) => gcn(layout, name, { inputs, outputs }));
      return (trace, weights, nodes) => {
        const nodeScale = trace.input('nodeScale', [nodes.shape[0], 1]);
        return block(weights, { ...structureOf(trace), nodeScale }, { nodes }).nodes;
      };
    }
    case 'gat': {
      const block = stacked((name, inputs, outputs) =>
        gat(layout, name, { inputs, width: outputs / HEADS, heads: HEADS, activation: relu }),
      );
      return (trace, weights, nodes) => block(weights, structureOf(trace), { nodes }).nodes;
    }
    case 'sage': {
      const block = stacked((name, inputs, outputs) => sage(layout, name, { inputs, outputs }));
      return (trace, weights, nodes) => block(weights, structureOf(trace), { nodes }).nodes;
    }
    case 'edge': {
      const { channels } = shape;
      const block = stacked((name, inputs, outputs) =>
        edgeGnn(layout, name, { inputs, width: outputs, channels, form: 'attention', combine: 'mean' }),
      );
      return (trace, weights, nodes) => {
        const edges = trace.input('channels', ['edges', channels]);
        return block(weights, structureOf(trace), { nodes, edges }).nodes;
      };
    }
  }
}

/**
 * LightGCN (He et al. 2020, eqs. 3–4): x⁽ᵏ⁺¹⁾ = D^−½ A D^−½ x⁽ᵏ⁾, without weights or activation, and z = Σ_k x⁽ᵏ⁾ / (K + 1). State:
 * nodes, and edges [edges, 1] their 1 / √(d_u d_i).
 */
export function lightGcn(layers: number): Block {
  const spread = messagePassing({ messages: (_weights, { senders, edges }) => mul(senders, edges!) });
  return (weights, structure, state) => {
    let current = state;
    let total = state.nodes;
    for (let layer = 0; layer < layers; layer++) {
      current = spread(weights, structure, current);
      total = add(total, current.nodes);
    }
    return { ...state, nodes: mul(total, 1 / (layers + 1)) };
  };
}
