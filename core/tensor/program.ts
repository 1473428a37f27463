import { EtalonError } from '../base/index.ts';

/** A size: a number, or the name of one that is bound at run time (`nodes`, `edges`, `graphs` …). */
export type Dim = number | string;
export type Shape = readonly Dim[];
/** All arithmetic is float32; int32 is for indices and seeds alone. */
export type DType = 'f32' | 'i32';

export const UNARY = [
  'neg',
  'reciprocal',
  'square',
  'sqrt',
  'exp',
  'log',
  'abs',
  'sign', // −1, 0 or 1
  'step', // 1 where x > 0, else 0
  'relu',
  'tanh',
  'sigmoid',
  'softplus', // log(1 + exp x), in a form that does not overflow
  'sin',
  'cos',
] as const;
export type UnaryName = (typeof UNARY)[number];

export const BINARY = ['add', 'sub', 'mul', 'div', 'max', 'min'] as const;
export type BinaryName = (typeof BINARY)[number];

/**
 * The closed set of operations. `inputs` of a node are the ids of earlier nodes, in the order given here.
 *
 * | kind | inputs | result |
 * |---|---|---|
 * | input | – | what the caller feeds under `name` |
 * | constant | – | `values`, row-major |
 * | size | – | scalar: the value of the symbol, as a float |
 * | view | flat [P] | `shape` (static) at `offset`, row-major |
 * | pack | pieces | [size]; piece i, flattened, at `offsets[i]`; zero elsewhere; pieces never overlap |
 * | unary | x | element by element |
 * | binary | a, b | element by element; trailing axes aligned, an axis of size 1 is repeated |
 * | matmul | a, b | [n, k] · [k, m]; either may be stored transposed |
 * | random | seed (int32 scalar) | uniform in [0, 1), by element number, `stream` and seed alone: see `random.ts` |
 * | sum | x | over `axes`, which stay with size 1 when `keepDims` |
 * | maxOver | x | the largest over `axes`, as `sum`; 0 over nothing |
 * | expand | x, like | x repeated to the shape of `like` (which gives no values) |
 * | gather | x [n, …], index [m] | x[index] : [m, …] |
 * | segmentSum | x [m, …], index [m] | [n, …]: row i is the sum of x[j] with index[j] = i; n = shape[0] |
 * | segmentMax | x [m, …], index [m] | [n, …]: row i is the largest of x[j] with index[j] = i, column by column; 0 where there is none |
 * | concat | parts | along `axis` |
 * | slice | x | [start, end) along `axis` (static size) |
 * | pad | x | zeros `before` and `after` along `axis` (static size) |
 * | reshape | x | same values, row-major; as many of them for every size of the symbols |
 * | stopGradient | x | x |
 */
export type Op =
  | { kind: 'input'; name: string }
  | { kind: 'constant'; values: readonly number[] }
  | { kind: 'size'; symbol: string }
  | { kind: 'view'; offset: number }
  | { kind: 'pack'; offsets: readonly number[] }
  | { kind: 'unary'; fn: UnaryName }
  | { kind: 'binary'; fn: BinaryName }
  | { kind: 'matmul'; transposeA: boolean; transposeB: boolean }
  | { kind: 'random'; stream: number }
  | { kind: 'sum'; axes: readonly number[]; keepDims: boolean }
  | { kind: 'maxOver'; axes: readonly number[]; keepDims: boolean }
  | { kind: 'expand' }
  | { kind: 'gather' }
  | { kind: 'segmentSum' }
  | { kind: 'segmentMax' }
  | { kind: 'concat'; axis: number }
  | { kind: 'slice'; axis: number; start: number; end: number }
  | { kind: 'pad'; axis: number; before: number; after: number }
  | { kind: 'reshape' }
  | { kind: 'stopGradient' };

export type OpKind = Op['kind'];
export type OpOf<K extends OpKind> = Extract<Op, { kind: K }>;

export interface Node<K extends OpKind = OpKind> {
  readonly id: number;
  readonly op: OpOf<K>;
  readonly inputs: readonly number[];
  readonly shape: Shape;
  readonly dtype: DType;
}

/**
 * A traced computation: nodes in an order in which every input comes before its use. A state entry is an
 * input that a device keeps between runs and replaces, after each, by the value of `output`.
 */
export interface Program {
  readonly nodes: readonly Node[];
  readonly outputs: readonly { name: string; id: number }[];
  readonly state: readonly { name: string; output: number }[];
}

export function isKind<K extends OpKind>(node: Node, kind: K): node is Node & Node<K> {
  return node.op.kind === kind;
}

/** Inputs by name, state included. */
export function programInputs(program: Program): Map<string, Node<'input'>> {
  const inputs = new Map<string, Node<'input'>>();
  for (const node of program.nodes) if (isKind(node, 'input')) inputs.set(node.op.name, node);
  return inputs;
}

/** Elements of a shape whose symbols are bound by `sizes`. */
export function elementCount(shape: Shape, sizes: ReadonlyMap<string, number> = new Map()): number {
  return concreteShape(shape, sizes).reduce((product, dim) => product * dim, 1);
}

export function concreteShape(shape: Shape, sizes: ReadonlyMap<string, number>): number[] {
  return shape.map((dim) => {
    if (typeof dim === 'number') return dim;
    const size = sizes.get(dim);
    if (size === undefined) throw new EtalonError('internal', `internal: size "${dim}" is not bound`);
    return size;
  });
}

export type InputValue = Float32Array | Float64Array | Int32Array;

/**
 * Works out every symbolic size from the lengths of the arrays fed in.
 * Throws `internal` naming the input that is missing, of the wrong type, or at odds with another.
 */
export function bindSizes(
  program: Program,
  inputs: Readonly<Record<string, InputValue>>,
): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const [name, node] of programInputs(program)) {
    const value = inputs[name];
    if (!value) throw new EtalonError('internal', `internal: input "${name}" is missing`);
    if (value instanceof Int32Array !== (node.dtype === 'i32'))
      throw new EtalonError('internal', `internal: input "${name}" must be ${node.dtype}`);
    const symbols = node.shape.filter((dim) => typeof dim === 'string');
    const known = node.shape.reduce<number>(
      (product, dim) => product * (typeof dim === 'number' ? dim : 1),
      1,
    );
    if (symbols.length === 0) {
      if (value.length !== known)
        throw new EtalonError(
          'internal',
          `internal: input "${name}" has ${value.length} values, its shape [${node.shape}] needs ${known}`,
        );
      continue;
    }
    const [symbol] = symbols;
    const size = known === 0 ? 0 : value.length / known;
    const bound = sizes.get(symbol);
    if (!Number.isInteger(size) || (bound !== undefined && bound !== size))
      throw new EtalonError(
        'internal',
        `internal: input "${name}" [${node.shape}] has ${value.length} values, which gives ${symbol} = ${size}` +
          (bound === undefined ? '' : ` where another input gives ${bound}`),
      );
    sizes.set(symbol, size);
  }
  return sizes;
}

/** A listing for people and for error messages, one node a line. */
export function formatProgram(program: Program): string {
  const lines = program.nodes.map((node) => {
    const { kind, ...fields } = node.op;
    const detail = Object.entries(fields)
      .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
      .join(' ');
    const inputs = node.inputs.map((id) => `%${id}`).join(', ');
    return `%${node.id}: ${node.dtype}[${node.shape}] = ${kind}(${inputs}) ${detail}`.trimEnd();
  });
  for (const { name, id } of program.outputs) lines.push(`output ${name} = %${id}`);
  for (const { name, output } of program.state) lines.push(`state ${name} ← %${output}`);
  return lines.join('\n');
}
