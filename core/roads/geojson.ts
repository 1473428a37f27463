import { EtalonError, type TaskContext, throwIfCancelled } from '../base/index.ts';
import type { ReportBuilder } from '../tables/importReport.ts';
import { MalformedError, type MalformedTally } from '../tables/malformed.ts';
import { readText } from '../tables/textFile.ts';
import { buildNetwork } from './build.ts';
import { FeatureCutter } from './gpsImport/jsonFeatures.ts';
import type { RoadNetwork } from './network.ts';
import { NodeTable } from './nodeTable.ts';
import { WAY_DROPS, wayAttributes } from './osm/wayAttributes.ts';
import { splitWays } from './splitWays.ts';
import { WayTable } from './wayTable.ts';

const ID_PROPERTIES = ['@id', 'id', 'fid', 'osm_id', 'osmid', 'way_id'];

/**
 * Roads drawn as GeoJSON LineStrings (or MultiLineStrings) in degrees, with OSM's tags as properties. Lines meet where
 * they share a point, to the 10⁻⁷ degree, and are split there. The ref of a segment is its feature's id (`id#2` … for
 * further lines of it), with `/2`, `/3` … for further parts and `/back` for the way back.
 */
export async function readGeoJsonRoads(
  path: string,
  report: ReportBuilder,
  malformed: MalformedTally,
  context: TaskContext,
): Promise<RoadNetwork> {
  const text = await readWhole(path, context);
  const features = featuresOf(path, parseJson(path, text));
  const file = new GeoJsonFile(path, text, features);
  const ways = new WayTable();
  const points = new PointIds();
  const names: string[] = [];
  const uses = new Map<string, number>();
  let kept = 0;
  features.forEach((given, index) => {
    const place = `feature ${index + 1}`;
    const read = malformed.read(() => {
      const feature = asFeature(file, given, index);
      return { feature, lines: linesOf(file, feature, index) };
    });
    if (!read) return;
    const { feature, lines } = read;
    if (lines.length === 0) {
      report.drop('not-a-line', 'features that are not LineStrings', place);
      return;
    }
    const tags = tagsOf(feature);
    // Lines without a class are roads that someone drew: that is what the file was given for.
    if (!tags.has('highway')) {
      report.note('Features without a highway property, taken as unclassified roads', place);
      tags.set('highway', 'unclassified');
    }
    const attributes = wayAttributes(tags, (description) => report.note(description, place));
    if (typeof attributes === 'string') {
      report.drop(attributes, WAY_DROPS[attributes], place);
      return;
    }
    const id = idOf(feature) ?? `${index + 1}`;
    const wayId = Number(id.replace(/^way\//, ''));
    for (const line of lines) {
      names.push(uniqueName(id, uses));
      ways.add(
        Number.isSafeInteger(wayId) ? wayId : 0,
        attributes,
        line.map((at) => points.idOf(at)),
      );
    }
    kept++;
  });
  malformed.stopIfFailed();
  report.read.features = features.length;
  report.kept.features = kept;
  const { segments, junctionCoordinates } = await splitWays(
    ways,
    points.toTable(ways),
    ({ way, part, forward }) => `${names[way]}${part > 0 ? `/${part + 1}` : ''}${forward ? '' : '/back'}`,
    report,
    context,
  );
  return buildNetwork(segments, junctionCoordinates, context);
}

/** The id for its first line, then `id#2`, `id#3` … for further lines of it or of features that share it. */
function uniqueName(id: string, uses: Map<string, number>): string {
  const use = (uses.get(id) ?? 0) + 1;
  uses.set(id, use);
  return use === 1 ? id : `${id}#${use}`;
}

type Position = readonly [lon: number, lat: number];
type JsonObject = { readonly [key: string]: unknown };

/** Numbers the places where lines have points. */
class PointIds {
  readonly #ids = new Map<string, number>();
  readonly #positions: Position[] = [];

  idOf(position: Position): number {
    const key = `${Math.round(position[0] * 1e7)} ${Math.round(position[1] * 1e7)}`;
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#positions.push(position) - 1;
      this.#ids.set(key, id);
    }
    return id;
  }

  toTable(ways: WayTable): NodeTable {
    const nodes = new NodeTable(ways.refs.view());
    for (let i = 0; i < nodes.ids.length; i++) {
      const [lon, lat] = this.#positions[nodes.ids[i]];
      nodes.lons[i] = lon;
      nodes.lats[i] = lat;
    }
    return nodes;
  }
}

async function readWhole(path: string, context: TaskContext): Promise<string> {
  const pieces: string[] = [];
  for await (const piece of readText(path)) {
    throwIfCancelled(context.signal);
    pieces.push(piece);
    context.report({ stage: 'Reading features', done: pieces.length, unit: 'blocks' });
  }
  return pieces.join('').replace(/^\uFEFF/, '');
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = (error as Error).message;
    throw new EtalonError('input', `The file is not valid JSON: ${message}.`, {
      where: { file: path, ...jsonErrorPlace(message, text) },
      remedy: 'Check that the file is whole.',
    });
  }
}

