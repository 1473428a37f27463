import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { JobRequest } from '../../core/app/jobTypes.ts';
import { compressWeek, encodeCoefficients } from '../../core/roads/exchange/speedCodec.ts';
import { node, way } from './osmCity.ts';
import { type TestCity, toXml } from './osmFiles.ts';

/** Way 7 runs 1–2–3 both ways and is cut at 2; 8 is driven from 5 to 2 alone. */
export const city: TestCity = {
  nodes: [node(1, 0, 0), node(2, 1, 0), node(3, 3, 0), node(5, 1, 1)],
  ways: [way(7, [1, 2, 3]), way(8, [2, 5], { oneway: '-1' })],
};

/** A file of which something cannot be read, and what an import must say of it. */
export interface MalformedCase {
  name: string;
  files: Record<string, string | Uint8Array>;
  /** The import, of files by their paths. */
  job(path: (name: string) => string): Request;
  /** The file, line and column that the error names. */
  at: { file: string; line?: number; field?: string };
  found: RegExp;
  remedy: RegExp;
  /** What is kept where malformed rows are left out; null where damage hides where the next one begins. */
  kept: Record<string, number> | null;
}

type Imports = Extract<JobRequest, { skipMalformed: boolean }>;
type Request = Imports extends infer One ? (One extends Imports ? Omit<One, 'skipMalformed'> : never) : never;

const MEND = /^Mend|^Correct/;

const good = (i: number) => `t${i},2024-03-04T08:${String(10 + i)}:00,30,7/1/2 7/2/3`;
const tripHeader = 'id,departure,total,path';
const tripMapping = {
  id: 'id',
  departure: 'departure',
  dayOfYear: null,
  minuteOfDay: null,
  year: null,
  totalSeconds: 'total',
  segments: 'path',
  segmentSeconds: null,
};
const tripLines = (bad: string, separator = ',') =>
  `${[tripHeader, good(1), bad, good(2), good(3)].join('\n').replaceAll(',', separator)}\n`;

function trips(
  name: string,
  content: string | Uint8Array,
  at: { file?: string; line?: number; field?: string },
  found: RegExp,
  { kept = 3, remedy = MEND, mapping = {} }: { kept?: number | null; remedy?: RegExp; mapping?: object } = {},
): MalformedCase {
  const file = at.file ?? 'trips.csv';
  return {
    name: `trips, ${name}`,
    files: { [file]: content },
    job: (path) => ({
      kind: 'import-trips',
      path: path(file),
      mapping: { ...tripMapping, ...mapping },
      timeZone: 'UTC',
    }),
    at: { ...at, file },
    found,
    remedy,
    kept: kept === null ? null : { trips: kept },
  };
}

const seconds = (bad: string) => `${tripHeader},each\n${good(1)},20 10\n${bad}\n${good(2)},20 10\n`;

/** Columns of texts. */
function parquet(columns: Record<string, string[]>, rowGroupSize = 2): Uint8Array {
  const columnData = Object.entries(columns).map(([name, data]) => ({ name, data, type: 'STRING' as const }));
  return new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize, codec: 'UNCOMPRESSED' }));
}

/** The same bytes, but for some in the second half of the first page of the last row group. */
function damaged(bytes: Uint8Array, text: string): Uint8Array {
  const at = Buffer.from(bytes).lastIndexOf(text, bytes.length - 400);
  return bytes.map((byte, i) => (i >= at - 24 && i < at - 8 ? 0xff : byte));
}

const cut = (bytes: Uint8Array, share: number) => bytes.subarray(0, Math.floor(bytes.length * share));

const CUT = cut(
  gzipSync(`${tripHeader}\n${Array.from({ length: 3000 }, (_, i) => good(i % 40)).join('\n')}`),
  0.6,
);

/** The last line that comes out of a gzip file which is cut short. */
function lastLineOf(bytes: Uint8Array): number {
  const text = gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
  return text.split('\n').length;
}

