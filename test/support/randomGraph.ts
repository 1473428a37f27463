import type { Random } from '../../core/base/index.ts';
import type { Graph } from '../../core/graph/index.ts';

/** One graph with edges between any two of its nodes: loops and repeated edges among them. */
export function randomGraph(random: Random, { nodes, edges }: { nodes: number; edges: number }): Graph {
  const ends = () => Int32Array.from({ length: edges }, () => random.int(nodes));
  return {
    nodeCount: nodes,
    edgeCount: edges,
    graphCount: 1,
    senders: ends(),
    receivers: ends(),
    nodeGraph: new Int32Array(nodes),
    edgeGraph: new Int32Array(edges),
  };
}
