import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { EtalonError, type TaskContext, throwIfCancelled } from '../base/index.ts';
import type { DirectionAttributes, RoadAttributes } from './attributes.ts';
import { buildNetwork } from './build.ts';
import { lineLengthM } from './geometry.ts';
import { Growable } from './growable.ts';
import type { ReportBuilder } from './importReport.ts';
import { ROAD_CLASSES, type RoadNetwork } from './network.ts';
import { parseHighway } from './osm/highway.ts';
import { defaultSpeedKmh, parseMaxspeedKmh } from './osm/maxspeed.ts';
import { isSet, isTunnel, parseLanes, parseSurface } from './osm/wayAttributes.ts';
import { SegmentTable } from './segmentTable.ts';
import { readText } from './textFile.ts';

interface Row {
  /** '' where the table lacks the column. */
  get(column: string): string;
  has(column: string): boolean;
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
  context: TaskContext,
): Promise<RoadNetwork> {
  const nodesFile = nodesPath ?? siblingNodes(path);
  if (nodesPath !== undefined && !existsSync(nodesPath))
    throw new EtalonError('not-found', 'There is no such file.', {
      where: { file: nodesPath },
      remedy: "Check the path of the nodes' file.",
    });
  const nodes = nodesFile ? await readNodes(nodesFile, report, context) : noNodes();
  const edges = new EdgeReader(path, nodes, nodesFile !== undefined, report);
  await readRows(path, ['u', 'v'], 'Reading edges', context, (row) => edges.take(row));
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

async function readNodes(path: string, report: ReportBuilder, context: TaskContext): Promise<Nodes> {
  const nodes = noNodes();
  let read = 0;
  await readRows(path, ['osmid|id', 'y|lat', 'x|lon'], 'Reading nodes', context, (row) => {
    read++;
    const id = numberOf(path, row, row.has('osmid') ? 'osmid' : 'id');
    const lat = numberOf(path, row, row.has('y') ? 'y' : 'lat');
    const lon = numberOf(path, row, row.has('x') ? 'x' : 'lon');
    if (Math.abs(lat) > 90 || Math.abs(lon) > 180)
      throw new EtalonError('input', `Node ${id} lies at ${lat}, ${lon}, which are not degrees.`, {
        where: { file: path, line: row.line },
        remedy: 'Save the graph in latitude and longitude (not projected); y is the latitude.',
      });
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
  readonly #path: string;
  readonly #nodes: Nodes;
  readonly #nodesKnown: boolean;
  readonly #report: ReportBuilder;
  readonly #refs = new Set<string>();
  /** [segments] the OSM ways of each, as one text. */
  readonly #ways: string[] = [];

  constructor(path: string, nodes: Nodes, nodesKnown: boolean, report: ReportBuilder) {
    this.#path = path;
    this.#nodes = nodes;
    this.#nodesKnown = nodesKnown;
    this.#report = report;
  }

  take(row: Row): void {
    this.read++;
    const u = numberOf(this.#path, row, 'u');
    const v = numberOf(this.#path, row, 'v');
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
    const drawn = parseLineString(row.get('geometry'));
    if (row.get('geometry') !== '' && !drawn) throw this.#badGeometry(row);
    const fromJunction = this.#junction(u, row, drawn?.slice(0, 2));
    const toJunction = this.#junction(v, row, drawn?.slice(-2));
    if (fromJunction === undefined || toJunction === undefined) {
      this.#report.drop('unknown-node', 'edges that begin or end at a node which is not listed', example);
      return;
    }
    const coordinates = drawn ?? this.#straight(fromJunction, toJunction);
    const lengthM = this.#lengthM(row, coordinates);
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
      backward: isTrue(row.get('reversed')),
      coordinates,
    });
  }

  /** Finds for each segment the one back along the same ways, of several the nearest in length. */
  pairDirections(): void {
    const { segmentCount, fromJunction, toJunction, lengthM } = this.segments.columns();
    const waiting = new Map<string, number[]>();
    const gap = (a: number, b: number): number => Math.abs(lengthM[a] - lengthM[b]);
    for (let s = 0; s < segmentCount; s++) {
      const opposite = waiting.get(`${toJunction[s]} ${fromJunction[s]} ${this.#ways[s]}`) ?? [];
      const nearest = opposite.toSorted((a, b) => gap(a, s) - gap(b, s)).at(0);
      if (nearest !== undefined && gap(nearest, s) <= 1 + lengthM[s] / 100) {
        this.segments.pair(s, nearest);
        opposite.splice(opposite.indexOf(nearest), 1);
        continue;
      }
      const key = `${fromJunction[s]} ${toJunction[s]} ${this.#ways[s]}`;
      const mine = waiting.get(key);
      if (mine) mine.push(s);
      else waiting.set(key, [s]);
    }
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
    throw new EtalonError('input', 'The edges have no geometry, and their nodes are not given.', {
      where: { file: this.#path, line: row.line },
      remedy: 'Put nodes.csv beside the edges, or name it (--nodes).',
    });
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

  #lengthM(row: Row, coordinates: Float64Array): number {
    if (row.get('length') !== '') return numberOf(this.#path, row, 'length');
    return lineLengthM(coordinates, 0, coordinates.length / 2);
  }

  #badGeometry(row: Row): EtalonError {
    return new EtalonError('input', 'The geometry is not a LINESTRING in WKT.', {
      where: { file: this.#path, line: row.line, field: 'geometry' },
      remedy: 'Write it as "LINESTRING (lon lat, lon lat, …)", or leave the column out.',
    });
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

function numberOf(path: string, row: Row, column: string): number {
  const text = row.get(column);
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw new EtalonError('input', text === '' ? 'A number is missing.' : `"${text}" is not a number.`, {
    where: { file: path, line: row.line, field: column },
    remedy: 'Correct the line, or write the file anew with OSMnx.',
  });
}

/** Visits the rows of a CSV file with a header. `required`: column names, alternatives as `a|b`. */
async function readRows(
  path: string,
  required: readonly string[],
  stage: string,
  context: TaskContext,
  visit: (row: Row) => void,
): Promise<void> {
  const records = parse({ bom: true, info: true, skip_empty_lines: true });
  const feeding = pipeline(Readable.from(readText(path)), records);
  feeding.catch(() => {}); // It destroys `records`, so the loop below throws the same error.
  let columns: Map<string, number> | undefined;
  let done = 0;
  try {
    for await (const { record, info } of records as AsyncIterable<{
      record: string[];
      info: { lines: number };
    }>) {
      if (!columns) {
        columns = new Map(record.map((name, i) => [name.trim(), i]));
        requireColumns(path, columns, required);
        continue;
      }
      const indices = columns;
      visit({
        get: (column) => record[indices.get(column) ?? -1] ?? '',
        has: (column) => indices.has(column),
        line: info.lines,
      });
      if (++done % 4096 !== 0) continue;
      throwIfCancelled(context.signal);
      context.report({ stage, done, unit: 'rows' });
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new EtalonError('input', error.message, {
      where: { file: path, ...(typeof error.lines === 'number' && { line: error.lines }) },
      remedy: 'Correct the line: every row needs as many fields as the header, quotes in pairs.',
    });
  }
  if (!columns) requireColumns(path, new Map(), required);
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
