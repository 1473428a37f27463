import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  inTurns,
  meanOfUsers,
  overlapOf,
  rankingTask,
  recallOfLists,
  relativeGain,
  union,
} from '../../core/interactions/index.ts';
import { interactionsOf } from '../support/interactions.ts';

const lists = fc.uniqueArray(fc.nat(20), { maxLength: 12 }).map((items) => Int32Array.from(items));

describe('two lists of candidates', () => {
  it('take turns: equal shares of both but for what both have, each item once', () => {
    expect([...inTurns(Int32Array.of(1, 2, 3), Int32Array.of(3, 4, 5), 4)]).toEqual([1, 3, 2, 4]);
    expect([...inTurns(Int32Array.of(1), Int32Array.of(3, 4, 5), 3)]).toEqual([1, 3, 4]);
    fc.assert(
      fc.property(lists, lists, fc.nat(15), (a, b, count) => {
        const merged = inTurns(a, b, count);
        const either = new Set([...a, ...b]);
        expect(new Set(merged).size).toBe(merged.length);
        expect(merged.length).toBe(Math.min(count, either.size));
        for (const item of merged) expect(either).toContain(item);
        expect(new Set(union(a, b))).toEqual(either);
      }),
    );
  });

  it('overlap by the share of what both offer', () => {
    const first = [Int32Array.of(1, 2), Int32Array.of(5)];
    const second = [Int32Array.of(2, 3), Int32Array.of(5)];
    expect(overlapOf(first, second)).toBe(2 / 4);
  });

  it('are judged by the share of the relevant items that they have, user by user', () => {
    const data = interactionsOf(3, 6, [
      { user: 0, item: 0 },
      { user: 0, item: 1 },
      { user: 2, item: 4 },
      { user: 1, item: 5 },
    ]);
    const relevant = Int32Array.of(0, 1, 2);
    const task = rankingTask(data, 'took', { known: Int32Array.of(3), relevant });
    const recall = recallOfLists(task, [Int32Array.of(1, 3), Int32Array.of(4)]);
    expect([...recall]).toEqual([0.5, 1]);
    expect(meanOfUsers(recall).value).toBe(0.75);
    const gain = relativeGain(recall, Float64Array.of(0.5, 0.5));
    expect(gain.value).toBeCloseTo(0.5);
    expect(gain.low).toBeLessThanOrEqual(gain.value);
    expect(gain.high).toBeGreaterThanOrEqual(gain.value);
  });
});
