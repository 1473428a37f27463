import { gzipSync } from 'node:zlib';
import { type MalformedCase, MEND, parquet } from './case.ts';

export const observationMapping = {
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

export const OBSERVATIONS: MalformedCase[] = [
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
