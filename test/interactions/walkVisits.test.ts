import { expect, it } from 'vitest';
import { adjacencyOf } from '../../core/graph/index.ts';
import { walkVisits } from '../../core/interactions/index.ts';

/** Items 0 and 1 on board 0, 1 and 2 on board 1; 3 on none. */
const path = [
  adjacencyOf({ rows: 4, columns: 2, from: Int32Array.of(0, 1, 1, 2), to: Int32Array.of(0, 0, 1, 1) }),
  adjacencyOf({ rows: 2, columns: 4, from: Int32Array.of(0, 0, 1, 1), to: Int32Array.of(0, 1, 1, 2) }),
];

it('scores by the shares of visits that the chances of two steps say', async () => {
  const scores = await walkVisits(path, { walks: 40_000, steps: 2, restart: 0, seed: 1 })(
    Int32Array.of(0, 3),
  );
  // From 0: after one step at 0 or 1; after two at 0 in 3/8, at 1 in 4/8, at 2 in 1/8. Visits to the start do not count.
  const [one, two] = [1 / 2 + 1 / 2, 1 / 8];
  expect(scores[0]).toBe(0);
  expect(scores[1]).toBeCloseTo(one / (one + two), 2);
  expect(scores[2]).toBeCloseTo(two / (one + two), 2);
  expect([...scores.subarray(3)]).toEqual([0, 0, 0, 0, 0]);
});