const fourTrips = {
  id: ['t1', 't2', 't3', 't4'],
  departure: ['2024-03-04T08:11:00', '2024-03-04T08:12:00', 'soon', '2024-03-04T08:13:00'],
  total: ['30', '30', '30', '30'],
  path: ['7/1/2', '7/1/2', '7/1/2', '7/1/2'],
};

const TRIPS: MalformedCase[] = [
  trips('CSV, a field too few', tripLines('x,2024-03-04T08:30:00,30'), { line: 3 }, /3 fields instead of 4/),
  trips('CSV, a field too many', tripLines(`${good(4)},x`), { line: 3 }, /5 fields instead of 4/),
  trips(
    'CSV, a text for a time',
    tripLines('x,4 March,30,7/1/2'),
    { line: 3, field: 'departure' },
    /"4 March"/,
  ),
  trips(
    'CSV, a day that is none',
    tripLines('x,2024-02-30T08:00:00,30,7/1/2'),
    { line: 3, field: 'departure' },
    /2024-02-30/,
  ),
  trips('CSV, no time', tripLines('x,,30,7/1/2'), { line: 3, field: 'departure' }, /"" is no date/),
  trips(
    'CSV, a text for seconds',
    tripLines('x,2024-03-04T08:30:00,half a minute,7/1/2'),
    { line: 3, field: 'total' },
    /"half a minute" is no number/,
  ),
  trips(
    'CSV, a list that is never closed',
    tripLines('x,2024-03-04T08:30:00,30,[7/1/2'),
    { line: 3, field: 'path' },
    /is no list/,
  ),
  trips(
    'CSV, a quote that is never closed',
    tripLines('"x,2024-03-04T08:30:00,30,7/1/2'),
    { line: 3 },
    /never closed/,
  ),
  trips(
    'CSV, text behind a quote',
    tripLines('"x"y,2024-03-04T08:30:00,30,7/1/2'),
    { line: 3 },
    /quote closes/,
  ),
  trips(
    'CSV, a text among the seconds of segments',
    seconds('x,2024-03-04T08:30:00,30,7/1/2 7/2/3,20 ten'),
    { line: 3, field: 'each' },
    /"ten" is no number/,
    { kept: 2, mapping: { segmentSeconds: 'each' } },
  ),
  trips(
    'CSV, a day beyond its year',
    'id,day,minute,total,path\nt1,64,500,30,7/1/2\nx,367,500,30,7/1/2\nt2,64,510,30,7/1/2\n',
    { line: 3, field: 'day' },
    /Day "367"/,
    { kept: 2, mapping: { departure: null, dayOfYear: 'day', minuteOfDay: 'minute', year: 2024 } },
  ),
  trips(
    'tabs, a field too few',
    tripLines('x,2024-03-04T08:30:00,30', '\t'),
    { file: 'trips.tsv', line: 3 },
    /3 fields/,
  ),
  trips(
    'semicolons, a text for a time',
    tripLines('x,never,30,7/1/2', ';'),
    { line: 3, field: 'departure' },
    /"never"/,
  ),
  trips(
    'gzip, a text for a time',
    gzipSync(tripLines('x,never,30,7/1/2')),
    { file: 'trips.csv.gz', line: 3 },
    /"never"/,
  ),
  trips(
    'gzip cut short',
    CUT,
    { file: 'trips.csv.gz', line: lastLineOf(CUT) },
    /gzip file is damaged or cut short/,
    { kept: null, remedy: /^Download or copy/ },
  ),
  trips(
    'JSON Lines, a line that is cut',
    `${[1, 2, 3].map((i) => JSON.stringify({ id: `t${i}`, departure: `2024-03-04T08:1${i}:00`, total: 30, path: ['7/1/2'] })).join('\n')}\n{"id":"x",\n`,
    { file: 'trips.jsonl', line: 4 },
    /no JSON/,
  ),
  trips(
    'JSON Lines, a list',
    `${JSON.stringify({ id: 't1', departure: '2024-03-04T08:11:00', total: 30, path: ['7/1/2'] })}\n[1,2]\n`,
    { file: 'trips.jsonl', line: 2 },
    /no JSON object/,
    { kept: 1 },
  ),
  trips(
    'Parquet, a text for a time',
    parquet(fourTrips),
    { file: 'trips.parquet', line: 3, field: 'departure' },
    /"soon"/,
  ),
  trips(
    'Parquet, a damaged row group',
    damaged(parquet({ ...fourTrips, departure: fourTrips.departure.with(2, '2024-03-04T08:14:00') }), 't3'),
    { file: 'trips.parquet', line: 3 },
    /row group 2 cannot be read/,
    { kept: null, remedy: /Write or copy the file again/ },
  ),
  trips('Parquet cut short', cut(parquet(fourTrips), 0.7), { file: 'trips.parquet' }, /damaged/, {
    kept: null,
    remedy: /Write or copy the file again/,
  }),
];

