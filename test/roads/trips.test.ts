import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteFile } from 'hyparquet-writer';
import { DateTime } from 'luxon';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { contract, type tripMapping } from '../../core/api/contract.ts';
import { EtalonError, quietContext, Random } from '../../core/base/index.ts';
import { previewTrips, readTripFile, suggestMapping, type TripMapping } from '../../core/roads/tripFile.ts';
import { parseList } from '../../core/roads/tripImport/list.ts';
import type { TripSet } from '../../core/roads/trips.ts';
import { DepartureReader } from '../../core/tables/departure.ts';
import { type CollectOptions, collectTrips } from '../support/collectTrips.ts';
import { gridCity, sketchNetwork } from '../support/network.ts';
import { hasPorto, portoTrips, sketchPorto } from '../support/porto.ts';

// The reader's type and the contract's are the same, in both directions.
const toContract = (mapping: TripMapping): z.infer<typeof tripMapping> => mapping;
const fromContract = (mapping: z.infer<typeof tripMapping>): TripMapping => mapping;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etalon-trips-'));
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
const mapping: TripMapping = {
  id: 'id',
  departure: 'departure',
  dayOfYear: null,
  minuteOfDay: null,
  year: null,
  totalSeconds: 'total',
  segments: 'path',
  segmentSeconds: null,
};
const good = (id: string, minute = 10) => `${id},2024-03-04 08:${minute}:00,40,0>1 1>2 2>3 3>4`;

