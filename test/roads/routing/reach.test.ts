import { describe, expect, it } from 'vitest';
import { quietContext } from '../../../core/base/index.ts';
import { Random } from '../../../core/base/random.ts';
import { OneToAll, Router, travelMatrix } from '../../../core/roads/routing/index.ts';
import { plainArrivals } from '../../support/plainDijkstra.ts';
import { randomCosts, randomNetwork, randomPlaces } from '../../support/randomRoads.ts';

describe('the reached parts of segments', () => {
  it.each([false, true])(
    'hold a place when it is reached in time, and else not (times change: %s)',
    (timeDependent) => {
      const random = new Random(timeDependent ? 31 : 32);
      let [inside, outside] = [0, 0];
      for (let round = 0; round < 100; round++) {
        const network = randomNetwork(random);
        const costs = randomCosts(network, random, timeDependent);
        const from = randomPlaces(network, random);
        const departS = random.int(10_000);
        const untilS = departS + 20 + random.int(400);
        const parts = new OneToAll(network).parts(from, departS, untilS, costs);
        for (let i = 0; i < 30; i++) {
          const place = { segment: random.int(network.segmentCount), fraction: random.uniform() };
          const [arriveS] = plainArrivals(network, from, [[place]], departS, costs);
          const holding = parts.filter(
            ({ segment, begin, end }) =>
              segment === place.segment && begin <= place.fraction && place.fraction <= end,
          );
          expect(holding.length > 0).toBe(arriveS <= untilS);
          if (holding.length === 0) {
            outside++;
            continue;
          }
          inside++;
          const clocks = holding.map(
            ({ begin, end, beginS, endS }) =>
              beginS + ((place.fraction - begin) / (end - begin)) * (endS - beginS),
          );
          expect(Math.min(...clocks)).toBeCloseTo(arriveS, 6);
        }
      }
      expect(inside).toBeGreaterThan(300);
      expect(outside).toBeGreaterThan(300);
    },
  );
});

describe('a travel matrix', () => {
  it.each([false, true])('equals Dijkstra cell by cell (times change: %s)', async (timeDependent) => {
    const random = new Random(timeDependent ? 41 : 42);
    let unreached = 0;
    for (let round = 0; round < 50; round++) {
      const network = randomNetwork(random);
      const costs = randomCosts(network, random, timeDependent);
      const from = Array.from({ length: 4 }, () => randomPlaces(network, random));
      const to = Array.from({ length: 5 }, () => randomPlaces(network, random));
      const departS = random.int(10_000);
      const { seconds, metres } = await travelMatrix(
        new OneToAll(network),
        { from, to, departS },
        costs,
        quietContext,
      );
      const router = new Router(network);
      from.forEach((start, i) => {
        const expected = plainArrivals(network, start, to, departS, costs);
        to.forEach((end, j) => {
          const cell = i * to.length + j;
          if (expected[j] === Infinity) {
            expect([seconds[cell], metres[cell]]).toEqual([Infinity, Infinity]);
            unreached++;
            return;
          }
          expect(seconds[cell]).toBeCloseTo(expected[j] - departS, 6);
          expect(metres[cell]).toBeCloseTo(
            router.quickest({ from: start, to: end, departS }, costs).lengthM,
            3,
          );
        });
      });
    }
    expect(unreached).toBeGreaterThan(0);
  });

  it('ends when it is cancelled', async () => {
    const random = new Random(1);
    const network = randomNetwork(random);
    const cancel = new AbortController();
    const context = { signal: cancel.signal, report: () => cancel.abort() };
    const places = [randomPlaces(network, random), randomPlaces(network, random)];
    await expect(
      travelMatrix(
        new OneToAll(network),
        { from: places, to: places, departS: 0 },
        randomCosts(network, random, false),
        context,
      ),
    ).rejects.toMatchObject({ code: 'cancelled' });
  });
});
