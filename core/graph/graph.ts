import { EtalonError } from '../base/index.ts';

/**
 * The one graph type: directed edges between numbered nodes, as columns. Several graphs stand in one as a
 * disjoint union; `nodeGraph` and `edgeGraph` say which. Features are kept beside it, by whoever knows them.
 */
export interface Graph {
  readonly nodeCount: number;
  readonly edgeCount: number;
  readonly graphCount: number;
  /** [edges] node that an edge leaves and node that it enters. */
  readonly senders: Int32Array;
  readonly receivers: Int32Array;
  /** [nodes] and [edges] graph that each belongs to. */
  readonly nodeGraph: Int32Array;
  readonly edgeGraph: Int32Array;
}

/** Compressed sparse rows: the entries of row i are `entries[offsets[i]] … entries[offsets[i + 1] − 1]`. */
export interface Csr {
  readonly offsets: Uint32Array;
  readonly entries: Int32Array;
}

/** Lists of numbers as compressed sparse rows. */
export function csrOf(rows: readonly Int32Array[]): Csr {
  const offsets = new Uint32Array(rows.length + 1);
  rows.forEach((own, row) => {
    offsets[row + 1] = offsets[row] + own.length;
  });
  const entries = new Int32Array(offsets[rows.length]);
  rows.forEach((own, row) => {
    entries.set(own, offsets[row]);
  });
  return { offsets, entries };
}

/** Lists, for each of `rows` values, the positions at which it stands in `index`, in order (counting sort). */
export function groupBy(index: ArrayLike<number>, rows: number): Csr {
  const offsets = new Uint32Array(rows + 1);
  for (let i = 0; i < index.length; i++) {
    const row = index[i];
    if (row < 0 || row >= rows)
      throw new EtalonError('internal', `internal: index ${row} at ${i} is outside 0 … ${rows - 1}`);
    offsets[row + 1]++;
  }
  for (let row = 0; row < rows; row++) offsets[row + 1] += offsets[row];
  const next = offsets.slice(0, rows);
  const entries = new Int32Array(index.length);
  for (let i = 0; i < index.length; i++) entries[next[index[i]]++] = i;
  return { offsets, entries };
}

/** Edge positions by the node that they leave. */
export function outgoing(graph: Graph): Csr {
  return groupBy(graph.senders, graph.nodeCount);
}

/** Edge positions by the node that they enter. */
export function incoming(graph: Graph): Csr {
  return groupBy(graph.receivers, graph.nodeCount);
}

/** Edges between numbered nodes, all of one graph. */
export function oneGraph(nodeCount: number, senders: Int32Array, receivers: Int32Array): Graph {
  const edgeCount = senders.length;
  return {
    nodeCount,
    edgeCount,
    graphCount: 1,
    senders,
    receivers,
    nodeGraph: new Int32Array(nodeCount),
    edgeGraph: new Int32Array(edgeCount),
  };
}

/** Disjoint union: nodes, edges and graphs are numbered on, in the order given. */
export function batchGraphs(graphs: readonly Graph[]): Graph {
  const total = (key: 'nodeCount' | 'edgeCount' | 'graphCount') =>
    graphs.reduce((sum, graph) => sum + graph[key], 0);
  const batch = {
    nodeCount: total('nodeCount'),
    edgeCount: total('edgeCount'),
    graphCount: total('graphCount'),
    senders: new Int32Array(total('edgeCount')),
    receivers: new Int32Array(total('edgeCount')),
    nodeGraph: new Int32Array(total('nodeCount')),
    edgeGraph: new Int32Array(total('edgeCount')),
  };
  let node = 0;
  let edge = 0;
  let first = 0;
  for (const graph of graphs) {
    for (let i = 0; i < graph.edgeCount; i++) {
      batch.senders[edge + i] = graph.senders[i] + node;
      batch.receivers[edge + i] = graph.receivers[i] + node;
      batch.edgeGraph[edge + i] = graph.edgeGraph[i] + first;
    }
    for (let i = 0; i < graph.nodeCount; i++) batch.nodeGraph[node + i] = graph.nodeGraph[i] + first;
    node += graph.nodeCount;
    edge += graph.edgeCount;
    first += graph.graphCount;
  }
  return batch;
}

/**
 * One path for each length: nodes in driving order. Every step between neighbours is two edges, first the
 * one onward, then the one back (so that conditions ahead reach the nodes behind); step k of the batch owns
 * edges 2k and 2k + 1.
 */
export function pathGraphs(lengths: ArrayLike<number>): Graph {
  let nodeCount = 0;
  let edgeCount = 0;
  for (let i = 0; i < lengths.length; i++) {
    nodeCount += lengths[i];
    edgeCount += 2 * Math.max(0, lengths[i] - 1);
  }
  const graph = {
    nodeCount,
    edgeCount,
    graphCount: lengths.length,
    senders: new Int32Array(edgeCount),
    receivers: new Int32Array(edgeCount),
    nodeGraph: new Int32Array(nodeCount),
    edgeGraph: new Int32Array(edgeCount),
  };
  let node = 0;
  let edge = 0;
  for (let path = 0; path < lengths.length; path++) {
    for (let i = 0; i < lengths[path]; i++, node++) {
      graph.nodeGraph[node] = path;
      if (i === 0) continue;
      graph.senders[edge] = graph.receivers[edge + 1] = node - 1;
      graph.receivers[edge] = graph.senders[edge + 1] = node;
      graph.edgeGraph[edge] = graph.edgeGraph[edge + 1] = path;
      edge += 2;
    }
  }
  return graph;
}
