import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Growable } from '../base/growable.ts';
import { EtalonError, type TaskContext } from '../base/index.ts';
import { eachRecord } from '../tables/eachRecord.ts';
import type { ReportBuilder } from '../tables/importReport.ts';
import {
  assertReadable,
  type MalformedError,
  type MalformedTally,
  malformedField,
} from '../tables/malformed.ts';
import { openTable, type Table, type TableRecord } from '../tables/table.ts';
import type { DirectionAttributes, RoadAttributes } from './attributes.ts';
import { buildNetwork } from './build.ts';
import { lineLengthM } from './geometry.ts';
import { ROAD_CLASSES, type RoadNetwork } from './network.ts';
import { parseHighway } from './osm/highway.ts';
import { defaultSpeedKmh, parseMaxspeedKmh } from './osm/maxspeed.ts';
import { isSet, isTunnel, parseLanes, parseSurface } from './osm/wayAttributes.ts';
import { pairDirections } from './pairDirections.ts';
import { SegmentTable } from './segmentTable.ts';

interface Row {
  /** '' where the table lacks the column. */
  get(column: string): string;
  has(column: string): boolean;
  /** Throws `MalformedError` for what is no number. */
  number(column: string): number;
  malformed(column: string | null, found: string, remedy: string): MalformedError;
  line: number;
}

interface Nodes {
  /** OSM id → junction. */
  junctions: Map<number, number>;
  coordinates: Growable<Float64Array>;
  signals: Growable<Uint8Array>;
}

/**
 * A network as OSMnx writes it: `edges.csv`, one row per direction (`u`, `v`, `length` in metres, and OSM's tags, of
 * merged ways as lists), and `nodes.csv` (`osmid`, `y`, `x`). Every edge of a class that cars use is kept: what to
 * leave out was chosen when the network was downloaded. A ref is the edge's `fid`, or `u-v-key`.
 */
export async function readOsmnxRoads(
  path: string,
  nodesPath: string | undefined,
  report: ReportBuilder,
  malformed: MalformedTally,
  context: TaskContext,
): Promise<RoadNetwork> {
  const nodesFile = nodesPath ?? siblingNodes(path);
  if (nodesPath !== undefined && !existsSync(nodesPath))
    throw new EtalonError('not-found', 'There is no such file.', {
      where: { file: nodesPath },
      remedy: "Check the path of the nodes' file.",
    });
  const nodes = nodesFile ? await readNodes(nodesFile, report, malformed, context) : noNodes();
  const edges = new EdgeReader(nodes, nodesFile !== undefined, report);
  await readRows(path, ['u', 'v'], 'Reading edges', malformed, context, (row) => edges.take(row));
  malformed.stopIfFailed();
  report.read.edges = edges.read;
  report.kept.edges = edges.segments.count;
  edges.pairDirections();
  return buildNetwork(edges.segments, nodes.coordinates.toArray(), context);
}

function siblingNodes(edgesPath: string): string | undefined {
  const name = basename(edgesPath);
  const candidates = [name.replace(/edges/i, 'nodes'), 'nodes.csv'].filter((other) => other !== name);
  return candidates.map((other) => join(dirname(edgesPath), other)).find((other) => existsSync(other));
}

function noNodes(): Nodes {
  return {
    junctions: new Map(),
    coordinates: new Growable(Float64Array),
    signals: new Growable(Uint8Array),
  };
}

async function readNodes(
  path: string,
  report: ReportBuilder,
  malformed: MalformedTally,
  context: TaskContext,
): Promise<Nodes> {
  const nodes = noNodes();
  let read = 0;
  await readRows(path, ['osmid|id', 'y|lat', 'x|lon'], 'Reading nodes', malformed, context, (row) => {
    read++;
    const id = row.number(row.has('osmid') ? 'osmid' : 'id');
    const lat = row.number(row.has('y') ? 'y' : 'lat');
    const lon = row.number(row.has('x') ? 'x' : 'lon');
    if (Math.abs(lat) > 90 || Math.abs(lon) > 180)
      throw row.malformed(
        null,
        `node ${id} lies at ${lat}, ${lon}, which are not degrees`,
        'Save the graph in latitude and longitude (not projected); y is the latitude.',
      );
    if (nodes.junctions.has(id)) {
      report.drop('duplicate-node', 'nodes listed before', `node ${id} (line ${row.line})`);
      return;
    }
    addNode(nodes, id, lon, lat, row.get('highway').includes('traffic_signals'));
  });
  report.read.nodes = read;
  return nodes;
}

function addNode(nodes: Nodes, id: number, lon: number, lat: number, signal: boolean): number {
  const junction = nodes.signals.length;
  nodes.junctions.set(id, junction);
  nodes.coordinates.push(lon);
  nodes.coordinates.push(lat);
  nodes.signals.push(signal ? 1 : 0);
  return junction;
}

