import { type Graph, groupBy } from './graph.ts';

/** Ordered pairs of nodes, as columns. */
export interface NodePairs {
  /** [pairs] */
  readonly first: Int32Array;
  readonly second: Int32Array;
  /** [pairs] 1 where an edge leads from the first to the second, else 0: the adjacency matrix, entry by entry. */
  readonly edge: Float32Array;
  /** [pairs] 1 / N², N the nodes of the pair's graph: a mean with these weights is the mean over the graphs. */
  readonly weight: Float32Array;
}

/** All N² pairs of nodes of each graph, for graphs that are small. */
export function allPairs(graph: Graph): NodePairs {
  const { offsets, entries: nodes } = groupBy(graph.nodeGraph, graph.graphCount);
  const sizes = Array.from({ length: graph.graphCount }, (_, i) => offsets[i + 1] - offsets[i]);
  const count = sizes.reduce((total, size) => total + size * size, 0);
  const pairs = {
    first: new Int32Array(count),
    second: new Int32Array(count),
    edge: new Float32Array(count),
    weight: new Float32Array(count),
  };

  // Where each node stands in its graph, and where the pairs of each graph begin.
  const place = new Int32Array(graph.nodeCount);
  const begin = new Int32Array(graph.graphCount);
  let pair = 0;
  for (let g = 0; g < graph.graphCount; g++) {
    begin[g] = pair;
    for (let i = offsets[g]; i < offsets[g + 1]; i++) {
      place[nodes[i]] = i - offsets[g];
      for (let j = offsets[g]; j < offsets[g + 1]; j++, pair++) {
        pairs.first[pair] = nodes[i];
        pairs.second[pair] = nodes[j];
        pairs.weight[pair] = 1 / sizes[g] ** 2;
      }
    }
  }
  for (let e = 0; e < graph.edgeCount; e++) {
    const g = graph.edgeGraph[e];
    pairs.edge[begin[g] + place[graph.senders[e]] * sizes[g] + place[graph.receivers[e]]] = 1;
  }
  return pairs;
}
