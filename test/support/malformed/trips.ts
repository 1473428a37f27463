import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { cut, damaged, type MalformedCase, MEND, parquet } from './case.ts';

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

export const TRIPS: MalformedCase[] = [
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
    'gzip with bytes that are others',
    gzipSync(tripLines(good(4))).fill(0xff, 12, 30),
    { file: 'trips.csv.gz', line: 1 },
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