const observationMapping = {
  layout: 'segments' as const,
  time: 'time',
  stepS: 300,
  unit: 'km/h' as const,
  segment: 'segment' as string | null,
  way: null,
  direction: null,
  speed: 'speed' as string | null,
  seconds: null,
  count: 'count' as string | null,
  start: null,
  positions: null,
  adjacency: null,
  maxDistanceM: 50,
};

function observations(
  name: string,
  content: string | Uint8Array,
  at: { file?: string; line: number; field?: string },
  found: RegExp,
  mapping: object = {},
): MalformedCase {
  const file = at.file ?? 'speeds.csv';
  return {
    name: `observations, ${name}`,
    files: { [file]: content },
    job: (path) => ({
      kind: 'import-observations',
      path: path(file),
      mapping: { ...observationMapping, ...mapping },
      timeZone: 'UTC',
    }),
    at: { ...at, file },
    found,
    remedy: MEND,
    kept: { observations: 2 },
  };
}

const speedLines = (bad: string) =>
  `segment,time,speed,count\n7/1/2,2024-03-04T08:00,30,4\n${bad}\n7/2/3,2024-03-04T08:05,31,4\n`;
const byWay = (bad: string) =>
  `way,direction,time,speed\n8,backward,2024-03-04T08:00,30\n${bad}\n8,b,2024-03-04T08:05,31\n`;
const wayMapping = { segment: null, way: 'way', direction: 'direction', count: null };

const OBSERVATIONS: MalformedCase[] = [
  observations(
    'a field too few',
    speedLines('7/1/2,2024-03-04T08:05,30'),
    { line: 3 },
    /3 fields instead of 4/,
  ),
  observations(
    'a text for a time',
    speedLines('7/1/2,8 a.m.,30,4'),
    { line: 3, field: 'time' },
    /"8 a\.m\."/,
  ),
  observations(
    'a text for a speed',
    speedLines('7/1/2,2024-03-04T08:05,fast,4'),
    { line: 3, field: 'speed' },
    /"fast"/,
  ),
  observations(
    'a text for a count',
    speedLines('7/1/2,2024-03-04T08:05,30,few'),
    { line: 3, field: 'count' },
    /"few"/,
  ),
  observations('an open quote', speedLines('7/1/2,"2024-03-04T08:05,30,4'), { line: 3 }, /never closed/),
  observations(
    'a text for a number of seconds',
    'segment,time,s\n7/1/2,2024-03-04T08:00,20\n7/1/2,2024-03-04T08:05,long\n7/2/3,2024-03-04T08:10,21\n',
    { line: 3, field: 's' },
    /"long"/,
    { speed: null, seconds: 's', count: null },
  ),
  observations(
    'a text for a way',
    byWay('Main Street,forward,2024-03-04T08:05,30'),
    { line: 3, field: 'way' },
    /no OSM way/,
    wayMapping,
  ),
  observations(
    'a word for a direction',
    byWay('8,up,2024-03-04T08:05,30'),
    { line: 3, field: 'direction' },
    /"up" is no direction/,
    wayMapping,
  ),
  observations('gzip', gzipSync(speedLines('7/1/2')), { file: 'speeds.csv.gz', line: 3 }, /1 field instead/),
  observations(
    'JSON Lines',
    '{"segment":"7/1/2","time":"2024-03-04T08:00","speed":30,"count":1}\n{"segment":"7/1/2","time":}\n{"segment":"7/1/2","time":"2024-03-04T08:05","speed":30,"count":1}\n',
    { file: 'speeds.jsonl', line: 2 },
    /no JSON/,
  ),
  observations(
    'Parquet',
    parquet({
      segment: ['7/1/2', '7/1/2', '7/1/2'],
      time: ['2024-03-04T08:00', '2024-03-04T08:05', '2024-03-04T08:10'],
      speed: ['30', '31', 'x'],
      count: ['1', '1', '1'],
    }),
    { file: 'speeds.parquet', line: 3, field: 'speed' },
    /"x" is no number/,
  ),
];

