import { EtalonError } from '../base/index.ts';
import { type Graph, incoming, outgoing } from './graph.ts';

/** The graph with a loop at every node that has none, after its other edges, in the order of the nodes. */
export function withSelfLoops(graph: Graph): Graph {
  const { nodeCount, edgeCount, senders, receivers, nodeGraph, edgeGraph } = graph;
  const hasLoop = new Uint8Array(nodeCount);
  for (let edge = 0; edge < edgeCount; edge++)
    if (senders[edge] === receivers[edge]) hasLoop[senders[edge]] = 1;
  const looped = Int32Array.from({ length: nodeCount }, (_, node) => node).filter((node) => !hasLoop[node]);
  const append = (column: Int32Array, added: Int32Array) => {
    const whole = new Int32Array(edgeCount + looped.length);
    whole.set(column);
    whole.set(added, edgeCount);
    return whole;
  };
  return {
    ...graph,
    edgeCount: edgeCount + looped.length,
    senders: append(senders, looped),
    receivers: append(receivers, looped),
    edgeGraph: append(
      edgeGraph,
      looped.map((node) => nodeGraph[node]),
    ),
  };
}

/**
 * [nodes] D̃^−½ of graph convolutions (Kipf & Welling 2017, eq. 2): 1 / √(1 + the weights of the edges that enter a node),
 * which are 1 each where none are given. Throws `input` for a weight below 0.
 */
export function gcnScale(
  { nodeCount, edgeCount, receivers }: Graph,
  weights?: Float32Array,
): Float32Array<ArrayBuffer> {
  const degree = new Float64Array(nodeCount).fill(1);
  for (let edge = 0; edge < edgeCount; edge++) {
    const weight = weights ? weights[edge] : 1;
    if (!(weight >= 0))
      throw new EtalonError('input', `Edge ${edge} has the weight ${weight}; weights must not be below 0.`);
    degree[receivers[edge]] += weight;
  }
  return Float32Array.from(degree, (value) => 1 / Math.sqrt(value));
}

/**
 * Doubly stochastic normalisation of edge features (Gong & Cheng 2019), channel by channel: with
 * ẽ_ik = e_ik / Σ_k e_ik over the edges k → i, the result is e_ij = Σ_k ẽ_ik ẽ_jk / Σ_v ẽ_vk. It is symmetric, its rows and
 * columns sum to 1 (to 0 for a node that nothing of a channel enters), and its edges join the nodes that one node has
 * edges to: their number, and the work, is the sum of the squares of the out-degrees.
 * Features [edges, channels], row-major. Throws `input` for a feature below 0.
 */
export function doublyStochastic(
  graph: Graph,
  features: Float32Array,
  channels: number,
): { graph: Graph; features: Float32Array<ArrayBuffer> } {
  const { nodeCount, senders, receivers, nodeGraph } = graph;
  const shares = dividedBySums(graph, features, channels);
  const sent = new Float64Array(nodeCount * channels);
  shares.forEach((share, i) => {
    sent[senders[Math.floor(i / channels)] * channels + (i % channels)] += share;
  });

  const [entering, leaving] = [incoming(graph), outgoing(graph)];
  const columns = { senders: [] as number[], receivers: [] as number[], features: [] as number[] };
  const sums = new Float64Array(nodeCount * channels);
  for (let i = 0; i < nodeCount; i++) {
    const reached = new Set<number>();
    for (const first of slots(entering, i)) {
      const k = senders[first];
      for (const second of slots(leaving, k)) {
        const j = receivers[second];
        reached.add(j);
        for (let p = 0; p < channels; p++) {
          const total = sent[k * channels + p];
          if (total > 0)
            sums[j * channels + p] += (shares[first * channels + p] * shares[second * channels + p]) / total;
        }
      }
    }
    for (const j of reached) {
      columns.senders.push(j);
      columns.receivers.push(i);
      for (let p = j * channels; p < (j + 1) * channels; p++) columns.features.push(sums[p]);
      sums.fill(0, j * channels, (j + 1) * channels);
    }
  }
  const ends = Int32Array.from(columns.receivers);
  return {
    graph: {
      ...graph,
      edgeCount: ends.length,
      senders: Int32Array.from(columns.senders),
      receivers: ends,
      edgeGraph: ends.map((node) => nodeGraph[node]),
    },
    features: Float32Array.from(columns.features),
  };
}

/** Each feature as a share of those of the edges that enter the same node. */
function dividedBySums(
  { nodeCount, receivers }: Graph,
  features: Float32Array,
  channels: number,
): Float64Array {
  const slot = (i: number) => receivers[Math.floor(i / channels)] * channels + (i % channels);
  const sums = new Float64Array(nodeCount * channels);
  features.forEach((feature, i) => {
    if (!(feature >= 0))
      throw new EtalonError(
        'input',
        `Edge ${Math.floor(i / channels)} has the feature ${feature}; features must not be below 0.`,
      );
    sums[slot(i)] += feature;
  });
  return Float64Array.from(features, (feature, i) => (feature > 0 ? feature / sums[slot(i)] : 0));
}

function slots({ offsets, entries }: ReturnType<typeof incoming>, row: number): Int32Array {
  return entries.subarray(offsets[row], offsets[row + 1]);
}
