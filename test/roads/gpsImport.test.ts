import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EtalonError, quietContext, Random, type TaskContext } from '../../core/base/index.ts';
import { FeatureCutter } from '../../core/roads/gpsImport/jsonFeatures.ts';
import { suggestGpsMapping } from '../../core/roads/gpsImport/mapping.ts';
import { tripOf } from '../../core/roads/gpsImport/matchedTrips.ts';
import { MOST_IN_TRACE, TraceBuffer } from '../../core/roads/gpsImport/traceBuffer.ts';
import {
  concatTrips,
  type GpsImport,
  type GpsOptions,
  previewGps,
  readGps,
  type TripSet,
} from '../../core/roads/index.ts';
import { driveAlong } from '../support/gps.ts';
import { gpsCsv, gpsGeoJson, gpsGpx, type NamedTrace } from '../support/gpsFiles.ts';
import { gridCity } from '../support/network.ts';

const city = gridCity({ rows: 8, columns: 8, spacingM: 150 });
const DEPART_S = Date.UTC(2024, 5, 3, 7) / 1000;
const TRACES = 12;

let folder: string;
let traces: NamedTrace[];
let driven: number[][];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'etalon-gps-'));
  const random = new Random(3);
  driven = Array.from({ length: TRACES }, () => walk(random, 18));
  traces = driven.map((segments, i) => ({
    id: `car-${i}`,
    points: driveAlong(
      city,
      segments,
      18 * 15,
      { everyS: 10, noiseM: 5, departS: DEPART_S + 60 * i },
      random,
    ),
  }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function walk(random: Random, length: number): number[] {
  const segments = [random.int(city.segmentCount)];
  while (segments.length < length) {
    const last = segments[segments.length - 1];
    const turns = city.turnTo.subarray(city.turnOffsets[last], city.turnOffsets[last + 1]);
    segments.push(turns[random.int(turns.length)]);
  }
  return segments;
}

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const CSV_MAPPING = { trace: 'trip_id', time: 'timestamp', latitude: 'lat', longitude: 'lon' };
const MAPPINGS = {
  CSV: CSV_MAPPING,
  GPX: { trace: 'track', time: 'time', latitude: 'latitude', longitude: 'longitude' },
  GeoJSON: { trace: 'feature', time: 'coordTimes', latitude: 'latitude', longitude: 'longitude' },
};
type CollectedGps = GpsImport & { trips: TripSet };
const read = async (path: string, options: Partial<GpsOptions> = {}): Promise<CollectedGps> => {
  const chunks: TripSet[] = [];
  const imported = await readGps(path, {
    mapping: CSV_MAPPING,
    timeZone: 'Europe/Berlin',
    network: city,
    add: (trips) => chunks.push(trips),
    context: quietContext,
    ...options,
  });
  return { ...imported, trips: concatTrips(chunks) };
};

const pathsOf = (trips: TripSet) =>
  Array.from({ length: trips.count }, (_, trip) => [
    trips.ids[trip],
    trips.departS[trip],
    [...trips.segments.subarray(trips.offsets[trip], trips.offsets[trip + 1])],
  ]);

async function failure(promise: Promise<unknown>): Promise<EtalonError> {
  try {
    await promise;
  } catch (error) {
    expect(error).toBeInstanceOf(EtalonError);
    return error as EtalonError;
  }
  throw new Error('It did not fail.');
}

describe('the same points in every format', () => {
  let wanted: CollectedGps;
  beforeAll(async () => {
    wanted = await read(file('points.csv', gpsCsv(traces)));
  });

  test('CSV gives the trips that were driven, with times', () => {
    const { trips, report, quality } = wanted;
    expect(trips.count).toBe(TRACES);
    expect(trips.ids).toEqual(traces.map(({ id }) => id));
    for (let trip = 0; trip < trips.count; trip++) {
      const segments = [...trips.segments.subarray(trips.offsets[trip], trips.offsets[trip + 1])];
      // Ends may be off by a segment where noise puts the first or last point beside a crossing.
      const inner = driven[trip].slice(1, -1).join();
      expect(segments.join()).toContain(inner);
      expect(trips.totalS[trip]).toBeCloseTo(18 * 15, 3);
      expect(trips.departS[trip]).toBe(DEPART_S + 60 * trip);
      expect(trips.localDepartS[trip]).toBe(DEPART_S + 60 * trip + 7200);
    }
    const known = [...trips.segmentS!].filter((s) => !Number.isNaN(s));
    expect(known.length).toBeGreaterThan(0.8 * trips.segments.length);
    expect(known.reduce((sum, s) => sum + s, 0) / known.length).toBeCloseTo(15, 0);
    expect(report).toMatchObject({
      format: 'GPS CSV',
      read: { points: TRACES * 28, traces: TRACES },
      kept: { points: TRACES * 28, trips: TRACES, tripsWithSegmentSeconds: TRACES },
      dropped: [],
    });
    expect(quality.matchedShare).toBe(1);
    expect(report.notes[0]).toMatch(/^Matched 100\.0 % of the points/);
  });

  test.each([
    ['GPX', 'a.gpx', () => gpsGpx(traces)],
    ['GPX, gzip', 'a.gpx.gz', () => gzipSync(gpsGpx(traces))],
    ['GeoJSON', 'a.geojson', () => gpsGeoJson(traces)],
    ['GeoJSON, gzip', 'a.json.gz', () => gzipSync(gpsGeoJson(traces))],
    ['CSV, gzip', 'a.csv.gz', () => gzipSync(gpsCsv(traces))],
  ])('%s', async (format, name, content) => {
    const path = file(name, content());
    const { suggested } = await previewGps(path);
    const { trips, report } = await read(path, { mapping: suggested });
    expect(report.format).toBe(`GPS ${format}`);
    expect(pathsOf(trips)).toEqual(pathsOf(wanted.trips));
  });

  test('GeoJSON points, one feature each, on a line each', async () => {
    const lines = traces.flatMap(({ id, points: { timeS, lon, lat } }) =>
      [...timeS.keys()].map((i) =>
        JSON.stringify({
          type: 'Feature',
          properties: { vehicle_id: id, time: timeS[i] },
          geometry: { type: 'Point', coordinates: [Number(lon[i].toFixed(7)), Number(lat[i].toFixed(7))] },
        }),
      ),
    );
    const path = file('points.ndjson', lines.join('\n'));
    const { suggested, missing } = await previewGps(path);
    expect(suggested).toEqual({
      trace: 'vehicle_id',
      time: 'time',
      latitude: 'latitude',
      longitude: 'longitude',
    });
    expect(missing).toEqual([]);
    const { trips } = await read(path, { mapping: suggested });
    expect(pathsOf(trips)).toEqual(pathsOf(wanted.trips));
  });

  test('a table of another format: JSON Lines', async () => {
    const lines = traces.flatMap(({ id, points: { timeS, lon, lat } }) =>
      [...timeS.keys()].map((i) =>
        JSON.stringify({
          trip_id: id,
          timestamp: timeS[i],
          lat: Number(lat[i].toFixed(7)),
          lon: Number(lon[i].toFixed(7)),
        }),
      ),
    );
    const path = file('points.jsonl', lines.join('\n'));
    const { format, suggested } = await previewGps(path);
    expect({ format, suggested }).toEqual({ format: 'JSON Lines', suggested: CSV_MAPPING });
    const { trips, report } = await read(path);
    expect(report.format).toBe('GPS JSON Lines');
    expect(pathsOf(trips)).toEqual(pathsOf(wanted.trips));
  });

  test('CSV whose traces are mixed, in any order of its rows', async () => {
    const [header, ...rows] = gpsCsv(traces).trim().split('\n');
    const mixed = new Random(1).shuffle(rows);
    const { trips, report } = await read(file('mixed.csv', [header, ...mixed].join('\n')));
    const byId = (set: TripSet) => pathsOf(set).sort(([a], [b]) => String(a).localeCompare(String(b)));
    expect(byId(trips)).toEqual(byId(wanted.trips));
    expect(report.notes.some((note) => note.includes('not in order of time'))).toBe(true);
  });

  test('a time without an offset is on the clock of the time zone', async () => {
    const local = gpsCsv(traces).replace(/T(\d\d):(\d\d):(\d\d)\.000Z/g, (_, h, m, s) => {
      return ` ${String(Number(h) + 2).padStart(2, '0')}:${m}:${s}`;
    });
    const { trips } = await read(file('local.csv', local));
    expect([...trips.departS]).toEqual([...wanted.trips.departS]);
  });

  test('the same file again adds nothing, whatever the noise is taken for', async () => {
    const again = read(file('again.csv', gpsCsv(traces)), {
      existing: [wanted.trips],
      settings: { sigmaM: 8 },
    });
    expect(await failure(again)).toMatchObject({ code: 'conflict' });
    const more = await read(file('more.csv', gpsCsv([...traces.slice(0, 3), { ...traces[4], id: 'new' }])), {
      existing: [wanted.trips],
    });
    expect(more.trips.ids).toEqual(['new']);
    expect(more.report.dropped).toMatchObject([{ reason: 'duplicate', count: 3 }]);
  });

  test('the preview shows rows, problems and a matched sample', async () => {
    const path = file('preview.csv', gpsCsv(traces).replace(/(\n[^\n]*),[^,\n]*\n/, '$1,east\n'));
    const preview = await previewGps(path, { network: city });
    expect(preview).toMatchObject({ format: 'CSV', missing: [], suggested: CSV_MAPPING });
    expect(preview.problems).toEqual([
      {
        row: 0,
        line: 2,
        column: 'lon',
        malformed: true,
        message: expect.stringContaining('"east" is no number'),
      },
    ]);
    expect(preview.rows).toHaveLength(200);
    expect(preview.sample).toMatchObject({ intervalS: 10 });
    expect(preview.sample!.traces).toHaveLength(TRACES);
    expect(preview.sample!.quality.matchedShare).toBe(1);
    expect((await previewGps(path)).sample).toBeNull();
    const without = await previewGps(path, {
      network: city,
      mapping: { time: undefined, latitude: 'nowhere' },
    }).catch((error) => error);
    expect(without).toMatchObject({ code: 'usage', where: { field: 'latitude' } });
  });

  test('is cancelled', async () => {
    const cancel = new AbortController();
    const context: TaskContext = { signal: cancel.signal, report: () => cancel.abort() };
    const many = Array.from({ length: 12 }, (_, k) =>
      traces.map((t) => ({ ...t, id: `${t.id}/${k}` })),
    ).flat();
    const path = file('many.csv', gpsCsv(many));
    expect(await failure(read(path, { context }))).toMatchObject({ code: 'cancelled' });
  });
});

describe('what cannot be used', () => {
  test('a few bad rows are counted, with place and reason', async () => {
    const lines = gpsCsv(traces).trim().split('\n');
    lines[3] = lines[3].replace(/,[^,]*,/, ',yesterday,');
    lines[5] = 'car-0,2024-06-03T07:00:35Z,49.4';
    lines[7] = lines[7].replace(/[^,]*,[^,]*$/, '91.5,8.6');
    lines[9] = lines[9].replace(/[^,]*,[^,]*$/, '0,0');
    lines[13] = lines[13].replace(/[^,]*,[^,]*$/, ',');
    lines[11] = lines[10];
    const path = file('few.csv', lines.join('\n'));
    const { report } = await read(path, { skipMalformed: true });
    expect(report.dropped).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          reason: 'malformed',
          count: 3,
          examples: [
            'few.csv:4: timestamp: "yesterday" is no date and time',
            'few.csv:6: The row has 3 fields instead of 4',
            'few.csv:8: lat: "91.5" is no number of degrees up to 90',
          ],
        }),
        expect.objectContaining({ reason: 'no-position', count: 2 }),
        expect.objectContaining({ reason: 'repeated-time', count: 1 }),
      ]),
    );
    const error = await failure(read(path));
    expect(error).toMatchObject({ code: 'input', where: { file: path, line: 4, field: 'timestamp' } });
    expect(error.malformed?.count).toBe(3);
  });

  test('mostly bad rows: the file, the first line, the remedy; nothing is imported', async () => {
    const lines = gpsCsv(traces)
      .trim()
      .split('\n')
      .map((line, i) => (i % 3 === 0 && i > 0 ? line : line.replace(/,2024[^,]*,/, ',soon,')));
    const error = await failure(read(file('bad.csv', lines.join('\n')), { skipMalformed: true }));
    expect(error).toMatchObject({ code: 'input', where: { file: join(folder, 'bad.csv'), line: 2 } });
    expect(error.remedy).toContain('check the column');
    expect(error.message).toContain('"soon"');
  });

  test('latitude and longitude exchanged', async () => {
    const mapping = { ...CSV_MAPPING, latitude: 'lon', longitude: 'lat' };
    const error = await failure(read(file('points.csv', gpsCsv(traces)), { mapping }));
    expect(error).toMatchObject({ code: 'input', where: { line: 2 } });
    expect(error.remedy).toContain('not exchanged');
  });

  test.each<[string, string, string, number | undefined, RegExp]>([
    ['an empty file', 'empty.csv', '', 1, /is empty/],
    ['a header alone', 'header.csv', 'trip_id,timestamp,lat,lon\n', undefined, /no points/],
    ['roads instead of tracks', 'roads.gpx', '<osm>\n<node/></osm>', 1, /begins with <gpx>/],
    ['XML cut short', 'cut.gpx', '<gpx>\n<trk><trkseg>\n<trkpt lat="49.4" lon="8.6">', 3, /not well-formed/],
    [
      'tags that do not match',
      'tags.gpx',
      '<gpx>\n<trk>\n<trkseg></trk>\n</gpx>',
      3,
      /not well-formed XML: unexpected close tag/,
    ],
    ['a JSON list', 'list.json', '[1, 2]', 1, /JSON list/],
    [
      'JSON cut short',
      'cut.geojson',
      '{"type":"FeatureCollection",\n"features":[{"type":"Feature",\n',
      3,
      /cut short/,
    ],
    [
      'brackets that do not match',
      'wrong.geojson',
      '{"type":"FeatureCollection",\n"features":[}',
      2,
      /closes nothing/,
    ],
    ['no features', 'none.geojson', '{"type":"FeatureCollection","features":[]}', undefined, /no points/],
  ])('%s', async (_, name, content, line, message) => {
    const path = file(name, content);
    const preview = previewGps(path).then(({ format }) =>
      read(path, { mapping: MAPPINGS[format as keyof typeof MAPPINGS] }),
    );
    const error = await failure(preview);
    expect(error.code).toBe('input');
    expect(error.message).toMatch(message);
    expect(error.where).toMatchObject({ file: path, ...(line && { line }) });
    expect(error.remedy).toBeTruthy();
  });

  test('GPX points without a time, one of them bad', async () => {
    const good = gpsGpx(traces);
    const mapping = MAPPINGS.GPX;
    const one = await read(file('one.gpx', good.replace(/<time>[^<]*<\/time>/, '')), { mapping });
    expect(one.report.dropped).toMatchObject([
      { reason: 'no-time', count: 1, examples: ['one.gpx:4: the time is empty'] },
    ]);
    const none = await failure(
      read(file('planned.gpx', good.replace(/<time>[^<]*<\/time>/g, '')), { mapping }),
    );
    expect(none).toMatchObject({ code: 'input', where: { line: 4 } });
    expect(none.remedy).toContain('time');
  });

  test('GeoJSON features that are no lines, or no JSON', async () => {
    const collection = JSON.parse(gpsGeoJson(traces)) as { features: unknown[] };
    const texts = collection.features.map((feature) => JSON.stringify(feature));
    texts.splice(1, 0, '{"type": "Feature", "geometry": null}', '{"type": Feature}');
    const content = `{"type":"FeatureCollection","features":[\n${texts.join(',\n')}\n]}`;
    const mapping = MAPPINGS.GeoJSON;
    const path = file('some.geojson', content);
    expect(await failure(read(path, { mapping }))).toMatchObject({ where: { file: path, line: 3 } });
    const { trips, report } = await read(path, { mapping, skipMalformed: true });
    expect(trips.count).toBe(TRACES);
    expect(report.dropped).toMatchObject([
      {
        reason: 'malformed',
        count: 2,
        examples: [
          'some.geojson:3: Feature 2 is neither a line nor a point',
          expect.stringMatching(/^some\.geojson:4: Feature 3 is not valid JSON/),
        ],
      },
    ]);
  });

  test('a column, a zone or a file that is not there', async () => {
    const path = file('points.csv', gpsCsv(traces));
    const column = await failure(read(path, { mapping: { ...CSV_MAPPING, time: 'when' } }));
    expect(column).toMatchObject({ code: 'usage', where: { field: 'time' } });
    expect(column.remedy).toContain('timestamp');
    expect(await failure(read(path, { timeZone: 'Berlin' }))).toMatchObject({ code: 'usage' });
    expect(await failure(read(join(folder, 'nowhere.csv')))).toMatchObject({ code: 'not-found' });
    expect(await failure(read(folder))).toMatchObject({ code: 'input' });
  });

  test('a vehicle that stands still is no trip', async () => {
    const { timeS, lon, lat } = traces[0].points;
    const still = { timeS, lon: lon.map(() => lon[0]), lat: lat.map(() => lat[0]) };
    const error = await failure(read(file('still.csv', gpsCsv([{ id: 'a', points: still }]))));
    expect(error).toMatchObject({ code: 'input', message: expect.stringContaining('No trip') });
  });
});