const POSITIONS = 'sensor_id,latitude,longitude\nA,49,8.0005\nB,49,8.002\n';

/** `network`: the matrix makes one, in a project without roads. */
function detectors(
  name: string,
  files: Record<string, string>,
  at: { file: string; line: number; field?: string },
  found: RegExp,
  kept: Record<string, number> | null,
  { time = null, remedy = MEND }: { time?: string | null; remedy?: RegExp } = {},
): MalformedCase {
  const all: Record<string, string> = { 'm.csv': 'A,B\n50,60\n51,61\n', 'p.csv': POSITIONS, ...files };
  return {
    name: `detectors, ${name}`,
    files: all,
    job: (path) => ({
      kind: 'import-observations',
      path: path('m.csv'),
      mapping: {
        ...observationMapping,
        layout: 'detectors',
        segment: null,
        speed: null,
        count: null,
        time,
        start: time === null ? '2024-03-04T08:00' : null,
        positions: path('p.csv'),
        adjacency: 'a.csv' in all ? path('a.csv') : null,
      },
      timeZone: 'UTC',
    }),
    at,
    found,
    remedy,
    kept,
  };
}

const DETECTORS: MalformedCase[] = [
  detectors(
    'a text for a speed',
    { 'm.csv': 'A,B\n50,60\n51,quick\n52,62\n' },
    { file: 'm.csv', line: 3, field: 'B' },
    /"quick"/,
    { observations: 4 },
  ),
  detectors(
    'a value too few',
    { 'm.csv': 'A,B\n50,60\n51\n52,62\n' },
    { file: 'm.csv', line: 3 },
    /1 field instead of 2/,
    { observations: 4 },
  ),
  detectors(
    'a text for a time',
    { 'm.csv': 'time,A,B\n2024-03-04T08:00,50,60\nnever,51,61\n2024-03-04T08:10,52,62\n' },
    { file: 'm.csv', line: 3, field: 'time' },
    /"never"/,
    { observations: 4 },
    { time: 'time' },
  ),
  detectors(
    'a latitude that is none',
    { 'p.csv': `${POSITIONS}C,north,8\n` },
    { file: 'p.csv', line: 4, field: 'latitude' },
    /"north" is no number of degrees/,
    { observations: 4 },
  ),
  detectors(
    'a sensor listed twice',
    { 'p.csv': `${POSITIONS}A,49,8\n` },
    { file: 'p.csv', line: 4, field: 'sensor_id' },
    /twice/,
    { observations: 4 },
  ),
  detectors(
    'a position too short',
    { 'p.csv': `${POSITIONS}C,49\n` },
    { file: 'p.csv', line: 4 },
    /2 fields instead of 3/,
    {
      observations: 4,
    },
  ),
];

/** Of a project without roads. */
export const SENSOR_NETWORKS: MalformedCase[] = [
  detectors(
    'a text for a weight',
    { 'a.csv': '1,0.5\nnear,1\n' },
    { file: 'a.csv', line: 2 },
    /"near" is no weight/,
    null,
    { remedy: /square matrix/ },
  ),
  detectors(
    'a row of weights too few',
    { 'a.csv': '1,0.5\n' },
    { file: 'a.csv', line: 1 },
    /2 columns, but 1 rows/,
    null,
    {
      remedy: /square matrix/,
    },
  ),
];

