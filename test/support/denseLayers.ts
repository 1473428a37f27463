import type { Graph } from '../../core/graph/index.ts';
import type { Matrix } from './plainGnn.ts';

/** A parameter as a matrix of that many columns. */
export type Weight = (name: string, columns: number) => Matrix;

export const relu = (x: number) => Math.max(0, x);
export const leaky = (x: number) => (x > 0 ? x : 0.2 * x);
export const elu = (x: number) => (x > 0 ? x : Math.exp(x) - 1);
export const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

export const map = (x: Matrix, f: (value: number) => number): Matrix => x.map((row) => row.map(f));
export const dot = (a: number[], b: number[]) => a.reduce((total, value, i) => total + value * b[i], 0);
export const scaled = (row: number[], factor: number) => row.map((value) => value * factor);

export function product(a: Matrix, b: Matrix): Matrix {
  return a.map((row) =>
    (b[0] ?? []).map((_, j) => row.reduce((total, value, k) => total + value * b[k][j], 0)),
  );
}

export function plus(a: Matrix, b: Matrix): Matrix {
  return a.map((row, i) => row.map((value, j) => value + b[i][j]));
}

export function plusRow(a: Matrix, [row]: Matrix): Matrix {
  return a.map((own) => own.map((value, j) => value + row[j]));
}

export function beside(...parts: Matrix[]): Matrix {
  return parts[0].map((_, i) => parts.flatMap((part) => part[i]));
}

/** A[i][j]: the total weight of the edges j → i; an edge that is there twice counts twice. */
export function adjacency(
  { nodeCount, senders, receivers }: Graph,
  weight: (edge: number) => number,
): Matrix {
  const matrix = Array.from({ length: nodeCount }, () => new Array<number>(nodeCount).fill(0));
  senders.forEach((sender, edge) => {
    matrix[receivers[edge]][sender] += weight(edge);
  });
  return matrix;
}

/** The rows of equal index, made one by a formula for lists of numbers, column by column. */
export function grouped(
  rows: Matrix,
  index: ArrayLike<number>,
  groups: number,
  width: number,
  combine: (values: number[]) => number,
): Matrix {
  return Array.from({ length: groups }, (_, group) =>
    Array.from({ length: width }, (__, column) =>
      combine(rows.filter((___, i) => index[i] === group).map((row) => row[column])),
    ),
  );
}

export const COMBINE = {
  sum: (values: number[]) => values.reduce((total, value) => total + value, 0),
  mean: (values: number[]) => values.reduce((total, value) => total + value, 0) / Math.max(1, values.length),
  max: (values: number[]) => (values.length === 0 ? 0 : Math.max(...values)),
};

/** D̃^−½ (A + I) D̃^−½ X W + b, with matrices as the paper has them. */
export function denseGcn(a: Matrix, x: Matrix, kernel: Matrix, bias: Matrix): Matrix {
  const loops = a.map((row, i) => row.map((value, j) => value + Number(i === j)));
  const degree = loops.map((row) => COMBINE.sum(row));
  const normal = loops.map((row, i) => row.map((value, j) => value / Math.sqrt(degree[i] * degree[j])));
  return plusRow(product(normal, product(x, kernel)), bias);
}

/** Σ_k α_ik v_k for one head: α the softmax of the scores of the edges that enter i. */
export function attended(
  { senders, receivers, nodeCount }: Graph,
  values: Matrix,
  width: number,
  score: (receiver: number, sender: number) => number,
): Matrix {
  return Array.from({ length: nodeCount }, (_, i) => {
    const entering = [...senders.keys()].filter((edge) => receivers[edge] === i);
    const powers = entering.map((edge) => Math.exp(score(i, senders[edge])));
    const total = COMBINE.sum(powers);
    return Array.from({ length: width }, (__, c) =>
      COMBINE.sum(entering.map((edge, k) => (powers[k] / total) * values[senders[edge]][c])),
    );
  });
}

export function denseGat(
  graph: Graph,
  x: Matrix,
  weight: Weight,
  name: string,
  { heads, width }: { heads: number; width: number },
): Matrix[] {
  const h = product(x, weight(`${name}.kernel`, heads * width));
  return Array.from({ length: heads }, (_, head) => {
    const own = h.map((row) => row.slice(head * width, (head + 1) * width));
    const a = [
      ...weight(`${name}.attention.receiver`, width)[head],
      ...weight(`${name}.attention.sender`, width)[head],
    ];
    return attended(graph, own, width, (i, j) => leaky(dot(a, [...own[i], ...own[j]])));
  });
}

export function denseGatv2(
  graph: Graph,
  x: Matrix,
  weight: Weight,
  name: string,
  { heads, width }: { heads: number; width: number },
): Matrix[] {
  const part = (rows: Matrix, head: number) => rows.map((row) => row.slice(head * width, (head + 1) * width));
  const [left, right] = ['sender', 'receiver'].map((end) =>
    product(x, weight(`${name}.kernel.${end}`, heads * width)),
  );
  return Array.from({ length: heads }, (_, head) => {
    const [l, r] = [part(left, head), part(right, head)];
    const a = weight(`${name}.attention`, width)[head];
    return attended(graph, l, width, (i, j) =>
      dot(
        a,
        l[j].map((value, c) => leaky(value + r[i][c])),
      ),
    );
  });
}

export function meanOf(heads: Matrix[]): Matrix {
  return heads[0].map((row, i) => row.map((_, c) => COMBINE.mean(heads.map((head) => head[i][c]))));
}

/** Divides a channel's matrix [receiver][sender] by its row sums, then its column sums, `steps` times. */
export function denseSinkhorn(matrix: Matrix, steps: number): Matrix {
  const safe = (value: number, total: number) => (total === 0 ? 0 : value / total);
  let current = matrix;
  for (let step = 0; step < steps; step++) {
    current = current.map((row) => row.map((value) => safe(value, COMBINE.sum(row))));
    const columns = current.map((_, j) => COMBINE.sum(current.map((row) => row[j])));
    current = current.map((row) => row.map((value, j) => safe(value, columns[j])));
  }
  return current;
}
