import { isInline } from '../kernels/elementwise/chain.ts';
import type { Graph } from './graph.ts';

/** Operations in one kernel at most: compilers slow down and spill registers beyond. */
const MAX_MEMBERS = 96;

/**
 * What one family of kernels computes together: an operation with kernels of its own, the element-wise operations whose
 * result it reads, and those that follow on its results. Without an anchor all are in `after`.
 */
export interface Unit {
  readonly anchor?: number;
  readonly before: readonly number[];
  readonly after: readonly number[];
}

export interface FuseOptions {
  maxBindings: number;
  /** Whether an operation's kernels can hand their results on in registers. */
  canFinish: (id: number) => boolean;
}

/**
 * Cuts a graph into units, in an order in which they can run. Element-wise operations of one shape that hang together share a
 * unit. Users are offered their operands, from the last to the first, so that a value which only the backward pass needs is
 * computed there instead of being stored by the forward pass. Then products, segment sums and sums take the
 * chain on their results with them, and sums the chain that makes what they add up.
 */
export function fuse(graph: Graph, options: FuseOptions): Unit[] {
  const fusion = new Fusion(graph, options);
  for (const id of [...graph.live].reverse()) {
    if (!graph.isElementwise(id)) continue;
    for (const user of usersOf(graph, id).reverse()) fusion.tryMerge(id, user);
  }
  const anchors = graph.live.filter((id) => options.canFinish(id));
  const firstProducts = [...anchors].sort((a, b) => rank(graph, a) - rank(graph, b) || a - b);
  for (const anchor of firstProducts)
    for (const user of usersOf(graph, anchor)) if (fusion.tryFinish(anchor, user)) break;
  for (const anchor of graph.live) if (graph.isReduction(anchor)) fusion.tryBegin(anchor);
  return fusion.inOrder();
}

/** Every live node for itself, for comparison. */
export function singleUnits(graph: Graph): Unit[] {
  return graph.live.map((id) =>
    graph.isElementwise(id) ? { before: [], after: [id] } : { anchor: id, before: [], after: [] },
  );
}

/** A chain that could follow two operations follows the one that has more to store. */
function rank(graph: Graph, id: number): number {
  const { kind } = graph.node(id).op;
  return kind === 'matmul' ? 0 : kind.startsWith('segment') ? 1 : 2;
}

function usersOf(graph: Graph, id: number): number[] {
  return [...new Set(graph.users(id))].sort((a, b) => a - b);
}

class Fusion {
  readonly #graph: Graph;
  readonly #maxBindings: number;
  readonly #units = new Map<number, Unit>();
  /** The unit of each node; a unit is named after one of its nodes. */
  readonly #unit: Int32Array;
  readonly #visited: Int32Array;
  #visit = 0;

  constructor(graph: Graph, { maxBindings }: FuseOptions) {
    this.#graph = graph;
    this.#maxBindings = maxBindings;
    this.#unit = Int32Array.from(graph.program.nodes, (_, id) => id);
    this.#visited = new Int32Array(graph.program.nodes.length);
    for (const unit of singleUnits(graph)) this.#units.set(unit.anchor ?? unit.after[0], unit);
  }

