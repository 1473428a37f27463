import { type MalformedCase, MEND } from './case.ts';
import { observationMapping } from './observations.ts';

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

export const DETECTORS: MalformedCase[] = [
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
