import type { InteractionData } from './data.ts';

/**
 * The k-core along one type of edges (Seidman 1983): the largest part in which every node of its types has at least k different
 * neighbours, in either direction where both ends are of one type. Others go, with all of their edges; rows are numbered anew.
 */
export function kCore(data: InteractionData, type: string, k: number): InteractionData {
  const { from, to, fromRows, toRows } = data.edges(type);
  const fromCount = data.nodes(from).count;
  const sameType = from === to;
  // Both types in one numbering.
  const shift = sameType ? 0 : fromCount;
  const nodeCount = sameType ? fromCount : fromCount + data.nodes(to).count;
  const neighbours = differentNeighbours(fromRows, toRows, shift, nodeCount);

  const gone = peel(neighbours, k);
  const core = data.filterNodes(from, (row) => !gone[row]);
  return sameType ? core : core.filterNodes(to, (row) => !gone[shift + row]);
}

function differentNeighbours(
  fromRows: Int32Array,
  toRows: Int32Array,
  shift: number,
  nodeCount: number,
): Set<number>[] {
  const neighbours = Array.from({ length: nodeCount }, () => new Set<number>());
  for (let edge = 0; edge < fromRows.length; edge++) {
    const [row, other] = [fromRows[edge], toRows[edge] + shift];
    if (other === row) continue;
    neighbours[row].add(other);
    neighbours[other].add(row);
  }
  return neighbours;
}

/** Takes nodes with fewer than k neighbours away until there are none: O(nodes + edges). */
function peel(neighbours: readonly Set<number>[], k: number): Uint8Array {
  const degree = Int32Array.from(neighbours, (set) => set.size);
  const gone = new Uint8Array(neighbours.length);
  const queue = [...degree.keys()].filter((row) => degree[row] < k);
  for (const row of queue) gone[row] = 1;
  for (let row = queue.pop(); row !== undefined; row = queue.pop())
    for (const other of neighbours[row]) {
      if (gone[other] || --degree[other] >= k) continue;
      gone[other] = 1;
      queue.push(other);
    }
  return gone;
}