function read(path: string, options: Partial<CollectOptions> = {}) {
  return collectTrips(path, {
    mapping,
    timeZone: 'Europe/Lisbon',
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

describe('a trips file', () => {
  const expected: Partial<TripSet> = {
    count: 2,
    ids: ['a', 'b "2"'],
    departS: Float64Array.of(Date.UTC(2024, 2, 4, 8, 10) / 1000, Date.UTC(2024, 2, 4, 8, 11) / 1000),
    totalS: Float32Array.of(40, 20.5),
    offsets: Uint32Array.of(0, 4, 6),
    segments: Int32Array.from(['0>1', '1>2', '2>3', '3>4', '2>1', '1>0'].map(ref)),
  };
  const commas =
    'id,departure,total,path\r\na,2024-03-04 08:10:00,40,0>1 1>2 2>3 3>4\r\n"b ""2""",2024-03-04T08:11Z,20.5,"2>1,1>0"\r\n';

  it.each([
    ['commas and CRLF', commas],
    ['a byte order mark', `\ufeff${commas}`],
    ['no line break at the end', commas.trimEnd()],
    ['blank lines', commas.replaceAll('\r\n', '\r\n\r\n')],
    ['gzip', gzipSync(commas)],
    [
      'semicolons',
      'id;departure;total;path\na;2024-03-04 08:10:00;40;0>1,1>2,2>3,3>4\n"b ""2""";2024-03-04T08:11Z;20.5;2>1|1>0\n',
    ],
    [
      'tabs',
      'id\tdeparture\ttotal\tpath\na\t2024-03-04 08:10\t40\t["0>1","1>2", "2>3","3>4"]\nb "2"\t1709539860\t20.5\t[\'2>1\', \'1>0\']\n',
    ],
    [
      'other columns in another order',
      'x,path,total,"a,b",departure,id\n1,0>1;1>2;2>3;3>4,40,,2024-03-04T09:10:00+01:00,a\n2,2>1  1>0,20.5,,1709539860000,"b ""2"""\n',
    ],
  ])('is read with %s', async (_name, content) => {
    const { trips, report } = await read(file('trips.csv', content));
    expect(trips).toMatchObject(expected);
    expect(trips.localDepartS).toEqual(expected.departS);
    expect(trips.segmentS).toBeUndefined();
    expect(report).toMatchObject({
      read: { rows: 2 },
      kept: { trips: 2, traversals: 6 },
      dropped: [],
      notes: [],
    });
  });

  it('without identifiers gets row numbers, and times per segment where they are known', async () => {
    const path = file(
      'trips.csv',
      'departure,total,path,secs\n2024-03-04 08:00,30,0>1 1>2,10 20\n2024-03-04 08:00,31,0>1 1>2,\n2024-03-04 08:00,50,0>1 1>2,"[10.5,null]"\n',
    );
    const { trips, report } = await read(path, { mapping: { ...mapping, id: null, segmentSeconds: 'secs' } });
    expect(trips.ids).toEqual(['1', '2', '3']);
    expect([...trips.segmentS!]).toEqual([10, 20, NaN, NaN, 10.5, NaN]);
    expect(report.notes).toEqual([]);
    expect(report.kept.tripsWithSegmentSeconds).toBe(2);
  });

  it('takes the sum of the seconds of its segments where it has no column for the whole trip', async () => {
    const rows = ['10 20.5', '10 nan', '10', '-5 40', '15 15', '9 11'].map(
      (secs) => `2024-03-04 08:00,0>1 1>2,${secs}\n`,
    );
    const path = file('trips.csv', `departure,path,edge_times\n${rows.join('')}`);
    expect((await previewTrips(path, { network: street })).missing).toEqual([]);
    const { trips, report } = await read(path, {
      mapping: { ...mapping, id: null, totalSeconds: null, segmentSeconds: 'edge_times' },
    });
    expect([...trips.totalS]).toEqual([30.5, 30, 20]);
    expect([...trips.segmentS!]).toEqual([10, 20.5, 15, 15, 9, 11]);
    expect(report.dropped).toMatchObject([{ reason: 'travel-time', count: 3 }]);
  });
});

type SchemaElement = NonNullable<Parameters<typeof parquetWriteFile>[0]['schema']>[number];

describe('a trips file of another format', () => {
  const rows = [
    {
      id: 'a',
      departure: '2024-03-04 08:10:00',
      total: 40,
      path: ['0>1', '1>2', '2>3', '3>4'],
      secs: [10, 10, 10, 10],
    },
    { id: 'b', departure: '2024-03-04 08:11:00', total: 20.5, path: ['2>1', '1>0'], secs: [null, 10.5] },
  ];
  const jsonLines = rows.map((row) => JSON.stringify(row)).join('\n');
  const parquet = () => {
    const path = join(folder, 't.parquet');
    const list = (name: string, type: 'BYTE_ARRAY' | 'DOUBLE'): SchemaElement[] => [
      { name, repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      {
        name: 'element',
        type,
        repetition_type: 'OPTIONAL',
        ...(type === 'BYTE_ARRAY' && { converted_type: 'UTF8' }),
      },
    ];
    parquetWriteFile({
      filename: path,
      columnData: (['id', 'departure', 'total', 'path', 'secs'] as const).map((name) => ({
        name,
        data: rows.map((row) => row[name]),
      })),
      schema: [
        { name: 'root', num_children: 5 },
        { name: 'id', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
        { name: 'departure', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
        { name: 'total', type: 'DOUBLE', repetition_type: 'REQUIRED' },
        ...list('path', 'BYTE_ARRAY'),
        ...list('secs', 'DOUBLE'),
      ],
    });
    return path;
  };

  it.each([
    ['JSON Lines', () => file('t.jsonl', jsonLines)],
    ['JSON Lines, gzip', () => file('t.jsonl.gz', gzipSync(jsonLines))],
    ['Parquet', parquet],
  ])('is read, lists and all: %s', async (format, write) => {
    const { trips, report } = await read(write(), { mapping: { ...mapping, segmentSeconds: 'secs' } });
    expect(trips.ids).toEqual(['a', 'b']);
    expect([...trips.segments]).toEqual(rows.flatMap(({ path }) => path).map(ref));
    expect([...trips.totalS]).toEqual([40, 20.5]);
    expect([...trips.segmentS!].slice(0, 4)).toEqual([10, 10, 10, 10]);
    expect(report).toMatchObject({ format, kept: { trips: 2, traversals: 6 } });
    const preview = await previewTrips(write(), { network: street });
    expect(preview.suggested).toMatchObject({ id: 'id', departure: 'departure', segments: 'path' });
  });

  it('names a malformed line by file and line, and imports nothing of a file that is mostly such', async () => {
    const one = file('t.jsonl', `${jsonLines}\n{"id":"c",\n`);
    const error = await rejection(read(one));
    expect(error).toMatchObject({ code: 'input', where: { file: one, line: 3 } });
    expect(error.remedy).toContain('Mend the line');
    const kept = await read(one, { skipMalformed: true });
    expect(kept.trips.count).toBe(2);
    expect(kept.report.dropped).toMatchObject([{ reason: 'malformed', count: 1 }]);
    expect(kept.report.dropped[0].examples[0]).toMatch(/^t\.jsonl:3: The line is no JSON/);
    const path = file('u.jsonl', `${JSON.stringify(rows[0])}\n{"id":"c",\n{"id":"d",\n`);
    const mostly = await rejection(read(path, { skipMalformed: true }));
    expect(mostly).toMatchObject({ code: 'input', where: { file: path, line: 2 } });
    expect(mostly.message).toContain('2 of 3 rows');
  });

  it('of more trips than are handed on at a time comes whole, each trip once', async () => {
    const minutes = (i: number) =>
      `2024-03-${String(4 + (Math.floor(i / 1440) % 20)).padStart(2, '0')} ${String(Math.floor(i / 60) % 24).padStart(2, '0')}:${String(i % 60).padStart(2, '0')}`;
    const text = Array.from({ length: 70_000 }, (_, i) => `t${i},${minutes(i)},40,0>1 1>2 2>3 3>4`);
    const path = file('t.csv', `id,departure,total,path\n${text.join('\n')}\n${text[0]}\n${text[69_999]}\n`);
    const chunks: number[] = [];
    const report = await readTripFile(path, {
      mapping,
      timeZone: 'Europe/Lisbon',
      network: street,
      add: ({ count }) => chunks.push(count),
      context: quietContext,
    });
    expect(chunks).toEqual([65_536, 4464]);
    expect(report.dropped).toMatchObject([{ reason: 'duplicate', count: 2 }]);
  });
});

describe('rows that give no trip', () => {
  const header = 'id,departure,total,path\n';
  const fill = Array.from({ length: 20 }, (_, i) => good(`g${i}`, 10 + i)).join('\n');

  it.each([
    ['travel-time', 'x,2024-03-04 08:10:00,0,0>1', '"0"'],
    ['travel-time', 'x,2024-03-04 08:10:00,90000,0>1', '"90000"'],
    ['empty-path', 'x,2024-03-04 08:10:00,40,', 'no segments'],
    ['unknown-segment', 'x,2024-03-04 08:10:00,40,0>1 7>8', '"7>8"'],
    ['disconnected', 'x,2024-03-04 08:10:00,40,0>1 2>3', '"2>3" does not begin where "0>1" ends'],
    ['disconnected', 'x,2024-03-04 08:10:00,40,0>1 0>1', 'does not begin'],
    ['speed', 'x,2024-03-04 08:10:00,1,0>1', '360 km/h'],
    ['speed', 'x,2024-03-04 08:10:00,4000,0>1', '0.0900 km/h'],
    ['duplicate', good('g3', 13), '(trip g3)'],
  ])('are reported as %s with file and line: %s', async (reason, row, detail) => {
    const { trips, report } = await read(
      file('trips.csv', `${header}${fill}\n${row}\n${good('last', 50)}\n`),
    );
    expect(trips.count).toBe(21);
    expect(trips.ids.at(-1)).toBe('last');
    expect(report.read.rows).toBe(22);
    expect(report.dropped).toMatchObject([{ reason, count: 1 }]);
    expect(report.dropped[0].examples[0]).toContain('trips.csv:22');
    expect(report.dropped[0].examples[0]).toContain(detail);
  });

  it('do not take the rows after them along, however the quotes are', async () => {
    const text = `${header}${good('a')}\n"b"x,2024-03-04 08:10:00,40,0>1\n${good('c')}\n${good('d')}\ne,"2024\n,1,0>1\n${good('f')}\n`;
    const { trips, report } = await read(file('trips.csv', text), { skipMalformed: true });
    expect(trips.ids).toEqual(['a', 'c', 'd', 'f']);
    expect(report.dropped).toMatchObject([{ reason: 'malformed', count: 3 }]);
    expect(report.dropped[0].examples).toEqual([
      'trips.csv:3: A quote closes in the middle of a field',
      'trips.csv:6: A quote is never closed',
      'trips.csv:7: The row has 3 fields instead of 4',
    ]);
  });

  it('keep their place when a field has line breaks in it', async () => {
    const text = `${header}"a\nb\nc",2024-03-04 08:10:00,40,0>1\n${good('d')}\nx,never,40,0>1\n${good('e')}\n`;
    const path = file('trips.csv', text);
    expect(await rejection(read(path))).toMatchObject({ where: { file: path, line: 6, field: 'departure' } });
    const { trips } = await read(path, { skipMalformed: true });
    expect(trips.ids).toEqual(['a\nb\nc', 'd', 'e']);
  });

  it('stop the import when they are the most, naming the cause and what to do', async () => {
    const rows = Array.from({ length: 11 }, (_, i) => `x${i},2024-03-04 08:10:00,40,osm${i}`).join('\n');
    const error = await rejection(read(file('trips.csv', `${header}${good('a')}\n${rows}\n`)));
    expect(error).toMatchObject({ code: 'input', where: { line: 3 } });
    expect(error.message).toContain('11 of 12 rows');
    expect(error.message).toContain('"osm0"');
    expect(error.remedy).toContain('roads');
  });

  it('are all right when half of them are bad', async () => {
    const { trips } = await read(file('trips.csv', `${header}${good('a')}\nx,2024-03-04 08:10:00,0,0>1\n`));
    expect(trips.count).toBe(1);
  });
});

describe('what is kept but worth a word', () => {
  it('is a turn that is not permitted where the segments meet', async () => {
    const text = `id,departure,total,path\nu,2024-03-04 08:10:00,40,0>1 1>0\n${good('a')}\n`;
    const { trips, report } = await read(file('trips.csv', text));
    expect(trips.count).toBe(2);
    expect(report.notes).toHaveLength(1);
    expect(report.notes[0]).toContain('does not permit a turn on their way: 1 (trips.csv:2 (trip u))');
    const barred = sketchNetwork(
      [
        [8, 49],
        [8.001, 49],
        [8.002, 49],
      ],
      [
        { from: 0, to: 1 },
        { from: 1, to: 2 },
      ],
      [[0, 1]],
    );
    const forbidden = await read(file('b.csv', 'id,departure,total,path\na,2024-03-04 08:10:00,40,0 1\n'), {
      network: barred,
    });
    expect(forbidden.report.notes[0]).toContain('does not permit');
  });

  it.each([
    ['10 20 5 5 5', '5 seconds for 4 segments'],
    ['10 20 30 40', 'they add up to 100 s, not 40 s'],
    ['10 20 20 -10', '-10 s on a segment'],
  ])('are seconds per segment that contradict the row: %s', async (seconds, problem) => {
    const text = `id,departure,total,path,secs\n${good('a')},${seconds}\n${good('b', 11)},10 10 10 10.5\n`;
    const { trips, report } = await read(file('trips.csv', text), {
      mapping: { ...mapping, segmentSeconds: 'secs' },
    });
    expect([...trips.segmentS!]).toEqual([NaN, NaN, NaN, NaN, 10, 10, 10, 10.5]);
    expect(report.notes[0]).toContain(`trips.csv:2 (trip a): ${problem}`);
  });

  it('are weekdays that contradict the dates, by whichever way of counting the file has', async () => {
    // 4 March 2024 is a Monday.
    const rows = (weekdays: (string | number)[], first = 4) =>
      `id,departure,total,path,weekday\n${weekdays.map((day, i) => `t${i},2024-03-${String(first + i).padStart(2, '0')} 08:00,40,0>1,${day}`).join('\n')}\n`;
    const notes = async (text: string) => (await read(file('trips.csv', text))).report.notes;
    expect(await notes(rows([0, 1, 2, 3, 4, 5, 6]))).toEqual([]);
    expect(await notes(rows([1, 2, 3, 4, 5, 6, 0]))).toEqual([]);
    expect(await notes(rows([1, 2, 3, 4, 5, 6, 7]))).toEqual([]);
    expect(await notes(rows([2, 3, 4, 5, 6, 7, 1]))).toEqual([]);
    expect(await notes(rows(['Mon', 'tuesday', 'WED']))).toEqual([]);
    expect((await notes(rows([0, 1, 2, 2, 4, 5, 6])))[0]).toContain('1 of 7 rows (line 5)');
    expect((await notes(rows([5, 6, 0, 1, 2, 3, 4])))[0]).toContain('7 of 7 rows');
    expect((await notes(rows(['Tue', 'Wed', 'Thu'])))[0]).toContain('3 of 3 rows');
  });
});

describe('trips that are there already', () => {
  it('are dropped across files, by identifier, departure and path', async () => {
    const header = 'id,departure,total,path\n';
    const first = await read(file('a.csv', `${header}${good('a')}\n${good('b')}\n`));
    const more = `${header}${good('a')}\n${good('a', 11)}\n${good('c')}\na,2024-03-04 08:10:00,40,0>1 1>2\n`;
    const second = await read(file('b.csv', more), { existing: first.trips });
    expect(second.trips.ids).toEqual(['a', 'c', 'a']);
    expect(second.report.dropped).toMatchObject([
      { reason: 'duplicate', count: 1, examples: ['b.csv:2 (trip a)'] },
    ]);
    const error = await rejection(read(file('a.csv', `${header}${good('a')}\n`), { existing: first.trips }));
    expect(error).toMatchObject({
      code: 'conflict',
      message: 'Every trip of the file is in the project already.',
    });
  });
});

describe('files that cannot be used', () => {
  it.each([
    ['', 'input', 'no header'],
    ['id,departure,total,path\n', 'input', 'no trips'],
    ['id,departure,total,total,path\n', 'input', 'Two columns are named "total"'],
    ['id,departure,seconds,path\n1,2,3,4\n', 'usage', 'no column "total"'],
    [Buffer.from('\ufeffid,departure\n', 'utf16le'), 'input', 'UTF-16'],
    [gzipSync('id,departure,total,path\n'.repeat(5000)).subarray(0, 60), 'input', 'gzip file is damaged'],
  ])('say so: %#', async (content, code, message) => {
    const error = await rejection(read(file('trips.csv', content)));
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });

  it('say so: missing file, time zone, mapping', async () => {
    const path = file('trips.csv', `id,departure,total,path\n${good('a')}\n`);
    expect(await rejection(read(join(folder, 'none.csv')))).toMatchObject({ code: 'not-found' });
    expect(await rejection(read(path, { timeZone: 'Lisbon' }))).toMatchObject({
      code: 'usage',
      where: { field: 'timeZone' },
    });
    const doy = { ...mapping, departure: null, dayOfYear: 'departure', minuteOfDay: 'total' };
    expect(await rejection(read(path, { mapping: doy }))).toMatchObject({
      code: 'usage',
      where: { field: 'year' },
    });
    expect(
      await rejection(read(path, { mapping: { ...doy, departure: 'departure', year: 2014 } })),
    ).toMatchObject({ code: 'usage', where: { field: 'departure' } });
  });

  it('let a cancelled import end', async () => {
    const rows = Array.from({ length: 5000 }, (_, i) => good(`t${i}`)).join('\n');
    const controller = new AbortController();
    const stages: number[] = [];
    const promise = read(file('trips.csv', `id,departure,total,path\n${rows}\n`), {
      context: {
        signal: controller.signal,
        report({ done, total }) {
          stages.push(done / total!);
          if (stages.length === 2) controller.abort();
        },
      },
    });
    expect(await rejection(promise)).toMatchObject({ code: 'cancelled' });
    expect(stages).toHaveLength(2);
    expect(stages[1]).toBeLessThanOrEqual(1);
  });
});

describe('departures', () => {
  const utc = (text: string) => Date.parse(`${text}Z`) / 1000;

  it('agree with luxon through a whole year, in zones of every kind', () => {
    for (const zone of [
      'Europe/Lisbon',
      'America/St_Johns',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'America/Santiago',
      'UTC',
    ]) {
      const reader = new DepartureReader(zone);
      for (let s = utc('2014-01-01T00:07:00'); s < utc('2015-01-01T00:00:00'); s += 10_007) {
        const moment = reader.fromUtc(s);
        const local = DateTime.fromSeconds(s, { zone });
        expect(moment.localDepartS).toBe(s + local.offset * 60);
        const back = reader.read(local.toFormat("yyyy-MM-dd'T'HH:mm:ss"))!;
        expect(back.localDepartS).toBe(moment.localDepartS);
        if (back.doubt) expect(back.doubt).toBe('overlap');
        else expect(back.departS).toBe(s);
        expect(reader.read(local.toISO()!)).toEqual(moment);
      }
    }
  });

  it('in a gap are read on the old clock, in an overlap as the first', () => {
    const lisbon = new DepartureReader('Europe/Lisbon');
    // 30 March 2014, 01:00 WET became 02:00 WEST; 26 October, 02:00 WEST became 01:00 WET.
    expect(lisbon.read('2014-03-30 01:30:00')).toEqual({
      departS: utc('2014-03-30T01:30:00'),
      localDepartS: utc('2014-03-30T02:30:00'),
      doubt: 'gap',
    });
    expect(lisbon.read('2014-03-30 00:59:59')).toEqual({
      departS: utc('2014-03-30T00:59:59'),
      localDepartS: utc('2014-03-30T00:59:59'),
    });
    expect(lisbon.read('2014-03-30 02:00:00')).toEqual({
      departS: utc('2014-03-30T01:00:00'),
      localDepartS: utc('2014-03-30T02:00:00'),
    });
    expect(lisbon.read('2014-10-26 01:30:00')).toEqual({
      departS: utc('2014-10-26T00:30:00'),
      localDepartS: utc('2014-10-26T01:30:00'),
      doubt: 'overlap',
    });
    expect(lisbon.read('2014-10-26 02:00:00')?.departS).toBe(utc('2014-10-26T02:00:00'));
    expect(lisbon.read('2014-10-26 00:59:59')?.departS).toBe(utc('2014-10-25T23:59:59'));
    const lordHowe = new DepartureReader('Australia/Lord_Howe');
    expect(lordHowe.read('2014-04-06 01:45:00')?.doubt).toBe('overlap');
    expect(lordHowe.read('2014-04-06 01:15:00')?.doubt).toBeUndefined();
  });

  it('are told apart from what is none', () => {
    const reader = new DepartureReader('UTC');
    for (const text of [
      '',
      '2014',
      '12:30',
      '2014-13-01 00:00',
      '2014-01-01 24:00',
      '2014-01-01 10:60',
      '01/02/2014 10:00',
      'NaN',
    ])
      expect(reader.read(text)).toBeNull();
    expect(reader.read('1400000000.5')?.departS).toBe(1400000000.5);
    expect(reader.read('1400000000500')?.departS).toBe(1400000000.5);
    expect(reader.read('2014-05-13T16:53:20.250-0130')?.departS).toBe(1400000000.25 + 5400);
  });

  it('are the moments that the system has for them', () => {
    const random = new Random(3);
    const reader = new DepartureReader('UTC');
    for (let i = 0; i < 5000; i++) {
      const ms = Math.floor((random.uniform() * 2 - 0.5) * 3e10) * 1000;
      const iso = new Date(ms).toISOString();
      for (const text of [iso, iso.slice(0, 19), iso.slice(0, 19).replace('T', ' ')])
        expect(reader.read(text)?.departS).toBe(ms / 1000);
    }
    expect(reader.read('2023-02-29T00:00:00')).toBeNull();
    expect(reader.read('2024-02-29T00:00:00')?.departS).toBe(utc('2024-02-29T00:00:00'));
    expect(reader.read('2024-02-29T00:0a:00')).toBeNull();
  });

  it('by day and minute know leap years', () => {
    const reader = new DepartureReader('Europe/Lisbon');
    expect(reader.readDayOfYear(2014, 150, 510)?.localDepartS).toBe(utc('2014-05-30T08:30:00'));
    expect(reader.readDayOfYear(2014, 150, 510)?.departS).toBe(utc('2014-05-30T07:30:00'));
    expect(reader.readDayOfYear(2016, 366, 0)?.localDepartS).toBe(utc('2016-12-31T00:00:00'));
    for (const [day, minute] of [
      [366, 0],
      [0, 0],
      [1.5, 0],
      [1, 1440],
      [1, -1],
      [Number.NaN, 0],
    ])
      expect(reader.readDayOfYear(2014, day, minute)).toBeNull();
  });
});

describe('lists', () => {
  it.each([
    ['1 2  3', ['1', '2', '3']],
    ['1,2, 3', ['1', '2', '3']],
    ['1; 2|3', ['1', '2', '3']],
    ['[1, "b c", null]', ['1', 'b c', '']],
    ["['a', 'b']", ['a', 'b']],
    ['[1.5, nan]', ['1.5', 'nan']],
    [' ', []],
    ['[]', []],
    ['[1', null],
  ])('%j', (text, expected) => {
    expect(parseList(text)).toEqual(expected);
  });
});

describe('a suggested mapping', () => {
  it('knows names in use, and leaves out what does not fit', () => {
    const rows = [['7', '2024-03-04T08:00:00Z', '310.5', '[1,2,3]', '[100,100,110.5]', 'rain']];
    expect(
      suggestMapping(['Trip ID', 'start_time', 'Duration (s)', 'edges', 'edge_times', 'weather'], rows),
    ).toEqual({
      id: 'Trip ID',
      departure: 'start_time',
      dayOfYear: null,
      minuteOfDay: null,
      year: null,
      totalSeconds: 'Duration (s)',
      segments: 'edges',
      segmentSeconds: 'edge_times',
    });
    // A departure that is none, and a path under a name that nobody knows.
    const odd = suggestMapping(['time', 'seconds', 'way'], [['8.30', '310', 'a/1 a/2 b/3 b/4 b/5']]);
    expect(odd.departure).toBeNull();
    expect(odd).toMatchObject({ totalSeconds: 'seconds', segments: 'way' });
  });
});

describe('a preview', () => {
  it('shows samples, what is missing, and rows that would be dropped', async () => {
    const rows = Array.from({ length: 300 }, (_, i) => good(`g${i}`)).join('\n');
    const path = file('trips.csv', `id,departure,total,path\nx,2024-03-04 08:10:00,40,9>9\n${rows}\n`);
    const preview = await previewTrips(path, {
      timeZone: 'Europe/Lisbon',
      network: street,
      mapping: { totalSeconds: 'total' },
    });
    expect(preview.rows).toHaveLength(200);
    expect(preview.columns[0]).toEqual({ name: 'id', samples: ['x', 'g0', 'g1', 'g2', 'g3'] });
    expect(preview.suggested).toEqual(mapping);
    expect(preview.missing).toEqual([]);
    expect(preview.problems).toEqual([
      {
        row: 0,
        line: 2,
        malformed: false,
        column: 'path',
        message: 'A segment is not in the road network (segment "9>9").',
      },
    ]);
    expect(preview.durationsS).toHaveLength(199);
    expect(preview.speedsKmh[0]).toBeCloseTo(36, 1);
    expect(toContract(fromContract(mapping))).toBe(mapping);
    expect(contract.trips.preview['~orpc'].outputSchema?.['~standard'].validate(preview)).not.toHaveProperty(
      'issues',
    );
    const bare = await previewTrips(path, { mapping: { totalSeconds: undefined } });
    expect(bare.missing).toEqual(['totalSeconds']);
  });
});

describe.skipIf(!hasPorto)('Porto (shared data; skipped where it is missing)', () => {
  it('imports with suggested columns, the year given; the two files share no trip', async () => {
    const network = sketchPorto();
    const preview = await previewTrips(portoTrips.a, { network, timeZone: 'Europe/Lisbon' });
    expect(preview.missing).toEqual(['year']);
    const options = {
      mapping: { ...preview.suggested, year: 2014 },
      timeZone: 'Europe/Lisbon',
      network,
      context: quietContext,
    };
    const a = await collectTrips(portoTrips.a, options);
    expect(a.report).toMatchObject({ kept: { trips: 11_837, traversals: 571_043 }, dropped: [] });
    const b = await collectTrips(portoTrips.b, { ...options, existing: a.trips });
    expect(b.report).toMatchObject({ kept: { trips: 11_840 }, dropped: [] });
    // Only turns are remarkable: the weekdays (Monday = 0) agree with the year.
    expect(a.report.notes).toHaveLength(1);
    const wrongYear = await collectTrips(portoTrips.a, {
      ...options,
      mapping: { ...preview.suggested, year: 2015 },
    });
    expect(wrongYear.report.notes.join()).toContain('check the year');
  });
});
