export type CsvCell = string | number | null;

/** RFC 4180: lines end with CR LF, a field is quoted where it must be. Numbers that are not finite, and null, are empty. */
export function toCsv(head: readonly string[], rows: readonly (readonly CsvCell[])[]): string {
  return [head, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function field(cell: CsvCell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : '';
  return /[",\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** The number that the window wrote as text ("−1,204.5", "79.6 %"); the text itself where it is no plain number. */
export function plainNumber(text: string): CsvCell {
  const bare = text.trim().replace(/[\s\u00a0\u2009]*%$/, '');
  if (!/^[−+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?$/.test(bare)) return text;
  return Number(bare.replaceAll(',', '').replace('−', '-'));
}

/** "Test error by hour" as "test-error-by-hour". */
export const fileStem = (title: string): string =>
  title
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '') || 'etalon';
