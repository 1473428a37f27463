import type { Aggregation } from '../../core/gnn/index.ts';
import type { Graph } from '../../core/graph/index.ts';
import * as d from './denseLayers.ts';
import { type Declare, type LayerValues, WIDTH } from './layerWorld.ts';
import { type Matrix, rowsOf } from './plainGnn.ts';

/** One use of one layer, beside its formula. */
export interface LayerCase {
  name: string;
  /** Draws random numbers: neither a formula nor a file is compared then. */
  training?: boolean;
  declare: Declare;
  /** What it should give, by a formula of its own. */
  formula?: (dense: Dense) => Record<string, Matrix>;
}

/** The inputs of a layer as lists of numbers. */
export interface Dense {
  graph: Graph;
  x: Matrix;
  e: Matrix;
  g: Matrix;
  item: Matrix;
  row: Int32Array;
  edgeWeight: number[];
  typed: (relation: string) => { senders: Int32Array; receivers: Int32Array };
  weight: d.Weight;
  plain: (name: string) => number[];
}

export function denseInputs(graph: Graph, values: LayerValues, plain: Dense['plain']): Dense {
  return {
    graph,
    x: rowsOf(values.x, WIDTH.x),
    e: rowsOf(values.e, WIDTH.e),
    g: rowsOf(values.g, WIDTH.g),
    item: rowsOf(values.item, WIDTH.item),
    row: values.row as Int32Array,
    edgeWeight: [...values.edgeWeight],
    typed: (relation) => ({
      senders: values[`senders/${relation}`] as Int32Array,
      receivers: values[`receivers/${relation}`] as Int32Array,
    }),
    weight: (name, columns) => rowsOf(plain(name), columns),
    plain,
  };
}

/** What reaches each node, of a row for each edge. */
export const arriving = ({ graph }: Dense, rows: Matrix, width: number, kind: Aggregation) =>
  d.grouped(rows, graph.receivers, graph.nodeCount, width, d.COMBINE[kind]);
