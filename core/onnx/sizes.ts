import { EtalonError } from '../base/index.ts';
import { type Dim, type Program, programInputs, type Shape } from '../tensor/program.ts';
import type { GraphBuilder } from './graphBuilder.ts';

/** What depends on symbolic sizes in a graph: shapes, sizes, and values of a shape; each is written once. */
export class Sizes {
  readonly #graph: GraphBuilder;
  readonly #program: Program;
  readonly #known = new Map<string, string>();

  constructor(graph: GraphBuilder, program: Program) {
    this.#graph = graph;
    this.#program = program;
  }

  /** Name of a shape's value, an int64 list. */
  shape(shape: Shape): string {
    if (shape.every((dim) => typeof dim === 'number')) return this.#graph.int64(shape as number[]);
    return this.#once(`shape ${JSON.stringify(shape)}`, () => {
      const parts = shape.map((dim) =>
        typeof dim === 'number' ? this.#graph.int64([dim]) : this.#size(dim),
      );
      return parts.length === 1 ? parts[0] : this.#graph.node('Concat', parts, { axis: 0 });
    });
  }

  /** Name of a symbol's value, a float32 scalar. */
  scalar(symbol: string): string {
    const float = this.#graph.node('Cast', [this.#size(symbol)], { to: 1 });
    return this.#graph.node('Reshape', [float, this.#graph.int64([])]);
  }

  /** x of shape `from`, as `shape`. */
  reshape(x: string, shape: Shape, from: Shape): string {
    const [first, ...rest] = shape;
    if (typeof first === 'string' && first === from[0] && rest.every((dim) => typeof dim === 'number'))
      // 0 copies the size of the operand's own axis.
      return this.#graph.node('Reshape', [x, this.#graph.int64([0, ...rest])]);
    const allowzero = Number(shape.some((dim) => typeof dim === 'string'));
    return this.#graph.node('Reshape', [x, this.shape(shape)], { allowzero });
  }

  /** [1, size] */
  rowOfOnes(size: Dim): string {
    return this.#once(`ones ${size}`, () =>
      this.#graph.node('Expand', [this.#graph.float32([1], [1, 1]), this.shape([1, size])]),
    );
  }

  /** Name of a symbol's value, an int64 list of one. */
  #size(symbol: string): string {
    return this.#once(`size ${symbol}`, () => {
      for (const [name, { shape }] of programInputs(this.#program)) {
        const axis = shape.indexOf(symbol);
        if (axis >= 0) return this.#graph.node('Shape', [name], { start: axis, end: axis + 1 });
      }
      throw new EtalonError('internal', `internal: no input tells the size "${symbol}"`);
    });
  }

  #once(key: string, write: () => string): string {
    const name = this.#known.get(key) ?? write();
    this.#known.set(key, name);
    return name;
  }
}
