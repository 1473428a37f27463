import type { Graph } from './graph.ts';

/** Which connected component each node is in, whichever way edges lead. */
export interface Components {
  readonly count: number;
  /** [nodes] numbered by the first node of each. */
  readonly of: Int32Array;
}

/** Connected components by disjoint sets (Tarjan 1975, path halving), in about O(nodes + edges). */
export function connectedComponents({
  nodeCount,
  senders,
  receivers,
}: Pick<Graph, 'nodeCount' | 'senders' | 'receivers'>): Components {
  const parent = Int32Array.from({ length: nodeCount }, (_, node) => node);
  const rootOf = (node: number) => {
    let at = node;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  };
  for (let edge = 0; edge < senders.length; edge++) {
    const [a, b] = [rootOf(senders[edge]), rootOf(receivers[edge])];
    // The smaller number is the root, so that components are numbered by their first node.
    if (a < b) parent[b] = a;
    else parent[a] = b;
  }
  const of = new Int32Array(nodeCount);
  let count = 0;
  for (let node = 0; node < nodeCount; node++) {
    const root = rootOf(node);
    of[node] = root === node ? count++ : of[root];
  }
  return { count, of };
}
