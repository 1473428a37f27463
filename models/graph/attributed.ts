import { EtalonError } from '@etalon/core/base';
import type { Feed } from '@etalon/core/device';
import { type Csr, type Graph, oneGraph, withSelfLoops } from '@etalon/core/graph';
import {
  beside,
  type CategoricalColumn,
  type FeatureEncoding,
  type Features,
  featureMatrix,
  fitFeatures,
  friendsOf,
  type InteractionData,
  type NodeTable,
} from '@etalon/core/interactions';
import type { Convolution, GraphSettings } from './settings.ts';

/** Plain JSON that outlasts training. */
export interface KeptFeatures {
  readonly encoding: FeatureEncoding;
}

/** Nodes of one type with their features, and the edges of one type between them, which are taken both ways. */
export interface AttributedGraph {
  readonly nodes: NodeTable;
  /** Different neighbours of each node, itself not among them. */
  readonly neighbours: Csr;
  /** As one graph: each pair an edge each way, by receiver. */
  readonly graph: Graph;
  readonly columns: readonly string[];
  /** [nodes · columns] */
  readonly x: Float32Array;
  readonly kept: KeptFeatures;
}

/** @param leftOut features that nothing may be told by: labels, names of graphs. Throws `input` for edges between two types of nodes. */
export function attributedGraph(
  data: InteractionData,
  type: string,
  { categories }: Pick<GraphSettings, 'categories'>,
  leftOut: readonly string[],
  kept?: KeptFeatures,
): AttributedGraph {
  const { from, to } = data.edges(type);
  if (from !== to)
    throw new EtalonError('input', `Edges of "${type}" lead from a ${from} to a ${to}.`, {
      remedy: 'Choose edges between nodes of one type with --edges.',
    });
  const nodes = data.nodes(from);
  const neighbours = friendsOf(data, type);
  const features = without(nodes.features, leftOut);
  const encoding = kept?.encoding ?? fitFeatures(features, { mostCategories: categories });
  const matrix = beside(
    [featureMatrix(encoding, features, nodes.count), neighbourCounts(neighbours)],
    nodes.count,
  );
  return {
    nodes,
    neighbours,
    graph: graphOf(neighbours),
    columns: matrix.names,
    x: matrix.values,
    kept: { encoding },
  };
}

/** The categorical feature of that name, or the first one. Throws `input` where there is none. */
export function categoricalFeature(
  { name: nodes, features }: NodeTable,
  wanted: string,
  setting: 'label' | 'graphs',
): { name: string; column: CategoricalColumn } {
  const all = Object.entries(features).filter(
    (entry): entry is [string, CategoricalColumn] => entry[1].kind === 'categorical',
  );
  const found = wanted === '' ? all[0] : all.find(([name]) => name === wanted);
  if (found) return { name: found[0], column: found[1] };
  const names = all.map(([name]) => name);
  throw new EtalonError(
    'input',
    wanted === ''
      ? `No feature of a ${nodes} is categorical.`
      : `There is no categorical feature “${wanted}” of a ${nodes}.`,
    {
      where: { field: setting },
      remedy:
        names.length > 0
          ? `Choose one with --set ${setting}=…: ${names.join(', ')}.`
          : 'Import a column of categories with the nodes: --map file:kind:column=categorical.',
    },
  );
}

/** The graph's edges as a convolution takes them: attention looks at the node itself by a loop. */
export function edgesFor({ graph }: Pick<AttributedGraph, 'graph'>, convolution: Convolution): Feed {
  const { senders, receivers } = convolution === 'gat' ? withSelfLoops(graph) : graph;
  return { senders, receivers };
}

function without(features: Features, names: readonly string[]): Features {
  return Object.fromEntries(Object.entries(features).filter(([name]) => !names.includes(name)));
}

/** log(1 + neighbours): the one thing that a node without features is told by. */
function neighbourCounts({ offsets }: Csr) {
  const values = Float32Array.from({ length: offsets.length - 1 }, (_, node) =>
    Math.log1p(offsets[node + 1] - offsets[node]),
  );
  return { names: ['neighbours'], values };
}

function graphOf({ offsets, entries }: Csr): Graph {
  const nodeCount = offsets.length - 1;
  const receivers = new Int32Array(entries.length);
  for (let node = 0; node < nodeCount; node++) receivers.fill(node, offsets[node], offsets[node + 1]);
  return oneGraph(nodeCount, entries, receivers);
}
