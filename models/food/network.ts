import {
  type Block,
  bindParameters,
  combineLosses,
  dot,
  l2Normalise,
  linear,
  ParameterLayout,
  sage,
  twoMargin,
  type Weights,
} from '@etalon/core/gnn';
import { add, concat, gather, mean, mul, type Tensor, Trace } from '@etalon/core/tensor';
import { flowInputs } from '@etalon/core/train';
import type { RecommenderNetwork } from '../recommend/system.ts';
import type { NodeKind } from './graph.ts';
import type { FoodSettings } from './settings.ts';

/** Kinds of nodes with the widths of their features. */
export type FoodShape = readonly Pick<NodeKind, 'name' | 'matrix'>[];

/**
 * The embeddings of Uber Eats (Jain, Liu, Sarda & Molino, *Food Discovery with Uber Eats: Using Graph Learning to Power Recommendations*,
 * 2019): features of each type of nodes are projected to one width, h⁰ = W_type x + b_type; GraphSAGE with weighted aggregation,
 * hᵏ⁺¹_v = σ(W₁ Σ_u α_uv hᵏ_u + W₂ hᵏ_v), α_uv the weight of the edge by the sum of those at v, σ = ReLU but in the last layer; z = h / ‖h‖. Loss:
 *   αₙ max(0, −z_u·z_v + z_u·z_n + Δₙ) + αₗ max(0, −z_u·z_v + z_u·z_l + Δₗ).
 * The score of a user and a dish is z_u·z_v of the user–dish graph, plus that of the user and the restaurant of the other graph.
 */
export function foodNetwork(kinds: FoodShape, settings: FoodSettings): RecommenderNetwork {
  const { width, layers: K } = settings;
  const layout = new ParameterLayout();
  const projections = kinds.map(({ name, matrix }) =>
    linear(layout, `enter.${name}`, matrix.names.length, width),
  );
  const layers = Array.from({ length: K }, (_, k) =>
    sage(layout, `layers.${k}`, {
      inputs: width,
      outputs: width,
      aggregator: 'weighted',
      ...(k === K - 1 && { activation: l2Normalise }),
    }),
  );
  /** h⁰ of all nodes that take part, each from the projection of its kind. */
  const enter = (trace: Trace, weights: Weights, nodes: string): Tensor =>
    kinds
      .map(({ name, matrix }, kind) => {
        const x = trace.input(`x/${name}`, [`of ${name}`, matrix.names.length]);
        const row = trace.input(`row/${name}`, [nodes], 'i32');
        return mul(gather(projections[kind](weights, x), row), trace.input(`is/${name}`, [nodes, 1]));
      })
      .reduce((sum, part) => add(sum, part));
  return { layout, nodeRows: [], forward: forwardProgram(), loss: lossProgram() };

  function forwardProgram() {
    const trace = new Trace();
    const weights = bindParameters(trace, layout);
    const structure = {
      senders: trace.input('senders', ['edges'], 'i32'),
      receivers: trace.input('receivers', ['edges'], 'i32'),
    };
    const edges = trace.input('share', ['edges', 1]);
    const z = layers.reduce(
      (nodes, layer: Block) => layer(weights, structure, { nodes, edges }).nodes,
      enter(trace, weights, 'nodes'),
    );
    const rows = (name: string, axis: string) => gather(z, trace.input(name, [axis], 'i32'));
    const [users, items] = [rows('userNodes', 'users'), rows('itemNodes', 'items')];
    if (kinds.length === 2) return trace.program({ users, items });
    const offered = trace.input('offered', ['items', 1]);
    return trace.program({
      users: concat([users, rows('guestNodes', 'users')]),
      items: concat([items, mul(rows('restaurantNodes', 'items'), offered)]),
    });
  }

  function lossProgram() {
    const { negatives, alphaNegative, alphaLowRank, marginNegative, marginLowRank } = settings;
    const trace = new Trace();
    const weights = bindParameters(trace, layout);
    const flow = flowInputs(trace, K);
    let h = enter(trace, weights, flow[0].sources);
    layers.forEach((layer, k) => {
      const edges = trace.input(`share${k}`, [`edges${k}`, 1]);
      h = layer(weights, flow[k], { nodes: h, targets: gather(h, flow[k].self), edges }).nodes;
    });
    const rows = (name: string) => gather(h, trace.input(name, ['pairs'], 'i32'));
    const z_u = rows('user');
    const scores = (name: string, count: number) =>
      concat(Array.from({ length: count }, (_, k) => dot(z_u, rows(`${name}${k}`))));
    const order = twoMargin(
      {
        positive: dot(z_u, rows('positive')),
        negatives: scores('negative', negatives),
        lowRank: scores('lowRank', 1),
      },
      {
        negativeMargin: marginNegative,
        negativeWeight: alphaNegative,
        lowRankMargin: marginLowRank,
        lowRankWeight: mul(trace.input('hasLowRank', ['pairs', 1]), alphaLowRank),
      },
    );
    return trace.program(combineLosses({ order: mean(order) }, { order: 1 }));
  }
}