const point = (i: number) => ({
  time: `2024-03-04T08:00:${String(i * 5).padStart(2, '0')}Z`,
  lat: 49,
  lon: 8 + i * 0.0003,
});
const POINTS = Array.from({ length: 11 }, (_, i) => point(i));
const gpsMapping = { trace: 'id', time: 'time', latitude: 'lat', longitude: 'lon' };

function gps(
  name: string,
  file: string,
  content: string | Uint8Array,
  at: { line?: number; field?: string },
  found: RegExp,
  {
    kept = true,
    remedy = MEND,
    mapping = gpsMapping,
  }: { kept?: boolean; remedy?: RegExp; mapping?: typeof gpsMapping } = {},
): MalformedCase {
  return {
    name: `GPS, ${name}`,
    files: { [file]: content },
    job: (path) => ({
      kind: 'import-gps',
      path: path(file),
      mapping,
      timeZone: 'UTC',
      settings: { sigmaM: 5, betaM: 5 },
    }),
    at: { file, ...at },
    found,
    remedy,
    kept: kept ? { trips: 1 } : null,
  };
}

/** The fifth point, on line 6, is `bad`. */
const pointLines = (bad: string) =>
  `id,time,lat,lon\n${POINTS.map(({ time, lat, lon }, i) => (i === 4 ? bad : `a,${time},${lat},${lon}`)).join('\n')}\n`;
const gpx = (bad: string) =>
  `<gpx version="1.1" creator="x">\n<trk><trkseg>\n${POINTS.map(({ time, lat, lon }, i) =>
    i === 4 ? bad : `<trkpt lat="${lat}" lon="${lon}"><time>${time}</time></trkpt>`,
  ).join('\n')}\n</trkseg></trk>\n</gpx>\n`;
const gpxMapping = { trace: 'track', time: 'time', latitude: 'latitude', longitude: 'longitude' };
const line = JSON.stringify({
  type: 'Feature',
  properties: { coordTimes: POINTS.map(({ time }) => time) },
  geometry: { type: 'LineString', coordinates: POINTS.map(({ lon, lat }) => [lon, lat]) },
});
const features = (bad: string) => `{"type":"FeatureCollection","features":[\n${line},\n${bad}\n]}\n`;
const lineMapping = { trace: 'feature', time: 'coordTimes', latitude: 'latitude', longitude: 'longitude' };

const GPS: MalformedCase[] = [
  gps(
    'CSV, a text for a time',
    'p.csv',
    pointLines('a,later,49,8.0012'),
    { line: 6, field: 'time' },
    /"later"/,
  ),
  gps(
    'CSV, a text for a latitude',
    'p.csv',
    pointLines(`a,${POINTS[4].time},north,8.0012`),
    { line: 6, field: 'lat' },
    /"north"/,
  ),
  gps(
    'CSV, a longitude beyond 180°',
    'p.csv',
    pointLines(`a,${POINTS[4].time},49,800.12`),
    { line: 6, field: 'lon' },
    /"800\.12"/,
  ),
  gps('CSV, a field too few', 'p.csv', pointLines('a,1'), { line: 6 }, /2 fields instead of 4/),
  gps('gzip', 'p.csv.gz', gzipSync(pointLines('a,later,49,8')), { line: 6, field: 'time' }, /"later"/),
  gps(
    'JSON Lines',
    'p.jsonl',
    POINTS.map((p, i) => (i === 4 ? '{"id":"a"' : JSON.stringify({ id: 'a', ...p }))).join('\n'),
    { line: 5 },
    /no JSON/,
  ),
  gps(
    'Parquet',
    'p.parquet',
    parquet(
      {
        id: POINTS.map(() => 'a'),
        time: POINTS.map(({ time }, i) => (i === 4 ? 'later' : time)),
        lat: POINTS.map(({ lat }) => String(lat)),
        lon: POINTS.map(({ lon }) => String(lon)),
      },
      100,
    ),
    { line: 5, field: 'time' },
    /"later"/,
  ),
  gps(
    'GPX, a text for a latitude',
    't.gpx',
    gpx('<trkpt lat="north" lon="8"><time>2024-03-04T08:00:20Z</time></trkpt>'),
    { line: 7, field: 'latitude' },
    /"north"/,
    { mapping: gpxMapping },
  ),
  gps(
    'GPX, no longitude',
    't.gpx',
    gpx('<trkpt lat="49"><time>2024-03-04T08:00:20Z</time></trkpt>'),
    { line: 7 },
    /has no lon/,
    { mapping: gpxMapping },
  ),
  gps(
    'GPX, a text for a time',
    't.gpx',
    gpx('<trkpt lat="49" lon="8"><time>later</time></trkpt>'),
    { line: 7, field: 'time' },
    /"later"/,
    { mapping: gpxMapping },
  ),
  gps(
    'GPX, an element that is never closed',
    't.gpx',
    gpx('<trkpt lat="49" lon="8"><time>'),
    { line: 14 },
    /not well-formed XML/,
    {
      kept: false,
      remedy: /whole and is GPX/,
      mapping: gpxMapping,
    },
  ),
  gps(
    'GeoJSON, a feature that is no line',
    't.geojson',
    features('{"type":"Feature","geometry":{"type":"Polygon"}}'),
    { line: 3 },
    /neither a line nor a point/,
    { mapping: lineMapping },
  ),
  gps(
    'GeoJSON, a feature that is no JSON',
    't.geojson',
    features('{"type":Feature}'),
    { line: 3 },
    /not valid JSON/,
    { mapping: lineMapping },
  ),
  gps('GeoJSON cut short', 't.geojson', features('{').slice(0, -3), { line: 4 }, /cut short/, {
    kept: false,
    remedy: /whole and is GeoJSON/,
    mapping: lineMapping,
  }),
];

