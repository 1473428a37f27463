import type { Random } from '../base/index.ts';
import { type Csr, groupBy } from './graph.ts';

/** Edges by the pair that they are context of: row i says that `edge[i]` belongs to pair `pair[i]`; rows are in the order of the pairs. */
export interface ContextRows {
  readonly pair: Int32Array;
  readonly edge: Int32Array;
}

/** What surrounds pairs (u, v) in a graph: edges within the egos of u and of v, and those that join the two. */
export interface PairContext {
  /** u → w for the other neighbours w of u. */
  readonly fromFirst: ContextRows;
  /** x → v for the other neighbours x of v. */
  readonly toSecond: ContextRows;
  /** x → y from a neighbour x ≠ v of u to a neighbour y ≠ u of v. */
  readonly between: ContextRows;
}

export interface PairContextOptions {
  /** Edges of each kind that a pair gets at most; of more, so many are drawn. */
  readonly most: number;
  readonly random: Random;
}

/**
 * The context of each asked edge u → v, itself and its reverse not among it. N(u) are those that u leads to, N(v) those that lead
 * to v. Edges must be no loops, and no two the same. Time: for each pair the edges that leave the neighbours of u.
 */
export function pairContext(
  { nodeCount, senders, receivers }: { nodeCount: number; senders: Int32Array; receivers: Int32Array },
  asked: Int32Array,
  { most, random }: PairContextOptions,
): PairContext {
  const leaving = groupBy(senders, nodeCount);
  const entering = groupBy(receivers, nodeCount);
  const [fromFirst, toSecond, between] = [new Rows(), new Rows(), new Rows()];
  const leadsToSecond = new Int32Array(nodeCount).fill(-1);
  asked.forEach((edge, pair) => {
    const [u, v] = [senders[edge], receivers[edge]];
    const own = edgesOf(leaving, u).filter((other) => receivers[other] !== v);
    const others = edgesOf(entering, v).filter((other) => senders[other] !== u);
    fromFirst.add(pair, drawn(own, most, random));
    toSecond.add(pair, drawn(others, most, random));
    for (const other of others) leadsToSecond[senders[other]] = pair;
    const joining: number[] = [];
    for (const first of own)
      for (const second of edgesOf(leaving, receivers[first]))
        if (receivers[second] !== u && leadsToSecond[receivers[second]] === pair) joining.push(second);
    between.add(pair, drawn(Int32Array.from(joining), most, random));
  });
  return { fromFirst: fromFirst.columns(), toSecond: toSecond.columns(), between: between.columns() };
}

/** The rows of some pairs, which are numbered anew in the order given; each of them once. */
export function takeContext({ pair, edge }: ContextRows, pairs: Int32Array, pairCount: number): ContextRows {
  const { offsets } = groupBy(pair, pairCount);
  const rows = new Rows();
  pairs.forEach((old, i) => {
    rows.add(i, edge.subarray(offsets[old], offsets[old + 1]));
  });
  return rows.columns();
}

class Rows {
  readonly #pairs: number[] = [];
  readonly #edges: number[] = [];

  add(pair: number, edges: Int32Array): void {
    for (const edge of edges) {
      this.#pairs.push(pair);
      this.#edges.push(edge);
    }
  }

  columns(): ContextRows {
    return { pair: Int32Array.from(this.#pairs), edge: Int32Array.from(this.#edges) };
  }
}

function edgesOf({ offsets, entries }: Csr, node: number): Int32Array {
  return entries.subarray(offsets[node], offsets[node + 1]);
}

/** At most so many of them, in their order. */
function drawn(edges: Int32Array, most: number, random: Random): Int32Array {
  return edges.length <= most ? edges : random.shuffle(edges.slice()).subarray(0, most).sort();
}