class EdgeReader {
  readonly segments = new SegmentTable();
  read = 0;
  readonly #nodes: Nodes;
  readonly #nodesKnown: boolean;
  readonly #report: ReportBuilder;
  readonly #refs = new Set<string>();
  /** [segments] the OSM ways of each, as one text. */
  readonly #ways: string[] = [];

  constructor(nodes: Nodes, nodesKnown: boolean, report: ReportBuilder) {
    this.#nodes = nodes;
    this.#nodesKnown = nodesKnown;
    this.#report = report;
  }

  take(row: Row): void {
    this.read++;
    const u = row.number('u');
    const v = row.number('v');
    const givenM = row.get('length') === '' ? null : row.number('length');
    const drawn = parseLineString(row.get('geometry'));
    if (row.get('geometry') !== '' && !drawn)
      throw row.malformed(
        'geometry',
        'the geometry is not a LINESTRING in WKT',
        'Write it as "LINESTRING (lon lat, lon lat, …)", or leave the column out.',
      );
    const ref = row.get('fid') || `${u}-${v}-${row.get('key') || '0'}`;
    const example = `edge ${ref} (line ${row.line})`;
    if (this.#refs.has(ref)) {
      this.#report.drop('duplicate-ref', 'edges whose identifier was taken by an earlier one', example);
      return;
    }
    this.#refs.add(ref);
    const road = this.#road(row, example);
    if (!road) {
      this.#report.drop('not-for-cars', 'edges of a highway class that cars do not use', example);
      return;
    }
    const fromJunction = this.#junction(u, row, drawn?.slice(0, 2));
    const toJunction = this.#junction(v, row, drawn?.slice(-2));
    if (fromJunction === undefined || toJunction === undefined) {
      this.#report.drop('unknown-node', 'edges that begin or end at a node which is not listed', example);
      return;
    }
    const coordinates = drawn ?? this.#straight(fromJunction, toJunction);
    const lengthM = givenM ?? lineLengthM(coordinates, 0, coordinates.length / 2);
    if (!(lengthM > 0)) {
      this.#report.drop('zero-length', 'edges without length', example);
      return;
    }
    if (fromJunction === toJunction && !drawn)
      this.#report.note(
        'Edges that end where they begin and have no geometry: kept, drawn as a point',
        example,
      );
    const osmids = listOf(row.get('osmid')).map(Number).filter(Number.isSafeInteger);
    this.#ways.push(osmids.sort((a, b) => a - b).join(' '));
    this.segments.add({
      ref,
      wayId: osmids[0] ?? 0,
      fromJunction,
      toJunction,
      lengthM,
      road,
      direction: road.forward!,
      signal: this.#nodes.signals.at(toJunction) === 1,
      oneway: isTrue(row.get('oneway')),
      againstWay: isTrue(row.get('reversed')),
      coordinates,
    });
  }

  /** Pairs each segment with the one back along the same ways. */
  pairDirections(): void {
    pairDirections(this.segments, (segment) => this.#ways[segment]);
  }

  #road(row: Row, example: string): RoadAttributes | undefined {
    const classes = listOf(row.get('highway')).map(parseHighway);
    const known = classes.filter((found) => typeof found !== 'string');
    if (classes.length > 0 && known.length === 0) return undefined;
    if (known.length > 1)
      this.#report.note('Edges merged from ways of several classes, given the most important', example);
    if (classes.length === 0)
      this.#report.note('Edges without a highway class, taken as unclassified', example);
    const byRank = known.sort(
      (a, b) => ROAD_CLASSES.indexOf(a.roadClass) - ROAD_CLASSES.indexOf(b.roadClass),
    );
    const highway = byRank[0] ?? { roadClass: 'unclassified' as const, link: false };
    const junction = row.get('junction');
    return {
      ...highway,
      surface: parseSurface(listOf(row.get('surface'))[0]),
      bridge: listOf(row.get('bridge')).some(isSet),
      tunnel: listOf(row.get('tunnel')).some(isTunnel),
      toll: listOf(row.get('toll')).some(isSet),
      roundabout: junction.includes('roundabout') || junction.includes('circular'),
      name: listOf(row.get('name'))[0] ?? listOf(row.get('ref'))[0] ?? '',
      forward: this.#direction(row, highway, example),
    };
  }

  #direction(
    row: Row,
    { roadClass, link }: Pick<RoadAttributes, 'roadClass' | 'link'>,
    example: string,
  ): DirectionAttributes {
    const values = listOf(row.get('maxspeed')).map(parseMaxspeedKmh);
    const speeds = values.filter((speed) => typeof speed === 'number');
    if (values.length > speeds.length)
      this.#report.note('Edges with a speed limit that is variable or not understood', example);
    if (speeds.length > 1)
      this.#report.note('Edges merged from ways of several speed limits, given their mean', example);
    const lanes = Math.min(
      ...listOf(row.get('lanes'))
        .map(parseLanes)
        .filter((count) => count > 0),
    );
    const mine = Number.isFinite(lanes) ? (isTrue(row.get('oneway')) ? lanes : Math.max(1, lanes >> 1)) : 0;
    return {
      speedLimitKmh:
        speeds.length > 0
          ? speeds.reduce((sum, speed) => sum + speed, 0) / speeds.length
          : defaultSpeedKmh(roadClass, link),
      speedTagged: speeds.length > 0,
      lanes: Math.min(mine, 15),
    };
  }

  /** Where no nodes' file is given, the ends of the drawn lines are the junctions' places. */
  #junction(id: number, row: Row, end: Float64Array | undefined): number | undefined {
    const known = this.#nodes.junctions.get(id);
    if (known !== undefined || this.#nodesKnown) return known;
    if (end) return addNode(this.#nodes, id, end[0], end[1], false);
    throw row.malformed(
      null,
      'the edge has no geometry, and its nodes are not given',
      'Put nodes.csv beside the edges, or name it (--nodes).',
    );
  }

  #straight(from: number, to: number): Float64Array {
    const { coordinates } = this.#nodes;
    return Float64Array.of(
      coordinates.at(2 * from),
      coordinates.at(2 * from + 1),
      coordinates.at(2 * to),
      coordinates.at(2 * to + 1),
    );
  }
}