  /** Two element-wise operations, the second on the first's result, in one unit. */
  tryMerge(id: number, user: number): void {
    const graph = this.#graph;
    const [a, b] = [this.#unit[id], this.#unit[user]];
    if (a === b || !graph.isElementwise(user) || !graph.sameShape(id, user)) return;
    const after = [...this.#units.get(a)!.after, ...this.#units.get(b)!.after];
    this.#join(a, b, { before: [], after });
  }

  /** The element-wise unit of `user` follows on the results of `anchor`. */
  tryFinish(anchor: number, user: number): boolean {
    const graph = this.#graph;
    const [a, b] = [this.#unit[anchor], this.#unit[user]];
    if (a === b || !graph.isElementwise(user) || !graph.sameShape(anchor, user)) return false;
    const chain = this.#units.get(b)!;
    if (chain.anchor !== undefined) return false;
    return this.#join(a, b, { ...this.#units.get(a)!, after: chain.after });
  }

  /** The element-wise unit that makes what `anchor` adds up becomes its beginning. */
  tryBegin(anchor: number): void {
    const graph = this.#graph;
    const [source] = graph.operands(anchor);
    const [a, b] = [this.#unit[anchor], this.#unit[source]];
    if (a === b || !graph.isElementwise(source)) return;
    const chain = this.#units.get(b)!;
    if (chain.anchor !== undefined) return;
    this.#join(a, b, { ...this.#units.get(a)!, before: chain.after });
  }

  #join(a: number, b: number, together: Unit): boolean {
    const members = membersOf(together);
    if (members.length > MAX_MEMBERS || this.#bindings(together) > this.#maxBindings) return false;
    if (this.#dependsThroughOthers(a, b) || this.#dependsThroughOthers(b, a)) return false;
    for (const member of members) this.#unit[member] = a;
    this.#units.set(a, together);
    this.#units.delete(b);
    return true;
  }

  /** Members in the program's order. */
  inOrder(): Unit[] {
    const done = new Set<number>();
    const order: Unit[] = [];
    const emit = (unit: number): void => {
      if (done.has(unit)) return;
      done.add(unit);
      for (const dependency of this.#dependencies(unit)) emit(dependency);
      const { anchor, before, after } = this.#units.get(unit)!;
      const sorted = { before: before.toSorted((a, b) => a - b), after: after.toSorted((a, b) => a - b) };
      order.push(anchor === undefined ? sorted : { anchor, ...sorted });
    };
    for (const id of this.#graph.live) emit(this.#unit[id]);
    return order;
  }

  #dependencies(unit: number): Set<number> {
    const units = new Set<number>();
    for (const member of membersOf(this.#units.get(unit)!))
      for (const operand of this.#graph.operands(member)) units.add(this.#unit[operand]);
    units.delete(unit);
    return units;
  }

  /** Buffers that a kernel of this unit would read and write. */
  #bindings(unit: Unit): number {
    const graph = this.#graph;
    const inside = new Set(membersOf(unit));
    const buffers = new Set<string>();
    const reads = (id: number) => {
      if (isInline(graph.node(id))) return;
      if (graph.isVirtual(id)) for (const operand of graph.operands(id)) reads(operand);
      else buffers.add(`read ${this.#root(id)}`);
    };
    for (const member of inside) {
      for (const operand of graph.operands(member)) if (!inside.has(operand)) reads(operand);
      if (graph.isResult(member) || graph.users(member).some((user) => !inside.has(user)))
        buffers.add(`write ${member}`);
    }
    // The partial results of a reduction's first pass, or the second pass's reading of them.
    const passes = unit.anchor !== undefined && graph.isReduction(unit.anchor) ? 1 : 0;
    return buffers.size + passes;
  }

  #root(id: number): number {
    return this.#graph.aliasOffset(id) === undefined ? id : this.#root(this.#graph.operands(id)[0]);
  }

  /** Whether some path from `unit` down to `target` leads through a third unit: merged, they would wait for each other. */
  #dependsThroughOthers(unit: number, target: number): boolean {
    this.#visit++;
    const pending = [...this.#dependencies(unit)].filter((dependency) => dependency !== target);
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      if (at === target) return true;
      if (this.#visited[at] === this.#visit) continue;
      this.#visited[at] = this.#visit;
      for (const member of membersOf(this.#units.get(at)!))
        for (const operand of this.#graph.operands(member)) {
          const next = this.#unit[operand];
          if (next !== at && this.#visited[next] !== this.#visit) pending.push(next);
        }
    }
    return false;
  }
}

function membersOf({ anchor, before, after }: Unit): number[] {
  return anchor === undefined ? [...after] : [...before, anchor, ...after];
}
