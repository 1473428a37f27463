import type { Dim, Node, Shape } from '../../../../tensor/program.ts';
import { type Extent, evaluate, extentOf, times } from '../../plan/extent.ts';
import type { KernelBuilder, Operand, Place } from '../kernel.ts';
import { BINARY_CODE, FUNCTIONS, literal, UNARY_CODE } from './functions.ts';

/** Element-wise operations on one shape that a kernel does in passing, before or after its own work. */
export interface Chain {
  /** Operands before their users; `expand` is among them. */
  readonly members: readonly Node[];
  /** Members, or the value that is given, which something outside needs. */
  readonly stored: readonly { id: number; place: Place }[];
  readonly node: (id: number) => Node;
  /** How a value from outside is read. */
  readonly operand: (id: number) => Operand;
}

/** Inputs whose values count; `expand` reads only the shape of its second. */
export function valueInputs(node: Node): readonly number[] {
  return node.op.kind === 'expand' ? node.inputs.slice(0, 1) : node.inputs;
}

/** Leaves that take no buffer: single constants are literals, sizes are parameters. */
export function isInline(node: Node): boolean {
  return node.op.kind === 'size' || (node.op.kind === 'constant' && node.op.values.length === 1);
}

/**
 * Declares the chain as a WGSL function of an element's number in `shape`: every member is computed in registers, and those
 * needed outside are stored. `given` is the id whose value is handed in, `result` the one whose value is handed back.
 */
export function declareChain(
  builder: KernelBuilder,
  name: string,
  chain: Chain,
  shape: Shape,
  { given, result }: { given?: number; result?: number } = {},
): void {
  const { members, stored, node, operand } = chain;
  const names = new Map(members.map(({ id }, i) => [id, `v${i}`]));
  if (given !== undefined) names.set(given, 'given');
  const leaves = new Map<number, Leaf>();
  for (const member of members)
    for (const id of valueInputs(member))
      if (!names.has(id)) leaves.set(id, { node: node(id), ...(!isInline(node(id)) && operand(id)) });

  const lines: string[] = [];
  const index = broadcastIndices(builder, shape, [...leaves.values()], lines);
  for (const [id, leaf] of leaves) {
    const local = `l${names.size}`;
    names.set(id, local);
    lines.push(`let ${local} = ${loadCode(builder, leaf, index)};`);
  }
  const needed = new Set<keyof typeof FUNCTIONS>();
  for (const member of members) {
    const [a, b] = valueInputs(member).map((id) => names.get(id)!);
    lines.push(`let ${names.get(member.id)} = ${memberCode(member, a, b, needed)};`);
  }
  const count = extentOf(shape);
  for (const { id, place } of stored) lines.push(builder.write(place, count)('i', names.get(id)!));
  if (result !== undefined) lines.push(`return ${names.get(result)};`);
  builder.flops((sizes) => members.length * evaluate(count, sizes));

  for (const [key, code] of Object.entries(FUNCTIONS))
    if (needed.has(key as keyof typeof FUNCTIONS)) builder.declare(code);
  const parameters = given === undefined ? 'i: u32' : 'i: u32, given: f32';
  const type = result === undefined ? '' : ' -> f32';
  builder.declare([`fn ${name}(${parameters})${type} {`, ...lines, '}'].join('\n'));
}

interface Leaf extends Partial<Operand> {
  node: Node;
}

function loadCode(
  builder: KernelBuilder,
  leaf: Leaf,
  index: (leaf: Leaf, rowOf?: (row: string) => string) => string,
): string {
  const { op, dtype } = leaf.node;
  if (op.kind === 'constant' && op.values.length === 1) return literal(op.values[0]);
  if (op.kind === 'size') return builder.float(`size ${op.symbol}`, (sizes) => sizes.get(op.symbol)!);
  const access = builder.read(leaf.place!, leaf.extent!, dtype);
  const rows = leaf.rows && builder.read(leaf.rows.place, leaf.rows.extent, 'i32');
  if (rows) return access(index(leaf, (row) => `u32(${rows(row)})`));
  return access(leaf.window ? index(leaf, (row) => row) : index(leaf));
}

