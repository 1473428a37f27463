import type { Random } from '../../core/base/index.ts';
import { BINARY, gradients, type Program, type Tensor, Trace, UNARY } from '../../core/tensor/index.ts';
import * as o from '../../core/tensor/ops.ts';
import { functions } from './opCases.ts';

/** Graphs that go wrong first: see {@link randomInputs}. */
export const GRAPH_KINDS = ['ragged', 'empty', 'isolated', 'selfLoops', 'hub', 'single'] as const;
export type GraphKind = (typeof GRAPH_KINDS)[number];

type Rows = 'nodes' | 'edges' | 'graphs';

const PARAMETERS = 160;
const CLASSES = 5;

/** Programs of a run of all tests, by seed: each is checked by the reference, and each on one of the devices. */
export const CPU_SEEDS = Array.from({ length: 150 }, (_, i) => 1 + i);
export const WEBGPU_SEEDS = Array.from({ length: 50 }, (_, i) => 151 + i);

/** The kind of graph that the program of a seed runs on. */
export function kindOf(seed: number): GraphKind {
  return GRAPH_KINDS[seed % GRAPH_KINDS.length];
}

/**
 * A training step of a network that nobody designed: random operations over nodes, edges and graphs, a loss, its
 * gradient by the flat parameters, and a step against it. State `parameters`; outputs `loss`, `gradient` and
 * some intermediate values. The values stay of size 1, whatever the sizes of the graph. With `draws` it may draw random
 * numbers, which exported files must not; with `stops` it may stop gradients, which differences do not see.
 */
export function randomProgram(random: Random, { operations = 14, draws = true, stops = true } = {}): Program {
  const writer = new ProgramWriter(random, draws, stops);
  for (let i = 0; i < operations; i++) writer.addOperation();
  return writer.close();
}

class ProgramWriter {
  readonly #random: Random;
  readonly #trace = new Trace();
  readonly #flat: Tensor;
  readonly #seed: Tensor | undefined;
  readonly #stops: boolean;
  #streams = 0;
  readonly #index: Record<'senders' | 'receivers' | 'nodeGraph' | 'edgeGraph' | 'classes', Tensor>;
  readonly #pool: Record<Rows, Tensor[]>;

