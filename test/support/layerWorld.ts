import { Random } from '../../core/base/index.ts';
import {
  bindParameters,
  Draws,
  type EdgeTensors,
  type GraphTensors,
  ParameterLayout,
  relationInputs,
  type TypedEdges,
  type Weights,
} from '../../core/gnn/index.ts';
import { batchGraphs, type Graph } from '../../core/graph/index.ts';
import {
  add,
  concreteShape,
  type DType,
  gradients,
  mul,
  type Program,
  programInputs,
  type Shape,
  splitGatherMatmul,
  sum,
  type Tensor,
  Trace,
} from '../../core/tensor/index.ts';
import { randomGraph } from './randomGraph.ts';

/** Widths of the inputs of {@link LayerInputs}. */
export const WIDTH = { x: 3, e: 2, g: 2, item: 4 } as const;

export const RELATIONS = [
  { name: 'rates', from: 'user', to: 'item' },
  { name: 'rated', from: 'item', to: 'user' },
  { name: 'follows', from: 'user', to: 'user' },
] as const;

/** What layers are given: graphs, and beside them users and items, where nodes are users and graphs are items. */
export const WORLDS = {
  ragged: () => ragged(new Random(3)),
  'no node at all': () => randomGraph(new Random(4), { nodes: 0, edges: 0 }),
  isolated: () => randomGraph(new Random(5), { nodes: 5, edges: 0 }),
  'loops alone': () => loops(6),
  'a hub of 10,000 edges': () => hub(new Random(7), 10_000),
} satisfies Record<string, () => Graph>;

export type WorldName = keyof typeof WORLDS;

function ragged(random: Random): Graph {
  return batchGraphs([
    randomGraph(random, { nodes: 5, edges: 11 }),
    randomGraph(random, { nodes: 0, edges: 0 }),
    randomGraph(random, { nodes: 1, edges: 0 }),
    loops(2),
    twice(randomGraph(random, { nodes: 3, edges: 4 })),
  ]);
}

/** Every edge there a second time. */
function twice(graph: Graph): Graph {
  const repeat = (column: Int32Array) => Int32Array.of(...column, ...column);
  const { senders, receivers, edgeGraph } = graph;
  return {
    ...graph,
    edgeCount: 2 * graph.edgeCount,
    senders: repeat(senders),
    receivers: repeat(receivers),
    edgeGraph: repeat(edgeGraph),
  };
}

function loops(nodes: number): Graph {
  const graph = randomGraph(new Random(1), { nodes, edges: nodes });
  const each = Int32Array.from({ length: nodes }, (_, node) => node);
  return { ...graph, senders: each, receivers: each.slice() };
}

function hub(random: Random, degree: number): Graph {
  const graph = randomGraph(random, { nodes: 30, edges: degree + 40 });
  return { ...graph, receivers: graph.receivers.map((node, edge) => (edge < degree ? 7 : node)) };
}

/** Inputs of a program, declared where a layer asks for them. */
export class LayerInputs {
  readonly weights: Weights;
  /** While training. */
  readonly draws: Draws | undefined;
  readonly #trace: Trace;
  readonly #known = new Map<string, Tensor>();
  #edges: TypedEdges | undefined;

  constructor(trace: Trace, layout: ParameterLayout, training: boolean) {
    this.#trace = trace;
    this.weights = bindParameters(trace, layout);
    this.draws = training ? new Draws(trace) : undefined;
  }

