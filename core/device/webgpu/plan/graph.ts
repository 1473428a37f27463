import type { Node, Program } from '../../../tensor/program.ts';
import { valueInputs } from '../kernels/elementwise/plan.ts';
import { extentOf, isStatic } from './extent.ts';

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

  constructor(program: Program) {
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
