import { localDay, type RoadNetwork, SEGMENT_FLAGS, secondOfDay, weekday } from '@etalon/core/roads';
import type { SpeedGraph } from './graph.ts';
import { rowEndS, type SpeedMatrix } from './matrix.ts';
import { expectedSpeeds, type ProfileSums } from './profile.ts';
import { horizonMinutes, type SpeedSettings } from './settings.ts';

/** Everything that windows are cut from. A window is named by its newest row: what is known when that row ends. */
export interface SpeedSource {
  network: RoadNetwork;
  matrix: SpeedMatrix;
  graph: SpeedGraph;
  /** [(steps + ahead) · n] km/h; see `expectedSpeeds`. */
  expectedKmh: Float32Array;
  /** Rows from the newest to the one that is forecast, for each horizon, ascending. */
  horizonRows: number[];
  /** How many rows a window has. */
  historyRows: number;
}

export function speedSource(
  network: RoadNetwork,
  matrix: SpeedMatrix,
  graph: SpeedGraph,
  history: ProfileSums,
  settings: SpeedSettings,
): SpeedSource {
  const horizonRows = horizonMinutes(settings).map((minutes) => Math.round((minutes * 60) / matrix.stepS));
  const expectedKmh = expectedSpeeds(history, matrix, horizonRows.at(-1)!);
  const historyRows = Math.max(1, Math.round((settings.historyMinutes * 60) / matrix.stepS));
  return { network, matrix, graph, expectedKmh, horizonRows, historyRows };
}

/** Observed less expected, km/h, or NaN where nothing was observed, or the row is before the matrix. */
export function deviationAt({ matrix, expectedKmh }: SpeedSource, row: number, i: number): number {
  const at = row * matrix.segments.length + i;
  return row < 0 ? Number.NaN : matrix.speedKmh[at] - expectedKmh[at];
}

/** The newest deviation of a window, and how many rows ago it was; 0 and the window's rows where it has none. */
export function lastDeviation(source: SpeedSource, row: number, i: number): { kmh: number; rowsAgo: number } {
  for (let rowsAgo = 0; rowsAgo < source.historyRows; rowsAgo++) {
    const kmh = deviationAt(source, row - rowsAgo, i);
    if (!Number.isNaN(kmh)) return { kmh, rowsAgo };
  }
  return { kmh: 0, rowsAgo: source.historyRows };
}

/** One number that the network is told: its name and unit stand in the exported file. */
interface Column<Context> {
  name: string;
  unit: string;
  value(context: Context): number;
}

interface NodeContext {
  source: SpeedSource;
  row: number;
  i: number;
  /** `i`'s segment of the network. */
  segment: number;
}

/** What is known of a segment when a window ends. A missing observation is 0 beside a 0 in `known`: it says nothing. */
export function nodeColumns({ historyRows, horizonRows }: SpeedSource): Column<NodeContext>[] {
  const rows = [...Array(historyRows).keys()];
  const n = ({ source }: NodeContext) => source.matrix.segments.length;
  return [
    ...rows.map((ago) => ({
      name: `deviation${ago}`,
      unit: 'km/h, observed − history',
      value: (c: NodeContext) => deviationAt(c.source, c.row - ago, c.i) || 0,
    })),
    ...rows.map((ago) => ({
      name: `known${ago}`,
      unit: '0/1',
      value: (c: NodeContext) => Number(!Number.isNaN(deviationAt(c.source, c.row - ago, c.i))),
    })),
    {
      name: 'lastDeviation',
      unit: 'km/h, observed − history',
      value: (c) => lastDeviation(c.source, c.row, c.i).kmh,
    },
    { name: 'rowsSince', unit: 'steps', value: (c) => lastDeviation(c.source, c.row, c.i).rowsAgo },
    { name: 'history', unit: 'km/h', value: (c) => c.source.expectedKmh[c.row * n(c) + c.i] },
    ...horizonRows.map((ahead) => ({
      name: `historyChange${ahead}`,
      unit: 'km/h',
      value: (c: NodeContext) =>
        c.source.expectedKmh[(c.row + ahead) * n(c) + c.i] - c.source.expectedKmh[c.row * n(c) + c.i],
    })),
    { name: 'speedLimit', unit: 'km/h', value: (c) => c.source.network.speedLimitKmh[c.segment] },
    { name: 'logLength', unit: 'log(1 + m)', value: (c) => Math.log1p(c.source.network.lengthM[c.segment]) },
    { name: 'lanes', unit: 'lanes, 0 unknown', value: (c) => c.source.network.lanes[c.segment] },
    { name: 'importance', unit: 'class index', value: (c) => c.source.network.roadClass[c.segment] },
    {
      name: 'link',
      unit: '0/1',
      value: (c) => Number((c.source.network.flags[c.segment] & SEGMENT_FLAGS.link) > 0),
    },
  ];
}

export const EDGE_COLUMNS: readonly Column<{ graph: SpeedGraph; edge: number }>[] = [
  { name: 'weight', unit: 'nearness in (0, 1]', value: ({ graph, edge }) => graph.weight[edge] },
  {
    name: 'logDistance',
    unit: 'log(1 + m)',
    value: ({ graph, edge }) => Math.log1p(graph.distanceM[edge]),
  },
  { name: 'onward', unit: '0/1', value: ({ graph, edge }) => graph.onward[edge] },
  { name: 'back', unit: '0/1', value: ({ graph, edge }) => graph.back[edge] },
];

/** The moment itself: time of day and week, and how the whole network does. */
export const GRAPH_COLUMNS: readonly Column<{ source: SpeedSource; row: number }>[] = [
  ...[1, 2, 3].flatMap((harmonic) =>
    ([Math.sin, Math.cos] as const).map((wave) => ({
      name: `${wave.name}Day${harmonic}`,
      unit: 'unitless',
      value: ({ source, row }: { source: SpeedSource; row: number }) =>
        wave((2 * Math.PI * harmonic * secondOfDay(rowEndS(source.matrix, row))) / 86_400),
    })),
  ),
  {
    name: 'weekend',
    unit: '0/1',
    value: ({ source, row }) => Number(weekday(rowEndS(source.matrix, row)) > 4),
  },
  {
    name: 'meanDeviation',
    unit: 'km/h, observed − history',
    value: ({ source, row }) => {
      const { length } = source.matrix.segments;
      let sum = 0;
      for (let i = 0; i < length; i++) sum += lastDeviation(source, row, i).kmh;
      return sum / length;
    },
  },
];

/** The rows that end a whole window and lie in one of the days, each with a speed to forecast on one of the days. */
export function windowRows(source: SpeedSource, days: ReadonlySet<number>): number[] {
  const { matrix, historyRows, horizonRows } = source;
  const rows: number[] = [];
  for (let row = historyRows - 1; row + horizonRows[0] < matrix.steps; row++)
    if (days.has(rowDay(matrix, row)) && horizonRows.some((ahead) => inDays(matrix, row + ahead, days)))
      rows.push(row);
  return rows;
}

/** The local day that a row lies in. */
export const rowDay = ({ firstStep, stepS }: SpeedMatrix, row: number): number =>
  localDay((firstStep + row) * stepS);

/** Whether a row is in the matrix and on one of the days. */
export const inDays = (matrix: SpeedMatrix, row: number, days: ReadonlySet<number>): boolean =>
  row < matrix.steps && days.has(rowDay(matrix, row));
