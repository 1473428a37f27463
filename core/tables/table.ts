import { existsSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { EtalonError } from '../base/index.ts';
import { openCsv } from './csv.ts';
import { openJsonLines } from './jsonLines.ts';
import { openParquet } from './parquet.ts';
import { isGzipFile, readHead } from './textFile.ts';

/** One row of a table, its fields as text in the order of the columns. One that cannot be read has `broken` and no fields. */
export interface TableRecord {
  /** Where it begins, from 1: a line of a text file, a row of a Parquet file. */
  line: number;
  /** How many lines it covers: more than one for line breaks inside a CSV file's quotes. */
  lines: number;
  /** Empty for what is missing; lists as JSON; times as ISO 8601. */
  fields: string[];
  broken?: string;
  /** Where on its line it is broken, from 1, as far as that is known. */
  column?: number;
}

/** A table of which only the columns are known so far. */
export interface Table {
  readonly path: string;
  readonly columns: readonly string[];
  /** For a person: "CSV, gzip". */
  readonly format: string;
  readonly sizeBytes: number;
  /** The rows, once, some thousand at a time. Columns that are not in `wanted` may be left empty, so that they need not be read. */
  batches(wanted?: readonly string[]): AsyncGenerator<TableRecord[]>;
  /** How much of it was read. */
  progress(): { done: number; total: number; unit: string };
  /** A record's place for a person: "trips.csv:17". */
  place(record: Pick<TableRecord, 'line'>): string;
  /** Lets go of the file; needed where the records were not read to the end. */
  close(): Promise<void>;
}

/** What the reader of a text format gives. */
export interface OpenedText {
  columns: string[];
  batches: AsyncGenerator<TableRecord[]>;
  /** Of the file, zipped as it may be. */
  bytesRead(): number;
  close(): Promise<void>;
}

const PARQUET_MAGIC = 'PAR1';

/**
 * Opens a table: CSV (separated by commas, semicolons or tabs), JSON Lines, or Parquet; the text formats plain or gzip. The
 * format is told by the content. Memory does not grow with the file: rows are read one after the other, those of a Parquet
 * file row group by row group. Throws `not-found` or `input`.
 */
export async function openTable(path: string): Promise<Table> {
  assertFile(path);
  const head = await readHead(path);
  if (head.subarray(0, 4).toString('latin1') === PARQUET_MAGIC) {
    if (await isGzipFile(path)) throw zippedParquet(path);
    return openParquet(path);
  }
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff))
    throw new EtalonError('input', 'The file is in UTF-16.', {
      where: { file: path },
      remedy: 'Save it as UTF-8 and import it again.',
    });
  const text = new TextDecoder().decode(head);
  const json = /^\s*[[{]/.test(text);
  const opened = await (json ? openJsonLines(path, text) : openCsv(path, text));
  return textTable(path, json ? 'JSON Lines' : 'CSV', opened);
}

/** The table that the reader of a text format, plain or gzip, has opened. */
export async function textTable(path: string, format: string, opened: OpenedText): Promise<Table> {
  const sizeBytes = statSync(path).size;
  return {
    path,
    columns: opened.columns,
    format: (await isGzipFile(path)) ? `${format}, gzip` : format,
    sizeBytes,
    batches: () => opened.batches,
    progress: () => ({ done: Math.min(opened.bytesRead(), sizeBytes), total: sizeBytes, unit: 'bytes' }),
    place: ({ line }) => `${basename(path)}:${line}`,
    close: () => opened.close(),
  };
}

/** The rows of a table one by one, once. */
export async function* recordsOf(table: Table, wanted?: readonly string[]): AsyncGenerator<TableRecord> {
  for await (const batch of table.batches(wanted)) yield* batch;
}

/** Throws `not-found` where nothing is, `input` for a folder. */
export function assertFile(path: string): void {
  if (!existsSync(path))
    throw new EtalonError('not-found', 'There is no such file.', { where: { file: path } });
  if (!statSync(path).isFile())
    throw new EtalonError('input', 'This is a folder.', { where: { file: path } });
}

/** The first rows of a table, for a person to look at; the table is closed. */
export async function firstRecords(table: Table, count: number): Promise<TableRecord[]> {
  const first: TableRecord[] = [];
  try {
    for await (const record of recordsOf(table)) {
      first.push(record);
      if (first.length === count) break;
    }
    return first;
  } finally {
    await table.close();
  }
}

function zippedParquet(path: string): EtalonError {
  return new EtalonError(
    'input',
    'This is a Parquet file inside gzip, which can only be read from its end.',
    {
      where: { file: path },
      remedy: 'Unpack it (gunzip) and import the Parquet file: it is compressed inside.',
    },
  );
}
