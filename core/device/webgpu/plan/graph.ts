import type { Node, OpKind, Program } from '../../../tensor/program.ts';
import { valueInputs } from '../kernels/elementwise/chain.ts';
import { extentOf, isStatic } from './extent.ts';

/** Matrices that stand beside each other in a product at most: each takes a binding or two. */
const JOINED = 4;

const REDUCTIONS: ReadonlySet<OpKind> = new Set(['sum', 'maxOver', 'segmentSum', 'segmentMax']);

/**
 * A program as the planner reads it: without nodes that nothing needs, `stopGradient` and same-shape `expand` seen through, and
 * users known. Ids stay those of the program.
 */
export class Graph {
  readonly program: Program;
  /** Ids of live nodes, operands before users. */
  readonly live: readonly number[];
  readonly #users: number[][];
  /** Nodes whose values leave the program: outputs and next states. */
  readonly #results: ReadonlySet<number>;
  readonly #virtual = new Set<number>();

  /** With `readThrough`, rows, windows and joined columns that all users can read where they lie are not made. */
  constructor(program: Program, readThrough: boolean) {
    this.program = program;
    const results = [...program.outputs.map(({ id }) => id), ...program.state.map(({ output }) => output)];
    this.#results = new Set(results.map((id) => this.resolve(id)));
    this.#users = program.nodes.map(() => []);
    const live = new Set<number>();
    const pending = [...this.#results];
    for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
      if (live.has(id)) continue;
      live.add(id);
      for (const input of this.operands(id)) {
        this.#users[input].push(id);
        pending.push(input);
      }
    }
    this.live = [...live].sort((a, b) => a - b);
    if (!readThrough) return;
    // Users first: what a joined matrix reads depends on whether that is made itself.
    for (const id of this.live.toReversed()) if (this.#canBeReadThrough(id)) this.#virtual.add(id);
  }

  node(id: number): Node {
    return this.program.nodes[id];
  }

  /** The node whose value this one has. */
  resolve(id: number): number {
    const { op, inputs, shape } = this.program.nodes[id];
    if (op.kind === 'stopGradient') return this.resolve(inputs[0]);
    if (op.kind === 'expand' && String(this.program.nodes[inputs[0]].shape) === String(shape))
      return this.resolve(inputs[0]);
    return id;
  }

  /** The nodes whose values this one reads. */
  operands(id: number): number[] {
    return valueInputs(this.program.nodes[id]).map((input) => this.resolve(input));
  }

  /** The nodes that read this one's value, once for each time. */
  users(id: number): readonly number[] {
    return this.#users[id];
  }

  isResult(id: number): boolean {
    return this.#results.has(id);
  }

  isElementwise(id: number): boolean {
    const { kind } = this.program.nodes[id].op;
    return kind === 'unary' || kind === 'binary' || kind === 'expand' || kind === 'random';
  }

  /** A reduction, which reads each element of its first operand once. */
  isReduction(id: number): boolean {
    const { kind } = this.program.nodes[id].op;
    return REDUCTIONS.has(kind) && this.aliasOffset(id) === undefined;
  }

  sameShape(a: number, b: number): boolean {
    return String(this.program.nodes[a].shape) === String(this.program.nodes[b].shape);
  }

  /** A value that is never made: its users read what it is made of. */
  isVirtual(id: number): boolean {
    return this.#virtual.has(id);
  }

  #canBeReadThrough(id: number): boolean {
    if (this.isResult(id)) return false;
    const { op, shape } = this.program.nodes[id];
    const kinds = this.users(id).map((user) => this.program.nodes[user].op.kind);
    if (op.kind === 'concat')
      return (
        shape.length === 2 &&
        op.axis === 1 &&
        this.users(id).length > 0 &&
        this.operands(id).length <= JOINED &&
        kinds.every((kind) => kind === 'matmul')
      );
    const isWindow =
      op.kind === 'slice' && shape.length === 2 && op.axis === 1 && this.aliasOffset(id) === undefined;
    if (op.kind !== 'gather' && !isWindow) return false;
    return this.users(id).every(
      (user, i) =>
        this.isElementwise(user) ||
        kinds[i] === 'matmul' ||
        // The rows that are added up; an index is never made by the program.
        kinds[i] === 'segmentSum' ||
        kinds[i] === 'segmentMax' ||
        (kinds[i] === 'concat' && this.#virtual.has(user)) ||
        (isWindow && kinds[i] === 'gather' && this.#virtual.has(user)),
    );
  }

  /** Offset into the first operand's buffer when the node is only another look at it, else undefined. */
  aliasOffset(id: number): number | undefined {
    const { op, inputs, shape } = this.program.nodes[id];
    if (op.kind === 'reshape') return 0;
    if (op.kind === 'view') return op.offset;
    if (op.kind !== 'slice' && op.kind !== 'sum' && op.kind !== 'maxOver') return undefined;
    const source = this.program.nodes[inputs[0]].shape;
    if (op.kind !== 'slice') return op.axes.every((axis) => source[axis] === 1) ? 0 : undefined;
    const before = source.slice(0, op.axis);
    const row = extentOf(shape.slice(op.axis + 1));
    return before.every((dim) => dim === 1) && isStatic(row) ? op.start * row.factor : undefined;
  }
}
