import { groupBy } from '../../graph/index.ts';
import type { RoadNetwork } from '../network.ts';

/**
 * [S] 1 for segments of the largest set in which each can be reached from each by permitted turns (Tarjan 1972, "Depth-first search and
 * linear graph algorithms", without recursion).
 */
export function strongPart(network: RoadNetwork): Uint8Array {
  const { segmentCount, turnOffsets, turnTo } = network;
  const order = new Int32Array(segmentCount).fill(-1);
  const low = new Int32Array(segmentCount);
  const nextTurn = turnOffsets.slice(0, segmentCount);
  const component = new Int32Array(segmentCount).fill(-1);
  const sizes: number[] = [];
  const path: number[] = [];
  const open: number[] = [];
  let visited = 0;
  for (let root = 0; root < segmentCount; root++) {
    if (order[root] >= 0) continue;
    path.push(root);
    while (path.length > 0) {
      const at = path[path.length - 1];
      if (order[at] < 0) {
        order[at] = low[at] = visited++;
        open.push(at);
      }
      if (nextTurn[at] < turnOffsets[at + 1]) {
        const to = turnTo[nextTurn[at]++];
        if (order[to] < 0) path.push(to);
        else if (component[to] < 0) low[at] = Math.min(low[at], order[to]);
        continue;
      }
      path.pop();
      if (path.length > 0) low[path[path.length - 1]] = Math.min(low[path[path.length - 1]], low[at]);
      if (low[at] < order[at]) continue;
      let size = 0;
      for (let member = -1; member !== at; size++) {
        member = open.pop()!;
        component[member] = sizes.length;
      }
      sizes.push(size);
    }
  }
  const largest = sizes.indexOf(Math.max(...sizes));
  return Uint8Array.from(component, (number) => (number === largest ? 1 : 0));
}

/** [S] 1 for segments that can be reached from the marked ones (`ahead`), or from which these can be reached (`back`). */
export function reaching(network: RoadNetwork, marked: Uint8Array, direction: 'ahead' | 'back'): Uint8Array {
  const [from, to] =
    direction === 'ahead' ? [network.turnFrom, network.turnTo] : [network.turnTo, network.turnFrom];
  const { offsets, entries: turns } = groupBy(from, network.segmentCount);
  const reached = marked.slice();
  const queue = [...reached.keys()].filter((s) => reached[s]);
  for (let segment = queue.pop(); segment !== undefined; segment = queue.pop())
    for (let i = offsets[segment]; i < offsets[segment + 1]; i++) {
      const next = to[turns[i]];
      if (reached[next]) continue;
      reached[next] = 1;
      queue.push(next);
    }
  return reached;
}
