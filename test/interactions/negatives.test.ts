import { describe, expect, it } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { InteractionNegatives } from '../../core/interactions/index.ts';
import { interactionsOf } from '../support/interactions.ts';

/** Item i was taken by 2^i users of 8; user 0 took all but item 2. */
function shop() {
  const edges = [0, 1, 3].map((item) => ({ user: 0, item }));
  for (const [item, count] of [1, 2, 4, 8].entries())
    for (let user = item === 2 ? 1 : 0; user < (item === 2 ? 5 : count); user++)
      if (user > 0) edges.push({ user, item });
  return interactionsOf(8, 4, edges);
}

describe('InteractionNegatives', () => {
  it('never draws what a row is known to go with', () => {
    const negatives = new InteractionNegatives(shop(), 'took');
    expect([...negatives.drawFor(Int32Array.of(0, 0), 3, new Random(1))]).toEqual([2, 2, 2, 2, 2, 2]);
    for (const item of negatives.drawFor(Int32Array.of(7), 200, new Random(2))) expect(item).not.toBe(3);
  });

  it('draws for a whole batch in proportion to popularity^α, with the chances that it names', () => {
    const data = shop();
    for (const alpha of [0, 0.75, 1]) {
      const negatives = new InteractionNegatives(data, 'took', alpha);
      const weights = [1, 2, 4, 8].map((count) => count ** alpha);
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const logs = negatives.logProbabilities(Int32Array.of(0, 1, 2, 3));
      const drawn = negatives.drawShared(40_000, new Random(3));
      expect(drawn).toEqual(negatives.drawShared(40_000, new Random(3)));
      weights.forEach((weight, item) => {
        const share = drawn.filter((one) => one === item).length / drawn.length;
        // Five standard deviations of a share.
        expect(Math.abs(share - weight / total)).toBeLessThan(5 * Math.sqrt(0.25 / drawn.length));
        expect(logs[item]).toBeCloseTo(Math.log(weight / total), 5);
      });
    }
  });
});