function roads(
  name: string,
  files: Record<string, string | Uint8Array>,
  at: { file: string; line?: number; field?: string },
  found: RegExp,
  kept: Record<string, number> | null,
  remedy: RegExp = /^Mend|^Correct|^Save|^Write/,
): MalformedCase {
  const [file] = Object.keys(files);
  return {
    name: `roads, ${name}`,
    files,
    job: (path) => ({
      kind: 'import-roads',
      path: path(file),
      ...('nodes.csv' in files && { nodesPath: path('nodes.csv') }),
    }),
    at,
    found,
    remedy,
    kept,
  };
}

const NODES = 'osmid,y,x\n1,49,8\n2,49,8.001\n3,49,8.003\n';
const EDGES = 'u,v,length,highway\n1,2,73,residential\n2,3,146,residential\n';
const osmnx = (
  name: string,
  { nodes = NODES, edges = EDGES }: { nodes?: string; edges?: string },
  at: { file: string; line: number; field?: string },
  found: RegExp,
) => roads(`OSMnx, ${name}`, { 'edges.csv': edges, 'nodes.csv': nodes }, at, found, { edges: 2 });

const feature = (coordinates: unknown) =>
  JSON.stringify({
    type: 'Feature',
    properties: { highway: 'residential' },
    geometry: { type: 'LineString', coordinates },
  });
const geojson = (bad: string) =>
  `{"type":"FeatureCollection","features":[\n${feature([
    [8, 49],
    [8.001, 49],
  ])},\n${bad}\n]}\n`;

const lane = '<lane id="l" index="0" speed="13.9" length="73" shape="0,0 73,0"/>';
const sumo = (bad: string) =>
  `<net>\n<location netOffset="0,0" projParameter="!"/>\n<edge id="a" from="A" to="B">${lane}</edge>\n<edge id="b" from="B" to="C">${lane}</edge>\n${bad}\n<junction id="A" x="0" y="0"/><junction id="B" x="73" y="0"/><junction id="C" x="146" y="0"/>\n<connection from="a" to="b" fromLane="0" toLane="0"/>\n</net>\n`;
const inSumo = (name: string, bad: string, found: RegExp) =>
  roads(`SUMO, ${name}`, { 'a.net.xml': sumo(bad) }, { file: 'a.net.xml', line: 5 }, found, { edges: 2 });

