/** What a cell is sorted by, searched in and exported as. */
export type CellValue = string | number | null;

export interface Sort {
  id: string;
  descending: boolean;
}

interface Valued<Row> {
  id: string;
  value(row: Row): CellValue;
}

/** Rows that hold every word of the filter, in the wanted order; equal rows keep theirs, and empty cells come last either way. */
export function arrange<Row>(
  rows: readonly Row[],
  columns: readonly Valued<Row>[],
  filter: string,
  sort: Sort | null,
): Row[] {
  const words = fold(filter).split(/\s+/).filter(Boolean);
  const found = rows.filter((row) => {
    if (words.length === 0) return true;
    const text = fold(columns.map((column) => column.value(row) ?? '').join(' '));
    return words.every((word) => text.includes(word));
  });
  const by = columns.find((column) => column.id === sort?.id);
  if (!sort || !by) return found;
  return found
    .map((row) => ({ row, value: by.value(row) }))
    .sort((a, b) => compare(a.value, b.value, sort.descending))
    .map(({ row }) => row);
}

const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

const isEmpty = (value: CellValue): boolean => value === null || value === '' || Number.isNaN(value);

function compare(a: CellValue, b: CellValue, descending: boolean): number {
  if (isEmpty(a) || isEmpty(b)) return Number(isEmpty(a)) - Number(isEmpty(b));
  const order =
    typeof a === 'number' && typeof b === 'number'
      ? a - b
      : String(a).localeCompare(String(b), 'en', { numeric: true, sensitivity: 'base' });
  return descending ? -order : order;
}

/** A click on a header: up, down, and back to the order in which the rows were given. */
export function nextSort(sort: Sort | null, id: string): Sort | null {
  if (sort?.id !== id) return { id, descending: false };
  return sort.descending ? null : { id, descending: true };
}