/** Characters that V8 quotes before the one it stumbles over. */
const QUOTED_BEFORE = 10;

/** The engine names line and column, or quotes the text about the error, or says that the text ends too soon. */
function jsonErrorPlace(message: string, text: string): { line: number; column?: number } | undefined {
  const place = /line (\d+) column (\d+)/.exec(message);
  if (place) return { line: Number(place[1]), column: Number(place[2]) };
  const lineAt = (position: number): number => text.slice(0, position).split('\n').length;
  if (message.includes('end of JSON')) return { line: lineAt(text.length) };
  const quoted = /(\.\.\.)?"(.*)"(?:\.\.\.)? is not valid JSON/s.exec(
    message.slice(message.indexOf(', ') + 2),
  );
  if (!quoted) return undefined;
  const [, cut, excerpt] = quoted;
  const at = text.indexOf(excerpt);
  if (at < 0 || at !== text.lastIndexOf(excerpt)) return undefined;
  return { line: lineAt(at + (cut ? QUOTED_BEFORE : 0)) };
}

function featuresOf(path: string, json: unknown): unknown[] {
  if (isObject(json) && json.type === 'Feature') return [json];
  if (isObject(json) && json.type === 'FeatureCollection' && Array.isArray(json.features))
    return json.features;
  throw new EtalonError('input', 'The file is JSON, but not a GeoJSON FeatureCollection.', {
    where: { file: path, line: 1 },
    remedy: 'Give a FeatureCollection of LineStrings.',
  });
}

function asFeature(file: GeoJsonFile, given: unknown, index: number): JsonObject {
  if (isObject(given) && given.type === 'Feature') return given;
  throw badFeature(file, index, 'is not a Feature');
}

function linesOf(file: GeoJsonFile, { geometry }: JsonObject, index: number): Position[][] {
  if (!isObject(geometry)) return [];
  const { type, coordinates } = geometry;
  if (type !== 'LineString' && type !== 'MultiLineString') return [];
  const lines = type === 'LineString' ? [coordinates] : coordinates;
  if (!Array.isArray(lines)) throw badFeature(file, index, 'has no coordinates');
  for (const line of lines) {
    if (!Array.isArray(line) || line.length < 2)
      throw badFeature(file, index, 'has a line of fewer than two points');
    for (const at of line)
      if (!isPosition(at))
        throw badFeature(
          file,
          index,
          `has the position ${JSON.stringify(at)}, which is not [longitude, latitude]`,
        );
  }
  return lines as Position[][];
}

function isPosition(at: unknown): at is Position {
  return (
    Array.isArray(at) &&
    typeof at[0] === 'number' &&
    typeof at[1] === 'number' &&
    Math.abs(at[0]) <= 180 &&
    Math.abs(at[1]) <= 90
  );
}

function tagsOf({ properties }: JsonObject): Map<string, string> {
  const tags = new Map<string, string>();
  if (!isObject(properties)) return tags;
  for (const [key, value] of Object.entries(properties))
    if (['string', 'number', 'boolean'].includes(typeof value) && value !== '') {
      // A flag given as JSON true or false says what OSM writes as yes or no.
      tags.set(key, value === true ? 'yes' : value === false ? 'no' : String(value));
    }
  return tags;
}

function idOf(feature: JsonObject): string | undefined {
  const properties = isObject(feature.properties) ? feature.properties : {};
  const found = [feature.id, ...ID_PROPERTIES.map((key) => properties[key])].find(
    (value) => typeof value === 'number' || (typeof value === 'string' && value !== ''),
  );
  return found === undefined ? undefined : String(found);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Tells the lines of its features, which only errors ask for. */
class GeoJsonFile {
  readonly path: string;
  readonly #text: string;
  readonly #features: readonly unknown[];
  #lines: number[] | undefined;

  constructor(path: string, text: string, features: readonly unknown[]) {
    this.path = path;
    this.#text = text;
    this.#features = features;
  }

  /** The line that a feature begins on; what is no object has that of the one before it. */
  lineOf(index: number): number {
    this.#lines ??= new FeatureCutter(this.path).write(this.#text).map(({ line }) => line);
    return this.#lines[this.#features.slice(0, index + 1).filter(isObject).length - 1] ?? 1;
  }
}

function badFeature(file: GeoJsonFile, index: number, what: string): MalformedError {
  return new MalformedError(
    { file: file.path, line: file.lineOf(index), field: `features[${index}]` },
    `feature ${index + 1} ${what}`,
    { remedy: 'Correct the feature: coordinates are degrees, longitude first.' },
  );
}