const xml = toXml(city);
/** A line more before the first way: line 7. */
const osm = (bad: string) => xml.replace('<way', `${bad}\n<way`);
const inOsm = (name: string, bad: string, found: RegExp) =>
  roads(`OSM XML, ${name}`, { 'a.osm': osm(bad) }, { file: 'a.osm', line: 7 }, found, {
    ways: 2,
    segments: 5,
  });

const ROADS: MalformedCase[] = [
  osmnx(
    'a text for a latitude',
    { nodes: `${NODES}4,north,8\n` },
    { file: 'nodes.csv', line: 5, field: 'y' },
    /"north" is not a number/,
  ),
  osmnx(
    'a node beyond the poles',
    { nodes: `${NODES}4,95,8\n` },
    { file: 'nodes.csv', line: 5 },
    /not degrees/,
  ),
  osmnx(
    'an edge to nowhere',
    { edges: `${EDGES}2,,146,residential\n` },
    { file: 'edges.csv', line: 4, field: 'v' },
    /a number is missing/i,
  ),
  osmnx(
    'a length that is none',
    { edges: `${EDGES}1,3,far,residential\n` },
    { file: 'edges.csv', line: 4, field: 'length' },
    /"far" is not a number/,
  ),
  osmnx(
    'a field too many',
    { edges: `${EDGES}1,3,200,residential,x\n` },
    { file: 'edges.csv', line: 4 },
    /5 fields instead of 4/,
  ),
  osmnx(
    'a geometry that is none',
    { edges: 'u,v,geometry\n1,2,\n2,3,\n1,3,"POINT (8 49)"\n' },
    { file: 'edges.csv', line: 4, field: 'geometry' },
    /not a LINESTRING/,
  ),
  osmnx(
    'an open quote',
    { edges: `${EDGES}1,3,"200,residential\n` },
    { file: 'edges.csv', line: 4 },
    /never closed/,
  ),
  roads(
    'GeoJSON, a position that is none',
    {
      'a.geojson': geojson(
        feature([
          [8, 49],
          ['east', 49],
        ]),
      ),
    },
    { file: 'a.geojson', line: 3, field: 'features[1]' },
    /not \[longitude, latitude\]/,
    { features: 1 },
  ),
  roads(
    'GeoJSON, a line of one point',
    { 'a.geojson': geojson(feature([[8, 49]])) },
    { file: 'a.geojson', line: 3, field: 'features[1]' },
    /fewer than two points/,
    { features: 1 },
  ),
  roads(
    'GeoJSON, no feature',
    { 'a.geojson': geojson('{"type":"Road"}') },
    { file: 'a.geojson', line: 3, field: 'features[1]' },
    /not a Feature/,
    { features: 1 },
  ),
  roads(
    'GeoJSON, no JSON',
    { 'a.geojson': geojson('{"type":Feature}') },
    { file: 'a.geojson', line: 3 },
    /not valid JSON/,
    null,
    /whole/,
  ),
  inSumo(
    'an edge without a junction',
    '<edge id="c" from="A"><lane id="l" index="0" speed="1" length="1"/></edge>',
    /no to/,
  ),
  inSumo(
    'a speed that is none',
    '<edge id="c" from="A" to="C"><lane id="l" index="0" speed="fast" length="1"/></edge>',
    /speed="fast"/,
  ),
  inSumo(
    'a length of 0',
    '<edge id="c" from="A" to="C"><lane id="l" index="0" speed="1" length="0"/></edge>',
    /not above 0/,
  ),
  inSumo('an edge to an unknown junction', `<edge id="c" from="A" to="Z">${lane}</edge>`, /junction Z/),
  inSumo(
    'a connection of an unknown edge',
    '<connection from="a" to="z" fromLane="0" toLane="0"/>',
    /names the edge z/,
  ),
  inSumo(
    'a shape that is none',
    '<edge id="c" from="A" to="C" shape="0;0"><lane id="l" index="0" speed="1" length="1"/></edge>',
    /"0;0"/,
  ),
  roads(
    'SUMO, tags that do not match',
    { 'a.net.xml': sumo('<edge>') },
    { file: 'a.net.xml', line: 8 },
    /not well-formed XML/,
    null,
    /whole and is a SUMO network/,
  ),
  roads(
    'SUMO, an offset that is none',
    { 'a.net.xml': sumo('').replace('"0,0" p', '"x" p') },
    { file: 'a.net.xml', line: 2 },
    /netOffset="x"/,
    null,
    /SUMO/,
  ),
  inOsm('a node without a latitude', '<node id="9" lon="8"/>', /<node> has no lat/),
  inOsm('a node beyond the poles', '<node id="9" lon="8" lat="99"/>', /lat="99"/),
  inOsm(
    'a way without an id',
    '<way><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/></way>',
    /<way> has no id/,
  ),
  inOsm(
    'a way through a text',
    '<way id="9"><nd ref="1"/><nd ref="two"/><tag k="highway" v="primary"/></way>',
    /ref="two"/,
  ),
  roads(
    'OSM XML, a tag that is never closed',
    { 'a.osm': osm('<way id="9">') },
    { file: 'a.osm', line: 10 },
    /not well-formed XML/,
    null,
    /whole and is OSM XML/,
  ),
  roads(
    'OSM XML, gzip cut short',
    { 'a.osm.gz': cut(gzipSync(xml), 0.8) },
    { file: 'a.osm.gz' },
    /gzip file is damaged or cut short|not well-formed/,
    null,
    /./,
  ),
];

