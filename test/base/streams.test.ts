import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/base/index.ts';
import { fitsExpected } from '../support/chiSquare.ts';

describe('randomStream', () => {
  it('is the same sequence for the same numbers and another for others, their order included', () => {
    const draws = (...parts: number[]) =>
      Array.from({ length: 4 }, (_, i) => randomStream(1, ...parts).int(1e9) + i);
    expect(draws(3, 17)).toEqual(draws(3, 17));
    const first = [[], [0], [1], [3, 17], [17, 3], [3, 17, 0]].map((parts) => draws(...parts)[0]);
    expect(new Set(first).size).toBe(first.length);
    expect(randomStream(2, 3, 17).int(1e9)).not.toBe(first[3]);
  });

  it('has first draws that are even over neighbouring streams, by themselves and in pairs of draws and of streams', () => {
    const [cells, streams] = [8, 32_000];
    const single = new Float64Array(cells);
    const draws = new Float64Array(cells * cells);
    const neighbours = new Float64Array(cells * cells);
    let before = 0;
    for (let stream = 0; stream < streams; stream++) {
      const random = randomStream(7, stream);
      const [first, second] = [random.int(cells), random.int(cells)];
      single[first]++;
      draws[first * cells + second]++;
      neighbours[before * cells + first]++;
      before = first;
    }
    expect(fitsExpected(single, Array(cells).fill(streams / cells))).toBe(true);
    expect(fitsExpected(draws, Array(cells ** 2).fill(streams / cells ** 2))).toBe(true);
    expect(fitsExpected(neighbours, Array(cells ** 2).fill(streams / cells ** 2))).toBe(true);
  });
});
