import { EtalonError } from '../base/index.ts';
import type { Csr } from '../graph/index.ts';
import type { InteractionData } from './data.ts';
import { EdgeTable } from './edges.ts';
import { pairsOf } from './pairs.ts';

/**
 * Friends are friends of each other: every pair of different nodes once each way, first all as their earlier edge has them, then all
 * the other way round. A pair has its earliest known time; weights and features are left behind. Throws `usage` for edges whose ends
 * are of different types.
 */
export function bothWays(edges: EdgeTable): EdgeTable {
  const { name, from, to, fromRows, toRows, timesS } = edges;
  assertFriendship(edges);
  const pairs = new Map<string, { a: number; b: number; timeS: number }>();
  for (let edge = 0; edge < edges.count; edge++) {
    const [a, b] = [fromRows[edge], toRows[edge]];
    if (a === b) continue;
    const key = a < b ? `${a} ${b}` : `${b} ${a}`;
    const timeS = timesS?.[edge] ?? Number.NaN;
    const known = pairs.get(key);
    if (!known) pairs.set(key, { a, b, timeS });
    else if (!(known.timeS <= timeS)) known.timeS = Number.isNaN(timeS) ? known.timeS : timeS;
  }
  const once = [...pairs.values()];
  const ends = (first: 'a' | 'b', second: 'a' | 'b') =>
    Int32Array.from([...once.map((pair) => pair[first]), ...once.map((pair) => pair[second])]);
  return new EdgeTable({
    name,
    from,
    to,
    fromRows: ends('a', 'b'),
    toRows: ends('b', 'a'),
    timesS: timesS && Float64Array.from([...once, ...once].map(({ timeS }) => timeS)),
  });
}

/** The data with the edges of one type {@link bothWays}. */
export function withFriendships(data: InteractionData, type: string): InteractionData {
  return data.withEdges(bothWays(data.edges(type)));
}

/** Different friends of each, ascending, themselves not among them; whichever way an edge leads. */
export function friendsOf(data: InteractionData, type: string): Csr {
  const edges = data.edges(type);
  return pairsOf(bothWays(edges), data.nodes(edges.from).count);
}

function assertFriendship({ name, from, to }: EdgeTable): void {
  if (from !== to)
    throw new EtalonError('usage', `"${name}" leads from a ${from} to a ${to}: that is no friendship.`, {
      remedy: 'Choose edges whose ends are of one type.',
    });
}