const week = (kmh: number) => encodeCoefficients(compressWeek(new Float32Array(2016).fill(kmh)));
const edge = (level: number, tile: number, number: number) => level + tile * 8 + number * 2 ** 25;
const WAYS = `7,1,${edge(2, 700_123, 4)}\n8,0,${edge(1, 47_701, 130)}\n`;

function profiles(
  name: string,
  bad: { row?: string; way?: string },
  at: { file: string; line: number; field?: string },
  found: RegExp,
  remedy: RegExp,
): MalformedCase {
  const rows = ['edge_id,freeflow_speed,constrained_speed,historical_speeds', `2/700123/4,50,40,${week(40)}`];
  return {
    name: `weekly speeds, ${name}`,
    files: {
      'traffic.csv': `${[...rows, bad.row, '1/47701/130,30,28,'].filter(Boolean).join('\n')}\n`,
      'ways.txt': `${bad.way ? `${bad.way}\n` : ''}${WAYS}`,
    },
    job: (path) => ({ kind: 'import-profiles', path: path('traffic.csv'), waysPath: path('ways.txt') }),
    at,
    found,
    remedy,
    kept: { edges: 2 },
  };
}

const PROFILES: MalformedCase[] = [
  profiles(
    'an edge that is none',
    { row: '700123,50,40' },
    { file: 'traffic.csv', line: 3, field: 'edge_id' },
    /"700123" is no edge/,
    /level\/tile\/id/,
  ),
  profiles(
    'a speed that is none',
    { row: '2/700123/5,50,slow' },
    { file: 'traffic.csv', line: 3, field: 'constrained_speed' },
    /"slow"/,
    /whole km\/h/,
  ),
  profiles(
    'a speed beyond a byte',
    { row: '2/700123/5,300,40' },
    { file: 'traffic.csv', line: 3, field: 'freeflow_speed' },
    /"300"/,
    /0 .* 255/,
  ),
  profiles(
    'a field too few',
    { row: '2/700123/5,50' },
    { file: 'traffic.csv', line: 3 },
    /2 fields/,
    /historical_speeds/,
  ),
  profiles(
    'a code that is cut',
    { row: `2/700123/5,50,40,${week(40).slice(0, 80)}` },
    { file: 'traffic.csv', line: 3, field: 'historical_speeds' },
    /60 bytes/,
    /valhalla_get_compressed/,
  ),
  profiles(
    'a way without a direction',
    { way: '7,33' },
    { file: 'ways.txt', line: 1 },
    /not way,direction,edge/,
    /way_edges\.txt/,
  ),
];

export const MALFORMED_CASES: readonly MalformedCase[] = [
  ...ROADS,
  ...TRIPS,
  ...OBSERVATIONS,
  ...DETECTORS,
  ...GPS,
  ...PROFILES,
];
