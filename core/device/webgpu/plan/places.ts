import { EtalonError } from '../../../base/index.ts';
import type { Dim, Node } from '../../../tensor/program.ts';
import type { Half, Kernel, Place } from '../kernels/kernel.ts';
import type { Workspace } from '../kernels/sum/plan.ts';
import { type Total, totalsKernels } from '../kernels/sum/totals.ts';
import { type Extent, evaluate, extentOf, isStatic, ONE, type Sizes, times } from './extent.ts';
import type { Graph } from './graph.ts';
import { assignSlots, type Scratch } from './liveness.ts';
import type { Plan, Storage } from './plan.ts';

export interface PlacesOptions {
  subgroupLanes: number;
  half: Half | undefined;
  /** Whether partial sums of a pack's pieces are left to be added up together. */
  deferTotals: boolean;
}

/** Larger results are added up by themselves: their partial sums would take more memory than a dispatch is worth. */
const LARGEST_DEFERRED = 8192;

/** Narrower rows (means, variances, logits) stay f32: they weigh little and much depends on them. */
const NARROWEST_HALF = 8;

/** Where every value of a plan lies: which buffer, at which offset, in which precision. */
export class Places implements Workspace {
  readonly subgroupLanes: number;
  readonly #graph: Graph;
  readonly #half: Half | undefined;
  readonly #deferTotals: boolean;
  /** The node of the output `loss`, behind which gradients begin. */
  readonly #lossId: number;
  readonly #storage: (Storage | undefined)[] = [];
  readonly #scratch: Scratch[] = [];
  readonly #places = new Map<number, Place>();
  readonly #derived = new Map<string, (sizes: Sizes) => number>();
  readonly #layouts = new Map<string, { place: Place; chunks: Extent; hubs: Extent }>();
  readonly #indexBounds = new Map<string, { name: string; rows: Dim }>();
  /** Nodes that are computed straight into another buffer: pieces of a pack, next states. */
  readonly #destined = new Map<number, () => Place>();
  /** States whose next value is computed where it belongs. */
  readonly #direct: ReadonlySet<string>;
  /** Roots of packs that pieces are computed in, and by root what is still to be added up there. */
  readonly #packRoots = new Set<number>();
  readonly #totals = new Map<number, { partials: Place; symbol: string; totals: Total[] }>();

  constructor(graph: Graph, { subgroupLanes, half, deferTotals }: PlacesOptions) {
    const { program } = graph;
    this.#graph = graph;
    this.subgroupLanes = subgroupLanes;
    this.#half = half;
    this.#deferTotals = deferTotals;
    this.#lossId = program.outputs.find(({ name }) => name === 'loss')?.id ?? program.nodes.length;
    this.#direct = this.#destineStates();
    this.#destinePieces();
  }

