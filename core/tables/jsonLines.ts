import { EtalonError } from '../base/index.ts';
import { readLines } from './lines.ts';
import type { OpenedText, TableRecord } from './table.ts';
import { fieldText } from './values.ts';

/** The columns are the keys of the first objects; what only later ones have cannot be chosen as a column. */
const HEADER_OBJECTS = 200;

/**
 * Opens a file of one JSON object a line, plain or gzip, whose first characters are given. Blank lines do not count. Throws
 * `input` for a JSON list, and where none of the first lines is an object. A line that is no object is a record with `broken`.
 */
export async function openJsonLines(path: string, head: string): Promise<OpenedText> {
  if (head.trimStart().startsWith('['))
    throw new EtalonError('input', 'This is a JSON list, not JSON Lines.', {
      where: { file: path, line: 1 },
      remedy: 'Write one object a line, without the brackets around and the commas between them.',
    });
  let bytesRead = 0;
  const batches = readBatches(path, (bytes) => {
    bytesRead = bytes;
  });
  const first: Line[] = [];
  for (let next = await batches.next(); !next.done; next = await batches.next()) {
    first.push(...next.value);
    if (first.length >= HEADER_OBJECTS) break;
  }
  const shown = first.slice(0, HEADER_OBJECTS);
  const columns = [...new Set(shown.flatMap(({ value }) => (value ? Object.keys(value) : [])))];
  if (columns.length === 0) {
    await batches.return(undefined);
    throw new EtalonError(
      'input',
      `No line holds a JSON object with keys (${first[0]?.broken ?? 'empty'}).`,
      {
        where: { file: path, line: first[0]?.line ?? 1 },
        remedy:
          'Write one object a line, such as {"segment": "17", "time": "2024-03-04T08:00", "speed": 48}.',
      },
    );
  }
  const records = (async function* (): AsyncGenerator<TableRecord[]> {
    yield first.splice(0).map((line) => recordOf(line, columns));
    for await (const lines of batches) yield lines.map((line) => recordOf(line, columns));
  })();
  const close = async () => {
    await records.return(undefined);
    await batches.return(undefined);
  };
  return { columns, batches: records, bytesRead: () => bytesRead, close };
}

interface Line {
  line: number;
  value?: Record<string, unknown>;
  broken?: string;
  column?: number;
}

function recordOf({ value, ...line }: Line, columns: readonly string[]): TableRecord {
  if (!value) return { lines: 1, fields: [], ...line };
  return { line: line.line, lines: 1, fields: columns.map((column) => fieldText(value[column])) };
}

async function* readBatches(
  path: string,
  onRead: (bytes: number) => void,
): AsyncGenerator<Line[], undefined> {
  for await (const lines of readLines(path, onRead))
    yield lines.map(({ text, line }) => parseLine(text, line));
}

function parseLine(text: string, line: number): Line {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { line, value: value as Record<string, unknown> };
    return { line, broken: 'the line is no JSON object' };
  } catch (error) {
    const { message } = error as Error;
    const column = /line 1 column (\d+)/.exec(message)?.[1];
    return { line, broken: `the line is no JSON (${message})`, ...(column && { column: Number(column) }) };
  }
}
