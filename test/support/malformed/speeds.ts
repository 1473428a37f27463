import { compressWeek, encodeCoefficients } from '../../../core/roads/exchange/speedCodec.ts';
import type { MalformedCase } from './case.ts';

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

export const PROFILES: MalformedCase[] = [
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
