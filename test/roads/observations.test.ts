import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteFile } from 'hyparquet-writer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { observationMapping } from '../../core/api/contract.ts';
import { EtalonError, quietContext } from '../../core/base/index.ts';
import { SEGMENT_FLAGS } from '../../core/roads/network.ts';
import type { ObservationMapping, PartialObservationMapping } from '../../core/roads/observationFile.ts';
import { guessSpeedUnit } from '../../core/roads/observationImport/units.ts';
import { WayNames } from '../../core/roads/observationImport/wayNames.ts';
import { previewObservations } from '../../core/roads/observationPreview.ts';
import { inOrderOfStart } from '../../core/roads/observations.ts';
import { collectObservations } from '../support/collectObservations.ts';
import { gridCity, sketchNetwork } from '../support/network.ts';
import { node, readCity, way } from '../support/osmCity.ts';

// The reader's type and the contract's are the same, in both directions.
const toContract = (mapping: ObservationMapping): z.infer<typeof observationMapping> => mapping;
const fromContract = (mapping: z.infer<typeof observationMapping>): ObservationMapping => mapping;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etalon-observations-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

// A street of four blocks of 100 m, 0 → 4, driven both ways; refs are `from>to`.
const street = gridCity({ rows: 1, columns: 5 });
const ref = (name: string) => street.refs.indexOf(name);
const mapping: PartialObservationMapping = {
  layout: 'segments',
  segment: 'segment',
  time: 'time',
  speed: 'speed',
  count: 'count',
  unit: 'km/h',
  stepS: 300,
};
const header = 'segment,time,speed,count\n';
const good = (i: number) => `0>1,2024-03-04T08:${String(i % 60).padStart(2, '0')}:00,${30 + (i % 20)},4`;
const fill = Array.from({ length: 20 }, (_, i) => good(i)).join('\n');
const utcS = (text: string) => Date.parse(`${text}Z`) / 1000;

function read(path: string, options: Partial<Parameters<typeof collectObservations>[1]> = {}) {
  return collectObservations(path, {
    mapping,
    timeZone: 'Europe/Berlin',
    network: street,
    context: quietContext,
    ...options,
  });
}