  constructor(random: Random, draws: boolean, stops: boolean) {
    this.#random = random;
    this.#stops = stops;
    const trace = this.#trace;
    if (draws) this.#seed = trace.input('seed', [], 'i32');
    this.#flat = trace.input('parameters', [PARAMETERS]);
    this.#pool = {
      nodes: [trace.input('x', ['nodes', 3])],
      edges: [trace.input('e', ['edges', 2])],
      graphs: [trace.input('g', ['graphs', 4])],
    };
    this.#index = {
      senders: trace.input('senders', ['edges'], 'i32'),
      receivers: trace.input('receivers', ['edges'], 'i32'),
      nodeGraph: trace.input('nodeGraph', ['nodes'], 'i32'),
      edgeGraph: trace.input('edgeGraph', ['edges'], 'i32'),
      classes: trace.input('classes', ['nodes'], 'i32'),
    };
  }

  addOperation(): void {
    const rows = this.#pick<Rows>(['nodes', 'nodes', 'edges', 'graphs']);
    const made = this.#pick<(rows: Rows) => Tensor>([
      (r) => this.#unary(r),
      (r) => this.#binary(r),
      (r) => this.#binary(r),
      (r) => this.#linear(r),
      (r) => this.#linear(r),
      (r) => this.#moments(r),
      (r) => this.#exchange(r),
      (r) => this.#exchange(r),
      (r) => this.#exchange(r),
      (r) => this.#rearrange(r),
      (r) => this.#normalise(r),
      (r) => this.#repack(r),
      (r) => this.#softmax(r),
      (r) => this.#drop(r),
    ])(rows);
    this.#pool[made.shape[0] as Rows].push(made);
  }

  close(): Program {
    const last = Object.values(this.#pool).flatMap((tensors) => tensors.slice(-2));
    const loss = last.map((tensor) => o.mean(o.square(tensor))).reduce((total, term) => o.add(total, term));
    const [gradient] = gradients(loss, [this.#flat]);
    const shown = Object.fromEntries(last.map((tensor, i) => [`value${i}`, tensor]));
    const next = o.sub(this.#flat, o.mul(gradient, 0.1));
    return this.#trace.program({ loss, gradient, ...shown }, { parameters: next });
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random.int(items.length)];
  }

  /** Newer values are likelier, so that programs grow deep. */
  #any(rows: Rows): Tensor {
    const pool = this.#pool[rows];
    return this.#pick(pool.slice(-3));
  }

  #parameters(...shape: number[]): Tensor {
    const count = shape.reduce((a, b) => a * b, 1);
    return o.view(this.#flat, this.#random.int(PARAMETERS - count + 1), shape);
  }

  #unary(rows: Rows): Tensor {
    const fn = this.#pick(UNARY);
    const x = this.#any(rows);
    // Where a function has a pole or grows fast, its operand is kept in a range that suits it.
    if (fn === 'log' || fn === 'sqrt' || fn === 'reciprocal') return functions[fn](o.add(o.sigmoid(x), 0.5));
    if (fn === 'exp' || fn === 'square') return functions[fn](o.tanh(x));
    // Sums over no neighbours are exactly 0, which is where these have their kink.
    if (fn === 'sign' || fn === 'step' || fn === 'abs' || fn === 'relu') return functions[fn](o.add(x, 0.03));
    return functions[fn](x);
  }

  #binary(rows: Rows): Tensor {
    const fn = this.#pick(BINARY);
    const a = this.#any(rows);
    const width = a.shape[1] as number;
    const b = this.#pick([
      () => this.#parameters(width),
      () => this.#parameters(1, width),
      () => o.sum(this.#any(rows), [1], true),
      () => o.expand(o.sum(this.#any(rows), [1], true), a),
      () => this.#trace.constant(0.7),
    ])();
    const [left, right] = this.#random.uniform() < 0.5 && fn !== 'div' ? [b, a] : [a, b];
    const result = fn === 'div' ? o.div(left, o.add(o.softplus(right), 0.5)) : functions[fn](left, right);
    return fn === 'mul' ? o.tanh(result) : o.mul(result, 0.6);
  }

  #linear(rows: Rows): Tensor {
    const x = this.#any(rows);
    const [inner, outer] = [x.shape[1] as number, 1 + this.#random.int(5)];
    const product =
      this.#random.uniform() < 0.5
        ? o.matmul(x, this.#parameters(inner, outer))
        : o.matmul(x, this.#parameters(outer, inner), { transposeB: true });
    return o.tanh(o.add(product, this.#parameters(outer)));
  }

  /** Xᵀ·Y of all rows, applied to each row. */
  #moments(rows: Rows): Tensor {
    const [x, y] = [this.#any(rows), this.#any(rows)];
    const moments = o.div(o.matmul(x, y, { transposeA: true }), o.max(this.#trace.size(rows), 1));
    return this.#random.uniform() < 0.5 ? o.matmul(x, moments) : o.matmul(y, moments, { transposeB: true });
  }

  /** Values from one kind of row to another. */
  #exchange(rows: Rows): Tensor {
    const { senders, receivers, nodeGraph, edgeGraph, classes } = this.#index;
    const gather = (from: Rows, index: Tensor) => o.gather(this.#any(from), index);
    const reduce = (from: Rows, index: Tensor) =>
      this.#random.uniform() < 0.6
        ? o.tanh(o.mul(o.segmentSum(this.#any(from), index, rows), 0.25))
        : o.segmentMax(this.#any(from), index, rows);
    switch (rows) {
      case 'edges':
        return this.#pick([
          () => gather('nodes', senders),
          () => gather('nodes', receivers),
          () => gather('graphs', edgeGraph),
          () => o.concat([this.#any('edges'), gather('nodes', senders), gather('nodes', receivers)]),
        ])();
      case 'graphs':
        return this.#random.uniform() < 0.5 ? reduce('nodes', nodeGraph) : reduce('edges', edgeGraph);
      case 'nodes':
        return this.#pick([
          () => reduce('edges', receivers),
          () => reduce('edges', senders),
          () => gather('graphs', nodeGraph),
          () => o.gather(this.#parameters(CLASSES, 3), classes),
          () => {
            const perClass = o.segmentSum(this.#any('nodes'), classes, CLASSES);
            return o.gather(o.tanh(o.mul(perClass, 0.1)), classes);
          },
        ])();
      default:
        throw rows satisfies never;
    }
  }

  #rearrange(rows: Rows): Tensor {
    const x = this.#any(rows);
    const width = x.shape[1] as number;
    return this.#pick([
      () => this.#narrow(o.concat([x, this.#any(rows), o.sum(x, [1], true)])),
      () => this.#narrow(o.pad(x, this.#random.int(3), 1, 1)),
      () => o.slice(x, width - 1 - this.#random.int(width), width),
      () => o.sum(o.mul(o.reshape(x, [rows, 1, width]), this.#parameters(3, width)), [2]),
      () => o.sum(o.reshape(o.concat([x, this.#stops ? o.stopGradient(x) : x]), [rows, 2, width]), [1]),
    ])();
  }

  /** Concatenations are kept from growing beyond all bounds. */
  #narrow(x: Tensor): Tensor {
    const width = x.shape[1] as number;
    return width > 8 ? o.slice(x, width - 8, width) : x;
  }

  #normalise(rows: Rows): Tensor {
    const x = this.#any(rows);
    const axis = this.#random.int(2);
    const centred = o.sub(x, o.mean(x, [axis], true));
    return o.div(centred, o.sqrt(o.add(o.mean(o.square(centred), [axis], true), 0.1)));
  }

  /** Along the rows or the columns. */
  #softmax(rows: Rows): Tensor {
    const x = this.#any(rows);
    const axis = this.#random.int(2);
    const powers = o.exp(o.sub(x, o.maxOver(x, [axis], true)));
    return o.div(powers, o.sum(powers, [axis], true));
  }

  #drop(rows: Rows): Tensor {
    const x = this.#any(rows);
    if (!this.#seed) return x;
    const chance = o.random(this.#seed, this.#streams++, [rows, this.#pick([1, x.shape[1] as number])]);
    return this.#random.uniform() < 0.5 ? o.mul(x, chance) : o.mul(x, o.step(o.sub(chance, 0.3)));
  }

  /** Static tensors through a flat one of their own. */
  #repack(rows: Rows): Tensor {
    const x = this.#any(rows);
    const width = x.shape[1] as number;
    const rowSum = o.tanh(o.mul(o.sum(x, [0]), 0.01));
    const flat = o.pack([this.#parameters(2, 3), rowSum], [1, 9], 12 + width);
    return o.mul(o.add(x, o.view(flat, 9, [width])), o.sum(o.view(flat, 0, [7])));
  }
}

/** Inputs of a {@link randomProgram} for a batch of graphs; `size` about the number of nodes. */
export function randomInputs(
  random: Random,
  kind: GraphKind,
  size = 40,
): { feed: Record<string, Float32Array | Int32Array>; parameters: Float32Array } {
  const [nodes, edges, graphs] = countsOf(kind, size);
  const floats = (length: number) => Float32Array.from({ length }, () => random.normal());
  const indices = (length: number, rows: number) => Int32Array.from({ length }, () => random.int(rows));
  const senders = indices(edges, nodes);
  const receivers = indices(edges, nodes);
  if (kind === 'selfLoops') receivers.set(senders);
  if (kind === 'hub') receivers.fill(1, Math.ceil(edges / 8));
  const nodeGraph = indices(nodes, graphs).sort();
  return {
    feed: {
      x: floats(nodes * 3),
      e: floats(edges * 2),
      g: floats(graphs * 4),
      senders,
      receivers,
      nodeGraph,
      edgeGraph: receivers.map((node) => nodeGraph[node]),
      classes: indices(nodes, CLASSES),
      seed: indices(1, 0x7fffffff),
    },
    parameters: floats(PARAMETERS),
  };
}

/** Nodes, edges and graphs. */
function countsOf(kind: GraphKind, size: number): [number, number, number] {
  switch (kind) {
    case 'ragged':
      return [size, size * 3 + 1, 5];
    case 'empty':
      return [0, 0, 0];
    case 'isolated':
      return [size, 0, 3];
    case 'selfLoops':
      return [size, size, 2];
    case 'hub':
      return [size, size * 12, 2];
    case 'single':
      return [1, 1, 1];
    default:
      throw kind satisfies never;
  }
}
