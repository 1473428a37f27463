import { EtalonError } from '../../base/index.ts';
import { concreteShape, type Node, type Program } from '../../tensor/program.ts';
import type { Feed } from '../types.ts';

interface Range {
  lowest: number;
  highest: number;
}

const ranges = new WeakMap<Int32Array, Range>();

/**
 * Checks that every index fed reads or adds to a row that exists: a device itself may read elsewhere or wrap
 * around without a word. Throws `internal` naming the input. Each array is looked through once.
 */
export function checkIndices(program: Program, feed: Feed, sizes: ReadonlyMap<string, number>): void {
  for (const node of program.nodes) {
    const target = indexedShape(program, node);
    if (!target) continue;
    const { op } = program.nodes[node.inputs[1]] as Node<'input'>;
    const { lowest, highest } = rangeOf(feed[op.name] as Int32Array);
    const [rows] = concreteShape(target, sizes);
    if (lowest < 0 || highest >= rows)
      throw new EtalonError(
        'internal',
        `internal: index input "${op.name}" holds ${lowest} … ${highest}, there are ${rows} rows`,
      );
  }
}

function indexedShape(program: Program, node: Node): Node['shape'] | undefined {
  if (node.op.kind === 'gather') return program.nodes[node.inputs[0]].shape.slice(0, 1);
  return node.op.kind === 'segmentSum' || node.op.kind === 'segmentMax' ? node.shape.slice(0, 1) : undefined;
}

function rangeOf(index: Int32Array): Range {
  const known = ranges.get(index);
  if (known) return known;
  const range: Range = { lowest: 0, highest: -1 };
  for (const value of index) {
    if (value < range.lowest) range.lowest = value;
    if (value > range.highest) range.highest = value;
  }
  ranges.set(index, range);
  return range;
}
