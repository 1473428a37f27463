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
  sub,
  sum,
  type Tensor,
  Trace,
  tanh,
} from '@etalon/core/tensor';
import { type Normalisation, normalised } from '../normalisation.ts';
import type { StorySettings } from './settings.ts';

/** The kinds of links around a pair (u, v), as `pairContext` names them: u → N(u), N(v) → v, N(u) → N(v). */
export const RELATIONS = ['fromFirst', 'toSecond', 'between'] as const;
export type Relation = (typeof RELATIONS)[number];

/** How inputs and targets are scaled. */
export interface Scales {
  readonly nodes: Normalisation;
  readonly edges: Normalisation;
  readonly target: { readonly mean: number; readonly deviation: number };
}

/** Two programs over one layout of weights. */
export interface PairNetwork {
  readonly layout: ParameterLayout;
  /** Outputs `users` [nodes, width] and `affinity` [pairs, 1]. */
  readonly forward: Program;
  /** Ends in the scalar `loss`, the mean squared error in deviations of the target. */
  readonly loss: Program;
}

export type Parts = Pick<
  StorySettings,
  'width' | 'layers' | 'messages' | 'intraEgo' | 'interEgo' | 'edgeHead' | 'links' | 'dropout'
>;

/**
 * ELR (Tang et al., WSDM 2022): h_N = W₁ mean[h_u ‖ e_uv], h′_v = ReLU(W₂[h_v ‖ h_N]) for each layer; links r_uv = W[h_u ‖ h_v ‖ e_uv];
 * relations of a pair (u, v): pairwise r_uv; within the egos Σ α r with α = softmax(r · r_uv), over u → N(u) and over N(v) → v;
 * between the egos the mean r of N(u) → N(v); s_uv = w · [tanh(W[relations]) ‖ tanh(W e_uv)] + b. With `links: 'product'` (ours) links are
 * W[h_u ‖ h_v ‖ e_uv ‖ (A h_u) ∘ (B h_v)]: whether two go well together is no sum of what each is.
 */
export function storyNetwork(scales: Scales, parts: Parts): PairNetwork {
  const { width, layers, messages, intraEgo, interEgo, edgeHead, links, dropout: rate } = parts;
  const [N, E] = [scales.nodes.names.length, scales.edges.names.length];
  const layout = new ParameterLayout();
  const encode = stack(layout, 'users', {
    widths: [N, ...new Array<number>(layers).fill(width)],
    layer: (name, inputs, outputs) =>
      messages === 'edges'
        ? edgeSage(layout, name, { inputs, edges: E, outputs })
        : sage(layout, name, { inputs, outputs }),
    dropout: rate,
  });
  const states = layers > 0 ? width : N;
  const product = links === 'product' ? pairProduct(layout, 'link.product', states, width) : undefined;
  const link = linear(layout, 'link', 2 * states + E + (product ? width : 0), width);
  const used: Relation[] = [
    ...(intraEgo === 'none' ? [] : (['fromFirst', 'toSecond'] as const)),
    ...(interEgo === 'none' ? [] : (['between'] as const)),
  ];
  const combine = linear(layout, 'relations', (1 + used.length) * width, width);
  const direct = edgeHead === 'yes' ? linear(layout, 'pair', E, width) : undefined;
  const score = linear(layout, 'score', direct ? 2 * width : width, 1);

  return pairNetwork(
    layout,
    scales,
    (trace, weights, { structure, nodes, edges, asked }, draws) => {
      const h = encode(weights, structure, { nodes, edges }, draws).nodes;
      const ends = [structure.senders, structure.receivers];
      const together = product ? [product(weights, h, ends)] : [];
      const r = link(weights, concat([...ends.map((end) => gather(h, end)), edges, ...together]));
      const r_uv = gather(r, asked);
      const around = used.map((relation) => {
        const [pair, edge] = relationInputs(trace, relation);
        const rows = gather(r, edge);
        return relation === 'between' || intraEgo === 'mean'
          ? segmentMean(rows, pair, asked.shape[0])
          : attended(rows, r_uv, pair);
      });
      const relations = tanh(combine(weights, dropout(concat([r_uv, ...around]), rate, draws)));
      const own = direct ? [tanh(direct(weights, dropout(gather(edges, asked), rate, draws)))] : [];
      return { users: h, affinity: score(weights, concat([relations, ...own])) };
    },
    rate > 0,
  );
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
  /** [nodes, N] and [edges, E], scaled. */
  readonly nodes: Tensor;
  readonly edges: Tensor;
  /** [pairs] the edge of each pair that is asked for. */
  readonly asked: Tensor;
  /** [pairs] the users at its two ends. */
  ends(): readonly [viewer: Tensor, author: Tensor];
}

type Predict = (
  trace: Trace,
  weights: Weights,
  inputs: PairInputs,
  draws: Draws | undefined,
) => { users: Tensor; affinity: Tensor };

/** What every network of pairs has: the scaled inputs, the scale of what it predicts, and the loss. */
export function pairNetwork(
  layout: ParameterLayout,
  { nodes, edges, target }: Scales,
  predict: Predict,
  drops = false,
): PairNetwork {
  const traced = (isTraining: boolean) => {
    const trace = new Trace();
    const weights = bindParameters(trace, layout);
    const [senders, receivers] = ['senders', 'receivers'].map((name) => trace.input(name, ['edges'], 'i32'));
    const inputs: PairInputs = {
      structure: { senders, receivers },
      nodes: normalised(trace, 'nodeFeatures', 'nodes', nodes),
      edges: normalised(trace, 'edgeFeatures', 'edges', edges),
      asked: trace.input('asked', ['pairs'], 'i32'),
      ends: () => [trace.input('viewer', ['pairs'], 'i32'), trace.input('author', ['pairs'], 'i32')],
    };
    return {
      trace,
      outputs: predict(trace, weights, inputs, isTraining && drops ? new Draws(trace) : undefined),
    };
  };
  const { trace: serving, outputs } = traced(false);
  const affinity = add(mul(outputs.affinity, target.deviation), target.mean);
  const forward = serving.program({ users: outputs.users, affinity });
  const { trace: training, outputs: learned } = traced(true);
  const observed = mul(sub(training.input('target', ['pairs', 1]), target.mean), 1 / target.deviation);
  const loss = mean(l2(sub(learned.affinity, observed)));
  return { layout, forward, loss: training.program({ loss }) };
}

function relationInputs(trace: Trace, relation: Relation): [pair: Tensor, edge: Tensor] {
  const [pair, edge] = ['pair', 'edge'].map((name) =>
    trace.input(`${name}/${relation}`, [`rows/${relation}`], 'i32'),
  );
  return [pair, edge];
}
