import { extname } from 'node:path';
import { assertFile, openTable, type Table } from '../../tables/table.ts';
import { readHead } from '../../tables/textFile.ts';
import { type ListLayout, listLayoutOf, openAtomicFile, openList } from './lineTables.ts';
import { mayBeListMap, openListMap } from './listMap.ts';

/** An opened file, and what its format alone says about it. */
export interface OpenedFile {
  table: Table;
  /** Of RecBole's atomic files the ending, of files without a header the layout. */
  format: { atomic: string } | { layout: ListLayout } | null;
}

const ATOMIC_HEADER = /^[^\t\n]+:(token|float)(_seq)?\s*(\t[^\t\n]+:(token|float)(_seq)?\s*)*$/;

/**
 * Opens what interactions are imported from: tables (CSV, TSV, JSON Lines, Parquet), RecBole's atomic files, edge lists, lists of
 * items, JSON objects of lists; gzip too. The format is told by the content. Throws `not-found` or `input`.
 */
export async function openInteractionFile(path: string): Promise<OpenedFile> {
  assertFile(path);
  const head = new TextDecoder().decode(await readHead(path));
  const [firstLine] = head.split(/\r?\n/, 1);
  if (ATOMIC_HEADER.test(firstLine))
    return {
      table: await openAtomicFile(path),
      format: { atomic: extname(path.replace(/\.gz$/, '')).slice(1).toLowerCase() },
    };
  const layout = listLayoutOf(head);
  if (layout) return { table: await openList(path, layout), format: { layout } };
  const map = mayBeListMap(head) ? await openListMap(path) : null;
  return { table: map ?? (await openTable(path)), format: null };
}
