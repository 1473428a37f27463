import type { RecommenderConfig } from '@etalon/core/app/model';
import { EtalonError, Random } from '@etalon/core/base';
import { connectedComponents } from '@etalon/core/graph';
import { drawParts, EdgeTable, InteractionData, NodeTable, type Part } from '@etalon/core/interactions';
import {
  type AttributedGraph,
  attributedGraph,
  categoricalFeature,
  type KeptFeatures,
} from './attributed.ts';
import type { GraphSettings } from './settings.ts';

/** Plain JSON that outlasts training. */
export interface KeptClasses extends KeptFeatures {
  readonly classes: readonly string[];
}

/** What is classified: nodes, or graphs of them. */
export interface ClassRows {
  readonly attributed: AttributedGraph;
  /** What a row is called, and the identifier of each. */
  readonly called: string;
  readonly ids: readonly string[];
  /** [nodes] the row that each belongs to; null: each is one itself. */
  readonly rowOfNode: Int32Array | null;
  /** Name of the feature that is the class. */
  readonly label: string;
  readonly classes: readonly string[];
  /** [rows] −1 where not known. */
  readonly labels: Int32Array;
  readonly kept: KeptClasses;
}

/** @param kept of the run's training, where it is over. Throws `input` for data without classes, and for a graph of two of them. */
export function classRows(
  data: InteractionData,
  type: string,
  settings: GraphSettings,
  kept?: KeptClasses,
): ClassRows {
  const nodes = data.nodes(data.edges(type).from);
  const { name: label, column } = categoricalFeature(nodes, settings.label, 'label');
  const isOfGraphs = settings.task === 'graphs';
  const named =
    isOfGraphs && settings.graphs !== '' ? categoricalFeature(nodes, settings.graphs, 'graphs') : undefined;
  const attributed = attributedGraph(data, type, settings, [label, ...(named ? [named.name] : [])], kept);
  const classes = kept?.classes ?? column.categories.filter((_, code) => column.codes.includes(code));
  if (classes.length < 2)
    throw new EtalonError('input', `“${label}” of a ${nodes.name} has ${classes.length} class.`, {
      where: { field: 'label' },
      remedy: 'Choose a feature with two classes or more: --set label=….',
    });
  const places = column.categories.map((category) => classes.indexOf(category));
  const ofNodes = column.codes.map((code) => (code < 0 ? -1 : places[code]));
  const base = { attributed, label, classes, kept: { ...attributed.kept, classes } };
  if (!isOfGraphs) return { ...base, called: nodes.name, ids: nodes.ids, rowOfNode: null, labels: ofNodes };
  const graphs = named ? namedGraphs(attributed, named.column) : componentsOf(attributed);
  return {
    ...base,
    called: nodes.name === 'graph' ? 'whole graph' : 'graph',
    ...graphs,
    labels: labelsOfGraphs(ofNodes, graphs.rowOfNode, graphs.ids, classes),
  };
}

/** Graphs by name; edges between two of them are an error. */
function namedGraphs(
  { graph, nodes }: AttributedGraph,
  { codes, categories }: { codes: Int32Array; categories: readonly string[] },
) {
  const nameless = codes.findIndex((code) => code < 0);
  if (nameless >= 0)
    throw new EtalonError('input', `The ${nodes.name} "${nodes.ids[nameless]}" is in no graph.`, {
      where: { field: 'graphs' },
      remedy: 'Name the graph of every node, or leave the setting empty.',
    });
  const edge = graph.senders.findIndex((sender, i) => codes[sender] !== codes[graph.receivers[i]]);
  if (edge >= 0) {
    const [a, b] = [graph.senders[edge], graph.receivers[edge]];
    throw new EtalonError(
      'input',
      `An edge joins "${nodes.ids[a]}" of the graph ${categories[codes[a]]} and "${nodes.ids[b]}" of ${categories[codes[b]]}.`,
      { where: { field: 'graphs' }, remedy: 'Name graphs that no edge joins, or leave the setting empty.' },
    );
  }
  const used = categories.map((_, code) => code).filter((code) => codes.includes(code));
  const place = new Map(used.map((code, row) => [code, row]));
  return { ids: used.map((code) => categories[code]), rowOfNode: codes.map((code) => place.get(code)!) };
}

/** A component is called by its first node. */
function componentsOf({ graph, nodes }: AttributedGraph) {
  const { count, of } = connectedComponents(graph);
  const ids = new Array<string>(count);
  for (let node = of.length - 1; node >= 0; node--) ids[of[node]] = `of ${nodes.ids[node]}`;
  return { ids, rowOfNode: of };
}

/** Throws `input` for a graph whose nodes are of two classes. */
function labelsOfGraphs(
  ofNodes: Int32Array,
  rowOfNode: Int32Array,
  ids: readonly string[],
  classes: readonly string[],
): Int32Array {
  const labels = new Int32Array(ids.length).fill(-1);
  ofNodes.forEach((label, node) => {
    const row = rowOfNode[node];
    if (label < 0) return;
    if (labels[row] >= 0 && labels[row] !== label)
      throw new EtalonError(
        'input',
        `The graph ${ids[row]} has nodes of the classes ${classes[labels[row]]} and ${classes[label]}.`,
        {
          where: { field: 'label' },
          remedy: 'Choose a feature that all nodes of a graph share, or --set task=nodes.',
        },
      );
    labels[row] = label;
  });
  return labels;
}

/** Rows of known class by part, drawn at random whatever way edges are held out: labels have no time. */
export type RowParts = Readonly<Record<Part, Int32Array>>;

/** Throws `input` where too few rows have a class to learn from. */
export function partsOf(
  { labels, called }: ClassRows,
  { holdOut: { test, seed } }: RecommenderConfig['interactions'],
  { validationShare }: Pick<GraphSettings, 'validationShare'>,
): RowParts {
  const known = Int32Array.from(labels.keys()).filter((row) => labels[row] >= 0);
  const drawn = drawParts([...known], { test, validation: validationShare }, new Random(seed));
  const part = (wanted: Part) => known.filter((row) => drawn.get(row) === wanted);
  const parts = { train: part('train'), validation: part('validation'), test: part('test') };
  if (new Set(Array.from(parts.train, (row) => labels[row])).size < 2)
    throw new EtalonError('input', `Fewer than two classes of a ${called} are left to learn from.`, {
      remedy: 'Label more of them, or hold less out: --test, --set validationShare=….',
    });
  return parts;
}

/** Name of the edges from what is classified to its class. */
export const IS = 'is';

/**
 * The classification as a list of who goes with what, so that it is asked, listed and explained as recommendations are: an edge from each row to
 * its class, where that is known.
 */
export function asInteractions({
  called,
  ids,
  label,
  labels,
  classes,
  attributed,
  rowOfNode,
}: ClassRows): InteractionData {
  const to = label === called ? `class ${label}` : label;
  const known = Int32Array.from(labels.keys()).filter((row) => labels[row] >= 0);
  const rows = rowOfNode ? new NodeTable({ name: called, ids }) : attributed.nodes;
  return new InteractionData(
    [rows, new NodeTable({ name: to, ids: classes })],
    [
      new EdgeTable({
        name: IS,
        from: called,
        to,
        fromRows: known,
        toRows: known.map((row) => labels[row]),
      }),
    ],
  );
}
