import type { Dim, Node, Shape } from '../../../../tensor/program.ts';
import { type Extent, extentOf, times } from '../../plan/extent.ts';
import { type Access, type Kernel, KernelBuilder, type Place } from '../kernel.ts';
import { BINARY_CODE, FUNCTIONS, literal, UNARY_CODE } from './functions.ts';

export interface ElementwiseSpec {
  /** Nodes of one shape, operands before their users; all are element-wise, `expand` among them. */
  members: readonly Node[];
  /** Members whose values something else needs. */
  stored: readonly { id: number; place: Place }[];
  /** The node that an operand stands for. */
  operand: (id: number) => Node;
  place: (id: number) => Place;
}

/**
 * A chain of element-wise operations as one kernel: one lane for each element computes every member in
 * registers and stores those that are needed outside.
 */
export function elementwiseKernel({ members, stored, operand, place }: ElementwiseSpec): Kernel {
  const { shape } = members[0];
  const builder = new KernelBuilder(`elementwise %${members.map(({ id }) => id).join(' %')}`);
  const names = new Map(members.map(({ id }, i) => [id, `v${i}`]));
  const leaves = new Map<number, Node>();
  for (const node of members)
    for (const id of valueInputs(node)) if (!names.has(id)) leaves.set(id, operand(id));

  const lines: string[] = [];
  const index = broadcastIndices(builder, shape, [...leaves.values()].filter(isBuffer), lines);
  for (const [id, leaf] of leaves) {
    const name = `l${names.size}`;
    names.set(id, name);
    lines.push(`let ${name} = ${loadCode(builder, leaf, place, index)};`);
  }
  const needed = new Set<keyof typeof FUNCTIONS>();
  for (const node of members) {
    const [a, b] = valueInputs(node).map((id) => names.get(id)!);
    lines.push(`let ${names.get(node.id)} = ${memberCode(node, a, b, needed)};`);
  }
  for (const { id, place: target } of stored) lines.push(`${builder.write(target)('i')} = ${names.get(id)};`);
  const declarations = Object.entries(FUNCTIONS)
    .filter(([name]) => needed.has(name as keyof typeof FUNCTIONS))
    .map(([, code]) => code);
  return builder.buildForEach(extentOf(shape), lines.join('\n'), declarations.join('\n'));
}

/** Inputs whose values count; `expand` reads only the shape of its second. */
export function valueInputs(node: Node): readonly number[] {
  return node.op.kind === 'expand' ? node.inputs.slice(0, 1) : node.inputs;
}

/** Leaves that take no buffer: single constants are literals, sizes are parameters. */
export function isInline(node: Node): boolean {
  return node.op.kind === 'size' || (node.op.kind === 'constant' && node.op.values.length === 1);
}

function isBuffer(node: Node): boolean {
  return !isInline(node);
}

function loadCode(
  builder: KernelBuilder,
  leaf: Node,
  place: (id: number) => Place,
  index: (shape: Shape) => string,
): string {
  const { op } = leaf;
  if (op.kind === 'constant' && op.values.length === 1) return literal(op.values[0]);
  if (op.kind === 'size') return builder.float(`size ${op.symbol}`, (sizes) => sizes.get(op.symbol)!);
  const access: Access = builder.read(place(leaf.id), leaf.dtype);
  return access(index(leaf.shape));
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

/** A stretch of neighbouring axes along which every leaf either repeats or moves. */
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
  leaves: readonly Node[],
  lines: string[],
): (leaf: Shape) => string {
  const patterns = new Map<string, boolean[]>();
  for (const leaf of leaves) patterns.set(String(leaf.shape), movesAlong(shape, leaf.shape));
  const keys = [...patterns.keys()];
  const runs: Run[] = [];
  shape.forEach((dim, axis) => {
    if (dim === 1) return;
    const moves = keys.map((key) => patterns.get(key)![axis]);
    const last = runs.at(-1);
    if (last?.moves.every((moved, i) => moved === moves[i])) last.extent = times(last.extent, toExtent(dim));
    else runs.push({ extent: toExtent(dim), moves });
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

  return (leaf) => {
    const column = keys.indexOf(String(leaf));
    if (runs.every((run) => run.moves[column])) return 'i';
    let index = '';
    runs.forEach((run, at) => {
      if (!run.moves[column]) return;
      index =
        index === '' ? coordinates[at] : `(${index} * ${builder.extent(run.extent)} + ${coordinates[at]})`;
    });
    return index || '0u';
  };
}

function movesAlong(shape: Shape, leaf: Shape): boolean[] {
  const lead = shape.length - leaf.length;
  return shape.map((dim, axis) => axis >= lead && (leaf[axis - lead] !== 1 || dim === 1));
}

function toExtent(dim: Dim): Extent {
  return extentOf([dim]);
}