/** The values of a cell: OSMnx writes those of merged ways as a Python list, `['a', "b"]` or `[1, 2]`. */
export function listOf(cell: string): string[] {
  if (cell === '' || cell === 'nan' || cell === 'None') return [];
  if (!cell.startsWith('[')) return [cell];
  const items = cell.slice(1, -1).matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^,\s]+)/g);
  return Array.from(items, ([, single, double, bare]) => bare ?? (single ?? double).replace(/\\(.)/g, '$1'));
}

/** Points of `LINESTRING (lon lat, …)` as longitude, latitude …; undefined for anything else. */
function parseLineString(text: string): Float64Array | undefined {
  const inner = /^\s*LINESTRING\s*Z?\s*\(([^()]*)\)\s*$/i.exec(text)?.[1];
  if (inner === undefined) return undefined;
  const points = inner.split(',').map((point) => point.trim().split(/\s+/).map(Number));
  const usable =
    points.length > 1 && points.every(([lon, lat]) => Math.abs(lon) <= 180 && Math.abs(lat) <= 90);
  return usable ? Float64Array.from(points.flatMap((point) => point.slice(0, 2))) : undefined;
}

function isTrue(text: string): boolean {
  return ['1', 'true', 'yes'].includes(text.toLowerCase());
}

/** Visits the rows of a CSV file with a header. `required`: column names, alternatives as `a|b`. */
async function readRows(
  path: string,
  required: readonly string[],
  stage: string,
  malformed: MalformedTally,
  context: TaskContext,
  visit: (row: Row) => void,
): Promise<void> {
  const table = await openTable(path);
  try {
    const indices = new Map(table.columns.map((name, i) => [name, i]));
    requireColumns(path, indices, required);
    await eachRecord(table, { stage, context }, (record) =>
      malformed.read(() => {
        assertReadable(table, record);
        visit(rowOf(table, record, indices));
      }),
    );
  } finally {
    await table.close();
  }
}

function rowOf(table: Table, record: TableRecord, indices: ReadonlyMap<string, number>): Row {
  const get = (column: string) => record.fields[indices.get(column) ?? -1] ?? '';
  const malformed: Row['malformed'] = (column, found, remedy) =>
    malformedField(table, record, column, found, remedy);
  return {
    get,
    has: (column) => indices.has(column),
    number(column) {
      const text = get(column);
      const value = text.trim() === '' ? Number.NaN : Number(text);
      if (Number.isFinite(value)) return value;
      const found = text === '' ? 'a number is missing' : `"${text}" is not a number`;
      throw malformed(column, found, 'Correct the line, or write the file anew with OSMnx.');
    },
    malformed,
    line: record.line,
  };
}

function requireColumns(
  path: string,
  columns: ReadonlyMap<string, number>,
  required: readonly string[],
): void {
  const missing = required.filter((names) => !names.split('|').some((name) => columns.has(name)));
  if (missing.length === 0) return;
  throw new EtalonError(
    'input',
    `The header lacks ${missing.map((names) => `"${names.replace('|', '" or "')}"`).join(', ')}.`,
    {
      where: { file: path, line: 1 },
      remedy: 'Give the edges.csv and nodes.csv that OSMnx writes (u, v, length, highway …; osmid, y, x).',
    },
  );
}
