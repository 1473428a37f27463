import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { EdgeSums, EdgeTable } from '../../core/interactions/index.ts';

const NODES = 6;
const EDGES = 80;
const KINDS = ['a', 'b'];
const random = new Random(2);
const draw = (most: number) => Int32Array.from({ length: EDGES }, () => random.int(most));
const [fromRows, toRows, codes] = [draw(NODES), draw(NODES), draw(3).map((code) => code - 1)];
const counts = Float64Array.from(draw(5), (value) => (value === 4 ? Number.NaN : value));
const timesS = Float64Array.from(draw(20), (time) => (time === 19 ? Number.NaN : time));
const features = {
  texts: { kind: 'numeric', values: counts },
  kind: { kind: 'categorical', codes, categories: KINDS },
} as const;
const ends = { name: 'contact', from: 'user', to: 'user', fromRows, toRows };
const table = new EdgeTable({ ...ends, timesS, features });

describe('sums of edges', () => {
  it('names what is summed', () => {
    expect(new EdgeSums(table).names).toEqual([
      'contact',
      'contact texts',
      'contact kind a',
      'contact kind b',
    ]);
  });

  it.each([
    ['of a window', 5, 12, (time: number) => time >= 5 && time < 12],
    ['before a moment', Number.NEGATIVE_INFINITY, 7, (time: number) => time < 7],
    ['of all, known time or not', Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, () => true],
  ])('%s', (_name, fromS, untilS, counted) => {
    const rowOf = fromRows.map((row) => (row === 2 ? -1 : row));
    const sums = new EdgeSums(table).sums(rowOf, NODES, { fromS, untilS });
    const expected = Array.from({ length: NODES }, (_, node) => {
      const own = [...timesS.keys()].filter((edge) => rowOf[edge] === node && counted(timesS[edge]));
      const sum = (value: (edge: number) => number) => own.reduce((total, edge) => total + value(edge), 0);
      return [
        own.length,
        sum((edge) => counts[edge] || 0),
        ...KINDS.map((_kind, code) => sum((edge) => Number(codes[edge] === code))),
      ];
    });
    expect([...sums]).toEqual(expected.flat());
  });

  it('counts edges without times where the window has no end', () => {
    const sums = new EdgeSums(new EdgeTable(ends));
    const all = { fromS: Number.NEGATIVE_INFINITY, untilS: Number.POSITIVE_INFINITY };
    expect(sums.sums(fromRows, NODES, all).reduce((total, value) => total + value, 0)).toBe(EDGES);
    expect(sums.sums(fromRows, NODES, { ...all, untilS: 9 }).every((value) => value === 0)).toBe(true);
  });
});