  /** The plan of kernels that were made with these places. */
  plan(kernels: readonly Kernel[]): Plan {
    const { program } = this.#graph;
    const outputs = program.outputs.map(({ name, id }) => ({
      name,
      place: this.#kept(id),
      extent: extentOf(program.nodes[id].shape),
    }));
    const stateCopies = program.state
      .filter(({ name }) => !this.#direct.has(name))
      .map(({ name, output }) => ({ name, place: this.#kept(output), count: this.#stateCount(name) }));

    const { slots, slotOf } = assignSlots(kernels, this.#scratch);
    const storage = this.#storage.map((known, root): Storage => {
      if (known) return known;
      const slot = slotOf.get(root);
      // A value that no kernel touches, such as the scratch of an empty unit, still needs a buffer to name.
      return { kind: 'slot', slot: slot ?? slots.push({ extent: ONE, bytes: 4 }) - 1 };
    });
    return {
      kernels,
      storage,
      slots,
      derived: this.#derived,
      outputs,
      states: program.state.map(({ name }) => ({ name, count: this.#stateCount(name) })),
      stateCopies,
      indexBounds: [...this.#indexBounds.values()],
    };
  }

  /** Where a node's value lies. */
  of(id: number): Place {
    const known = this.#places.get(id);
    if (known) return known;
    const place = this.#destined.get(id)?.() ?? this.#newPlace(id);
    this.#places.set(id, place);
    return place;
  }

  scratch(extent: Extent, half?: Half): Place {
    const root = this.#storage.push(undefined) - 1;
    this.#scratch.push({ root, extent, bytes: half === 'f16' ? 2 : 4, untilEnd: false });
    return half ? { root, offset: 0, half } : { root, offset: 0 };
  }

  derive(symbol: string, value: (sizes: Sizes) => number): Extent {
    this.#derived.set(symbol, value);
    return { factor: 1, symbols: [symbol] };
  }

  partials(count: Extent, width: Extent, target: Place): Place | undefined {
    if (!this.#deferTotals || !this.#packRoots.has(target.root) || width.factor > LARGEST_DEFERRED)
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
    totals.push({ partial, count, width, target });
    return partial;
  }

  /** Adds up what the kernels of the pack's pieces left unfinished. */
  finishTotals(root: number): Kernel[] {
    const entry = this.#totals.get(root);
    if (!entry) return [];
    // Named last: it follows from the counts of all its parts.
    this.derive(entry.symbol, sizeOf(entry.totals));
    this.#totals.delete(root);
    return totalsKernels(entry.totals);
  }

  /** The order of an index's rows by segment, and how many chunks and hubs it has at run time. */
  segments(index: number, rows: Dim): { place: Place; chunks: Extent; hubs: Extent } {
    this.boundIndex(index, rows);
    const name = this.#indexName(index);
    const key = `${name},${rows}`;
    let layout = this.#layouts.get(key);
    if (!layout) {
      const [chunks, hubs] = [`#chunks of ${key}`, `#hubs of ${key}`];
      const extent = (symbol: string): Extent => ({ factor: 1, symbols: [symbol] });
      const place = this.#own({ kind: 'segments', index: name, rows, chunks, hubs });
      layout = { place, chunks: extent(chunks), hubs: extent(hubs) };
      this.#layouts.set(key, layout);
    }
    return layout;
  }

  /** Notes that an index points into so many rows, which is checked before each run. */
  boundIndex(index: number, rows: Dim): void {
    const name = this.#indexName(index);
    this.#indexBounds.set(`${name},${rows}`, { name, rows });
  }

  #indexName(index: number): string {
    const { op } = this.#graph.node(index);
    if (op.kind !== 'input') throw new EtalonError('internal', `internal: index %${index} is not an input`);
    return op.name;
  }

  #newPlace(id: number): Place {
    const graph = this.#graph;
    const { op, shape } = graph.node(id);
    const alias = graph.aliasOffset(id);
    if (alias !== undefined) {
      const whole = this.of(graph.operands(id)[0]);
      return { ...whole, offset: whole.offset + alias };
    }
    if (op.kind === 'constant') return this.#own({ kind: 'constant', values: op.values });
    if (op.kind === 'input') {
      const isState = graph.program.state.some(({ name }) => name === op.name);
      return this.#own({ kind: isState ? 'state' : 'input', name: op.name });
    }
    return this.scratch(extentOf(shape), this.#isHalf(id) ? this.#half : undefined);
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

  #own(storage: Storage): Place {
    return { root: this.#storage.push(storage) - 1, offset: 0 };
  }

  /** Where a result lies, which is read after the last kernel. */
  #kept(id: number): Place {
    const place = this.of(this.#graph.resolve(id));
    const value = this.#scratch.find(({ root }) => root === place.root);
    if (value) value.untilEnd = true;
    return place;
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
          const pack = this.of(id);
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

  #stateCount(name: string): number {
    const { shape } = this.#graph.program.nodes.find(
      ({ op }) => op.kind === 'input' && op.name === name,
    ) as Node;
    const extent = extentOf(shape);
    if (!isStatic(extent))
      throw new EtalonError('internal', `internal: state "${name}" [${shape}] must have a static shape`);
    return extent.factor;
  }
}

/** Elements of all partial sums together. */
function sizeOf(totals: readonly Total[]): (sizes: Sizes) => number {
  return (sizes) => totals.reduce((sum, { count, width }) => sum + evaluate(times(count, width), sizes), 0);
}
