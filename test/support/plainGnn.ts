import type { ParameterLayout } from '../../core/gnn/index.ts';
import type { Graph } from '../../core/graph/index.ts';

export type Matrix = number[][];

/** Weights by name, cut from the flat tensor of a layout. */
export function weightsByName(layout: ParameterLayout, flat: ArrayLike<number>): (name: string) => number[] {
  return (name) => {
    const found = layout.parameters.find((parameter) => parameter.name === name);
    if (!found) throw new Error(`no parameter ${name}`);
    return Array.from({ length: found.size }, (_, i) => flat[found.offset + i]);
  };
}

/** Rows of `width` values. */
export function rowsOf(values: ArrayLike<number>, width: number): Matrix {
  return Array.from({ length: values.length / width }, (_, row) =>
    Array.from({ length: width }, (_, column) => values[row * width + column]),
  );
}

export function plainLinear(weight: (name: string) => number[], name: string, row: number[]): number[] {
  const bias = weight(`${name}.bias`);
  const kernel = weight(`${name}.kernel`);
  return bias.map((start, j) => row.reduce((sum, x, i) => sum + x * kernel[i * bias.length + j], start));
}

export function plainLayerNorm(weight: (name: string) => number[], name: string, row: number[]): number[] {
  const mean = row.reduce((sum, x) => sum + x, 0) / row.length;
  const variance = row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / row.length;
  const [gain, bias] = [weight(`${name}.gain`), weight(`${name}.bias`)];
  return row.map((x, i) => (gain[i] * (x - mean)) / Math.sqrt(variance + 1e-5) + bias[i]);
}

export interface PlainMlp {
  layers: number;
  norm: boolean;
  activation?: (x: number) => number;
}

export function plainMlp(
  weight: (name: string) => number[],
  name: string,
  row: number[],
  { layers, norm, activation = (x) => Math.max(0, x) }: PlainMlp,
): number[] {
  let hidden = row;
  for (let layer = 0; layer < layers; layer++)
    hidden = plainLinear(weight, `${name}.${layer}`, hidden).map(activation);
  return norm ? plainLayerNorm(weight, `${name}.norm`, hidden) : hidden;
}

export interface PlainState {
  nodes: Matrix;
  edges: Matrix;
  graphs: Matrix;
}

/**
 * Algorithm 1 of Battaglia et al. (2018) as it stands in the paper: one edge, one node and one graph after another, with
 * sums over lists. `width` is that of what the updates give.
 */
export function plainBlock(
  weight: (name: string) => number[],
  name: string,
  graph: Graph,
  state: PlainState,
  { width, residual, ...shape }: PlainMlp & { width: number; residual: boolean },
): PlainState {
  const total = (rows: Matrix) =>
    Array.from({ length: width }, (_, k) => rows.reduce((s, row) => s + row[k], 0));
  const edges = state.edges.map((edge, k) =>
    plainMlp(
      weight,
      `${name}.edges`,
      [
        ...edge,
        ...state.nodes[graph.senders[k]],
        ...state.nodes[graph.receivers[k]],
        ...state.graphs[graph.edgeGraph[k]],
      ],
      shape,
    ),
  );
  const nodes = state.nodes.map((node, i) => {
    const arriving = total(edges.filter((_, k) => graph.receivers[k] === i));
    return plainMlp(
      weight,
      `${name}.nodes`,
      [...node, ...arriving, ...state.graphs[graph.nodeGraph[i]]],
      shape,
    );
  });
  const graphs = state.graphs.map((own, g) => {
    const ofEdges = total(edges.filter((_, k) => graph.edgeGraph[k] === g));
    const ofNodes = total(nodes.filter((_, i) => graph.nodeGraph[i] === g));
    return plainMlp(weight, `${name}.graphs`, [...own, ...ofEdges, ...ofNodes], shape);
  });
  const onward = (before: Matrix, after: Matrix) =>
    residual ? after.map((row, i) => row.map((x, k) => x + before[i][k])) : after;
  return {
    nodes: onward(state.nodes, nodes),
    edges: onward(state.edges, edges),
    graphs: onward(state.graphs, graphs),
  };
}
