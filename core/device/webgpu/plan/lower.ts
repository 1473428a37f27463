import { EtalonError } from '../../../base/index.ts';
import type { Dim, Node, OpOf, Program } from '../../../tensor/program.ts';
import { assembleKernels, type Part } from '../kernels/assemble/plan.ts';
import type { Chain } from '../kernels/elementwise/chain.ts';
import { elementwiseKernel } from '../kernels/elementwise/plan.ts';
import type { Finish, Source } from '../kernels/endings.ts';
import { gatherKernel } from '../kernels/gather/plan.ts';
import type { Half, Kernel, MatrixOperand, Operand, Place } from '../kernels/kernel.ts';
import type { MatrixUnits } from '../kernels/matmul/matrixUnits.ts';
import { isSplit, type MatmulSpec, matmulKernels, type Ways } from '../kernels/matmul/plan.ts';
import { segmentSumKernels } from '../kernels/segmentSum/plan.ts';
import { sumKernels, type Total, totalsKernels, type Workspace } from '../kernels/sum/plan.ts';
import { type Extent, evaluate, extentOf, isStatic, ONE, type Sizes, times } from './extent.ts';
import { fuse, singleUnits, type Unit } from './fuse.ts';
import { Graph } from './graph.ts';
import { assignSlots, type Scratch } from './liveness.ts';
import type { Plan, Storage } from './plan.ts';

export interface LowerOptions {
  /** Storage buffers of a kernel at most. */
  maxBindings: number;
  /** Off, every operation has kernels of its own: what fused ones are compared with. */
  fusion?: boolean;
  /** One way to compute each product, where compiling several costs more than the best saves. */
  oneTile?: boolean;
  /** Lanes of a subgroup at least; 0 where kernels must do without. */
  subgroupLanes?: number;
  /** Store the rows of the forward half in half precision. */
  half?: Half;
  matrixUnits?: MatrixUnits;
}

/** Larger results are added up by themselves: their partial sums would take more memory than a dispatch is worth. */
const LARGEST_DEFERRED = 8192;

/** Narrower rows (means, variances, logits) stay f32: they weigh little and much depends on them. */
const NARROWEST_HALF = 8;

/** Makes a program into dispatches. Sizes stay symbolic. */
export function lower(program: Program, options: LowerOptions): Plan {
  return new Lowering(program, options).plan();
}

class Lowering implements Workspace {
  readonly #graph: Graph;
  readonly #maxBindings: number;
  readonly #fusion: boolean;
  readonly #ways: Ways;
  readonly #half: Half | undefined;
  /** The node of the output `loss`, behind which gradients begin. */
  readonly #lossId: number;
  readonly subgroupLanes: number;
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
  /** Roots of packs that pieces are computed in, and by root what is still to be added up there. */
  readonly #packRoots = new Set<number>();
  readonly #totals = new Map<number, { partials: Place; symbol: string; totals: Total[] }>();

  constructor(
    program: Program,
    { maxBindings, fusion = true, oneTile = false, subgroupLanes = 0, half, matrixUnits }: LowerOptions,
  ) {
    this.#graph = new Graph(program, fusion);
    this.#maxBindings = maxBindings;
    this.#fusion = fusion;
    this.#ways = { oneTile, matrixUnits };
    this.subgroupLanes = subgroupLanes;
    this.#half = half;
    this.#lossId = program.outputs.find(({ name }) => name === 'loss')?.id ?? program.nodes.length;
  }

