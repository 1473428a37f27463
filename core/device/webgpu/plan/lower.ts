import { EtalonError } from '../../../base/index.ts';
import type { Dim, Node, OpOf, Program } from '../../../tensor/program.ts';
import { assembleKernels, type Part } from '../kernels/assemble/plan.ts';
import { elementwiseKernel } from '../kernels/elementwise/plan.ts';
import { gatherKernel } from '../kernels/gather/plan.ts';
import type { Kernel, Place } from '../kernels/kernel.ts';
import { matmulKernels } from '../kernels/matmul/plan.ts';
import { segmentSumKernels } from '../kernels/segmentSum/plan.ts';
import { sumKernels, type Workspace } from '../kernels/sum/plan.ts';
import { type Extent, extentOf, isStatic, ONE, type Sizes } from './extent.ts';
import { fuse } from './fuse.ts';
import { Graph } from './graph.ts';
import { assignSlots, type Scratch } from './liveness.ts';
import type { Plan, Storage } from './plan.ts';

/** Makes a program into dispatches of at most `maxBindings` storage buffers each. Sizes stay symbolic. */
export function lower(program: Program, maxBindings: number): Plan {
  return new Lowering(program, maxBindings).plan();
}

class Lowering implements Workspace {
  readonly #graph: Graph;
  readonly #maxBindings: number;
  readonly #kernels: Kernel[] = [];
  readonly #storage: (Storage | undefined)[] = [];
  readonly #scratch: Scratch[] = [];
  readonly #places = new Map<number, Place>();
  readonly #derived = new Map<string, (sizes: Sizes) => number>();
  readonly #layouts = new Map<string, { place: Place; chunks: string; hubs: string }>();
  readonly #indexBounds = new Map<string, { name: string; rows: Dim }>();
  /** Nodes that are computed straight into another buffer: pieces of a pack, next states. */
  readonly #destined = new Map<number, () => Place>();
  readonly #stateCopies: { name: string; place: Place; count: number }[] = [];

  constructor(program: Program, maxBindings: number) {
    this.#graph = new Graph(program);
    this.#maxBindings = maxBindings;
  }

  plan(): Plan {
    const graph = this.#graph;
    const { program } = graph;
    const states = program.state.map(({ name }) => ({ name, count: this.#stateCount(name) }));
    const direct = this.#destineStates();
    this.#destinePieces();
    for (const unit of fuse(graph, this.#maxBindings)) this.#emit(unit);

    const outputs = program.outputs.map(({ name, id }) => {
      const place = this.#place(graph.resolve(id));
      this.#keepUntilEnd(place);
      return { name, place, extent: extentOf(program.nodes[id].shape) };
    });
    for (const { name, output } of program.state) {
      if (direct.has(name)) continue;
      const place = this.#place(graph.resolve(output));
      this.#keepUntilEnd(place);
      this.#stateCopies.push({ name, place, count: this.#stateCount(name) });
    }

    const { slots, slotOf } = assignSlots(this.#kernels, this.#scratch);
    const storage = this.#storage.map((known, root): Storage => {
      if (known) return known;
      const slot = slotOf.get(root);
      // A value that no kernel touches, such as the scratch of an empty unit, still needs a buffer to name.
      return { kind: 'slot', slot: slot ?? slots.push(ONE) - 1 };
    });
    return {
      kernels: this.#kernels,
      storage,
      slots,
      derived: this.#derived,
      outputs,
      states,
      stateCopies: this.#stateCopies,
      indexBounds: [...this.#indexBounds.values()],
    };
  }

  scratch(extent: Extent): Place {
    const root = this.#storage.push(undefined) - 1;
    this.#scratch.push({ root, extent, untilEnd: false });
    return { root, offset: 0 };
  }

  derive(symbol: string, value: (sizes: Sizes) => number): Extent {
    this.#derived.set(symbol, value);
    return { factor: 1, symbols: [symbol] };
  }

  #stateCount(name: string): number {
    const { shape } = this.#graph.program.nodes.find(
      ({ op }) => op.kind === 'input' && op.name === name,
    ) as Node;
    const extent = extentOf(shape);
    if (!isStatic(extent))
      throw new EtalonError('internal', `internal: state "${name}" [${shape}] must have a static shape`);
    return extent.factor;
  }

  #own(storage: Storage): Place {
    return { root: this.#storage.push(storage) - 1, offset: 0 };
  }

  #keepUntilEnd({ root }: Place): void {
    const value = this.#scratch.find((entry) => entry.root === root);
    if (value) value.untilEnd = true;
  }

  /** Next states that a kernel can write where they belong; the others are copied there. */
  #destineStates(): Set<string> {
    const direct = new Set<string>();
    for (const { name, output } of this.#graph.program.state) {
      const id = this.#graph.resolve(output);
      if (this.#destined.has(id) || !this.#isComputed(id)) continue;
      const place = this.#own({ kind: 'nextState', name });
      this.#destined.set(id, () => place);
      direct.add(name);
    }
    return direct;
  }

  /** Pieces that only their pack needs are computed in their place in it. */
  #destinePieces(): void {
    const graph = this.#graph;
    for (const id of graph.live) {
      const { op } = graph.node(id);
      if (op.kind !== 'pack') continue;
      graph.operands(id).forEach((operand, i) => {
        let piece = operand;
        for (;;) {
          if (graph.users(piece).length !== 1 || graph.isResult(piece)) return;
          if (graph.node(piece).op.kind !== 'reshape') break;
          piece = graph.operands(piece)[0];
        }
        if (!this.#isComputed(piece) || this.#destined.has(piece)) return;
        const offset = op.offsets[i];
        this.#destined.set(piece, () => {
          const pack = this.#place(id);
          return { root: pack.root, offset: pack.offset + offset };
        });
      });
    }
  }

