import { EtalonError } from '../base/index.ts';
import { CsvRows } from './csvRows.ts';
import type { OpenedText, TableRecord } from './table.ts';
import { readText } from './textFile.ts';

/**
 * Opens a CSV file by RFC 4180, plain or gzip, in UTF-8 with or without a byte order mark, separated by commas,
 * semicolons or tabs, whose first bytes are given. Throws `input`. A record that cannot be read has `broken` and no fields.
 */
export async function openCsv(path: string, head: string): Promise<OpenedText> {
  let bytesRead = 0;
  const batches = readBatches(path, head, (bytes) => {
    bytesRead = bytes;
  });
  const close = async () => {
    await batches.return(undefined);
  };
  try {
    const { value: first } = await batches.next();
    const columns = readHeader(path, first?.shift());
    return { columns, batches: after(first ?? [], batches), bytesRead: () => bytesRead, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function* after(
  first: TableRecord[],
  rest: AsyncGenerator<TableRecord[], undefined>,
): AsyncGenerator<TableRecord[]> {
  yield first;
  yield* rest;
}

function readHeader(path: string, header: TableRecord | undefined): string[] {
  if (!header || header.broken)
    throw new EtalonError('input', 'The file has no header line.', {
      where: { file: path, line: 1 },
      remedy: 'Its first line must name the columns.',
    });
  // A column without a name, as an index is often written, goes by its place.
  const columns = header.fields.map((name, i) => name.trim() || `column ${i + 1}`);
  const twice = columns.find((name, i) => columns.indexOf(name) !== i);
  if (twice !== undefined)
    throw new EtalonError('input', `Two columns are named "${twice}".`, {
      where: { file: path, line: 1 },
      remedy: 'Give every column a name of its own.',
    });
  return columns;
}

async function* readBatches(
  path: string,
  head: string,
  onRead: (bytes: number) => void,
): AsyncGenerator<TableRecord[], undefined> {
  const rows = new CsvRows(detectDelimiter(head), head.includes('\n') || !head.includes('\r') ? '\n' : '\r');
  for await (const piece of readText(path, onRead)) {
    const records = rows.write(piece);
    if (records.length > 0) yield records;
  }
  const last = rows.end();
  if (last.length > 0) yield last;
}

/** The separator that the header line has most of, outside of quotes. */
function detectDelimiter(head: string): string {
  const [line] = head.replace(/"[^"]*"/g, '').split(/\r?\n|\r/, 1);
  const count = (delimiter: string) => line.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}