describe('columns', () => {
  test.each([
    [['vehicle_id', 'timestamp', 'lat', 'lon'], ['7', '2024-01-01 10:00:00', '49.1', '8.2'], CSV(0, 1, 2, 3)],
    [['Longitude', 'Latitude', 'UnixTime', 'TaxiID'], ['8.2', '49.1', '1700000000', 'a'], CSV(3, 2, 1, 0)],
    [['x', 'y', 'time'], ['8.2', '49.1', '2024-01-01T10:00Z'], CSV(-1, 2, 1, 0)],
  ])('%j', (columns, row, at) => {
    const name = (i: number) => (i < 0 ? null : columns[i]);
    expect(suggestGpsMapping(columns, [row])).toEqual({
      trace: name(at.trace),
      time: name(at.time),
      latitude: name(at.latitude),
      longitude: name(at.longitude),
    });
  });

  test('a column of that name with other values is not taken', () => {
    const columns = ['id', 'time', 'lat', 'lon'];
    expect(suggestGpsMapping(columns, [['1', '12.5', '4910233', '8.1']])).toEqual({
      trace: 'id',
      longitude: 'lon',
    });
  });
});

function CSV(trace: number, time: number, latitude: number, longitude: number) {
  return { trace, time, latitude, longitude };
}

describe('gathering points by trace', () => {
  test('in order of time, each time once', () => {
    const buffer = new TraceBuffer();
    for (const [t, lon] of [
      [20, 2],
      [10, 1],
      [20, 9],
      [30, 3],
    ])
      buffer.add('a', t, lon, 0, 5);
    const [trace] = buffer.rest();
    expect(trace).toMatchObject({ id: 'a', line: 5, repeated: 1, disordered: true });
    expect([...trace.points.timeS]).toEqual([10, 20, 30]);
    expect([...trace.points.lon]).toEqual([1, 2, 3]);
  });

  test('holds a bounded number of points, and says which traces it had to tear', () => {
    const buffer = new TraceBuffer(100);
    const taken: string[] = [];
    const most = { held: 0 };
    const add = (id: string, t: number) => {
      buffer.add(id, t, 0, 0, 1);
      most.held = Math.max(most.held, buffer.held);
      if (buffer.isFull) for (const { id: gone } of buffer.oldest()) taken.push(gone);
    };
    // Traces one after another: each is whole when it is taken out.
    for (let trace = 0; trace < 20; trace++) for (let t = 0; t < 10; t++) add(`t${trace}`, t);
    expect(most.held).toBeLessThanOrEqual(100);
    expect(buffer.torn).toBe(0);
    expect([...taken, ...[...buffer.rest()].map(({ id }) => id)]).toEqual(
      Array.from({ length: 20 }, (_, trace) => `t${trace}`),
    );
    for (let t = 0; t < 10; t++) for (let trace = 0; trace < 20; trace++) add(`u${trace}`, t);
    expect(most.held).toBeLessThanOrEqual(100);
    expect(buffer.torn).toBeGreaterThan(0);
  });

  test('a trace without end is taken in pieces', () => {
    const buffer = new TraceBuffer();
    for (let t = 0; t < 2.5 * MOST_IN_TRACE; t++) buffer.add('', t, 0, 0, 1);
    const pieces = [...buffer.rest()].map(({ points }) => points.timeS.length);
    expect(pieces).toEqual([MOST_IN_TRACE, MOST_IN_TRACE, 0.5 * MOST_IN_TRACE]);
    expect(buffer.held).toBe(0);
  });
});

