import { expect, it } from 'vitest';
import { EdgeTable, type HistoryWindows, historyColumns } from '../../core/interactions/index.ts';

const DAY = 86_400;
const WINDOWS: HistoryWindows = { untilS: 10 * DAY, windowS: 2 * DAY, windows: 2 };

/** Of row 0: at day 10 (the moment itself), 8.5 and 3; of row 1 at day 9; of none at day 9.5; after the moment at day 10.1. */
const table = new EdgeTable({
  name: 'watched',
  from: 'user',
  to: 'user',
  fromRows: Int32Array.of(0, 0, 0, 1, 2, 0),
  toRows: Int32Array.of(1, 1, 1, 0, 0, 1),
  timesS: Float64Array.of(10, 8.5, 3, 9, 9.5, 10.1).map((day) => day * DAY),
  features: {
    posted: { kind: 'numeric', values: Float64Array.of(4, 2, 3, 1, 10, 50) },
    viewed: { kind: 'numeric', values: Float64Array.of(1, 2, 0, 1, 2, 50) },
    mood: { kind: 'numeric', values: Float64Array.of(-1, 1, 1, 1, 1, 1) },
  },
});
const { names, columns } = historyColumns(
  table,
  (edge) => (table.fromRows[edge] < 2 ? table.fromRows[edge] : -1),
  2,
  WINDOWS,
);
const column = (name: string) => [...columns[names.indexOf(name)]];

it('sums what was known at the moment, by window and in all, on a scale of logarithms', () => {
  const expected: Record<string, [number, number]> = {
    watched: [3, 1],
    'watched, window 1': [2, 1],
    'watched, window 2': [0, 0],
    'watched posted': [9, 1],
    'watched viewed': [3, 1],
  };
  for (const [name, sums] of Object.entries(expected))
    sums.forEach((sum, row) => {
      expect(column(name)[row]).toBeCloseTo(Math.log1p(sum), 6);
    });
});

it('knows that what was viewed is a part of what was posted, and draws few towards the usual share', () => {
  // Of all edges up to the moment, those of no row among them: 6 viewed of 20 posted.
  const usual = 6 / 20;
  expect(column('watched viewed of watched posted')[0]).toBeCloseTo((3 + 2 * usual) / (9 + 2), 6);
  expect(names).not.toContain('watched posted of watched viewed');
});

it('leaves out what may be below 0, and says how long ago the last one was', () => {
  expect(names.some((name) => name.includes('mood'))).toBe(false);
  expect(column('watched, since')).toEqual([0, Math.fround(Math.log1p(1))]);
});

it('has neither windows nor ages for a table without times', () => {
  const { names: timeless } = historyColumns(new EdgeTable({ ...table, timesS: null }), () => 0, 1, WINDOWS);
  expect(timeless).toEqual([
    'watched',
    'watched posted',
    'watched viewed',
    'watched viewed of watched posted',
  ]);
});
