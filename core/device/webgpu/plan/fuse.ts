import { isInline } from '../kernels/elementwise/plan.ts';
import type { Graph } from './graph.ts';

/** Operations in one kernel at most: compilers slow down and spill registers beyond. */
const MAX_MEMBERS = 96;

/**
 * Cuts a graph into units, in an order in which they can run: one node each, or several element-wise nodes of one shape that
 * share a kernel. Users are offered their operands, from the last to the first, so that a value which only the backward
 * pass needs is computed there instead of being stored by the forward pass.
 */
export function fuse(graph: Graph, maxBindings: number): number[][] {
  const fusion = new Fusion(graph, maxBindings);
  for (const id of [...graph.live].reverse()) {
    if (!graph.isElementwise(id)) continue;
    const users = new Set(graph.users(id));
    for (const user of [...users].sort((a, b) => b - a)) fusion.tryMerge(id, user);
  }
  return fusion.inOrder();
}

class Fusion {
  readonly #graph: Graph;
  readonly #maxBindings: number;
  readonly #members = new Map<number, number[]>();
  /** The unit of each node; a unit is named after one of its nodes. */
  readonly #unit: Int32Array;
  readonly #visited: Int32Array;
  #visit = 0;

  constructor(graph: Graph, maxBindings: number) {
    this.#graph = graph;
    this.#maxBindings = maxBindings;
    this.#unit = Int32Array.from(graph.program.nodes, (_, id) => id);
    this.#visited = new Int32Array(graph.program.nodes.length);
    for (const id of graph.live) this.#members.set(id, [id]);
  }

  tryMerge(id: number, user: number): void {
    const graph = this.#graph;
    const [a, b] = [this.#unit[id], this.#unit[user]];
    if (a === b || !graph.isElementwise(user)) return;
    if (String(graph.node(id).shape) !== String(graph.node(user).shape)) return;
    const together = [...this.#members.get(a)!, ...this.#members.get(b)!];
    if (together.length > MAX_MEMBERS || this.#bindings(together) > this.#maxBindings) return;
    if (this.#dependsThroughOthers(a, b) || this.#dependsThroughOthers(b, a)) return;
    for (const member of this.#members.get(b)!) this.#unit[member] = a;
    this.#members.set(a, together);
    this.#members.delete(b);
  }

  /** Units as lists of nodes in the program's order. */
  inOrder(): number[][] {
    const done = new Set<number>();
    const order: number[][] = [];
    const emit = (unit: number): void => {
      if (done.has(unit)) return;
      done.add(unit);
      const members = this.#members.get(unit)!;
      for (const dependency of this.#dependencies(unit)) emit(dependency);
      order.push(members.sort((a, b) => a - b));
    };
    for (const id of this.#graph.live) emit(this.#unit[id]);
    return order;
  }

  #dependencies(unit: number): Set<number> {
    const units = new Set<number>();
    for (const member of this.#members.get(unit)!)
      for (const operand of this.#graph.operands(member)) units.add(this.#unit[operand]);
    units.delete(unit);
    return units;
  }

  /** Buffers that a kernel of these members would read and write. */
  #bindings(members: readonly number[]): number {
    const graph = this.#graph;
    const inside = new Set(members);
    const buffers = new Set<string>();
    for (const member of members) {
      for (const operand of graph.operands(member))
        if (!inside.has(operand) && !isInline(graph.node(operand)))
          buffers.add(`read ${this.#root(operand)}`);
      if (graph.isResult(member) || graph.users(member).some((user) => !inside.has(user)))
        buffers.add(`write ${member}`);
    }
    return buffers.size;
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
      for (const member of this.#members.get(at)!)
        for (const operand of this.#graph.operands(member)) {
          const next = this.#unit[operand];
          if (next !== at && this.#visited[next] !== this.#visit) pending.push(next);
        }
    }
    return false;
  }
}
