import { pipeline, Readable } from 'node:stream';
import { type Info, parse } from 'csv-parse';
import { EtalonError } from '../../base/index.ts';
import type { OpenedText, TableRecord } from '../tables/table.ts';
import { readText } from '../textFile.ts';

/** A record longer than this is a quote that is never closed; to hold on to it would take the memory of the whole file. */
const MAX_RECORD_CHARACTERS = 1 << 24;

/**
 * Opens a CSV file by RFC 4180, plain or gzip, in UTF-8 with or without a byte order mark, separated by commas,
 * semicolons or tabs, whose first bytes are given. Throws `input`. A record that cannot be read has `broken` and no fields.
 */
export async function openCsv(path: string, head: string): Promise<OpenedText> {
  let bytesRead = 0;
  const records = readRecords(path, detectDelimiter(head), (bytes) => {
    bytesRead = bytes;
  });
  const close = async () => {
    await records.return(undefined);
  };
  try {
    const columns = readHeader(path, await records.next());
    return { columns, records, bytesRead: () => bytesRead, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function readHeader(path: string, header: IteratorResult<TableRecord>): string[] {
  if (header.done || header.value.broken)
    throw new EtalonError('input', 'The file has no header line.', {
      where: { file: path, line: 1 },
      remedy: 'Its first line must name the columns.',
    });
  // A column without a name, as an index is often written, goes by its place.
  const columns = header.value.fields.map((name, i) => name.trim() || `column ${i + 1}`);
  const twice = columns.find((name, i) => columns.indexOf(name) !== i);
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
  onRead: (bytes: number) => void,
): AsyncGenerator<TableRecord> {
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
  let lastLine = 0;
  let charactersSince = 0;
  const limited = async function* (): AsyncGenerator<string> {
    for await (const piece of readText(path, onRead)) {
      charactersSince += piece.length;
      if (charactersSince > MAX_RECORD_CHARACTERS) throw tooLong(path, lastLine + 1);
      yield piece;
    }
  };
  pipeline(Readable.from(limited()), parser, () => {});
  // The parser runs ahead of who reads: what it skipped has its place before the next record below it.
  const skipped = function* (before: number): Generator<TableRecord> {
    while (broken.length > 0 && broken[0].line < before) {
      const { message, line } = broken.shift()!;
      yield { line: lastLine + 1, lines: Math.max(1, line - lastLine), fields: [], broken: message };
      lastLine = line;
    }
  };
  for await (const { info, record } of parser as AsyncIterable<{ info: Info; record: string[] }>) {
    charactersSince = 0;
    const lines = 1 + record.reduce((sum, field) => sum + lineBreaks(field), 0);
    const line = info.lines - lines + 1;
    yield* skipped(line);
    yield { line, lines, fields: record };
    lastLine = info.lines;
  }
  yield* skipped(Number.POSITIVE_INFINITY);
}

function tooLong(path: string, line: number): EtalonError {
  return new EtalonError('input', 'The row that begins here has no end: a quote is never closed.', {
    where: { file: path, line },
    remedy: 'Close the quote, or write it twice where it belongs to the text.',
  });
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
