import { type Csr, groupBy } from '../graph/index.ts';
import type { EdgeTable } from './edges.ts';

/** The different columns that each row goes with, ascending: whom an edge leads to, however many there are. */
export function distinctPairs(
  fromRows: Int32Array,
  toRows: Int32Array,
  rows: number,
  edges: Int32Array = Int32Array.from(fromRows.keys()),
): Csr {
  const { offsets, entries } = groupBy(
    edges.map((edge) => fromRows[edge]),
    rows,
  );
  const columns = entries.map((place) => toRows[edges[place]]);
  const distinct = new Uint32Array(rows + 1);
  let end = 0;
  for (let row = 0; row < rows; row++) {
    const own = columns.subarray(offsets[row], offsets[row + 1]).sort();
    for (let i = 0; i < own.length; i++) if (i === 0 || own[i] !== own[i - 1]) columns[end++] = own[i];
    distinct[row + 1] = end;
  }
  return { offsets: distinct, entries: columns.slice(0, end) };
}

/** Of a table's edges: the different nodes that each of `fromCount` nodes leads to. */
export function pairsOf(edges: EdgeTable, fromCount: number): Csr {
  return distinctPairs(edges.fromRows, edges.toRows, fromCount);
}

/** The same pairs by their column. */
export function transposed({ offsets, entries }: Csr, columns: number): Csr {
  const rowOf = new Int32Array(entries.length);
  for (let row = 0; row + 1 < offsets.length; row++) rowOf.fill(row, offsets[row], offsets[row + 1]);
  const byColumn = groupBy(entries, columns);
  return { offsets: byColumn.offsets, entries: byColumn.entries.map((place) => rowOf[place]) };
}

/** A view of what one row goes with. */
export function rowOf({ offsets, entries }: Csr, row: number): Int32Array {
  return entries.subarray(offsets[row], offsets[row + 1]);
}
