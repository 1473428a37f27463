import type { Feed } from '../device/types.ts';
import { isKind, type Node, type Program, programInputs } from '../tensor/index.ts';

/**
 * How each input of a program repeats when several batches stand in one: along its first axis, an index moved on by
 * the rows it points into.
 */
export interface Axes {
  /** Inputs with a row for each of something, by name. */
  readonly repeated: ReadonlySet<string>;
  /** Of index inputs: the symbol whose rows they point into. Those into static tables have none. */
  readonly pointsInto: ReadonlyMap<string, string>;
}

/**
 * The axes of a program in which rows meet only through index inputs, so that batches can stand side by side; undefined where
 * something else joins rows (a mean over nodes, a random number, a size …), and of a scalar output.
 */
export function rowAxes(
  program: Program,
  { output, inputs }: { output: string; inputs: readonly string[] },
): Axes | undefined {
  const pointsInto = new Map<string, string>();
  for (const node of neededNodes(program, output)) {
    if (joinsRows(program, node)) return undefined;
    const target = indexedRows(program, node);
    if (target === undefined) continue;
    const index = program.nodes[node.inputs[1]];
    if (!isKind(index, 'input') || typeof index.shape[0] !== 'string') return undefined;
    const known = pointsInto.get(index.op.name);
    if (known !== undefined && known !== target) return undefined;
    pointsInto.set(index.op.name, target);
  }
  const repeated = new Set<string>();
  for (const [name, { shape }] of programInputs(program))
    if (typeof shape[0] === 'string') repeated.add(name);
  const hasRows = typeof program.nodes[outputId(program, output)].shape[0] === 'string';
  return hasRows && inputs.every((name) => repeated.has(name)) ? { repeated, pointsInto } : undefined;
}

/** `copies` batches in one: floats repeated, indices moved on. */
export function repeatFeed(
  { repeated, pointsInto }: Axes,
  feed: Feed,
  copies: number,
  sizes: ReadonlyMap<string, number>,
): Feed {
  if (copies === 1) return feed;
  const entries = Object.entries(feed).map(([name, values]) => {
    if (!repeated.has(name)) return [name, values] as const;
    const symbol = pointsInto.get(name);
    return [name, repeat(values, copies, symbol === undefined ? 0 : sizes.get(symbol)!)] as const;
  });
  return Object.fromEntries(entries);
}

/** How many batches of these sizes keep the longest axis within `rows`; one at least. */
export function copiesWithin(sizes: ReadonlyMap<string, number>, rows: number): number {
  return Math.max(1, Math.floor(rows / Math.max(1, ...sizes.values())));
}

function repeat<T extends Float32Array | Int32Array>(values: T, copies: number, shift: number): T {
  const result = new (values.constructor as new (length: number) => T)(copies * values.length);
  for (let copy = 0; copy < copies; copy++)
    for (let i = 0; i < values.length; i++) result[copy * values.length + i] = values[i] + copy * shift;
  return result;
}

function outputId(program: Program, output: string): number {
  return program.outputs.find(({ name }) => name === output)!.id;
}

function neededNodes(program: Program, output: string): Node[] {
  const needed = new Set<number>([outputId(program, output)]);
  for (let id = program.nodes.length - 1; id >= 0; id--)
    if (needed.has(id)) for (const input of program.nodes[id].inputs) needed.add(input);
  return program.nodes.filter(({ id }) => needed.has(id));
}

function joinsRows(program: Program, node: Node): boolean {
  const { op, inputs, shape } = node;
  const isSymbolic = (dim: unknown) => typeof dim === 'string';
  // Only a first axis can hold batches one behind the other.
  if (shape.slice(1).some(isSymbolic)) return true;
  const operand = inputs.length > 0 ? program.nodes[inputs[0]].shape : [];
  switch (op.kind) {
    case 'size':
    case 'random':
      return true;
    case 'sum':
    case 'maxOver':
      return op.axes.some((axis) => isSymbolic(operand[axis]));
    case 'matmul':
      return isSymbolic(op.transposeA ? operand[0] : operand[1]);
    case 'reshape':
      return isSymbolic(operand[0]) && operand[0] !== shape[0];
    default:
      return false;
  }
}

/** The symbol of the rows that a gather reads or a segment reduction writes. */
function indexedRows(program: Program, node: Node): string | undefined {
  const { op, inputs, shape } = node;
  if (op.kind !== 'gather' && op.kind !== 'segmentSum' && op.kind !== 'segmentMax') return undefined;
  const [rows] = op.kind === 'gather' ? program.nodes[inputs[0]].shape : shape;
  return typeof rows === 'string' ? rows : undefined;
}
