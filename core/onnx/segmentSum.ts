import type { GraphBuilder } from './graphBuilder.ts';
import { EXACT_DEGREES, type IndexTable, type SegmentPlan, TABLE_WIDTHS } from './segmentPlan.ts';

/** Names of the graph inputs that carry a {@link SegmentPlan}. */
export interface SegmentPlanInputs {
  tables: string;
  tableSizes: string;
  longChunks: string;
  wideHubs: string;
  position: string;
}

/** What {@link addBucketedSum} needs of an index, made once for all sums over it. */
export interface SegmentTables {
  /** Names of [segments, degree] tables, then single rows, short chunks, narrow hubs. */
  tables: string[];
  inputs: SegmentPlanInputs;
}

/** Declares the inputs of a plan and takes its tables apart. `stem` is unique. */
export function addSegmentPlan(graph: GraphBuilder, stem: string, segments: number | string): SegmentTables {
  const inputs: SegmentPlanInputs = {
    tables: `${stem}/tables`,
    tableSizes: `${stem}/tableSizes`,
    longChunks: `${stem}/longChunks`,
    wideHubs: `${stem}/wideHubs`,
    position: `${stem}/position`,
  };
  const symbol = (name: string) => `${stem}/${name}`;
  graph.input({ name: inputs.tables, type: 'i32', shape: [symbol('entries')], doc: '' });
  graph.input({ name: inputs.tableSizes, type: 'i64', shape: [TABLE_WIDTHS.length], doc: '' });
  graph.input({
    name: inputs.longChunks,
    type: 'i32',
    shape: [symbol('long'), symbol('longWidth')],
    doc: '',
  });
  graph.input({ name: inputs.wideHubs, type: 'i32', shape: [symbol('wide'), symbol('wideWidth')], doc: '' });
  graph.input({ name: inputs.position, type: 'i32', shape: [segments], doc: '' });

  const flat = graph.nodeWithOutputs('Split', [inputs.tables, inputs.tableSizes], TABLE_WIDTHS.length, {
    axis: 0,
  });
  const tables = flat.map((table, i) =>
    TABLE_WIDTHS[i] === 1 ? table : graph.node('Reshape', [table, graph.int64([-1, TABLE_WIDTHS[i]])]),
  );
  return { tables, inputs };
}

/** The sum of the rows of x [rows, …row] in each segment, by the tables of its index. */
export function addBucketedSum(
  graph: GraphBuilder,
  x: string,
  row: readonly number[],
  { tables, inputs }: SegmentTables,
): string {
  const zeroRow = graph.float32(Array(row.reduce((a, b) => a * b, 1)).fill(0), [1, ...row]);
  const sumRows = (from: string, table: string) =>
    graph.node('ReduceSum', [graph.node('Gather', [from, table], { axis: 0 }), graph.int64([1])], {
      keepdims: 0,
    });
  const [ones, ...exact] = tables.slice(0, EXACT_DEGREES);
  const [singles, short, narrow] = tables.slice(EXACT_DEGREES);

  const buckets = [graph.node('Gather', [x, ones], { axis: 0 }), ...exact.map((table) => sumRows(x, table))];
  const chunks = graph.node(
    'Concat',
    [
      sumRows(x, inputs.longChunks),
      sumRows(x, short),
      graph.node('Gather', [x, singles], { axis: 0 }),
      zeroRow,
    ],
    { axis: 0 },
  );
  const hubs = [sumRows(chunks, narrow), sumRows(chunks, inputs.wideHubs)];
  const sums = graph.node('Concat', [...buckets, ...hubs, zeroRow], { axis: 0 });
  return graph.node('Gather', [sums, inputs.position], { axis: 0 });
}

/** One value for each input of a plan, with its shape. */
export function planValues(
  plan: SegmentPlan,
  inputs: SegmentPlanInputs,
): { name: string; data: Int32Array | BigInt64Array; dims: number[] }[] {
  const table = (name: string, { rows, width, values }: IndexTable) => ({
    name,
    data: values,
    dims: [rows, width],
  });
  return [
    { name: inputs.tables, data: plan.tables, dims: [plan.tables.length] },
    { name: inputs.tableSizes, data: plan.tableSizes, dims: [plan.tableSizes.length] },
    table(inputs.longChunks, plan.longChunks),
    table(inputs.wideHubs, plan.wideHubs),
    { name: inputs.position, data: plan.position, dims: [plan.position.length] },
  ];
}