  get structure(): EdgeTensors {
    return { senders: this.#index('senders', 'edges'), receivers: this.#index('receivers', 'edges') };
  }

  /** With D̃^−½ of the edges, weighted or not. */
  scaledStructure(weighted: boolean): EdgeTensors {
    return { ...this.structure, nodeScale: this.#input(weighted ? 'weightedScale' : 'scale', ['nodes', 1]) };
  }

  /** With the graph of each node and edge. */
  get graphs(): GraphTensors {
    const [edgeGraph, nodeGraph] = [this.#index('edgeGraph', 'edges'), this.#index('nodeGraph', 'nodes')];
    return { ...this.structure, edgeGraph, nodeGraph };
  }

  get typedEdges(): TypedEdges {
    this.#edges ??= relationInputs(this.#trace, RELATIONS);
    return this.#edges;
  }

  get x(): Tensor {
    return this.#input('x', ['nodes', WIDTH.x]);
  }

  /** Above 0, as are weights. */
  get e(): Tensor {
    return this.#input('e', ['edges', WIDTH.e]);
  }

  get edgeWeight(): Tensor {
    return this.#input('edgeWeight', ['edges', 1]);
  }

  get g(): Tensor {
    return this.#input('g', ['graphs', WIDTH.g]);
  }

  get item(): Tensor {
    return this.#input('item', ['graphs', WIDTH.item]);
  }

  /** A number below 4 for each node. */
  get row(): Tensor {
    return this.#index('row', 'nodes');
  }

  #index(name: string, rows: string): Tensor {
    return this.#input(name, [rows], 'i32');
  }

  #input(name: string, shape: Shape, dtype: DType = 'f32'): Tensor {
    const known = this.#known.get(name) ?? this.#trace.input(name, shape, dtype);
    this.#known.set(name, known);
    return known;
  }
}

/** The values of every input, float64; the `parameters` are those of a layout. */
export type LayerValues = Record<string, Float64Array | Int32Array>;

export function layerValues(graph: Graph, layout: ParameterLayout, seed: number): LayerValues {
  const random = new Random(seed);
  const { nodeCount, edgeCount, graphCount, receivers } = graph;
  const normal = (length: number) => Float64Array.from({ length }, () => random.normal());
  const positive = (length: number) => Float64Array.from({ length }, () => 0.3 + random.uniform());
  const index = (length: number, rows: number) => Int32Array.from({ length }, () => random.int(rows));
  const edgeWeight = positive(edgeCount);
  const scale = (weight: (edge: number) => number) => {
    const degree = new Float64Array(nodeCount).fill(1);
    receivers.forEach((node, edge) => {
      degree[node] += weight(edge);
    });
    return degree.map((value) => 1 / Math.sqrt(value));
  };
  const relations = nodeCount === 0 ? 0 : nodeCount + 4;
  const typed = RELATIONS.flatMap(({ name, from, to }) => {
    const rows = (type: string) => (type === 'user' ? nodeCount : graphCount);
    return [
      [`senders/${name}`, index(relations, rows(from))],
      [`receivers/${name}`, index(relations, rows(to))],
    ] as const;
  });
  return {
    parameters: normal(layout.size).map((value) => 0.7 * value),
    seed: Int32Array.of(12),
    senders: graph.senders,
    receivers,
    nodeGraph: graph.nodeGraph,
    edgeGraph: graph.edgeGraph,
    x: normal(nodeCount * WIDTH.x),
    e: positive(edgeCount * WIDTH.e),
    g: normal(graphCount * WIDTH.g),
    item: normal(graphCount * WIDTH.item),
    row: index(nodeCount, 4),
    edgeWeight,
    scale: scale(() => 1),
    weightedScale: scale((edge) => edgeWeight[edge]),
    ...Object.fromEntries(typed),
  };
}

/** What a layer is, for {@link layerProgram}. */
export type Declare = (layout: ParameterLayout) => (inputs: LayerInputs) => Record<string, Tensor>;

export interface LayerProgram {
  layout: ParameterLayout;
  /** The layer's outputs alone. */
  forward: Program;
  /** Beside them the scalar `loss`, which weighs each value of theirs differently, and `d <input>`. */
  withGradients: Program;
  differentiable: readonly string[];
}

export function layerProgram(declare: Declare, training: boolean): LayerProgram {
  const layout = new ParameterLayout();
  const layer = declare(layout);
  const trace = new Trace();
  const forward = splitGatherMatmul(trace.program(layer(new LayerInputs(trace, layout, training))));
  const differentiable = [...programInputs(forward)]
    .filter(([, { dtype }]) => dtype === 'f32')
    .map(([name]) => name);
  return { layout, forward, withGradients: addGradients(forward, differentiable), differentiable };
}

function addGradients(forward: Program, differentiable: readonly string[]): Program {
  const { trace, tensors } = Trace.from(forward);
  const outputs = Object.fromEntries(forward.outputs.map(({ name, id }) => [name, tensors[id]]));
  let loss: Tensor = trace.constant(0);
  for (const [name, value] of Object.entries(outputs))
    loss = add(loss, sum(mul(value, trace.input(`direction ${name}`, value.shape))));
  const derivatives = gradients(
    loss,
    differentiable.map((name) => trace.inputNamed(name)),
  );
  const named = differentiable.map((name, i) => [`d ${name}`, derivatives[i]] as const);
  return trace.program({ ...outputs, loss, ...Object.fromEntries(named) });
}

/** Those values that a program takes, and directions in which its outputs are weighed. */
export function valuesFor(program: Program, values: LayerValues, graph: Graph): LayerValues {
  const sizes = new Map([
    ['nodes', graph.nodeCount],
    ['edges', graph.edgeCount],
    ['graphs', graph.graphCount],
  ]);
  const random = new Random(17);
  return Object.fromEntries(
    [...programInputs(program)].map(([name, { shape }]) => {
      if (!name.startsWith('direction ')) return [name, values[name]];
      const length = concreteShape(shape, sizes).reduce((a, b) => a * b, 1);
      return [name, Float64Array.from({ length }, () => random.normal())];
    }),
  );
}
