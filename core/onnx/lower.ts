import { EtalonError } from '../base/index.ts';
import {
  type BinaryName,
  type Dim,
  elementCount,
  isKind,
  type Node,
  type OpOf,
  type Program,
  programInputs,
  type Shape,
} from '../tensor/program.ts';
import { broadcastShapes } from '../tensor/shapes.ts';
import { addBinary, addUnary } from './elementwise.ts';
import { GraphBuilder } from './graphBuilder.ts';
import { layerNorms, type RowNorm } from './layerNorms.ts';
import type { OnnxGraph } from './model.ts';
import {
  addBucketedReduction,
  addScatteredReduction,
  addSegmentPlan,
  addSerialReduction,
  type SegmentPlanInputs,
  type SegmentTables,
  zeroWhereEmpty,
} from './segmentSum.ts';
import { addMiddleSum, addRepeat } from './shortAxes.ts';
import { Sizes } from './sizes.ts';

export interface LowerOptions {
  /**
   * `buckets`: sums and largest values by tables that the caller plans from the index (fast, any number of
   * threads), and random numbers that the caller draws. `serial`: the same from the index alone, row after row, for sessions
   * of one thread only (with more, ORT's ScatterND returns wrong sums). `scatter`: for files that others
   * run (ORT's ScatterElements has one thread); they hold no random numbers.
   */
  segmentSums: 'buckets' | 'serial' | 'scatter';
  /** Values written into the graph instead of being asked for, by input name. */
  baked?: Readonly<Record<string, Float32Array | Int32Array>>;
  /** For people who read the file, by name of input or output. */
  docs?: Readonly<Record<string, string>>;
}

/** Inputs of the graph that a device works out from other inputs. */
export type AuxiliaryInputs =
  /** By `planSegments` from the index inputs of these names. */
  | { kind: 'segments'; index: string; segments: Dim; through?: string; names: SegmentPlanInputs }
  /** By `randomAt` from the seed input of that name. */
  | { kind: 'random'; seed: string; stream: number; shape: Shape; name: string };

export interface Lowered {
  graph: OnnxGraph;
  /** The program's inputs, but those baked in; they have the same names in the graph. */
  inputs: readonly Node<'input'>[];
  /** Name of each output in the graph. */
  outputs: readonly { name: string; onnxName: string; shape: Shape }[];
  /** Name of each state entry's next value in the graph. */
  state: readonly { name: string; onnxName: string }[];
  auxiliary: readonly AuxiliaryInputs[];
}

/** Writes a program as an ONNX graph of standard operators (opset 20). */
export function lowerProgram(program: Program, options: LowerOptions): Lowered {
  return new Lowering(program, options).run();
}

class Lowering {
  readonly #program: Program;
  readonly #options: LowerOptions;
  readonly #graph = new GraphBuilder();
  readonly #sizes: Sizes;
  /** Name of each node's value in the graph. */
  readonly #names: string[] = [];
  readonly #views: ReadonlyMap<number, readonly Node<'view'>[]>;
  readonly #viewNames = new Map<number, string>();
  readonly #plans = new Map<string, SegmentTables>();
  /** Index inputs as ScatterND takes them, by their name. */
  readonly #columns = new Map<string, string>();
  readonly #norms: ReadonlyMap<number, RowNorm>;
  readonly #auxiliary: AuxiliaryInputs[] = [];
  readonly #repeats = new Map<string, string>();

  constructor(program: Program, options: LowerOptions) {
    this.#program = program;
    this.#options = options;
    this.#sizes = new Sizes(this.#graph, program);
    this.#views = viewsBySource(program);
    this.#norms = options.segmentSums === 'scatter' ? new Map() : layerNorms(program);
    checkBaked(program, options.baked ?? {});
  }

