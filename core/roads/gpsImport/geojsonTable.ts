import type { OpenedText, TableRecord } from '../../tables/table.ts';
import { readText } from '../../tables/textFile.ts';
import { FeatureCutter, type FeatureText } from './jsonFeatures.ts';

const POSITION_COLUMNS = ['feature', 'coordTimes', 'longitude', 'latitude'];
/** Properties are looked for in so many features. */
const LOOKED_AT = 100;
const TIME_PROPERTIES = ['coordTimes', 'times', 'timestamps'];
const NAME_PROPERTIES = ['id', 'name', 'fid', 'trip_id', 'tripId', 'track_id', 'trackId'];

type JsonObject = { readonly [key: string]: unknown };

/**
 * The points of GeoJSON as records. Of a LineString (or MultiLineString), each position with its time from `coordTimes`
 * (or `times`, `timestamps`) and the feature's name; of Points, the position and the properties. Columns are those four
 * and the properties of the first features; a property of such a name is `properties.` with its name.
 */
export async function openGeoJson(path: string): Promise<OpenedText> {
  let bytesRead = 0;
  const features = cutFeatures(path, (bytes) => {
    bytesRead = bytes;
  });
  const first: FeatureText[] = [];
  while (first.length < LOOKED_AT) {
    const { value, done } = await features.next();
    if (done) break;
    first.push(...value);
  }
  const properties = propertiesOf(first.slice(0, LOOKED_AT));
  const columns = [
    ...POSITION_COLUMNS,
    ...properties.map((name) => (POSITION_COLUMNS.includes(name) ? `properties.${name}` : name)),
  ];
  const batches = readBatches(first, features, properties);
  const close = async () => {
    await batches.return(undefined);
    await features.return(undefined);
  };
  return { columns, batches, bytesRead: () => bytesRead, close };
}

async function* cutFeatures(
  path: string,
  onRead: (bytes: number) => void,
): AsyncGenerator<FeatureText[], undefined> {
  const cutter = new FeatureCutter(path);
  for await (const text of readText(path, onRead)) yield cutter.write(text);
  cutter.close();
}

async function* readBatches(
  first: FeatureText[],
  features: AsyncGenerator<FeatureText[]>,
  properties: readonly string[],
): AsyncGenerator<TableRecord[]> {
  let number = 0;
  const recordsOfAll = (some: readonly FeatureText[]) =>
    some.flatMap((feature) => [...recordsOf(feature, ++number, properties)]);
  yield recordsOfAll(first.splice(0));
  for await (const some of features) yield recordsOfAll(some);
}

function* recordsOf(
  { text, line }: FeatureText,
  number: number,
  properties: readonly string[],
): Generator<TableRecord> {
  const broken = (what: string): TableRecord => ({ line, lines: 1, fields: [], broken: what });
  let feature: unknown;
  try {
    feature = JSON.parse(text);
  } catch (error) {
    return yield broken(`feature ${number} is not valid JSON: ${(error as Error).message}`);
  }
  if (!isObject(feature)) return yield broken(`feature ${number} is no object`);
  // A collection without features has nothing that could be cut out of it.
  if (feature.type === 'FeatureCollection' && Array.isArray(feature.features)) return;
  if (feature.type !== 'Feature') return yield broken(`object ${number} is not a Feature`);
  const given = isObject(feature.properties) ? feature.properties : {};
  const values = properties.map((name) => textOf(given[name]));
  const row = (name: string, time: unknown, at: unknown): TableRecord => {
    if (!Array.isArray(at)) return broken(`feature ${number} has a position that is no list`);
    return { line, lines: 1, fields: [name, textOf(time), textOf(at[0]), textOf(at[1]), ...values] };
  };
  const { type, coordinates } = isObject(feature.geometry) ? feature.geometry : {};
  if (type === 'Point') return yield row('', '', coordinates);
  if ((type !== 'LineString' && type !== 'MultiLineString') || !Array.isArray(coordinates))
    return yield broken(`feature ${number} is neither a line nor a point`);
  const lines: unknown[] = type === 'LineString' ? [coordinates] : coordinates;
  const times = timesOf(given);
  const name = nameOf(feature, given) ?? `feature ${number}`;
  for (const [k, positions] of lines.entries()) {
    if (!Array.isArray(positions)) return yield broken(`feature ${number} has a line that is no list`);
    const ofLine = type === 'LineString' ? times : times[k];
    for (const [i, at] of positions.entries())
      yield row(k === 0 ? name : `${name}#${k + 1}`, Array.isArray(ofLine) ? ofLine[i] : undefined, at);
  }
}

function timesOf(properties: JsonObject): unknown[] {
  const inside = properties.coordinateProperties;
  const found = [properties, isObject(inside) ? inside : {}]
    .flatMap((holder) => TIME_PROPERTIES.map((name) => holder[name]))
    .find(Array.isArray);
  return found ?? [];
}

function nameOf(feature: JsonObject, properties: JsonObject): string | undefined {
  return [feature.id, ...NAME_PROPERTIES.map((name) => properties[name])]
    .map(textOf)
    .find((text) => text !== '');
}

/** Names of the properties that hold one value each. */
function propertiesOf(features: readonly FeatureText[]): string[] {
  const names = new Set<string>();
  for (const { text } of features) {
    const properties = propertiesIn(text);
    for (const [name, value] of Object.entries(properties)) if (textOf(value) !== '') names.add(name);
  }
  return [...names];
}

function propertiesIn(text: string): JsonObject {
  try {
    const feature: unknown = JSON.parse(text);
    return isObject(feature) && isObject(feature.properties) ? feature.properties : {};
  } catch {
    return {}; // Reported when its turn comes to be read.
  }
}

/** A text, number or flag as text; else nothing. */
function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
