import { randomStream } from '@etalon/core/base';
import type { Feed } from '@etalon/core/device';
import { batchGraphs, type Csr, type Graph, gatherRows, groupBy, oneGraph } from '@etalon/core/graph';
import { rowOf } from '@etalon/core/interactions';
import { edgesFor } from './attributed.ts';
import type { ClassRows, RowParts } from './classRows.ts';
import { shuffledNodes } from './edges.ts';
import type { GraphSettings } from './settings.ts';

/** What the networks of nodes and of graphs are fed. */
export interface ClassFeeds {
  /** Every row. */
  readonly whole: Feed;
  /** Some rows alone, in their order, where rows are graphs; of nodes the whole. */
  of(rows: Int32Array): Feed;
  /** Both nodes of each edge of a feed `of` the same rows, but for the loops that come last. */
  edgeEnds(rows: Int32Array): readonly (readonly [from: number, to: number])[];
  batches(draw: { seed: number; epoch: number }): Iterable<Feed>;
  readonly batchesPerEpoch: number;
}

export function classFeeds(rows: ClassRows, parts: RowParts, settings: GraphSettings): ClassFeeds {
  return rows.rowOfNode
    ? graphFeeds(rows, rows.rowOfNode, parts, settings)
    : nodeFeeds(rows, parts, settings);
}

function nodeFeeds(
  { attributed, labels }: ClassRows,
  { train }: RowParts,
  settings: GraphSettings,
): ClassFeeds {
  const { graph, x } = attributed;
  const whole = { x, ...edgesFor(attributed, settings.convolution) };
  const learned = new Float32Array(labels.length);
  for (const row of train) learned[row] = 1;
  const known = { label: labels.map((label) => Math.max(0, label)), learned };
  const ends = endsOf(graph);
  return {
    whole,
    of: () => whole,
    edgeEnds: () => ends,
    *batches({ seed, epoch }) {
      const shuffled = settings.infomax > 0 ? shuffledNodes(labels.length, randomStream(seed, epoch)) : {};
      yield { ...whole, ...known, ...shuffled };
    },
    batchesPerEpoch: 1,
  };
}

function graphFeeds(
  { attributed, labels, ids }: ClassRows,
  rowOfNode: Int32Array,
  { train }: RowParts,
  { convolution, batchGraphs: size }: GraphSettings,
): ClassFeeds {
  const { x, columns } = attributed;
  const nodesOf = groupBy(rowOfNode, ids.length);
  const single = singleGraphs(attributed.graph, rowOfNode, nodesOf);
  const nodesIn = (rows: Int32Array) =>
    Int32Array.from(Array.from(rows, (row) => [...rowOf(nodesOf, row)]).flat());
  const of = (rows: Int32Array): Feed => {
    const graph = batchGraphs(Array.from(rows, (row) => single[row]));
    const features = new Float32Array(graph.nodeCount * columns.length);
    gatherRows(x, columns.length, nodesIn(rows), features);
    return {
      x: features,
      ...edgesFor({ graph }, convolution),
      nodeGraph: graph.nodeGraph,
      graphSize: Float32Array.from(rows, (row) => Math.log1p(single[row].nodeCount)),
    };
  };
  const batchesPerEpoch = Math.ceil(train.length / size);
  return {
    whole: of(Int32Array.from(ids.keys())),
    of,
    edgeEnds: (rows) => {
      const nodes = nodesIn(rows);
      const edges = endsOf(batchGraphs(Array.from(rows, (row) => single[row])));
      return edges.map(([from, to]) => [nodes[from], nodes[to]] as const);
    },
    *batches({ seed, epoch }) {
      const order = randomStream(seed, epoch).shuffle(train.slice());
      for (let batch = 0; batch < batchesPerEpoch; batch++) {
        const [begin, end] = [batch, batch + 1].map((at) =>
          Math.round((at * order.length) / batchesPerEpoch),
        );
        const own = order.subarray(begin, end);
        const label = own.map((row) => labels[row]);
        yield { ...of(own), label, learned: new Float32Array(own.length).fill(1) };
      }
    },
    batchesPerEpoch,
  };
}

function endsOf({ senders, receivers }: Graph): (readonly [number, number])[] {
  return Array.from(senders, (from, edge) => [from, receivers[edge]] as const);
}

/** Each graph by itself, its nodes numbered in their order. */
function singleGraphs(graph: Graph, rowOfNode: Int32Array, nodesOf: Csr): Graph[] {
  const place = new Int32Array(graph.nodeCount);
  const count = nodesOf.offsets.length - 1;
  for (let row = 0; row < count; row++)
    rowOf(nodesOf, row).forEach((node, i) => {
      place[node] = i;
    });
  const edgesOf = groupBy(
    graph.senders.map((sender) => rowOfNode[sender]),
    count,
  );
  return Array.from({ length: count }, (_, row): Graph => {
    const edges = rowOf(edgesOf, row);
    const ends = (of: Int32Array) => edges.map((edge) => place[of[edge]]);
    return oneGraph(rowOf(nodesOf, row).length, ends(graph.senders), ends(graph.receivers));
  });
}
