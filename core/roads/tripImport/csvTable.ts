import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { type Info, parse } from 'csv-parse';
import { EtalonError } from '../../base/index.ts';
import { readHead, readText } from '../textFile.ts';

/** One record of a CSV file. A record that RFC 4180 cannot read has `broken` and no fields. */
export interface CsvRecord {
  /** Where it begins, from 1. */
  line: number;
  /** How many lines it covers: more than one for line breaks inside quotes. */
  lines: number;
  fields: string[];
  broken?: string;
}

/** Records of a file under named columns. */
export interface RecordTable {
  columns: string[];
  gzip: boolean;
  sizeBytes: number;
  records: AsyncGenerator<CsvRecord>;
  /** Lets go of the file; needed where the records were not read to the end. */
  close(): Promise<void>;
}

export interface CsvTable extends RecordTable {
  /** `,`, `;` or a tab. */
  delimiter: string;
}

/**
 * Opens a CSV file by RFC 4180, plain or gzip, in UTF-8 with or without a byte order mark, separated by commas,
 * semicolons or tabs. `onRead` is told the characters read so far. Throws `not-found` or `input`.
 */
export async function openCsv(
  path: string,
  onRead: (characters: number) => void = () => {},
): Promise<CsvTable> {
  if (!existsSync(path))
    throw new EtalonError('not-found', 'There is no such file.', { where: { file: path } });
  if (!statSync(path).isFile())
    throw new EtalonError('input', 'This is a folder.', { where: { file: path } });
  const head = await readHead(path);
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff))
    throw new EtalonError('input', 'The file is in UTF-16.', {
      where: { file: path },
      remedy: 'Save it as UTF-8 and import it again.',
    });
  const delimiter = detectDelimiter(head.toString('utf8'));
  const records = readRecords(path, delimiter, onRead);
  const close = async () => {
    await records.return(undefined);
  };
  try {
    const columns = readHeader(path, await records.next());
    return { columns, delimiter, gzip: isGzip(path), sizeBytes: statSync(path).size, records, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function readHeader(path: string, header: IteratorResult<CsvRecord>): string[] {
  if (header.done || header.value.broken)
    throw new EtalonError('input', 'The file has no header line.', {
      where: { file: path, line: 1 },
      remedy: 'Its first line must name the columns.',
    });
  const columns = header.value.fields.map((name) => name.trim());
  const twice = columns.find((name, i) => name !== '' && columns.indexOf(name) !== i);
  if (twice !== undefined)
    throw new EtalonError('input', `Two columns are named "${twice}".`, {
      where: { file: path, line: 1 },
      remedy: 'Give every column a name of its own.',
    });
  return columns;
}

async function* readRecords(
  path: string,
  delimiter: string,
  onRead: (characters: number) => void,
): AsyncGenerator<CsvRecord> {
  const parser = parse({
    delimiter,
    info: true,
    // A quote in the middle of a field would make the parser skip the lines after it, too; such a field is judged by
    // its contents instead. The number of fields is for the reader of the rows to judge.
    relax_quotes: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
  });
  const broken: { message: string; line: number }[] = [];
  parser.on('skip', (error: { code: string; lines: number } | undefined) => {
    broken.push({
      message: error?.code === 'CSV_QUOTE_NOT_CLOSED' ? 'a quote is never closed' : 'the quotes are wrong',
      line: error?.lines ?? 0,
    });
  });
  pipeline(Readable.from(counted(readText(path), onRead)), parser, () => {});
  let lastLine = 0;
  const skipped = function* (): Generator<CsvRecord> {
    for (const { message, line } of broken.splice(0)) {
      yield { line: lastLine + 1, lines: Math.max(1, line - lastLine), fields: [], broken: message };
      lastLine = line;
    }
  };
  for await (const { info, record } of parser as AsyncIterable<{ info: Info; record: string[] }>) {
    yield* skipped();
    const lines = 1 + record.reduce((sum, field) => sum + lineBreaks(field), 0);
    yield { line: info.lines - lines + 1, lines, fields: record };
    lastLine = info.lines;
  }
  yield* skipped();
}

/** The same text; `onRead` is told the characters so far. */
export async function* counted(
  text: AsyncGenerator<string>,
  onRead: (characters: number) => void,
): AsyncGenerator<string> {
  let characters = 0;
  for await (const piece of text) {
    characters += piece.length;
    onRead(characters);
    yield piece;
  }
}

function lineBreaks(field: string): number {
  return field.includes('\n') ? field.split('\n').length - 1 : 0;
}

/** The separator that the header line has most of, outside of quotes. */
function detectDelimiter(head: string): string {
  const [line] = head.replace(/"[^"]*"/g, '').split(/\r?\n|\r/, 1);
  const count = (delimiter: string) => line.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}

/** Whether a file begins as gzip does. */
export function isGzip(path: string): boolean {
  const file = openSync(path, 'r');
  const magic = Buffer.alloc(2);
  readSync(file, magic, 0, 2, 0);
  closeSync(file);
  return magic.readUInt16BE() === 0x1f8b;
}
