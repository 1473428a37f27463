import { EtalonError } from '../../base/index.ts';
import { readLines, type TextLine } from '../../tables/lines.ts';
import { type OpenedText, type Table, type TableRecord, textTable } from '../../tables/table.ts';

/*
 * Formats of one thing a line in which quotes mean nothing:
 *   RecBole's atomic files: fields between tabs, a header of name:type (https://recbole.io/docs/user_guide/data/atomic_files.html)
 *   edge lists: from to, from to unix_seconds, or user item count, between blanks, without a header
 *   lists of items: user item item …, as LightGCN's data have them
 */

/** Names of the columns of files without a header. */
export const LIST_COLUMNS = { from: 'from', to: 'to', time: 'time', count: 'count' } as const;

/** Unix seconds from 1973 on: what an edge list has in its third column is a time when all of them are that large. */
const LEAST_TIME_S = 1e8;

export async function openAtomicFile(path: string): Promise<Table> {
  return lineTable(path, 'RecBole', async (lines) => {
    const first = (await lines.next()).value ?? [];
    const header = first.shift();
    const columns = header?.text.split('\t') ?? [];
    const odd = columns.find((column) => !/^[^:]+:(token|float)(_seq)?$/.test(column.trim()));
    if (odd !== undefined)
      throw new EtalonError('input', `"${odd}" is no column of an atomic file.`, {
        where: { file: path, line: header!.line },
        remedy: 'Name columns name:token, name:token_seq, name:float or name:float_seq, with tabs between.',
      });
    const fieldsOf = ({ text }: TextLine) => text.split('\t');
    return {
      columns: columns.map((column) => column.trim()),
      first,
      recordsOf: (line) => [recordOf(line, fieldsOf(line))],
    };
  });
}

/** How the lines of a file without a header are made up. */
export type ListLayout = 'pairs' | 'timed pairs' | 'counted pairs' | 'lists';

/** The layout of a headerless file of numbers between blanks, by its first lines; null where it is none. */
export function listLayoutOf(head: string): ListLayout | null {
  // The last line may be cut.
  const all = head.split(/\r?\n/);
  const lines = (all.length > 1 ? all.slice(0, -1) : all).filter((line) => line.trim() !== '');
  const rows = lines.map(wordsOf);
  if (rows.length === 0 || !rows[0].every((word) => /^\d+(\.\d+)?$/.test(word))) return null;
  const widths = new Set(rows.map((row) => row.length));
  if (widths.size > 1) return 'lists';
  if (widths.has(2)) return 'pairs';
  if (!widths.has(3)) return widths.has(1) ? null : 'lists';
  return rows.every((row) => Number(row[2]) >= LEAST_TIME_S) ? 'timed pairs' : 'counted pairs';
}

export async function openList(path: string, layout: ListLayout): Promise<Table> {
  const { from, to, time, count } = LIST_COLUMNS;
  const third = { pairs: [], lists: [], 'timed pairs': [time], 'counted pairs': [count] }[layout];
  return lineTable(path, layout === 'lists' ? 'lists of items' : 'edge list', async () => ({
    columns: [from, to, ...third],
    first: [],
    recordsOf: (line) => {
      const words = wordsOf(line.text);
      if (layout !== 'lists') return [recordOf(line, words)];
      return words.slice(1).map((item) => recordOf(line, [words[0], item]));
    },
  }));
}

interface LineFormat {
  columns: string[];
  /** Lines that were read to learn the columns. */
  first: TextLine[];
  recordsOf(line: TextLine): TableRecord[];
}

async function lineTable(
  path: string,
  format: string,
  open: (lines: AsyncGenerator<TextLine[], undefined>) => Promise<LineFormat>,
): Promise<Table> {
  let bytesRead = 0;
  const lines = readLines(path, (bytes) => {
    bytesRead = bytes;
  });
  const close = async () => {
    await lines.return(undefined);
  };
  try {
    const { columns, first, recordsOf } = await open(lines);
    const batches = (async function* (): AsyncGenerator<TableRecord[]> {
      yield first.flatMap(recordsOf);
      for await (const more of lines) yield more.flatMap(recordsOf);
    })();
    const opened: OpenedText = { columns, batches, bytesRead: () => bytesRead, close };
    return await textTable(path, format, opened);
  } catch (error) {
    await close();
    throw error;
  }
}

function recordOf({ line }: TextLine, fields: string[]): TableRecord {
  return { line, lines: 1, fields };
}

function wordsOf(line: string): string[] {
  return line.trim().split(/\s+/);
}
