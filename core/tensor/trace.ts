import { EtalonError } from '../base/index.ts';
import type { DType, Node, Op, Program, Shape } from './program.ts';
import { inferShape, type OperandShape } from './shapes.ts';

/** A value of a trace. It has a shape and no numbers: those exist when a device runs the program. */
export class Tensor {
  readonly trace: Trace;
  readonly id: number;

  constructor(trace: Trace, id: number) {
    this.trace = trace;
    this.id = id;
  }

  get node(): Node {
    return this.trace.nodes[this.id];
  }

  get shape(): Shape {
    return this.node.shape;
  }

  get dtype(): DType {
    return this.node.dtype;
  }
}

/** Where operations are written down. Equal operations on equal inputs are written once. */
export class Trace {
  readonly nodes: Node[] = [];
  readonly #known = new Map<string, number>();
  readonly #inputs = new Map<string, Tensor>();

  /** A value that the caller feeds. Each symbol of the program must stand in the shape of some input. */
  input(name: string, shape: Shape, dtype: DType = 'f32'): Tensor {
    if (this.#inputs.has(name)) throw new EtalonError('internal', `internal: two inputs are named "${name}"`);
    if (shape.filter((dim) => typeof dim === 'string').length > 1)
      throw new EtalonError('internal', `internal: input "${name}" has more than one symbolic axis`);
    const tensor = this.#append({ kind: 'input', name }, [], shape, dtype);
    this.#inputs.set(name, tensor);
    return tensor;
  }

  /** The input of that name where it is there already, else {@link input}. Throws `internal` where it has another shape or type. */
  inputOnce(name: string, shape: Shape, dtype: DType = 'f32'): Tensor {
    const known = this.#inputs.get(name);
    if (!known) return this.input(name, shape, dtype);
    if (String(known.shape) !== String(shape) || known.dtype !== dtype)
      throw new EtalonError(
        'internal',
        `internal: input "${name}" is ${known.dtype} [${known.shape}], and asked for as ${dtype} [${shape}]`,
      );
    return known;
  }

  /** The tensor of a node that is already written down. */
  tensor(id: number): Tensor {
    return new Tensor(this, id);
  }

  inputNamed(name: string): Tensor {
    const tensor = this.#inputs.get(name);
    if (!tensor) throw new EtalonError('internal', `internal: the program has no input "${name}"`);
    return tensor;
  }

  constant(values: number | readonly number[], shape: readonly number[] = []): Tensor {
    const list = typeof values === 'number' ? [values] : values;
    if (!list.every(Number.isFinite))
      throw new EtalonError('internal', 'internal: a constant must be finite');
    if (list.length !== shape.reduce((product, dim) => product * dim, 1))
      throw new EtalonError('internal', `internal: ${list.length} values do not fill [${shape}]`);
    return this.#append({ kind: 'constant', values: list }, [], shape, 'f32');
  }

  /** The value of a symbolic size, as a scalar. */
  size(symbol: string): Tensor {
    return this.#append({ kind: 'size', symbol }, [], [], 'f32');
  }

  /**
   * Writes an operation down and infers its shape. `shape` is given for those whose shape the inputs do not
   * tell: view, pack, random, reshape, and of segmentSum and segmentMax the first axis.
   * Throws `internal` when the operands do not fit.
   */
  apply(op: Op, inputs: readonly Tensor[], shape?: Shape): Tensor {
    for (const input of inputs)
      if (input.trace !== this) throw new EtalonError('internal', 'internal: a tensor of another trace');
    const operands: OperandShape[] = inputs.map(({ node }) => ({ shape: node.shape, dtype: node.dtype }));
    const result = inferShape(op, operands, shape);
    return this.#append(
      op,
      inputs.map((input) => input.id),
      result,
      'f32',
    );
  }

  #append(op: Op, inputs: readonly number[], shape: Shape, dtype: DType): Tensor {
    const key = JSON.stringify([op, inputs, shape]);
    const known = this.#known.get(key);
    if (known !== undefined) return new Tensor(this, known);
    const node: Node = { id: this.nodes.length, op, inputs, shape, dtype };
    this.nodes.push(node);
    this.#known.set(key, node.id);
    return new Tensor(this, node.id);
  }

  /**
   * Closes the trace. `state` maps an input's name to the value that replaces it after each run.
   * Nodes that no output needs are left out; inputs stay.
   */
  program(outputs: Readonly<Record<string, Tensor>>, state: Readonly<Record<string, Tensor>> = {}): Program {
    for (const [name, next] of Object.entries(state)) {
      const input = this.inputNamed(name);
      if (String(input.shape) !== String(next.shape))
        throw new EtalonError(
          'internal',
          `internal: state "${name}" is [${input.shape}], its next value is [${next.shape}]`,
        );
    }
    const needed = new Set<number>();
    const visit = (id: number): void => {
      if (needed.has(id)) return;
      needed.add(id);
      this.nodes[id].inputs.forEach(visit);
    };
    for (const tensor of [...Object.values(outputs), ...Object.values(state)]) visit(tensor.id);
    for (const node of this.nodes) if (node.op.kind === 'input') needed.add(node.id);

    const renamed = new Map<number, number>();
    const nodes: Node[] = [];
    for (const node of this.nodes) {
      if (!needed.has(node.id)) continue;
      renamed.set(node.id, nodes.length);
      nodes.push({ ...node, id: nodes.length, inputs: node.inputs.map((id) => renamed.get(id)!) });
    }
    return {
      nodes,
      outputs: Object.entries(outputs).map(([name, { id }]) => ({ name, id: renamed.get(id)! })),
      state: Object.entries(state).map(([name, { id }]) => ({ name, output: renamed.get(id)! })),
    };
  }

  /**
   * Re-opens a program to add to it: the trace, and each node of the program as a tensor of the trace.
   * `replace` may return another tensor for a node (a rewrite); its inputs are already replaced.
   */
  static from(
    program: Program,
    replace?: (node: Node, inputs: readonly Tensor[], trace: Trace) => Tensor | undefined,
  ): { trace: Trace; tensors: Tensor[] } {
    const trace = new Trace();
    const tensors: Tensor[] = [];
    for (const node of program.nodes) {
      const inputs = node.inputs.map((id) => tensors[id]);
      tensors.push(replace?.(node, inputs, trace) ?? trace.#copy(node, inputs));
    }
    return { trace, tensors };
  }

  #copy(node: Node, inputs: readonly Tensor[]): Tensor {
    if (node.op.kind === 'input') return this.input(node.op.name, node.shape, node.dtype);
    return this.#append(
      node.op,
      inputs.map((input) => input.id),
      node.shape,
      node.dtype,
    );
  }
}