  plan(): Plan {
    const graph = this.#graph;
    const { program } = graph;
    const states = program.state.map(({ name }) => ({ name, count: this.#stateCount(name) }));
    const direct = this.#destineStates();
    this.#destinePieces();
    for (const unit of this.#units()) this.#emit(unit);

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
      return { kind: 'slot', slot: slot ?? slots.push({ extent: ONE, bytes: 4 }) - 1 };
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

  #units(): Unit[] {
    if (!this.#fusion) return singleUnits(this.#graph);
    return fuse(this.#graph, {
      maxBindings: this.#maxBindings,
      canFinish: (id) => {
        const { op } = this.#graph.node(id);
        if (op.kind === 'matmul') return !isSplit(this.#extents(id, op));
        return this.#graph.isReduction(id);
      },
    });
  }

  scratch(extent: Extent, half?: Half): Place {
    const root = this.#storage.push(undefined) - 1;
    this.#scratch.push({ root, extent, bytes: half === 'f16' ? 2 : 4, untilEnd: false });
    return half ? { root, offset: 0, half } : { root, offset: 0 };
  }

  /**
   * Rows of the forward half, which the backward half reads again. Gradients stay f32: many are smaller than the smallest f16.
   */
  #isHalf(id: number): boolean {
    const { shape } = this.#graph.node(id);
    const width = shape.at(-1);
    const isRows = shape.length > 1 && typeof shape[0] === 'string';
    const isWide = typeof width === 'number' && width >= NARROWEST_HALF;
    return isRows && isWide && id < this.#lossId && !this.#graph.isResult(id);
  }

  derive(symbol: string, value: (sizes: Sizes) => number): Extent {
    this.#derived.set(symbol, value);
    return { factor: 1, symbols: [symbol] };
  }

  partials(name: string, count: Extent, width: Extent, target: Place): Place | undefined {
    if (!this.#fusion || !this.#packRoots.has(target.root) || width.factor > LARGEST_DEFERRED)
      return undefined;
    let entry = this.#totals.get(target.root);
    if (!entry) {
      const symbol = `#partials ${this.#storage.length}`;
      entry = { partials: this.scratch({ factor: 1, symbols: [symbol] }), symbol, totals: [] };
      this.#totals.set(target.root, entry);
    }
    const { partials, totals } = entry;
    const before = [...totals];
    const partial = { ...partials, shift: { key: String(totals.length), value: sizeOf(before) } };
    totals.push({ name, partial, count, width, target });
    return partial;
  }

  /** Adds up what the kernels of the pack's pieces left unfinished. */
  #finishTotals(root: number): Kernel[] {
    const entry = this.#totals.get(root);
    if (!entry) return [];
    // Named last: it follows from the counts of all its parts.
    this.derive(entry.symbol, sizeOf(entry.totals));
    this.#totals.delete(root);
    return totalsKernels(entry.totals);
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
          this.#packRoots.add(pack.root);
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
      const whole = this.#place(graph.operands(id)[0]);
      return { ...whole, offset: whole.offset + alias };
    }
    if (op.kind === 'constant') return this.#own({ kind: 'constant', values: op.values });
    if (op.kind === 'input') {
      const isState = graph.program.state.some(({ name }) => name === op.name);
      return this.#own({ kind: isState ? 'state' : 'input', name: op.name });
    }
    return this.scratch(extentOf(shape), this.#isHalf(id) ? this.#half : undefined);
  }

  #emit({ anchor, before, after }: Unit): void {
    const graph = this.#graph;
    if (anchor === undefined) {
      this.#kernels.push(
        elementwiseKernel(named('elementwise', after), this.#chain(after, after), graph.node(after[0]).shape),
      );
      return;
    }
    if (graph.aliasOffset(anchor) !== undefined || graph.isVirtual(anchor)) return;
    const whole = new Set([...before, anchor, ...after]);
    const finish: Finish =
      after.length === 0
        ? { place: this.#place(anchor) }
        : {
            chain: this.#chain([anchor, ...after], after, whole),
            given: anchor,
            shape: graph.node(anchor).shape,
          };
    this.#kernels.push(
      ...this.#single(graph.node(anchor), [...before, ...after], finish, () =>
        this.#source(anchor, before, whole),
      ),
    );
  }

  /** What a reduction reads: its operand, or the chain that makes it. */
  #source(anchor: number, before: readonly number[], whole: ReadonlySet<number>): Source {
    const [result] = this.#graph.operands(anchor);
    if (before.length === 0) return this.#operand(result);
    return { chain: this.#chain(before, before, whole), result, shape: this.#graph.node(result).shape };
  }

  /** The chain of `members`; those of `candidates` that something outside of `whole` reads are stored. */
  #chain(
    candidates: readonly number[],
    members: readonly number[],
    whole: ReadonlySet<number> = new Set(candidates),
  ): Chain {
    const graph = this.#graph;
    return {
      members: members.map((id) => ({ ...graph.node(id), inputs: graph.operands(id) })),
      stored: candidates
        .filter((id) => graph.isResult(id) || graph.users(id).some((user) => !whole.has(user)))
        .map((id) => ({ id, place: this.#place(id) })),
      node: (id) => graph.node(id),
      operand: (id) => this.#operand(id),
    };
  }

  #operand(id: number): Operand {
    const graph = this.#graph;
    const { op, shape } = graph.node(id);
    const extent = extentOf(shape);
    if (!graph.isVirtual(id)) return { place: this.#place(id), extent };
    const [source, index] = graph.operands(id);
    if (op.kind === 'gather') return this.#gathered(source, index, extent);
    if (op.kind !== 'slice')
      throw new EtalonError('internal', `internal: ${op.kind} %${id} is not one operand`);
    const stride = extentOf(graph.node(source).shape.slice(1));
    return { place: this.#place(source), extent, window: { start: op.start, stride } };
  }

  #matrix(id: number): MatrixOperand {
    const graph = this.#graph;
    if (!graph.isVirtual(id) || graph.node(id).op.kind !== 'concat') return this.#operand(id);
    const pieces = graph.operands(id).map((piece) => ({
      operand: this.#operand(piece),
      width: graph.node(piece).shape[1] as number,
    }));
    return { pieces };
  }

  #gathered(source: number, index: number, extent: Extent): Operand {
    this.#boundIndex(index, this.#graph.node(source).shape[0]);
    const rows = { place: this.#place(index), extent: extentOf(this.#graph.node(index).shape) };
    return { ...this.#operand(source), extent, rows };
  }

  /** The kernels of an operation; `source` is what a reduction reads, `finish` what is done with results. */
  #single(node: Node, others: readonly number[], finish: Finish, source: () => Source): Kernel[] {
    const graph = this.#graph;
    const { op, id } = node;
    const operands = graph.operands(id);
    const name = named(op.kind, [id, ...others]);
    switch (op.kind) {
      case 'input':
      case 'constant':
        return [];
      case 'size':
        return this.#size(node);
      case 'matmul':
        return matmulKernels(
          {
            name,
            a: this.#matrix(operands[0]),
            b: this.#matrix(operands[1]),
            finish,
            transposeA: op.transposeA,
            transposeB: op.transposeB,
            ...this.#extents(id, op),
          },
          this,
          this.#ways,
        );
      case 'sum':
      case 'maxOver': {
        const { shape } = graph.node(operands[0]);
        const combination = op.kind === 'sum' ? 'sum' : 'max';
        return sumKernels({ name, combination, source: source(), finish, shape, axes: op.axes }, this);
      }
      case 'gather':
        return [
          gatherKernel({
            name,
            source: this.#gathered(operands[0], operands[1], extentOf(node.shape)),
            target: this.#place(id),
            rows: extentOf(node.shape.slice(0, 1)),
            width: extentOf(node.shape.slice(1)),
          }),
        ];
      case 'segmentSum':
      case 'segmentMax':
        return this.#segments(name, node, operands[1], finish, source());
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
    const chain: Chain = {
      members: [copy],
      stored: [{ id: -1, place: this.#place(node.id) }],
      node: () => node,
      operand: (id) => this.#operand(id),
    };
    return [elementwiseKernel(named('elementwise', [node.id]), chain, node.shape)];
  }

  #extents(id: number, op: OpOf<'matmul'>): Pick<MatmulSpec, 'rows' | 'inner' | 'columns'> {
    const graph = this.#graph;
    const { shape } = graph.node(id);
    const [a] = graph.operands(id);
    return {
      rows: extentOf(shape.slice(0, 1)),
      columns: extentOf(shape.slice(1)),
      inner: extentOf([graph.node(a).shape[op.transposeA ? 0 : 1]]),
    };
  }

  #segments(name: string, node: Node, index: number, finish: Finish, source: Source): Kernel[] {
    const [segments] = node.shape;
    this.#boundIndex(index, segments);
    const { place, chunks, hubs } = this.#segmentLayout(index, segments);
    return segmentSumKernels(
      {
        name,
        combination: node.op.kind === 'segmentSum' ? 'sum' : 'max',
        source,
        layout: place,
        finish,
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
    return [
      ...this.#finishTotals(target.root),
      ...runs.flatMap(({ start, parts }) =>
        assembleKernels({ name, target, width, start, outer: ONE, inner: ONE, parts }, this.#maxBindings),
      ),
    ];
  }
}

/** "matmul %12 %14". */
function named(family: string, ids: readonly number[]): string {
  return [family, ...ids.map((id) => `%${id}`)].join(' ');
}

/** Elements of all partial sums together. */
function sizeOf(totals: readonly Total[]): (sizes: Sizes) => number {
  return (sizes) => totals.reduce((sum, { count, width }) => sum + evaluate(times(count, width), sizes), 0);
}
