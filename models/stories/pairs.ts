import { EtalonError } from '@etalon/core/base';
import { type EdgeTable, type InteractionData, sameEnds } from '@etalon/core/interactions';

/** Directed edges u → v between users, each pair once, by u and then v. */
export interface DirectedPairs {
  readonly users: number;
  readonly senders: Int32Array;
  readonly receivers: Int32Array;
  /** The edge of a pair; undefined where there is none. */
  edgeOf(u: number, v: number): number | undefined;
}

/** Edges of this name are the graph, where the data have them; else whoever had to do with each other is joined. */
const FRIENDSHIP = 'friend';

/** Throws `input` where edges do not lead from users to users. */
export function assertSocial({ name, from, to }: EdgeTable): void {
  if (from !== to)
    throw new EtalonError('input', `Edges of "${name}" lead from a ${from} to a ${to}.`, {
      remedy: 'Stories are of friends: choose edges between nodes of one type with --edges.',
    });
}

/** Tables whose edges up to a moment tell about users and pairs: the predicted one among them. */
export function histories(data: InteractionData, edges: EdgeTable): EdgeTable[] {
  return [edges, ...sameEnds(data, edges)];
}

/** Both directions of every pair that a tie joined up to a moment, and the pairs that are asked for beside them. */
export function contextGraph(
  data: InteractionData,
  edges: EdgeTable,
  untilS: number,
  asked: readonly (readonly [u: number, v: number])[],
): DirectedPairs {
  const users = data.nodes(edges.from).count;
  const all = histories(data, edges);
  const friendships = all.filter(({ name }) => name === FRIENDSHIP);
  const keys = new Set<number>(asked.map(([u, v]) => u * users + v));
  for (const table of friendships.length > 0 ? friendships : all)
    for (const edge of knownUntil(table, untilS)) {
      const [u, v] = [table.fromRows[edge], table.toRows[edge]];
      if (u !== v) keys.add(u * users + v).add(v * users + u);
    }
  const sorted = Float64Array.from(keys).sort();
  const places = new Map(Array.from(sorted, (key, edge) => [key, edge]));
  return {
    users,
    senders: Int32Array.from(sorted, (key) => Math.floor(key / users)),
    receivers: Int32Array.from(sorted, (key) => key % users),
    edgeOf: (u, v) => places.get(u * users + v),
  };
}

/** Edges of a table up to a moment; those of one without times are all of long ago. */
export function knownUntil(table: EdgeTable, untilS: number): Int32Array {
  return table.where((edge) => !table.timesS || table.timesS[edge] <= untilS);
}
