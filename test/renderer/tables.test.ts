import { describe, expect, it } from 'vitest';
import { fileStem, plainNumber, toCsv } from '../../renderer/export/csv.ts';
import { arrange, nextSort } from '../../renderer/table/arrange.ts';

/** A reader of RFC 4180 that shares nothing with the writer. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let field = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const sign = text[i]!;
    if (quoted && sign === '"' && text[i + 1] === '"') field += text[i++];
    else if (sign === '"') quoted = !quoted;
    else if (!quoted && (sign === ',' || text.startsWith('\r\n', i))) {
      rows.at(-1)!.push(field);
      field = '';
      if (sign !== ',') {
        rows.push([]);
        i++;
      }
    } else field += sign;
  }
  return rows.slice(0, -1);
}

describe('CSV', () => {
  it('gives back whatever was written', () => {
    const rows = [
      ['Rua "de" São João, 5', 'a\r\nb', ' blank '],
      ['', ',', '"'],
    ];
    expect(readCsv(toCsv(['a,b', 'c', 'd'], rows))).toEqual([['a,b', 'c', 'd'], ...rows]);
  });

  it('writes numbers whole, and leaves out what is none', () => {
    expect(toCsv(['x'], [[1234567.125], [-0.5], [Number.NaN], [null]])).toBe(
      'x\r\n1234567.125\r\n-0.5\r\n\r\n\r\n',
    );
  });

  it('reads the window’s own numbers, and nothing else, as numbers', () => {
    expect(['−1,204.5', '+8', '79.6\u00a0%', '41,206', '0'].map(plainNumber)).toEqual([
      -1204.5, 8, 79.6, 41_206, 0,
    ]);
    for (const text of ['08:10', '2–5', '1,20', 'Mon 00:00', '', '12 min', '5e3'])
      expect(plainNumber(text)).toBe(text);
  });

  it('is named after what it holds', () => {
    expect(fileStem('Test error by hour')).toBe('test-error-by-hour');
    expect(fileStem('São João (a, b)')).toBe('sao-joao-a-b');
    expect(fileStem('÷')).toBe('etalon');
  });
});

describe('tables', () => {
  const rows = [
    { name: 'São Bento', km: 3, note: null },
    { name: 'Weir 10', km: Number.NaN, note: 'slow' },
    { name: 'Weir 9', km: 0.5, note: null },
    { name: 'avenida', km: 3, note: 'Slow, wet' },
  ];
  const columns = [
    { id: 'name', value: (row: (typeof rows)[number]) => row.name },
    { id: 'km', value: (row: (typeof rows)[number]) => row.km },
    { id: 'note', value: (row: (typeof rows)[number]) => row.note },
  ];
  const names = (filter: string, sort: Parameters<typeof arrange>[3]) =>
    arrange(rows, columns, filter, sort).map((row) => row.name);

  it('sort numbers as numbers, equal ones in their order, empty ones last both ways', () => {
    expect(names('', { id: 'km', descending: false })).toEqual(['Weir 9', 'São Bento', 'avenida', 'Weir 10']);
    expect(names('', { id: 'km', descending: true })).toEqual(['São Bento', 'avenida', 'Weir 9', 'Weir 10']);
    expect(names('', { id: 'note', descending: true }).slice(0, 2)).toEqual(['avenida', 'Weir 10']);
  });

  it('sort text as people do', () => {
    expect(names('', { id: 'name', descending: false })).toEqual([
      'avenida',
      'São Bento',
      'Weir 9',
      'Weir 10',
    ]);
  });

  it('keep rows with every word, whatever its case and accents', () => {
    expect(names('SAO', null)).toEqual(['São Bento']);
    expect(names('slow  weir', null)).toEqual(['Weir 10']);
    expect(names('', null)).toHaveLength(4);
    expect(names('nothing', null)).toEqual([]);
  });

  it('go up, down and back by clicks on one header', () => {
    const up = nextSort(null, 'km');
    const down = nextSort(up, 'km');
    expect([up, down, nextSort(down, 'km'), nextSort(down, 'name')]).toEqual([
      { id: 'km', descending: false },
      { id: 'km', descending: true },
      null,
      { id: 'name', descending: false },
    ]);
  });
});
