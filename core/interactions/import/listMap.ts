import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { EtalonError } from '../../base/index.ts';
import { type Table, textTable } from '../../tables/table.ts';
import { readText } from '../../tables/textFile.ts';

/** Names of the columns of a JSON object of lists. */
export const MAP_COLUMNS = { id: 'id', values: 'values' } as const;

/** The object is one value and is read whole. */
const MOST_BYTES = 256 << 20;
/** A first key with a flat list, then another key with a list, or the end of the file. */
const BEGINNING = /^\s*\{\s*"[^"]*"\s*:\s*\[[^[\]{}]*\]\s*(,\s*"[^"]*"\s*:\s*\[|\}\s*$)/;
const ENTRIES_AT_ONCE = 1000;

/** Whether a file may be one JSON object from identifiers to lists, by its first characters. */
export function mayBeListMap(head: string): boolean {
  return BEGINNING.test(head);
}

/**
 * Opens one JSON object from identifiers to lists of numbers or texts, plain or gzip: `{"17": [3, 4], "18": []}`; a row for each
 * identifier, its list as JSON. Null for what is none: objects on lines of their own. Throws `input` for one too large.
 */
export async function openListMap(path: string): Promise<Table | null> {
  if (statSync(path).size > MOST_BYTES)
    throw new EtalonError('input', 'The object is too large to be read at once.', {
      where: { file: path },
      remedy: `Write one object a line instead: {"${MAP_COLUMNS.id}": …, "${MAP_COLUMNS.values}": […]}.`,
    });
  const pieces: string[] = [];
  let bytesRead = 0;
  for await (const piece of readText(path, (bytes) => {
    bytesRead = bytes;
  }))
    pieces.push(piece);
  const entries = entriesOf(pieces.join(''));
  if (!entries) return null;
  const batches = (async function* () {
    for (let begin = 0; begin < entries.length; begin += ENTRIES_AT_ONCE)
      yield entries.slice(begin, begin + ENTRIES_AT_ONCE).map(([id, list], i) => ({
        line: begin + i + 1,
        lines: 1,
        fields: [id, JSON.stringify(list)],
      }));
  })();
  const table = await textTable(path, 'JSON, lists by identifier', {
    columns: [MAP_COLUMNS.id, MAP_COLUMNS.values],
    batches,
    bytesRead: () => bytesRead,
    close: async () => {
      await batches.return(undefined);
    },
  });
  return { ...table, place: ({ line }) => `${basename(path)}, entry ${line}` };
}

function entriesOf(text: string): [string, unknown[]][] | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const entries = Object.entries(value as object);
  const isFlat = (list: unknown) =>
    Array.isArray(list) && list.every((one) => typeof one === 'number' || typeof one === 'string');
  return entries.every(([, list]) => isFlat(list)) ? (entries as [string, unknown[]][]) : null;
}
