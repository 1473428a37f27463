import type { Node, OpKind, OpOf, Program } from '../tensor/program.ts';

/** A normalisation of the rows of `x` [n, width], then scaled and shifted (Ba et al. 2016, eq. 4). Numbers of nodes. */
export interface RowNorm {
  x: number;
  gain: number;
  bias: number;
  epsilon: number;
}

/**
 * Where a program normalises rows, by the node of the result: ONNX has one operator for the nine steps. Left out where anything else
 * reads one of the steps, as gradients do: they would have to be computed all the same.
 */
export function layerNorms(program: Program): ReadonlyMap<number, RowNorm> {
  const steps = new Steps(program);
  const norms = new Map<number, RowNorm>();
  for (const { id } of program.nodes) {
    const norm = normAt(steps, id);
    if (norm) norms.set(id, norm);
  }
  return norms;
}

function normAt(steps: Steps, id: number): RowNorm | undefined {
  const [scaled, bias] = steps.binary(id, 'add');
  const [unit, gain] = steps.binary(steps.inner(scaled), 'mul');
  const [centred, deviation] = steps.binary(steps.inner(unit), 'div');
  const [variance] = steps.unary(steps.inner(deviation), 'sqrt');
  const [meanSquare, epsilon] = steps.binary(steps.inner(variance), 'add');
  const [squared] = steps.unary(steps.inner(steps.meanOfRow(steps.inner(meanSquare))), 'square');
  // Read twice: squared, and divided by the deviation.
  const [x, mean] = steps.binary(steps.inner(squared, 2), 'sub');
  const isNorm = squared === centred && x !== undefined && steps.meanOfRow(steps.inner(mean)) === x;
  const size = steps.scalar(epsilon);
  if (!isNorm || size === undefined || !steps.isRow(gain, x) || !steps.isRow(bias, x)) return undefined;
  return { x, gain, bias, epsilon: size };
}

/** Looks through the nodes of a program, from a result to what it is made of. What is no such node has no inputs. */
class Steps {
  readonly #nodes: readonly Node[];
  /** How often the value of each node is read. */
  readonly #readers: Int32Array;

  constructor({ nodes, outputs, state }: Program) {
    this.#nodes = nodes;
    this.#readers = new Int32Array(nodes.length);
    for (const { inputs } of nodes) for (const id of inputs) this.#readers[id]++;
    for (const { id } of outputs) this.#readers[id]++;
    for (const { output } of state) this.#readers[output]++;
  }

  /** The node itself where its value is read so often and no more. */
  inner(id: number | undefined, readers = 1): number | undefined {
    return id !== undefined && this.#readers[id] === readers ? id : undefined;
  }

  binary(id: number | undefined, fn: OpOf<'binary'>['fn']): readonly (number | undefined)[] {
    return this.#of(id, 'binary')?.fn === fn ? this.#nodes[id!].inputs : [];
  }

  unary(id: number | undefined, fn: OpOf<'unary'>['fn']): readonly (number | undefined)[] {
    return this.#of(id, 'unary')?.fn === fn ? this.#nodes[id!].inputs : [];
  }

  /** What a node [n, 1] is the mean of over each row [n, width]. */
  meanOfRow(id: number | undefined): number | undefined {
    const [total, share] = this.binary(id, 'mul');
    const sum = this.#of(this.inner(total), 'sum');
    if (!sum?.keepDims || String(sum.axes) !== '1') return undefined;
    const [x] = this.#nodes[total!].inputs;
    const { shape } = this.#nodes[x];
    return shape.length === 2 && this.scalar(share) === 1 / Number(shape[1]) ? x : undefined;
  }

  scalar(id: number | undefined): number | undefined {
    return this.#of(id, 'constant')?.values[0];
  }

  /** Whether a node [width] has a value for each column of x [n, width]. */
  isRow(id: number | undefined, x: number): id is number {
    return id !== undefined && String(this.#nodes[id].shape) === String(this.#nodes[x].shape.slice(1));
  }

  #of<K extends OpKind>(id: number | undefined, kind: K): OpOf<K> | undefined {
    const node = id === undefined ? undefined : this.#nodes[id];
    return node?.op.kind === kind ? (node.op as OpOf<K>) : undefined;
  }
}