function memberCode(node: Node, a: string, b: string, needed: Set<keyof typeof FUNCTIONS>): string {
  const { op } = node;
  if (op.kind === 'unary') {
    const { call, needs = [] } = UNARY_CODE[op.fn];
    for (const name of needs) needed.add(name);
    return call(a);
  }
  if (op.kind === 'random') {
    needed.add('mix').add('randomOf');
    return `randomOf(i, ${a}, ${op.stream}u)`;
  }
  return op.kind === 'binary' ? BINARY_CODE[op.fn](a, b) : a;
}

/** Neighbouring axes along which every leaf either moves or stands still, taken as one. */
interface Run {
  extent: Extent;
  moves: boolean[];
}

/**
 * Coordinates of element `i`, as few as the leaves need, and from them the index into a leaf of a given shape.
 * Writes the coordinates' code to `lines`.
 */
function broadcastIndices(
  builder: KernelBuilder,
  shape: Shape,
  leaves: readonly Leaf[],
  lines: string[],
): (leaf: Leaf, rowOf?: (row: string) => string) => string {
  const patterns = new Map<string, boolean[]>();
  for (const leaf of leaves.filter(({ place }) => place)) {
    patterns.set(String(leaf.node.shape), movesAlong(shape, leaf.node.shape));
    // The first axis of rows that lie elsewhere has to stand by itself.
    const rowsAxis = shape.length - leaf.node.shape.length;
    if (leaf.rows || leaf.window)
      patterns.set(
        `rows ${rowsAxis}`,
        shape.map((_, axis) => axis === rowsAxis),
      );
  }
  const keys = [...patterns.keys()];
  const runs: (Run & { axis: number })[] = [];
  shape.forEach((dim, axis) => {
    if (dim === 1) return;
    const moves = keys.map((key) => patterns.get(key)![axis]);
    const last = runs.at(-1);
    if (last?.moves.every((moved, i) => moved === moves[i])) last.extent = times(last.extent, toExtent(dim));
    else runs.push({ extent: toExtent(dim), moves, axis });
  });

  let rest = 'i';
  const coordinates: string[] = [];
  for (let at = runs.length - 1; at > 0; at--) {
    const size = builder.extent(runs[at].extent);
    lines.push(`let c${at} = ${rest} % ${size};`, `let q${at} = ${rest} / ${size};`);
    coordinates[at] = `c${at}`;
    rest = `q${at}`;
  }
  coordinates[0] = rest;

  return ({ node, window }, rowOf) => {
    const column = keys.indexOf(String(node.shape));
    const moving = runs.map((run, at) => ({ ...run, at })).filter((run) => run.moves[column]);
    if (!rowOf) {
      if (moving.length === runs.length) return 'i';
      return horner(builder, moving, coordinates);
    }
    // An axis of size 1 has no run: it is its row 0.
    const rowsAxis = shape.length - node.shape.length;
    const row = moving.find((run) => run.axis === rowsAxis);
    const inner = horner(
      builder,
      moving.filter((run) => run !== row),
      coordinates,
    );
    const stride = builder.extent(window?.stride ?? extentOf(node.shape.slice(1)));
    return `${rowOf(row ? coordinates[row.at] : '0u')} * ${stride} + ${window?.start ?? 0}u + ${inner}`;
  };
}

function horner(
  builder: KernelBuilder,
  moving: readonly (Run & { at: number })[],
  coordinates: readonly string[],
): string {
  let index = '';
  for (const { extent, at } of moving)
    index = index === '' ? coordinates[at] : `(${index} * ${builder.extent(extent)} + ${coordinates[at]})`;
  return index || '0u';
}

function movesAlong(shape: Shape, leaf: Shape): boolean[] {
  const lead = shape.length - leaf.length;
  return shape.map((dim, axis) => axis >= lead && (leaf[axis - lead] !== 1 || dim === 1));
}

function toExtent(dim: Dim): Extent {
  return extentOf([dim]);
}