  /** Whether a kernel writes the node's value, rather than its being given or another look at a value. */
  #isComputed(id: number): boolean {
    const { kind } = this.#graph.node(id).op;
    return kind !== 'input' && kind !== 'constant' && this.#graph.aliasOffset(id) === undefined;
  }

  #place(id: number): Place {
    const known = this.#places.get(id);
    if (known) return known;
    const place = this.#destined.get(id)?.() ?? this.#newPlace(id);
    this.#places.set(id, place);
    return place;
  }

  #newPlace(id: number): Place {
    const graph = this.#graph;
    const { op, shape } = graph.node(id);
    const alias = graph.aliasOffset(id);
    if (alias !== undefined) {
      const { root, offset } = this.#place(graph.operands(id)[0]);
      return { root, offset: offset + alias };
    }
    if (op.kind === 'constant') return this.#own({ kind: 'constant', values: op.values });
    if (op.kind === 'input') {
      const isState = graph.program.state.some(({ name }) => name === op.name);
      return this.#own({ kind: isState ? 'state' : 'input', name: op.name });
    }
    return this.scratch(extentOf(shape));
  }

  #emit(unit: readonly number[]): void {
    const graph = this.#graph;
    const [id] = unit;
    if (graph.isElementwise(id)) {
      this.#kernels.push(this.#elementwise(unit));
      return;
    }
    if (graph.aliasOffset(id) !== undefined) return;
    const node = graph.node(id);
    this.#kernels.push(...this.#single(node, graph.operands(id)));
  }

  #elementwise(unit: readonly number[]): Kernel {
    const graph = this.#graph;
    const inside = new Set(unit);
    const members = unit.map((id) => ({ ...graph.node(id), inputs: graph.operands(id) }));
    const stored = unit
      .filter((id) => graph.isResult(id) || graph.users(id).some((user) => !inside.has(user)))
      .map((id) => ({ id, place: this.#place(id) }));
    return elementwiseKernel({
      members,
      stored,
      operand: (id) => graph.node(id),
      place: (id) => this.#place(id),
    });
  }

  #single(node: Node, operands: readonly number[]): Kernel[] {
    const { op, id } = node;
    const name = `${op.kind} %${id}`;
    switch (op.kind) {
      case 'input':
      case 'constant':
        return [];
      case 'size':
        return this.#size(node);
      case 'matmul':
        return matmulKernels({ name, ...this.#matmul(node, op, operands) }, this);
      case 'sum':
      case 'maxOver': {
        const { shape } = this.#graph.node(operands[0]);
        const combination = op.kind === 'sum' ? 'sum' : 'max';
        const [from, to] = [this.#place(operands[0]), this.#place(id)];
        return sumKernels({ name, combination, source: from, target: to, shape, axes: op.axes }, this);
      }
      case 'gather': {
        const [source, index] = operands;
        this.#boundIndex(index, this.#graph.node(source).shape[0]);
        return [
          gatherKernel({
            name,
            source: this.#place(source),
            index: this.#place(index),
            target: this.#place(id),
            rows: extentOf(node.shape.slice(0, 1)),
            width: extentOf(node.shape.slice(1)),
          }),
        ];
      }
      case 'segmentSum':
      case 'segmentMax':
        return this.#segments(name, node, operands);
      case 'concat':
      case 'slice':
      case 'pad':
        return this.#assemble(name, node, op.axis, this.#parts(op, operands));
      case 'pack':
        return this.#pack(name, node, op, operands);
      case 'unary':
      case 'binary':
      case 'expand':
      case 'random':
      case 'view':
      case 'reshape':
      case 'stopGradient':
        throw new EtalonError('internal', `internal: ${name} has no kernel of its own`);
      default:
        throw op satisfies never;
    }
  }

  /** A size takes part in element-wise kernels as a parameter; only other readers need it in a buffer. */
  #size(node: Node): Kernel[] {
    const graph = this.#graph;
    if (!graph.isResult(node.id) && graph.users(node.id).every((user) => graph.isElementwise(user)))
      return [];
    const copy: Node = { ...node, id: -1, op: { kind: 'expand' }, inputs: [node.id] };
    return [
      elementwiseKernel({
        members: [copy],
        stored: [{ id: -1, place: this.#place(node.id) }],
        operand: () => node,
        place: (id) => this.#place(id),
      }),
    ];
  }

  #matmul(node: Node, op: OpOf<'matmul'>, [a, b]: readonly number[]) {
    const { shape } = this.#graph.node(a);
    return {
      a: this.#place(a),
      b: this.#place(b),
      target: this.#place(node.id),
      transposeA: op.transposeA,
      transposeB: op.transposeB,
      rows: extentOf(node.shape.slice(0, 1)),
      columns: extentOf(node.shape.slice(1)),
      inner: extentOf([shape[op.transposeA ? 0 : 1]]),
    };
  }

  #segments(name: string, node: Node, [source, index]: readonly number[]): Kernel[] {
    const [segments] = node.shape;
    this.#boundIndex(index, segments);
    const { place, chunks, hubs } = this.#segmentLayout(index, segments);
    return segmentSumKernels(
      {
        name,
        combination: node.op.kind === 'segmentSum' ? 'sum' : 'max',
        source: this.#place(source),
        layout: place,
        target: this.#place(node.id),
        rows: extentOf(this.#graph.node(index).shape),
        segments: extentOf([segments]),
        width: extentOf(node.shape.slice(1)),
        chunks: { factor: 1, symbols: [chunks] },
        hubs: { factor: 1, symbols: [hubs] },
      },
      this,
    );
  }

  #segmentLayout(index: number, rows: Dim) {
    const name = this.#indexName(index);
    const key = `${name},${rows}`;
    let layout = this.#layouts.get(key);
    if (!layout) {
      const [chunks, hubs] = [`#chunks of ${key}`, `#hubs of ${key}`];
      layout = { place: this.#own({ kind: 'segments', index: name, rows, chunks, hubs }), chunks, hubs };
      this.#layouts.set(key, layout);
    }
    return layout;
  }

  #boundIndex(index: number, rows: Dim): void {
    const name = this.#indexName(index);
    this.#indexBounds.set(`${name},${rows}`, { name, rows });
  }

  #indexName(index: number): string {
    const { op } = this.#graph.node(index);
    if (op.kind !== 'input') throw new EtalonError('internal', `internal: index %${index} is not an input`);
    return op.name;
  }

  #parts(op: OpOf<'concat' | 'slice' | 'pad'>, operands: readonly number[]): Part[] {
    const source = (id: number, from: number) => {
      const width = this.#graph.node(id).shape[op.axis] as number;
      return { place: this.#place(id), from, width };
    };
    if (op.kind === 'concat')
      return operands.map((id) => ({ count: source(id, 0).width, source: source(id, 0) }));
    const [x] = operands;
    if (op.kind === 'slice') return [{ count: op.end - op.start, source: source(x, op.start) }];
    const whole = source(x, 0);
    return [{ count: op.before }, { count: whole.width, source: whole }, { count: op.after }].filter(
      ({ count }) => count > 0,
    );
  }

  #assemble(name: string, node: Node, axis: number, parts: readonly Part[]): Kernel[] {
    return assembleKernels(
      {
        name,
        target: this.#place(node.id),
        width: node.shape[axis] as number,
        start: 0,
        outer: extentOf(node.shape.slice(0, axis)),
        inner: extentOf(node.shape.slice(axis + 1)),
        parts,
      },
      this.#maxBindings,
    );
  }

  /** Fills what is not computed in place: the other pieces, and zeros between them. */
  #pack(name: string, node: Node, op: OpOf<'pack'>, operands: readonly number[]): Kernel[] {
    const target = this.#place(node.id);
    const width = node.shape[0] as number;
    const runs: { start: number; parts: Part[] }[] = [];
    let end = 0;
    let open = false;
    const append = (part: Part) => {
      if (part.count === 0) return;
      if (!open) runs.push({ start: end, parts: [] });
      open = true;
      runs.at(-1)!.parts.push(part);
      end += part.count;
    };
    operands.forEach((piece, i) => {
      append({ count: op.offsets[i] - end });
      const { factor: count } = extentOf(this.#graph.node(piece).shape);
      const place = this.#place(piece);
      if (place.root === target.root) {
        end += count;
        open = false;
      } else append({ count, source: { place, from: 0, width: count } });
    });
    append({ count: width - end });
    return runs.flatMap(({ start, parts }) =>
      assembleKernels({ name, target, width, start, outer: ONE, inner: ONE, parts }, this.#maxBindings),
    );
  }
}
