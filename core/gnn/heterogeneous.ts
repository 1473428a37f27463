import { EtalonError } from '../base/index.ts';
import { add, matmul, relu, type Tensor, type Trace } from '../tensor/index.ts';
import type { Draws } from './dropout.ts';
import type { Activation } from './functions.ts';
import { linear } from './layers.ts';
import { type Block, type EdgeTensors, messagePassing } from './messagePassing.ts';
import type { ParameterLayout, Weights } from './parameters.ts';

/** Edges of one kind, between nodes of two types or of one. */
export interface Relation {
  name: string;
  from: string;
  to: string;
}

/** Nodes by type, each [its own symbol, width]. */
export type TypedNodes = Readonly<Record<string, Tensor>>;

/** Edges by relation. */
export type TypedEdges = Readonly<Record<string, EdgeTensors>>;

/** Declares `senders/<relation>` and `receivers/<relation>` [edges/<relation>] for each. */
export function relationInputs(trace: Trace, relations: readonly Relation[]): TypedEdges {
  return Object.fromEntries(
    relations.map(({ name }) => {
      const [senders, receivers] = ['senders', 'receivers'].map((end) =>
        trace.input(`${end}/${name}`, [`edges/${name}`], 'i32'),
      );
      return [name, { senders, receivers }];
    }),
  );
}

/** Linear projections of every type to one width: by type [n, inputs] → [n, outputs]. */
export function typeProjections(
  layout: ParameterLayout,
  name: string,
  inputs: Readonly<Record<string, number>>,
  outputs: number,
): (weights: Weights, nodes: TypedNodes) => TypedNodes {
  const layers = Object.entries(inputs).map(
    ([type, width]) => [type, linear(layout, `${name}.${type}`, width, outputs)] as const,
  );
  return (weights, nodes) =>
    Object.fromEntries(layers.map(([type, layer]) => [type, layer(weights, nodes[type])]));
}

export interface HeterogeneousOptions {
  types: readonly string[];
  relations: readonly Relation[];
  /** Width of the nodes of every type, before and after. */
  inputs: number;
  outputs: number;
  /** The block of a relation, which must not activate; {@link relationMean} by default. */
  relation?: (layout: ParameterLayout, name: string, inputs: number, outputs: number) => Block;
  activation?: Activation;
}

export type HeterogeneousBlock = (
  weights: Weights,
  edges: TypedEdges,
  nodes: TypedNodes,
  draws?: Draws,
) => TypedNodes;

/**
 * Relational graph convolution (Schlichtkrull et al. 2018, eq. 2): σ(W₀ h_i + Σ_r block_r(h)_i), W₀ for each type, over
 * the relations that lead to the type of i.
 */
export function heterogeneousBlock(
  layout: ParameterLayout,
  name: string,
  options: HeterogeneousOptions,
): HeterogeneousBlock {
  const { types, relations, inputs, outputs, relation = relationMean, activation = relu } = options;
  for (const { name: edges, from, to } of relations)
    if (!types.includes(from) || !types.includes(to))
      throw new EtalonError('internal', `internal: relation "${edges}" joins a type that is not declared`);
  const self = types.map((type) => linear(layout, `${name}.${type}`, inputs, outputs));
  const blocks = relations.map((each) => relation(layout, `${name}.${each.name}`, inputs, outputs));
  return (weights, edges, nodes, draws) =>
    Object.fromEntries(
      types.map((type, i) => {
        const terms = relations.flatMap(({ name: own, from, to }, r) =>
          to === type
            ? [blocks[r](weights, edges[own], { nodes: nodes[from], targets: nodes[to] }, draws).nodes]
            : [],
        );
        return [type, activation([self[i](weights, nodes[type]), ...terms].reduce((a, b) => add(a, b)))];
      }),
    );
}

/** The mean of a node's senders times W: [nodes, inputs] → [targets, outputs]. */
export function relationMean(layout: ParameterLayout, name: string, inputs: number, outputs: number): Block {
  const kernel = layout.declare(`${name}.kernel`, [inputs, outputs], 'glorot');
  return messagePassing({
    aggregation: 'mean',
    nodes: (weights, { incoming }) => matmul(incoming, weights(kernel)),
  });
}
