import { gzipSync } from 'node:zlib';
import { type MalformedCase, MEND, parquet } from './case.ts';

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

export const GPS: MalformedCase[] = [
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
