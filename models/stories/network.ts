import {
  attend,
  bindParameters,
  Draws,
  dropout,
  edgeSage,
  l2,
  linear,
  ParameterLayout,
  sage,
  segmentMean,
  stack,
  type Weights,
} from '@etalon/core/gnn';
import {
  add,
  concat,
  gather,
  mean,
  mul,
  type Program,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  Trace,
  tanh,
} from '@etalon/core/tensor';
import { type Decorrelated, mixedProduct } from './decorrelation.ts';
import type { StorySettings } from './settings.ts';

/** The kinds of links around a pair (u, v), as `pairContext` names them: u → N(u), N(v) → v, N(u) → N(v). */
export const RELATIONS = ['fromFirst', 'toSecond', 'between'] as const;
export type Relation = (typeof RELATIONS)[number];

/** Keeps the slope of a norm finite where it is 0. */
const SMALLEST_SQUARE = 1e-12;

/** Of messages; four were no better than two, on another sample. */
const GATES = 2;

/** How much of the sparsity columns of users and of pairs get: most of a user's tell little of one affinity. Chosen on validation pairs. */
const PENALTY = { users: 1.67, pairs: 0.67 };

/** How inputs and targets are scaled. */
export interface Scales {
  readonly nodes: Decorrelated;
  readonly edges: Decorrelated;
  readonly target: { readonly mean: number; readonly deviation: number };
}

/** Two programs over one layout of weights. */
export interface PairNetwork {
  readonly layout: ParameterLayout;
  /** Equal parts of the weights, which share nothing. */
  readonly members: number;
  /** Outputs `users` [nodes, width] and `affinity` [pairs, 1]. */
  readonly forward: Program;
  /** Ends in the scalar `loss`, the mean squared error in deviations of the target, plus the penalty of the network. */
  readonly loss: Program;
}

export type Parts = Pick<
  StorySettings,
  | 'members'
  | 'width'
  | 'layers'
  | 'messages'
  | 'intraEgo'
  | 'interEgo'
  | 'edgeHead'
  | 'links'
  | 'dropout'
  | 'sparsity'
>;

/**
 * `members` networks as {@link elr} has them, which start apart and train side by side; what they say is their mean. The first starts as it
 * would alone.
 */
export function storyNetwork(scales: Scales, parts: Parts): PairNetwork {
  const layout = new ParameterLayout();
  const members = Array.from({ length: parts.members }, (_, i) =>
    elr(layout, i === 0 ? '' : `member${i + 1}.`, scales, parts),
  );
  return pairNetwork(layout, scales, members, parts.dropout > 0);
}

/**
 * ELR (Tang et al., WSDM 2022): h_N = W₁ mean[h_u ‖ e_uv], h′_v = ReLU(W₂[h_v ‖ h_N]) for each layer; links r_uv = W[h_u ‖ h_v ‖ e_uv];
 * relations of a pair (u, v): pairwise r_uv; within the egos Σ α r with α = softmax(r · r_uv), over u → N(u) and over N(v) → v;
 * between the egos the mean r of N(u) → N(v); s_uv = w · [tanh(W[relations]) ‖ tanh(W e_uv)] + b. Ours: x_v and e_uv come in as {@link encoder}
 * makes them; with `messages: 'gated'` a message is [h_u ‖ e_uv ‖ g_uv ⊗ h_u], g_uv = W e_uv + b, so that what close friends are like counts more; with `links: 'product'` links are W[h_u ‖ h_v ‖ e_uv ‖ (A h_u) ∘ (B h_v)]: whether two go well together is no sum of what each is.
 */
function elr(layout: ParameterLayout, prefix: string, scales: Scales, parts: Parts): Predict {
  const { width, layers, messages, intraEgo, interEgo, edgeHead, links, dropout: rate, sparsity } = parts;
  const [encodeUser, encodePair] = [
    encoder(layout, `${prefix}user`, scales.nodes, width),
    encoder(layout, `${prefix}pair`, scales.edges, width),
  ];
  const spread = stack(layout, `${prefix}users`, {
    widths: new Array<number>(layers + 1).fill(width),
    layer: (name, inputs, outputs) =>
      messages === 'nodes'
        ? sage(layout, name, { inputs, outputs })
        : edgeSage(layout, name, { inputs, edges: width, outputs, gates: messages === 'gated' ? GATES : 0 }),
    dropout: rate,
  });
  const product =
    links === 'product' ? pairProduct(layout, `${prefix}link.product`, width, width) : undefined;
  const link = linear(layout, `${prefix}link`, (product ? 4 : 3) * width, width);
  const used: Relation[] = [
    ...(intraEgo === 'none' ? [] : (['fromFirst', 'toSecond'] as const)),
    ...(interEgo === 'none' ? [] : (['between'] as const)),
  ];
  const combine = linear(layout, `${prefix}relations`, (1 + used.length) * width, width);
  const direct = edgeHead === 'yes' ? linear(layout, `${prefix}direct`, width, width) : undefined;
  const score = linear(layout, `${prefix}score`, direct ? 2 * width : width, 1);

  return (trace, weights, { structure, nodes, edges, asked }, draws) => {
    const [x, e] = [encodeUser.encode(weights, nodes), encodePair.encode(weights, edges)];
    const h = spread(weights, structure, { nodes: x, edges: e }, draws).nodes;
    const ends = [structure.senders, structure.receivers];
    const together = product ? [product(weights, h, ends)] : [];
    const r = link(weights, concat([...ends.map((end) => gather(h, end)), e, ...together]));
    const r_uv = gather(r, asked);
    const around = used.map((relation) => {
      const [pair, edge] = relationInputs(trace, relation);
      const rows = gather(r, edge);
      return relation === 'between' || intraEgo === 'mean'
        ? segmentMean(rows, pair, asked.shape[0])
        : attended(rows, r_uv, pair);
    });
    const relations = tanh(combine(weights, dropout(concat([r_uv, ...around]), rate, draws)));
    const own = direct ? [tanh(direct(weights, dropout(gather(e, asked), rate, draws)))] : [];
    return {
      users: h,
      affinity: score(weights, concat([relations, ...own])),
      penalty: mul(
        add(mul(encodeUser.size(weights), PENALTY.users), mul(encodePair.size(weights), PENALTY.pairs)),
        sparsity,
      ),
    };
  };
}

