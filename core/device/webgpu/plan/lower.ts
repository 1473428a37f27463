import { EtalonError } from '../../../base/index.ts';
import type { Node, OpOf, Program } from '../../../tensor/program.ts';
import { assembleKernels, type Part } from '../kernels/assemble/plan.ts';
import type { Chain } from '../kernels/elementwise/chain.ts';
import { elementwiseKernel } from '../kernels/elementwise/plan.ts';
import type { Finish, Source } from '../kernels/endings.ts';
import { gatherKernel } from '../kernels/gather/plan.ts';
import type { Half, Kernel, MatrixOperand, Operand } from '../kernels/kernel.ts';
import type { MatrixUnits } from '../kernels/matmul/matrixUnits.ts';
import { isSplit, type MatmulSpec, matmulKernels, type Ways } from '../kernels/matmul/plan.ts';
import { segmentSumKernels } from '../kernels/segmentSum/plan.ts';
import { sumKernels } from '../kernels/sum/plan.ts';
import { type Extent, extentOf, ONE } from './extent.ts';
import { fuse, singleUnits, type Unit } from './fuse.ts';
import { Graph } from './graph.ts';
import { Places } from './places.ts';
import type { Plan } from './plan.ts';

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

/** Makes a program into dispatches. Sizes stay symbolic. */
export function lower(program: Program, options: LowerOptions): Plan {
  return new Lowering(program, options).plan();
}

class Lowering {
  readonly #graph: Graph;
  readonly #places: Places;
  readonly #maxBindings: number;
  readonly #fusion: boolean;
  readonly #ways: Ways;
  readonly #kernels: Kernel[] = [];

  constructor(
    program: Program,
    { maxBindings, fusion = true, oneTile = false, subgroupLanes = 0, half, matrixUnits }: LowerOptions,
  ) {
    this.#graph = new Graph(program, fusion);
    this.#places = new Places(this.#graph, { subgroupLanes, half, deferTotals: fusion });
    this.#maxBindings = maxBindings;
    this.#fusion = fusion;
    this.#ways = { oneTile, matrixUnits };
  }

  plan(): Plan {
    for (const unit of this.#units()) this.#emit(unit);
    return this.#places.plan(this.#kernels);
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
        ? { place: this.#places.of(anchor) }
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
        .map((id) => ({ id, place: this.#places.of(id) })),
      node: (id) => graph.node(id),
      operand: (id) => this.#operand(id),
    };
  }

  #operand(id: number): Operand {
    const graph = this.#graph;
    const { op, shape } = graph.node(id);
    const extent = extentOf(shape);
    if (!graph.isVirtual(id)) return { place: this.#places.of(id), extent };
    const [source, index] = graph.operands(id);
    if (op.kind === 'gather') return this.#gathered(source, index, extent);
    if (op.kind !== 'slice')
      throw new EtalonError('internal', `internal: ${op.kind} %${id} is not one operand`);
    const stride = extentOf(graph.node(source).shape.slice(1));
    return { place: this.#places.of(source), extent, window: { start: op.start, stride } };
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
    this.#places.boundIndex(index, this.#graph.node(source).shape[0]);
    const rows = { place: this.#places.of(index), extent: extentOf(this.#graph.node(index).shape) };
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
          this.#places,
          this.#ways,
        );
      case 'sum':
      case 'maxOver': {
        const { shape } = graph.node(operands[0]);
        const combination = op.kind === 'sum' ? 'sum' : 'max';
        return sumKernels(
          { name, combination, source: source(), finish, shape, axes: op.axes },
          this.#places,
        );
      }
      case 'gather':
        return [
          gatherKernel({
            name,
            source: this.#gathered(operands[0], operands[1], extentOf(node.shape)),
            target: this.#places.of(id),
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
      stored: [{ id: -1, place: this.#places.of(node.id) }],
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
    const { place, chunks, hubs } = this.#places.segments(index, segments);
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
        chunks,
        hubs,
      },
      this.#places,
    );
  }

  #parts(op: OpOf<'concat' | 'slice' | 'pad'>, operands: readonly number[]): Part[] {
    const source = (id: number, from: number) => {
      const width = this.#graph.node(id).shape[op.axis] as number;
      return { place: this.#places.of(id), from, width };
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
        target: this.#places.of(node.id),
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
    const target = this.#places.of(node.id);
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
      const place = this.#places.of(piece);
      if (place.root === target.root) {
        end += count;
        open = false;
      } else append({ count, source: { place, from: 0, width: count } });
    });
    append({ count: width - end });
    return [
      ...this.#places.finishTotals(target.root),
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
