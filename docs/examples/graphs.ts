import type { Random } from '@etalon/core/base';
import type { Graph } from '@etalon/core/graph';

/** Each pair of different nodes is asked once whether an edge joins it; the edge then stands in the graph both ways. */
export function undirectedGraph(nodeCount: number, joined: (a: number, b: number) => boolean): Graph {
  const senders: number[] = [];
  const receivers: number[] = [];
  for (let a = 0; a < nodeCount; a++)
    for (let b = 0; b < a; b++)
      if (joined(a, b)) {
        senders.push(a, b);
        receivers.push(b, a);
      }
  return {
    nodeCount,
    edgeCount: senders.length,
    graphCount: 1,
    senders: Int32Array.from(senders),
    receivers: Int32Array.from(receivers),
    nodeGraph: new Int32Array(nodeCount),
    edgeGraph: new Int32Array(senders.length),
  };
}

/** Any two nodes are joined with the same probability (Erdős & Rényi 1959). */
export function randomGraph(random: Random, nodeCount: number, probability: number): Graph {
  return undirectedGraph(nodeCount, () => random.uniform() < probability);
}

/** How a graph hangs together, as inputs of a program: what `graphInputs` declares. */
export function structureOf({ senders, receivers, nodeGraph, edgeGraph }: Graph) {
  return { senders, receivers, nodeGraph, edgeGraph };
}

/** Edges that enter each node: [nodes]. */
export function degrees(graph: Graph): Float32Array {
  const degree = new Float32Array(graph.nodeCount);
  for (const receiver of graph.receivers) degree[receiver]++;
  return degree;
}

export const ones = (length: number) => new Float32Array(length).fill(1);