/**
 * tanh(W x + b) of raw rows, decorrelated. `size` is Σ ‖row of W‖ over the columns of x: as a penalty (group lasso: Yuan & Lin 2006) it takes
 * out the columns that tell little, of which there are many for the pairs that there are to learn from.
 */
export function encoder(layout: ParameterLayout, name: string, scaling: Decorrelated, width: number) {
  const kernel = layout.declare(`${name}.kernel`, [scaling.names.length, width], 'glorot', { decay: 0 });
  const bias = layout.declare(`${name}.bias`, [width], 'zeros');
  return {
    encode: (weights: Weights, raw: Tensor): Tensor =>
      tanh(add(mixedProduct(raw, scaling, weights(kernel)), weights(bias))),
    size: (weights: Weights): Tensor =>
      sum(sqrt(add(sum(square(weights(kernel)), [1]), SMALLEST_SQUARE)), [0]),
  };
}

/** (A h_u) ∘ (B h_v) of the rows u and v of each pair of ends; its sum is an inner product with a map for either end. */
export function pairProduct(layout: ParameterLayout, name: string, inputs: number, width: number) {
  const maps = ['first', 'second'].map((end) => linear(layout, `${name}.${end}`, inputs, width));
  return (weights: Weights, h: Tensor, ends: readonly Tensor[]): Tensor => {
    const [first, second] = maps.map((map, end) => gather(map(weights, h), ends[end]));
    return mul(first, second);
  };
}

/** Σ softmax(r · r_uv / √width) r over the rows of each pair. */
function attended(rows: Tensor, asked: Tensor, pair: Tensor): Tensor {
  const [m, width] = rows.shape;
  const [pairs] = asked.shape;
  const scores = mul(sum(mul(rows, gather(asked, pair)), [1], true), 1 / Math.sqrt(Number(width)));
  return reshape(attend(reshape(rows, [m, 1, width]), scores, pair, pairs), [pairs, width]);
}

export interface PairInputs {
  readonly structure: { readonly senders: Tensor; readonly receivers: Tensor };
  /** [nodes, N] and [edges, E], raw. */
  readonly nodes: Tensor;
  readonly edges: Tensor;
  /** [pairs] the edge of each pair that is asked for. */
  readonly asked: Tensor;
  /** [pairs] the users at its two ends. */
  ends(): readonly [viewer: Tensor, author: Tensor];
}

export type Predict = (
  trace: Trace,
  weights: Weights,
  inputs: PairInputs,
  draws: Draws | undefined,
) => { users: Tensor; affinity: Tensor; penalty?: Tensor };

/** What every network of pairs has: its inputs, the scale of what it predicts, and the loss, which is the members' sum. */
export function pairNetwork(
  layout: ParameterLayout,
  { nodes, edges, target }: Scales,
  members: readonly Predict[],
  drops = false,
): PairNetwork {
  const traced = (isTraining: boolean) => {
    const trace = new Trace();
    const weights = bindParameters(trace, layout);
    const [senders, receivers] = ['senders', 'receivers'].map((name) => trace.input(name, ['edges'], 'i32'));
    const inputs: PairInputs = {
      structure: { senders, receivers },
      nodes: trace.input('nodeFeatures', ['nodes', nodes.names.length]),
      edges: trace.input('edgeFeatures', ['edges', edges.names.length]),
      asked: trace.input('asked', ['pairs'], 'i32'),
      ends: () => [trace.input('viewer', ['pairs'], 'i32'), trace.input('author', ['pairs'], 'i32')],
    };
    const draws = isTraining && drops ? new Draws(trace) : undefined;
    return { trace, outputs: members.map((predict) => predict(trace, weights, inputs, draws)) };
  };
  const { trace: serving, outputs } = traced(false);
  const affinities = outputs.map(({ affinity }) => affinity).reduce(add);
  const affinity = add(mul(affinities, target.deviation / members.length), target.mean);
  const forward = serving.program({ users: concat(outputs.map(({ users }) => users)), affinity });
  const { trace: training, outputs: learned } = traced(true);
  const observed = mul(sub(training.input('target', ['pairs', 1]), target.mean), 1 / target.deviation);
  const losses = learned.map(({ affinity, penalty }) => {
    const error = mean(l2(sub(affinity, observed)));
    return penalty ? add(error, penalty) : error;
  });
  return { layout, members: members.length, forward, loss: training.program({ loss: losses.reduce(add) }) };
}

function relationInputs(trace: Trace, relation: Relation): [pair: Tensor, edge: Tensor] {
  const [pair, edge] = ['pair', 'edge'].map((name) =>
    trace.inputOnce(`${name}/${relation}`, [`rows/${relation}`], 'i32'),
  );
  return [pair, edge];
}
