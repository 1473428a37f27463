import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { planSegments, type SegmentPlan } from '../../core/onnx/index.ts';

/** Follows a plan as the graph does, with lists of rows in place of sums. */
function rowsBySegment(plan: SegmentPlan): number[][] {
  const { lists, listSizes, longChunks, wideHubs, position } = plan;
  let offset = 0;
  const parts = [...listSizes].map((size) => {
    const part = [...lists.subarray(offset, offset + Number(size))];
    offset += Number(size);
    return part;
  });
  expect(offset).toBe(lists.length);
  const take = () => parts.shift()!;
  const table = (flat: number[], width: number) =>
    Array.from({ length: flat.length / width }, (_, i) => flat.slice(i * width, (i + 1) * width));

  const places: number[][] = [];
  for (let degree = 1; degree <= 4; degree++) {
    const columns = Array.from({ length: degree }, take);
    for (let i = 0; i < columns[0].length; i++) places.push(columns.map((column) => column[i]));
  }
  for (let degree = 5; degree <= 8; degree++) places.push(...table(take(), degree));
  const singles = table(take(), 1);
  const shorts = table(take(), 8);
  const chunks = [...table([...longChunks.values], longChunks.width), ...shorts, ...singles, []];
  const hubs = [...table(take(), 16), ...table([...wideHubs.values], wideHubs.width)];
  for (const hub of hubs) places.push(hub.flatMap((chunk) => chunks[chunk]));
  places.push([]);
  return [...position].map((place) => places[place]);
}

function expectedRows(index: Int32Array, segments: number): number[][] {
  const rows: number[][] = Array.from({ length: segments }, () => []);
  index.forEach((segment, row) => {
    rows[segment].push(row);
  });
  return rows;
}

describe('the plan of a segment sum', () => {
  it('puts every row into its segment once, in order, whatever the degrees', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200), { maxLength: 30 }), fc.integer(), (degrees, seed) => {
        const index = Int32Array.from(degrees.flatMap((degree, s) => new Array<number>(degree).fill(s)));
        new Random(seed).shuffle(index);
        const plan = planSegments(index, degrees.length);
        expect(rowsBySegment(plan)).toEqual(expectedRows(index, degrees.length));
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it.each([8, 9, 16, 63, 64, 65, 191, 192, 4096, 10_000, 250_000])('takes a hub of %i rows', (degree) => {
    const index = new Int32Array(degree + 3).fill(2);
    index.set([0, 1, 0], 5);
    const plan = planSegments(index, 4);
    expect(rowsBySegment(plan)).toEqual(expectedRows(index, 4));
    // Work and rounding grow with the square root of the largest degree.
    expect(plan.longChunks.width).toBeLessThanOrEqual(Math.max(64, Math.sqrt(degree) + 8));
    expect(plan.wideHubs.width).toBeLessThanOrEqual(Math.max(80, Math.sqrt(degree) + 24));
  });

  it('takes no rows and no segments', () => {
    expect(rowsBySegment(planSegments(new Int32Array(0), 3))).toEqual([[], [], []]);
    expect(rowsBySegment(planSegments(new Int32Array(0), 0))).toEqual([]);
  });

  it('refuses a segment that is not there', () => {
    expect(() => planSegments(Int32Array.of(0, 3), 3)).toThrow('index 3 into 3 rows');
    expect(() => planSegments(Int32Array.of(-1), 3)).toThrow('index -1 into 3 rows');
  });
});