  run(): Lowered {
    const outputNames = this.#reserveNames();
    const needed = this.#neededNodes();
    for (const node of this.#program.nodes) if (needed.has(node.id)) this.#names[node.id] = this.#lower(node);

    const declare = (onnxName: string, id: number) => {
      const { shape } = this.#program.nodes[id];
      this.#graph.node('Identity', [this.#names[id]], {}, onnxName);
      const doc = this.#options.docs?.[onnxName] ?? '';
      this.#graph.output({ name: onnxName, type: 'f32', shape: [...shape], doc });
      return { onnxName, shape };
    };
    const { outputs, state } = this.#program;
    return {
      outputs: outputs.map(({ name, id }, i) => ({ name, ...declare(outputNames[i], id) })),
      state: state.map(({ name, output }, i) => ({
        name,
        onnxName: declare(outputNames[outputs.length + i], output).onnxName,
      })),
      inputs: [...programInputs(this.#program).values()].filter((node) => !this.#bakedValue(node)),
      auxiliary: this.#auxiliary,
      graph: this.#graph.graph('etalon'),
    };
  }

  /** Inputs keep their names; outputs that share one with an input are told apart. */
  #reserveNames(): string[] {
    for (const node of programInputs(this.#program).values()) this.#graph.reserve(node.op.name);
    const names = this.#program.outputs.map(({ name }) => this.#graph.unique(name));
    return [...names, ...this.#program.state.map(({ name }) => this.#graph.unique(`next/${name}`))];
  }

  /** Nodes whose value some other node reads, which is not so where a shape alone is wanted. */
  #neededNodes(): Set<number> {
    const { nodes, outputs, state } = this.#program;
    const needed = new Set([...outputs.map(({ id }) => id), ...state.map(({ output }) => output)]);
    for (let id = nodes.length - 1; id >= 0; id--) {
      const node = nodes[id];
      const isBaked = isKind(node, 'input') && this.#bakedValue(node) !== undefined;
      if (isKind(node, 'input') && !isBaked) needed.add(id);
      if (needed.has(id)) for (const input of this.#valueInputs(node)) needed.add(input);
    }
    return needed;
  }

  /** The nodes that a node's lowering reads. */
  #valueInputs(node: Node): readonly number[] {
    const norm = this.#norms.get(node.id);
    if (norm) return [norm.x, norm.gain, norm.bias];
    switch (node.op.kind) {
      case 'expand':
        return [node.inputs[0]];
      case 'binary':
        return this.#broadcastOperands(node).filter((id) => !this.#isLifted(id, node));
      case 'view':
        return this.#bakedView(node as Node<'view'>) ? [] : node.inputs;
      case 'random':
        return [];
      case 'segmentSum':
      case 'segmentMax': {
        const gathered = this.#gathered(node);
        return gathered ? [gathered.inputs[0]] : node.inputs;
      }
      default:
        return node.inputs;
    }
  }

  /** Operands of an element-wise function; one that is only repeated is left to broadcasting. */
  #broadcastOperands(node: Node): readonly number[] {
    const { nodes } = this.#program;
    const source = (id: number) => (nodes[id].op.kind === 'expand' ? nodes[id].inputs[0] : id);
    const fits = (a: number, b: number) =>
      String(broadcastShapes(nodes[a].shape, nodes[b].shape)) === String(node.shape);
    const [a, b] = node.inputs;
    // Not both at once where both are repeated: nothing would say to which shape.
    if (source(a) !== a && fits(source(a), b)) return [source(a), b];
    return fits(a, source(b)) ? [a, source(b)] : [a, b];
  }

  /**
   * Whether an operand is a scalar constant that is given the result's rank: ORT takes a column [n, 1] and a scalar for rows
   * of one value each, which is slower by far.
   */
  #isLifted(id: number, { shape }: Node): boolean {
    const operand = this.#program.nodes[id];
    return operand.op.kind === 'constant' && operand.shape.length === 0 && shape.length > 0;
  }

  #lower(node: Node): string {
    const norm = this.#norms.get(node.id);
    if (norm) return this.#layerNorm(norm);
    const graph = this.#graph;
    const { op } = node;
    const [x, y] = this.#valueInputs(node).map((id) => this.#names[id]);
    const source = this.#program.nodes[node.inputs[0]];
    switch (op.kind) {
      case 'input':
        return this.#input(node as Node<'input'>);
      case 'constant':
        return graph.float32(op.values, node.shape as number[]);
      case 'size':
        return this.#sizes.scalar(op.symbol);
      case 'view':
        return this.#view(node as Node<'view'>);
      case 'pack':
        return this.#pack(node as Node<'pack'>);
      case 'unary':
        return addUnary(graph, op.fn, x);
      case 'binary':
        return this.#binary(op.fn, node);
      case 'matmul':
        return this.#matmul(op, x, y);
      case 'random':
        return this.#random(op, node);
      case 'sum':
        return this.#sum(op, x, source.shape);
      case 'maxOver':
        return this.#maxOver(op, x, source.shape);
      case 'expand':
        return graph.node('Expand', [x, this.#sizes.shape(node.shape)]);
      case 'gather':
        return graph.node('Gather', [x, y], { axis: 0 });
      case 'segmentSum':
      case 'segmentMax':
        return this.#segmentReduction(op.kind, node, x);
      case 'concat':
        return graph.node(
          'Concat',
          node.inputs.map((id) => this.#names[id]),
          { axis: op.axis },
        );
      case 'slice':
        return graph.node('Slice', [
          x,
          graph.int64([op.start]),
          graph.int64([op.end]),
          graph.int64([op.axis]),
        ]);
      case 'pad':
        return graph.node('Pad', [x, graph.int64([op.before, op.after]), '', graph.int64([op.axis])]);
      case 'reshape':
        return this.#sizes.reshape(x, node.shape, source.shape);
      case 'stopGradient':
        return x;
      default:
        throw op satisfies never;
    }
  }

  #layerNorm({ x, gain, bias, epsilon }: RowNorm): string {
    const names = [x, gain, bias].map((id) => this.#names[id]);
    return this.#graph.node('LayerNormalization', names, { axis: -1, epsilon: { float: epsilon } });
  }

  #bakedValue({ op }: Pick<Node, 'op'>): Float32Array | Int32Array | undefined {
    return op.kind === 'input' ? this.#options.baked?.[op.name] : undefined;
  }

  #input(node: Node<'input'>): string {
    const { name } = node.op;
    const value = this.#bakedValue(node);
    if (!value) {
      const doc = this.#options.docs?.[name] ?? '';
      this.#graph.input({ name, type: node.dtype, shape: [...node.shape], doc });
      return name;
    }
    return this.#graph.initializer(`${name}/value`, value, node.shape as number[]);
  }

  /** The views of one flat tensor are one Split; where they overlap, slices. A baked one has its own values. */
  #view(node: Node<'view'>): string {
    const baked = this.#bakedView(node);
    if (baked) {
      const source = this.#program.nodes[node.inputs[0]] as Node<'input'>;
      return this.#graph.initializer(`${source.op.name}/${node.op.offset}`, baked, node.shape as number[]);
    }
    const flat = node.inputs[0];
    if (!this.#viewNames.has(node.id)) this.#splitViews(flat, this.#views.get(flat)!);
    return this.#sizes.reshape(this.#viewNames.get(node.id)!, node.shape, [elementCount(node.shape)]);
  }

  #bakedView(node: Node<'view'>): Float32Array | undefined {
    const values = this.#bakedValue(this.#program.nodes[node.inputs[0]]);
    if (!(values instanceof Float32Array)) return undefined;
    return values.subarray(node.op.offset, node.op.offset + elementCount(node.shape));
  }

  #splitViews(flat: number, views: readonly Node<'view'>[]): void {
    const ends = new Map<number, number>();
    for (const view of views) ends.set(view.op.offset, view.op.offset + elementCount(view.shape));
    const starts = [...ends.keys()].sort((a, b) => a - b);
    const sameRange = views.every(({ op, shape }) => ends.get(op.offset) === op.offset + elementCount(shape));
    const disjoint = starts.every((start, i) => i === 0 || ends.get(starts[i - 1])! <= start);
    const source = this.#names[flat];
    const whole = this.#program.nodes[flat].shape[0] as number;
    if (!sameRange || !disjoint) {
      for (const { id, op, shape } of views) {
        const range = [op.offset, op.offset + elementCount(shape)].map((at) => this.#graph.int64([at]));
        this.#viewNames.set(id, this.#graph.node('Slice', [source, ...range]));
      }
      return;
    }
    const bounds = [...new Set([0, ...starts, ...ends.values(), whole])].sort((a, b) => a - b);
    const sizes = bounds.slice(1).map((bound, i) => bound - bounds[i]);
    const parts =
      sizes.length === 1
        ? [source]
        : this.#graph.nodeWithOutputs('Split', [source, this.#graph.int64(sizes)], sizes.length, {
            axis: 0,
          });
    const partAt = new Map(parts.map((part, i) => [bounds[i], part]));
    for (const { id, op } of views) this.#viewNames.set(id, partAt.get(op.offset)!);
  }

  #pack(node: Node<'pack'>): string {
    const parts: string[] = [];
    let end = 0;
    const fillTo = (offset: number) => {
      if (offset > end) parts.push(this.#graph.node('ConstantOfShape', [this.#graph.int64([offset - end])]));
    };
    node.inputs.forEach((id, i) => {
      const { shape } = this.#program.nodes[id];
      const count = elementCount(shape);
      fillTo(node.op.offsets[i]);
      parts.push(this.#sizes.reshape(this.#names[id], [count], shape));
      end = node.op.offsets[i] + count;
    });
    fillTo(node.shape[0] as number);
    return parts.length === 1 ? parts[0] : this.#graph.node('Concat', parts, { axis: 0 });
  }

  #binary(fn: BinaryName, node: Node): string {
    const [a, b] = this.#broadcastOperands(node).map((id) => {
      const { op } = this.#program.nodes[id];
      if (op.kind !== 'constant' || !this.#isLifted(id, node)) return this.#repeated(id, node.shape);
      return this.#graph.float32(
        op.values,
        node.shape.map(() => 1),
      );
    });
    return addBinary(this.#graph, fn, a, b);
  }

  /** An operand, repeated to the shape of the result where that is faster than broadcasting; once for all its users. */
  #repeated(id: number, shape: Shape): string {
    const { shape: from } = this.#program.nodes[id];
    if (this.#options.segmentSums === 'scatter' || String(from) === String(shape)) return this.#names[id];
    const key = `${id} ${shape}`;
    const name =
      this.#repeats.get(key) ?? addRepeat(this.#graph, this.#names[id], from, shape) ?? this.#names[id];
    this.#repeats.set(key, name);
    return name;
  }

  #matmul({ transposeA, transposeB }: OpOf<'matmul'>, a: string, b: string): string {
    if (!transposeA && !transposeB) return this.#graph.node('MatMul', [a, b]);
    return this.#graph.node('Gemm', [a, b], {
      transA: Number(transposeA),
      transB: Number(transposeB),
    });
  }

  #sum({ axes, keepDims }: OpOf<'sum'>, x: string, shape: Shape): string {
    const graph = this.#graph;
    // Sums of columns (bias gradients) as a product with a row of ones: about twice as fast as ReduceSum in ORT.
    if (axes.length === 1 && axes[0] === 0 && shape.length === 2 && typeof shape[1] === 'number') {
      const total = graph.node('MatMul', [this.#sizes.rowOfOnes(shape[0]), x]);
      return keepDims ? total : graph.node('Reshape', [total, graph.int64([shape[1]])]);
    }
    if (axes.length === 1 && axes[0] === 1 && this.#options.segmentSums !== 'scatter') {
      const total = addMiddleSum(graph, x, shape);
      if (total && keepDims) return graph.node('Reshape', [total, graph.int64([0, 1, shape[2] as number])]);
      if (total) return total;
    }
    return graph.node('ReduceSum', [x, graph.int64(axes)], { keepdims: Number(keepDims) });
  }

  #maxOver({ axes, keepDims }: OpOf<'maxOver'>, x: string, shape: Shape): string {
    const graph = this.#graph;
    const largest = graph.node('ReduceMax', [x, graph.int64(axes)], { keepdims: Number(keepDims) });
    return axes.some((axis) => typeof shape[axis] === 'string') ? zeroWhereEmpty(graph, largest) : largest;
  }

  #random({ stream }: OpOf<'random'>, node: Node): string {
    if (this.#options.segmentSums === 'scatter')
      throw new EtalonError('internal', 'internal: a file for others must not hold random numbers');
    const seed = this.#program.nodes[node.inputs[0]] as Node<'input'>;
    const name = this.#graph.unique(`random/${seed.op.name}/${stream}`);
    this.#graph.input({ name, type: 'f32', shape: [...node.shape], doc: '' });
    this.#auxiliary.push({ kind: 'random', seed: seed.op.name, stream, shape: node.shape, name });
    return name;
  }

  #segmentReduction(kind: 'segmentSum' | 'segmentMax', node: Node, x: string): string {
    const index = this.#program.nodes[node.inputs[1]];
    const row = node.shape.slice(1);
    if (!row.every((dim) => typeof dim === 'number'))
      throw new EtalonError('internal', `internal: ${kind} to [${node.shape}]: a row must be static`);
    if (this.#options.segmentSums === 'scatter') {
      const rows = this.#sizes.shape(this.#program.nodes[node.inputs[0]].shape);
      return addScatteredReduction(this.#graph, kind, x, rows, {
        index: this.#names[index.id],
        shape: this.#sizes.shape(node.shape),
        rank: node.shape.length,
      });
    }

    const { name } = (index as Node<'input'>).op;
    if (this.#options.segmentSums === 'serial')
      return addSerialReduction(this.#graph, kind, x, this.#column(name), this.#sizes.shape(node.shape));
    const through = this.#gathered(node)?.inputs[1];
    const table = through === undefined ? undefined : (this.#program.nodes[through] as Node<'input'>).op.name;
    return addBucketedReduction(this.#graph, kind, x, row, this.#tables(name, node.shape[0], table));
  }

  #column(index: string): string {
    const known = this.#columns.get(index);
    if (known) return known;
    const wide = this.#graph.node('Cast', [index], { to: 7 });
    const column = this.#graph.node('Reshape', [wide, this.#graph.int64([-1, 1])]);
    this.#columns.set(index, column);
    return column;
  }

  /** The gather that feeds a planned reduction, whose rows are then read where they come from. */
  #gathered(node: Node): Node | undefined {
    const source = this.#program.nodes[node.inputs[0]];
    return source.op.kind === 'gather' && this.#options.segmentSums === 'buckets' ? source : undefined;
  }

  #tables(index: string, segments: Dim, through?: string): SegmentTables {
    const stem = `segments/${index}/${segments}${through === undefined ? '' : `/${through}`}`;
    const known = this.#plans.get(stem);
    if (known) return known;
    const { inputs, tables } = addSegmentPlan(this.#graph, stem, segments);
    this.#plans.set(stem, tables);
    const auxiliary = { kind: 'segments', index, segments, names: inputs } as const;
    this.#auxiliary.push(through === undefined ? auxiliary : { ...auxiliary, through });
    return tables;
  }
}

function checkBaked(program: Program, baked: NonNullable<LowerOptions['baked']>): void {
  const inputs = programInputs(program);
  for (const [name, values] of Object.entries(baked)) {
    const shape = inputs.get(name)?.shape;
    const fits = shape?.every((dim) => typeof dim === 'number') && elementCount(shape) === values.length;
    if (!fits)
      throw new EtalonError(
        'internal',
        `internal: ${values.length} values cannot stand for input "${name}" ${shape ? `[${shape}]` : '(there is none)'}`,
      );
  }
}

function viewsBySource(program: Program): Map<number, Node<'view'>[]> {
  const views = new Map<number, Node<'view'>[]>();
  for (const node of program.nodes) {
    if (!isKind(node, 'view')) continue;
    const known = views.get(node.inputs[0]);
    if (known) known.push(node);
    else views.set(node.inputs[0], [node]);
  }
  return views;
}