async function rejection(promise: Promise<unknown>): Promise<EtalonError> {
  const error = await promise.then(
    () => new Error('Nothing was thrown.'),
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(EtalonError);
  return error as EtalonError;
}

const csv = `${header}0>1,2024-03-04 08:00:00,36,7\n1>2,2024-03-04T07:05:00Z,18.5,\n`;
const jsonLines =
  '{"segment":"0>1","time":"2024-03-04 08:00:00","speed":36,"count":7}\n{"segment":"1>2","time":1709535900,"speed":18.5}\n';
function parquet(): string {
  const filename = join(folder, 'o.parquet');
  parquetWriteFile({
    filename,
    columnData: [
      { name: 'segment', data: ['0>1', '1>2'] },
      {
        name: 'time',
        data: [new Date('2024-03-04T07:00:00Z'), new Date('2024-03-04T07:05:00Z')],
        type: 'TIMESTAMP',
      },
      { name: 'speed', data: [36, 18.5] },
      { name: 'count', data: [7, Number.NaN] },
    ],
  });
  return filename;
}

describe('observations of segments', () => {
  it.each([
    ['CSV', () => file('o.csv', csv)],
    ['CSV, gzip', () => file('o.csv.gz', gzipSync(csv))],
    ['JSON Lines', () => file('o.jsonl', jsonLines)],
    ['Parquet', parquet],
  ])('are read from %s', async (_name, write) => {
    const { observations, report } = await read(write());
    expect(observations).toEqual({
      count: 2,
      segment: Int32Array.of(ref('0>1'), ref('1>2')),
      startS: Float64Array.of(utcS('2024-03-04T07:00:00'), utcS('2024-03-04T07:05:00')),
      localStartS: Float64Array.of(utcS('2024-03-04T08:00:00'), utcS('2024-03-04T08:05:00')),
      durationS: Float32Array.of(300, 300),
      speedKmh: Float32Array.of(36, 18.5),
      vehicles: Float32Array.of(7, Number.NaN),
    });
    expect(report).toMatchObject({
      read: { rows: 2 },
      kept: { observations: 2, segments: 2 },
      dropped: [],
    });
  });

  it.each([
    ['mph', 10, 16.09344],
    ['m/s', 10, 36],
    ['km/h', 10, 10],
  ] as const)('in %s become km/h', async (unit, speed, kmh) => {
    const path = file('o.csv', `segment,time,speed\n0>1,2024-03-04T08:00,${speed}\n`);
    const { observations } = await read(path, { mapping: { ...mapping, count: null, unit } });
    expect(observations.speedKmh[0]).toBeCloseTo(kmh, 5);
  });

  it('as seconds become the speed over the segment', async () => {
    const path = file('o.csv', 'segment,time,secs\n0>1,2024-03-04T08:00,20\n');
    const { observations } = await read(path, {
      mapping: { ...mapping, count: null, speed: null, seconds: 'secs' },
    });
    expect(observations.speedKmh[0]).toBeCloseTo((street.lengthM[ref('0>1')] / 20) * 3.6, 4);
  });

  it('in the hours that the clocks skip or repeat are kept and noted, as of trips', async () => {
    const rows = '0>1,2024-03-31 02:30:00,30,1\n0>1,2024-10-27 02:30:00,30,1\n';
    const { observations, report } = await read(file('o.csv', header + rows));
    expect([...observations.startS]).toEqual([utcS('2024-03-31T01:30:00'), utcS('2024-10-27T00:30:00')]);
    expect(report.notes.join()).toMatch(/skip in spring.*o\.csv:2/);
    expect(report.notes.join()).toMatch(/repeat in autumn.*o\.csv:3/);
  });

  it('of more rows than are handed on at a time come whole', async () => {
    const rows = Array.from({ length: 70_001 }, (_, i) => good(i)).join('\n');
    const { observations, chunks } = await read(file('o.csv', header + rows));
    expect(observations.count).toBe(70_001);
    expect(chunks).toBe(2);
    expect(observations.speedKmh[70_000]).toBe(30 + (70_000 % 20));
  });
});

describe('an OSM way and a direction', () => {
  // Way 7 runs 1–2–3 and is cut at 2 by way 8, which is oneway against its drawing.
  const city = {
    nodes: [node(1, 0, 0), node(2, 1, 0), node(3, 2, 0), node(4, 1, 1)],
    ways: [way(7, [1, 2, 3]), way(8, [2, 4], { oneway: '-1' })],
  };

  it('are the segments of the way that way round', async () => {
    const { network } = await readCity(city);
    const path = file(
      'o.csv',
      'osm_way_id,direction,time,speed\n7,forward,2024-03-04T08:00,30\n7,backward,2024-03-04T08:05,40\n8,backward,2024-03-04T08:10,20\n8,forward,2024-03-04T08:15,20\n9,forward,2024-03-04T08:20,20\n7,f,2024-03-04T08:30,25\n',
    );
    const wayMapping = { ...mapping, segment: null, way: 'osm_way_id', direction: 'direction', count: null };
    const { observations, report } = await read(path, { network, mapping: wayMapping });
    const seen = new Map<number, Set<string>>();
    for (let i = 0; i < observations.count; i++) {
      const speed = observations.speedKmh[i];
      seen.set(speed, (seen.get(speed) ?? new Set()).add(network.refs[observations.segment[i]]));
    }
    expect(seen.get(30)).toEqual(new Set(['7/1/2', '7/2/3']));
    expect(seen.get(40)).toEqual(new Set(['7/3/2', '7/2/1']));
    expect(seen.get(20)).toEqual(new Set(['8/4/2']));
    expect(seen.get(25)).toEqual(seen.get(30));
    const dropped = Object.fromEntries(report.dropped.map(({ reason, count }) => [reason, count]));
    expect(dropped).toEqual({ 'unknown-way': 1, 'unknown-direction': 1 });
  });

  it('without a direction are both of them, which is said', async () => {
    const { network } = await readCity(city);
    const path = file('o.csv', 'way,time,speed\n7,2024-03-04T08:00,30\n');
    const { observations, report } = await read(path, {
      network,
      mapping: { ...mapping, segment: null, way: 'way', count: null },
    });
    expect(observations.count).toBe(4);
    expect(report.notes[0]).toContain('both');
  });

  it('take seconds as those of the whole way', async () => {
    const { network } = await readCity(city);
    const path = file('o.csv', 'way,dir,time,seconds\n7,f,2024-03-04T08:00,30\n');
    const { observations } = await read(path, {
      network,
      mapping: {
        ...mapping,
        segment: null,
        way: 'way',
        direction: 'dir',
        speed: null,
        seconds: 'seconds',
        count: null,
      },
    });
    const lengthM =
      network.lengthM[network.refs.indexOf('7/1/2')] + network.lengthM[network.refs.indexOf('7/2/3')];
    for (const kmh of observations.speedKmh) expect(kmh).toBeCloseTo((lengthM / 30) * 3.6, 3);
  });

  it('are refused where the roads do not tell directions apart', () => {
    const roads = sketchNetwork(
      [
        [8, 49],
        [8.01, 49],
      ],
      [
        { from: 0, to: 1 },
        { from: 1, to: 0 },
      ],
    );
    const untold = { ...roads, wayIds: Float64Array.of(5, 5) };
    expect(new WayNames(untold).find('5', 'forward')).toBe('unknown-direction');
    expect(new WayNames(untold).find('5', '')).toEqual([0, 1]);
    const told = { ...untold, flags: Uint16Array.of(0, SEGMENT_FLAGS.againstWay) };
    expect(new WayNames(told).find('way/5', 'backward')).toEqual([1]);
  });
});

describe('rows that give no observation', () => {
  it.each([
    ['unknown-segment', '7>8,2024-03-04T08:00,30,1', '"7>8"'],
    ['speed', '0>1,2024-03-04T08:00,251,1', '251 km/h'],
    ['missing', '0>1,2024-03-04T08:00,0,1', '"0"'],
    ['missing', '0>1,2024-03-04T08:00,-1,1', '"-1"'],
    ['missing', '0>1,2024-03-04T08:00,NaN,1', '"NaN"'],
    ['missing', '0>1,2024-03-04T08:00,,1', '""'],
  ])('are reported as %s with file and line: %s', async (reason, row, detail) => {
    const { observations, report } = await read(file('o.csv', `${header}${fill}\n${row}\n${good(50)}\n`));
    expect(observations.count).toBe(21);
    expect(report.dropped).toMatchObject([{ reason, count: 1 }]);
    expect(report.dropped[0].examples[0]).toContain('o.csv:22');
    expect(report.dropped[0].examples[0]).toContain(detail);
  });

  it('stop the import when they are the most, naming the cause and what to do', async () => {
    const path = file(
      'o.csv',
      `${header}${Array.from({ length: 9 }, (_, i) => `0>1,2024-03-04T08:0${i},400,1`).join('\n')}\n`,
    );
    const error = await rejection(read(path));
    expect(error).toMatchObject({ code: 'input', where: { file: path, line: 2 } });
    expect(error.message).toContain('9 of 9 rows');
    expect(error.remedy).toContain('unit');
  });

  it('do not count as wrong where nothing was observed', async () => {
    const path = file('o.csv', `${header}${good(1)}\n${'0>1,2024-03-04T09:00,0,1\n'.repeat(50)}`);
    const { observations, report } = await read(path);
    expect(observations.count).toBe(1);
    expect(report.dropped).toMatchObject([{ reason: 'missing', count: 50 }]);
    const none = await rejection(read(file('n.csv', `${header}0>1,2024-03-04T09:00,0,1\n`)));
    expect(none.message).toContain('no observations');
  });
});

describe('a malformed line', () => {
  it.each([
    ['CSV with a field too few', 'o.csv', `${header}${fill}\n0>1,2024-03-04T08:00,30\n${good(1)}\n`, 22],
    ['CSV with a text for a time', 'o.csv', `${header}${fill}\n0>1,4 March,30,1\n${good(1)}\n`, 22],
    ['CSV with a text for a speed', 'o.csv', `${header}${fill}\n0>1,2024-03-04T08:00,fast,1\n`, 22],
    ['CSV with a text for a count', 'o.csv', `${header}${fill}\n0>1,2024-03-04T08:00,30,few\n`, 22],
    ['CSV with an open quote', 'o.csv', `${header}${fill}\n"0>1,2024-03-04T08:00,30,1\n${good(1)}\n`, 22],
    ['gzip', 'o.csv.gz', gzipSync(`${header}${fill}\n0>1\n`), 22],
    ['JSON Lines', 'o.jsonl', `${jsonLines}{"segment":"0>1","time":\n${jsonLines}`, 3],
    ['JSON Lines with a list', 'o.jsonl', `${jsonLines}[1,2]\n${jsonLines}`, 3],
  ])('of %s is named with file, line and remedy', async (_name, name, content, line) => {
    const path = file(name, content);
    const error = await rejection(read(path));
    expect(error).toMatchObject({ code: 'input', where: { file: path, line } });
    expect(error.remedy).toMatch(/^Mend the (line|value)/);
  });
});

describe('the preview', () => {
  it('guesses columns, step and unit, and shows what would be left out', async () => {
    const rows = Array.from(
      { length: 30 },
      (_, i) => `0>1,2024-03-04 08:${String(2 * i).padStart(2, '0')},${28 + (i % 9)},3`,
    );
    const path = file(
      'o.csv',
      `edge_id,timestamp,avg_speed,volume\n${rows.join('\n')}\n9>9,2024-03-04 09:00,30,3\n`,
    );
    const preview = await previewObservations(path, { network: street, timeZone: 'Europe/Berlin' });
    expect(preview.suggested).toMatchObject({
      layout: 'segments',
      segment: 'edge_id',
      time: 'timestamp',
      speed: 'avg_speed',
      count: 'volume',
      stepS: 120,
    });
    expect(preview.missing).toEqual([]);
    expect(preview.problems).toMatchObject([{ row: 30, column: 'edge_id' }]);
    expect(toContract(fromContract(preview.suggested as ObservationMapping))).toEqual(preview.suggested);
    expect(preview.medianLimitKmh).toBe(street.speedLimitKmh[ref('0>1')]);
    // The limit is 60 km/h: 28–36 are taken for mph (45–58 km/h), and what a person says stands above that.
    expect(preview).toMatchObject({ unitFrom: 'limits', suggested: { unit: 'mph' } });
    expect(Math.max(...preview.speedsKmh)).toBeCloseTo(36 * 1.609344, 3);
    const given = await previewObservations(path, { network: street, mapping: { unit: 'km/h' } });
    expect(given).toMatchObject({ unitFrom: 'given', suggested: { unit: 'km/h' } });
    expect(Math.max(...given.speedsKmh)).toBe(36);
  });

  it('says what is missing', async () => {
    const preview = await previewObservations(file('o.csv', 'a,b\n1,2\n'), { network: street });
    expect(preview.missing).toEqual(['segment', 'time', 'speed', 'stepS']);
    expect(preview.problems).toEqual([]);
    const error = await rejection(read(file('o.csv', 'a,b\n1,2\n'), { mapping: preview.suggested }));
    expect(error).toMatchObject({ code: 'usage', where: { field: 'segment' } });
    expect(error.remedy).toContain('a, b');
  });

  it('marks a line that stops the import', async () => {
    const preview = await previewObservations(file('o.csv', `${header}${good(1)}\n0>1\n`), {
      mapping,
      network: street,
    });
    expect(preview.problems).toMatchObject([
      { row: 1, line: 3, malformed: true, message: 'The row has 1 field instead of 4.' },
    ]);
  });
});

describe('the unit of speeds', () => {
  it.each([
    ['speed_mph', 'mph'],
    ['speed_kmh', 'km/h'],
    ['SpeedKPH', 'km/h'],
    ['speed (km/h)', 'km/h'],
    ['speed_m_s', 'm/s'],
    ['speed_mps', 'm/s'],
    ['v_ms', 'm/s'],
  ])('is read from the name %s', (column, unit) => {
    expect(guessSpeedUnit([50, 60], { column })).toEqual({ unit, from: 'name' });
  });

  it.each(['speed', 'items', 'forms', 'kms', 'dams'])('is not read from the name %s', (column) => {
    expect(guessSpeedUnit([50, 60], { column }).from).toBe('values');
  });

  it.each(['km/h', 'mph', 'm/s'] as const)('is found by the limits: %s', (unit) => {
    const perKmh = { 'km/h': 1, mph: 1 / 1.609344, 'm/s': 1 / 3.6 }[unit];
    const limitsKmh = Array.from({ length: 50 }, (_, i) => [30, 50, 100][i % 3]);
    const speeds = limitsKmh.map((limit, i) => limit * (0.6 + (0.5 * ((i * 7) % 10)) / 10) * perKmh);
    expect(guessSpeedUnit(speeds, { limitsKmh })).toEqual({ unit, from: 'limits' });
  });
});

describe('a set in order', () => {
  it('is sorted by start, then by segment, and left alone where it is', () => {
    const set = {
      count: 3,
      segment: Int32Array.of(2, 1, 0),
      startS: Float64Array.of(5, 5, 4),
      localStartS: Float64Array.of(5, 5, 4),
      durationS: new Float32Array(3).fill(60),
      speedKmh: Float32Array.of(1, 2, 3),
      vehicles: Float32Array.of(1, 2, 3),
    };
    const sorted = inOrderOfStart(set);
    expect([...sorted.segment]).toEqual([0, 1, 2]);
    expect([...sorted.speedKmh]).toEqual([3, 2, 1]);
    expect(inOrderOfStart(sorted)).toBe(sorted);
  });
});