describe('cutting GeoJSON into features', () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  test('gives the features that reading it whole gives, however it comes in pieces', () => {
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 }),
        fc.boolean(),
        (properties, cuts, pretty) => {
          const features = properties.map((given) => ({ type: 'Feature', properties: { given } }));
          const json = { type: 'FeatureCollection', crs: { name: '"]}' }, features, more: [1, [2]] };
          const text = JSON.stringify(json, null, pretty ? 2 : 0);
          const cutter = new FeatureCutter('x');
          const found: string[] = [];
          let at = 0;
          for (const length of [...cuts, text.length]) {
            found.push(...cutter.write(text.slice(at, at + length)).map((feature) => feature.text));
            at += length;
          }
          cutter.close();
          const wanted = features.length > 0 ? features : [json];
          expect(found.map((feature) => JSON.parse(feature))).toEqual(JSON.parse(JSON.stringify(wanted)));
        },
      ),
      { numRuns: 200 },
    );
  });
});

test('an end of which less than half was driven is no part of the trip', () => {
  const [a, b, c] = driven[0];
  const lengthM = (segment: number) => city.lengthM[segment];
  const path = {
    lengthM: 0,
    departS: 0,
    arriveS: 1,
    points: 2,
    confidence: 1,
    segments: [a, b, c],
    segmentS: [1, 2, 3],
  };
  const trip = (startShare: number, endShare: number) =>
    tripOf(city, { ...path, startM: startShare * lengthM(a), endM: endShare * lengthM(c) });
  expect(trip(0.4, 0.6)).toEqual({ segments: [a, b, c], segmentS: [1, 2, 3] });
  expect(trip(0.6, 0.6)).toEqual({ segments: [b, c], segmentS: [2, 3] });
  expect(trip(0.6, 0.4)).toEqual({ segments: [b], segmentS: [2] });
});
