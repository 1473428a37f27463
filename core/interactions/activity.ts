import type { InteractionData } from './data.ts';

/**
 * [nodes] when each node of a type last did anything, in seconds since 1970-01-01T00:00Z: the latest edge, of whatever type, that it is
 * an end of. NaN for one that has none with a known time.
 */
export function lastActiveS(data: InteractionData, nodes: string): Float64Array {
  const last = new Float64Array(data.nodes(nodes).count).fill(Number.NaN);
  for (const name of data.edgeTypes) {
    const { from, to, fromRows, toRows, timesS } = data.edges(name);
    if (!timesS) continue;
    for (const [type, rows] of [
      [from, fromRows],
      [to, toRows],
    ] as const)
      if (type === nodes)
        rows.forEach((row, edge) => {
          if (!(last[row] >= timesS[edge]) && !Number.isNaN(timesS[edge])) last[row] = timesS[edge];
        });
  }
  return last;
}
