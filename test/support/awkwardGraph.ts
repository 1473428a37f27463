import type { Random } from '../../core/base/index.ts';
import type { Graph } from '../../core/graph/index.ts';

/** A graph of one component or more from lists of edges, sender then receiver. */
export function graphOf(nodeCount: number, edges: readonly (readonly [number, number])[]): Graph {
  return {
    nodeCount,
    edgeCount: edges.length,
    graphCount: 1,
    senders: Int32Array.from(edges, ([sender]) => sender),
    receivers: Int32Array.from(edges, ([, receiver]) => receiver),
    nodeGraph: new Int32Array(nodeCount),
    edgeGraph: new Int32Array(edges.length),
  };
}

/** A graph with all that breaks samplers: a hub that `hub` nodes send to, isolated nodes, loops, repeated edges. */
export function awkwardGraph(random: Random, { nodes, hub }: { nodes: number; hub: number }): Graph {
  const connected = nodes - Math.ceil(nodes / 10);
  const edges: [number, number][] = [];
  for (let i = 0; i < hub; i++) edges.push([1 + (i % (connected - 1)), 0]);
  for (let i = 0; i < 3 * nodes; i++) edges.push([random.int(connected), 1 + random.int(connected - 1)]);
  for (let node = 0; node < connected; node += 7) edges.push([node, node]);
  return graphOf(nodes, edges);
}
