import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { parquetMetadata } from 'hyparquet';
import { parquetWriteFile } from 'hyparquet-writer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EtalonError, Random } from '../../core/base/index.ts';
import { CsvRows } from '../../core/tables/csvRows.ts';
import { openTable, recordsOf, type Table, type TableRecord } from '../../core/tables/table.ts';
import { collect } from '../support/collect.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'etalon-tables-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function rowsOf(path: string, wanted?: string[]): Promise<{ table: Table; records: TableRecord[] }> {
  const table = await openTable(path);
  const records = await collect(recordsOf(table, wanted));
  await table.close();
  return { table, records };
}

async function rejection(promise: Promise<unknown>): Promise<EtalonError> {
  const error = await promise.then(
    () => new Error('Nothing was thrown.'),
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(EtalonError);
  return error as EtalonError;
}

const rows = [
  ['a', '2024-03-04T08:00:00', '12.5', '["x","y"]'],
  ['b', '2024-03-04T08:05:00', '', '["z"]'],
];
const jsonLines =
  '{"id":"a","time":"2024-03-04T08:00:00","speed":12.5,"path":["x","y"]}\n\n{"path":["z"],"time":"2024-03-04T08:05:00","id":"b","speed":null}\n';
const csv = `id,time,speed,path\na,2024-03-04T08:00:00,12.5,"[""x"",""y""]"\n\nb,2024-03-04T08:05:00,,"[""z""]"\n`;

function parquet(name: string, options: Partial<Parameters<typeof parquetWriteFile>[0]> = {}): string {
  const path = join(folder, name);
  parquetWriteFile({
    filename: path,
    columnData: [
      { name: 'id', data: ['a', 'b'] },
      // Microseconds on a clock without a zone, as pandas writes them.
      { name: 'time', data: [1709539200000000n, 1709539500000000n] },
      { name: 'speed', data: [12.5, undefined] as unknown as number[] },
      { name: 'path', data: [['x', 'y'], ['z']] },
    ],
    schema: [
      { name: 'root', num_children: 4 },
      { name: 'id', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
      {
        name: 'time',
        type: 'INT64',
        repetition_type: 'REQUIRED',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' },
      },
      { name: 'speed', type: 'DOUBLE', repetition_type: 'OPTIONAL' },
      { name: 'path', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
    ],
    ...options,
  });
  return path;
}

describe('the same table', () => {
  it.each([
    ['CSV', 'CSV', () => file('t.csv', csv)],
    ['CSV, gzip', 'CSV, gzip', () => file('t.csv.gz', gzipSync(csv))],
    ['JSON Lines', 'JSON Lines', () => file('t.jsonl', jsonLines)],
    ['JSON Lines, gzip', 'JSON Lines, gzip', () => file('t.jsonl.gz', gzipSync(jsonLines))],
    [
      'JSON Lines with a byte order mark and CRLF',
      'JSON Lines',
      () => file('t.jsonl', `\ufeff${jsonLines.replaceAll('\n', '\r\n')}`),
    ],
    ['JSON Lines without a last line break', 'JSON Lines', () => file('t.jsonl', jsonLines.trimEnd())],
    ['Parquet', 'Parquet', () => parquet('t.parquet')],
    ['Parquet, a row a group', 'Parquet', () => parquet('t.parquet', { rowGroupSize: 1 })],
    ['Parquet, uncompressed', 'Parquet', () => parquet('t.parquet', { codec: 'UNCOMPRESSED' })],
  ])('comes out of %s', async (_name, format, write) => {
    const { table, records } = await rowsOf(write());
    expect(table.columns).toEqual(['id', 'time', 'speed', 'path']);
    expect(table.format).toBe(format);
    expect(records.map(({ fields }) => fields.map((text) => text.replace('.000', '')))).toEqual(rows);
    const lines = format === 'Parquet' ? [1, 2] : format.startsWith('CSV') ? [2, 4] : [1, 3];
    expect(records.map(({ line }) => line)).toEqual(lines);
    expect(table.progress().done).toBe(table.progress().total);
  });

  it('names the place of a row', async () => {
    const { table, records } = await rowsOf(parquet('t.parquet', { rowGroupSize: 1 }));
    expect(table.place(records[1])).toBe('t.parquet, row 2 (row group 2)');
    const text = await rowsOf(file('t.jsonl', jsonLines));
    expect(text.table.place(text.records[1])).toBe('t.jsonl:3');
  });

  it('of Parquet leaves unwanted columns unread', async () => {
    const { records } = await rowsOf(parquet('t.parquet'), ['speed']);
    expect(records.map(({ fields }) => fields)).toEqual([
      ['', '', '12.5', ''],
      ['', '', '', ''],
    ]);
  });

  it('of Parquet comes whole through groups larger than what is decoded at a time', async () => {
    const count = 100_003;
    const path = join(folder, 'large.parquet');
    const data = Float64Array.from({ length: count }, (_, i) => i * 7);
    parquetWriteFile({
      filename: path,
      columnData: [
        { name: 'v', data },
        { name: 'w', data: Array.from(data, (v) => BigInt(v)) },
      ],
      rowGroupSize: 80_000,
      pageSize: 4096,
    });
    const { records } = await rowsOf(path);
    expect(records).toHaveLength(count);
    expect(
      records.every(
        ({ line, fields }, i) => line === i + 1 && fields[0] === String(7 * i) && fields[1] === String(7 * i),
      ),
    ).toBe(true);
  });
});

describe('a line that is broken', () => {
  it('of JSON is a record that says so', async () => {
    const { records } = await rowsOf(file('t.jsonl', '{"a":1}\n{"a":\n[1]\n{"a":2}\n'));
    expect(records.map(({ line }) => line)).toEqual([1, 2, 3, 4]);
    expect(records[1].broken).toMatch(/no JSON/);
    expect(records[2].broken).toBe('the line is no JSON object');
    expect(records[3].fields).toEqual(['2']);
  });

  it('of CSV that never ends is given up before it fills the memory, and takes no other along', async () => {
    const count = 6_000_000;
    const path = file('t.csv', `a,b\n1,2\n3,"${'x'.repeat(99)}\n${'y,z\n'.repeat(count)}`);
    const table = await openTable(path);
    let whole = 0;
    const broken: TableRecord[] = [];
    for await (const batch of table.batches())
      for (const record of batch) {
        if (record.broken) broken.push(record);
        else whole++;
      }
    expect(broken).toEqual([{ line: 3, lines: 1, fields: [], broken: 'a quote is never closed', column: 3 }]);
    expect(whole).toBe(1 + count);
  });
});

describe('CSV cut into pieces anywhere', () => {
  const text =
    'a,b,c\r\n"x ""y""",2,\r\n\r\n,"line\r\nbreak",é\n"open,1,2\n"mid"dle,1,2\nin "the" middle,1,2\n"last","",z';
  const records = [
    [1, ['a', 'b', 'c']],
    [2, ['x "y"', '2', '']],
    [4, ['', 'line\r\nbreak', 'é']],
    [6, 'a quote closes in the middle of a field'],
    [7, 'a quote closes in the middle of a field'],
    [8, ['in "the" middle', '1', '2']],
    [9, ['last', '', 'z']],
  ];

  it('gives the same records', () => {
    const random = new Random(7);
    for (let trial = 0; trial < 300; trial++) {
      const rows = new CsvRows(',', '\n');
      const found: TableRecord[] = [];
      for (let at = 0; at < text.length; ) {
        const next = at + 1 + random.int(trial === 0 ? text.length : 12);
        found.push(...rows.write(text.slice(at, next)));
        at = next;
      }
      found.push(...rows.end());
      expect(found.map(({ line, fields, broken }) => [line, broken ?? fields])).toEqual(records);
    }
  });

  it('gives what another parser does, whatever is in the fields', () => {
    const random = new Random(8);
    const bits = ['a', '1', ',', '"', '\n', ' ', 'é', ''];
    for (let trial = 0; trial < 300; trial++) {
      const table = Array.from({ length: 1 + random.int(5) }, () =>
        Array.from({ length: 3 }, () =>
          Array.from({ length: random.int(5) }, () => bits[random.int(8)]).join(''),
        ),
      );
      const quoted = (field: string) =>
        /[",\n]/.test(field) || random.uniform() < 0.2 ? `"${field.replaceAll('"', '""')}"` : field;
      const csv = table.map((row) => row.map(quoted).join(',')).join('\n');
      const rows = new CsvRows(',', '\n');
      const found = [...rows.write(csv), ...rows.end()].map(({ fields }) => fields);
      expect(found).toEqual(parse(csv));
      expect(found).toEqual(table);
    }
  });
});

describe('files that are no table', () => {
  it.each([
    ['a JSON list', '[{"a":1}]', 'JSON list'],
    ['JSON without an object', '{\n"a": 1\n}', 'No line holds a JSON object'],
    ['a zipped Parquet file', gzipSync('PAR1 and so on'), 'inside gzip'],
    ['a Parquet file cut short', 'PAR1 and no more', 'Parquet file is damaged'],
  ])('say so: %s', async (_name, content, message) => {
    const error = await rejection(openTable(file('t', content)));
    expect(error.code).toBe('input');
    expect(error.message).toContain(message);
    expect(error.remedy).toBeTruthy();
    expect(error.where?.file).toBe(join(folder, 't'));
  });

  it('say so: a Parquet file with a damaged row group, by its first row', async () => {
    const path = parquet('t.parquet', { rowGroupSize: 1 });
    const bytes = readFileSync(path);
    const { buffer, byteOffset, byteLength } = bytes;
    const metadata = parquetMetadata(buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer);
    const begin = Number(metadata.row_groups[1].columns[0].meta_data!.data_page_offset);
    bytes.fill(0xff, begin, begin + 12);
    writeFileSync(path, bytes);
    const error = await rejection(rowsOf(path));
    expect(error.message).toContain('row group 2');
    expect(error.where).toEqual({ file: path, line: 2 });
    expect(error.remedy).toBeTruthy();
  });
});
