import { stat } from 'node:fs/promises';
import { EtalonError, quietContext, type TaskContext, throwIfCancelled } from '../base/index.ts';
import type { ImportReport } from '../tables/importReport.ts';
import { ReportBuilder } from '../tables/importReport.ts';
import { MalformedTally } from '../tables/malformed.ts';
import { readHead } from '../tables/textFile.ts';
import { readGeoJsonRoads } from './geojson.ts';
import type { RoadNetwork } from './network.ts';
import type { OsmSource } from './osm/elements.ts';
import { openPbf } from './osm/pbf.ts';
import { readOsmRoads } from './osm/roads.ts';
import { openXml } from './osm/xml.ts';
import { readOsmnxRoads } from './osmnx.ts';
import { readSumoRoads } from './sumo/roads.ts';

export interface ReadRoadsOptions {
  /** OSMnx: the nodes' file; without it `nodes.csv` beside the edges is taken. */
  nodesPath?: string;
  /** SUMO: longitude, latitude of the middle of a network without a projection; else 0° N 0° E. */
  origin?: readonly [number, number];
  /** Whether rows, features and elements that cannot be read are left out; else they stop the import. */
  skipMalformed?: boolean;
  context?: TaskContext;
}

/**
 * Reads a road network from an OSM extract (PBF; XML plain or gzip), OSMnx's edges and nodes in CSV, GeoJSON
 * LineStrings with OSM's tags as properties, or a SUMO network (plain or gzip). The format is told by the content.
 * @throws EtalonError `not-found` where there is no such file, `input` where it cannot be used (naming file, place
 *   and remedy), `cancelled`
 */
export async function readRoads(
  path: string,
  options: ReadRoadsOptions = {},
): Promise<{ network: RoadNetwork; report: ImportReport }> {
  const context = options.context ?? quietContext;
  throwIfCancelled(context.signal);
  const report = new ReportBuilder();
  const format = await detectFormat(path);
  const malformed = new MalformedTally(report, options.skipMalformed ?? false, MALFORMED_UNITS[format]);
  const network = await read(path, format, options, report, malformed, context);
  malformed.refuseMost(Object.values(report.read).reduce((sum, count) => sum + count, 0));
  if (network.segmentCount === 0) throw nothingKept(path, report.finish(path, format));
  report.kept.segments = network.segmentCount;
  report.kept.junctions = network.junctionCount;
  report.kept.turns = network.turnCount;
  return { network, report: report.finish(path, format) };
}

/** What is left out of each format where it cannot be read. The blocks of a PBF are read whole or not at all. */
const MALFORMED_UNITS: Record<Format, string> = {
  'OSM PBF': 'blocks',
  'OSM XML': 'elements',
  'SUMO network': 'elements',
  GeoJSON: 'features',
  'OSMnx CSV': 'rows',
};

async function read(
  path: string,
  format: Format,
  { nodesPath, origin }: ReadRoadsOptions,
  report: ReportBuilder,
  malformed: MalformedTally,
  context: TaskContext,
): Promise<RoadNetwork> {
  switch (format) {
    case 'OSM PBF':
      return fromOsm(await openPbf(path), report, context);
    case 'OSM XML':
      return fromOsm(openXml(path, malformed), report, context);
    case 'SUMO network':
      return readSumoRoads(path, origin, report, malformed, context);
    case 'GeoJSON':
      return readGeoJsonRoads(path, report, malformed, context);
    case 'OSMnx CSV':
      return readOsmnxRoads(path, nodesPath, report, malformed, context);
    default:
      throw new Error(`internal: unknown format ${format satisfies never}`);
  }
}

async function fromOsm(source: OsmSource, report: ReportBuilder, context: TaskContext): Promise<RoadNetwork> {
  try {
    return await readOsmRoads(source, report, context);
  } finally {
    await source.close();
  }
}

type Format = 'OSM PBF' | 'OSM XML' | 'SUMO network' | 'GeoJSON' | 'OSMnx CSV';

async function detectFormat(path: string): Promise<Format> {
  const found = await stat(path).catch(() => undefined);
  if (!found)
    throw new EtalonError('not-found', 'There is no such file.', {
      where: { file: path },
      remedy: 'Check the path.',
    });
  if (!found.isFile()) throw unknownFormat(path, 'This is not a file.');
  const head = await readHead(path);
  if (head.length === 0) throw unknownFormat(path, 'The file is empty.');
  if (head.includes('OSMHeader') && head.indexOf('OSMHeader') < 64) return 'OSM PBF';
  for (const [magic, name] of OTHER_FORMATS)
    if (head.subarray(0, magic.length).toString('latin1') === magic)
      throw unknownFormat(path, `This is ${name}, not a road network that can be read.`);
  const text = head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (text.startsWith('<')) return rootElement(text) === 'net' ? 'SUMO network' : 'OSM XML';
  if (text.startsWith('{') || text.startsWith('[')) return 'GeoJSON';
  // What is cut short or damaged is named by its reader, in the terms of its format.
  if (/\.pbf$/i.test(path)) return 'OSM PBF';
  if (/^[^\n]*,/.test(text) && !text.includes('\0')) return 'OSMnx CSV';
  throw unknownFormat(path, 'The content is of no known kind.');
}

/** The name of the outermost element. SUMO's files begin with comments that hold elements of their own. */
function rootElement(text: string): string | undefined {
  return /<([A-Za-z][\w:.-]*)/.exec(text.replace(/<!--[\s\S]*?(?:-->|$)/g, ''))?.[1];
}

const OTHER_FORMATS: readonly (readonly [magic: string, name: string])[] = [
  ['BZh', 'a bzip2 file'],
  ['PK\u0003\u0004', 'a ZIP archive'],
  ['\xFD7zXZ', 'an xz file'],
  ['SQLite format 3', 'an SQLite database (GeoPackage?)'],
];

function unknownFormat(path: string, message: string): EtalonError {
  return new EtalonError('input', message, {
    where: { file: path },
    remedy:
      'Give .osm.pbf, .osm or .osm.gz (unpacked from other archives), OSMnx edges in CSV, GeoJSON LineStrings, or a SUMO .net.xml.',
  });
}

function nothingKept(path: string, report: ImportReport): EtalonError {
  const reasons = report.dropped.slice(0, 3).map(({ count, description }) => `${count} ${description}`);
  return new EtalonError(
    'input',
    `The file holds no road for cars${reasons.length > 0 ? ` (left out: ${reasons.join('; ')})` : ''}.`,
    { where: { file: path }, remedy: 'Give an extract with roads and their nodes.' },
  );
}
