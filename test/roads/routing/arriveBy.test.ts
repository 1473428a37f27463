import { describe, expect, it } from 'vitest';
import { Random } from '../../../core/base/random.ts';
import { Landmarks, Router } from '../../../core/roads/routing/index.ts';
import { latestBeginning } from '../../../core/roads/routing/inverse.ts';
import { hasHeidelberg, inventedCosts, loadHeidelberg } from '../../support/heidelberg.ts';
import { plainArrivals } from '../../support/plainDijkstra.ts';
import { randomCosts, randomNetwork, randomPlaces } from '../../support/randomRoads.ts';

/** Too small for a driver to care, large for an error of rounding. */
const SECOND = 1e-3;

describe('the latest departure', () => {
  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])(
    'is in time, and a moment later is too late (times change: %s, landmarks: %s)',
    (timeDependent, withLandmarks) => {
      const random = new Random(21);
      let [reached, unreached] = [0, 0];
      for (let round = 0; round < 80; round++) {
        const network = randomNetwork(random);
        const router = new Router(network);
        const plain = randomCosts(network, random, timeDependent);
        const bound = { landmarks: Landmarks.of(network, plain.least), scale: 1 };
        const costs = withLandmarks ? { ...plain, bound } : plain;
        for (let i = 0; i < 4; i++) {
          const [from, to] = [randomPlaces(network, random), randomPlaces(network, random)];
          const arriveS = 5_000 + random.int(10_000);
          // By first in, first out the two together say that nothing between or beyond is better.
          const arrival = (departS: number) => plainArrivals(network, from, [to], departS, costs)[0];
          if (arrival(0) === Infinity) {
            expect(() => router.latest({ from, to, arriveS }, costs)).toThrow('No way leads');
            unreached++;
            continue;
          }
          const route = router.latest({ from, to, arriveS }, costs);
          expect(route.arriveS).toBeLessThanOrEqual(arriveS);
          expect(arrival(route.departS)).toBeLessThanOrEqual(arriveS + 1e-9);
          expect(arrival(route.departS + SECOND)).toBeGreaterThan(arriveS);
          expect(router.follow(route, route.departS, costs).arriveS).toBe(route.arriveS);
          reached++;
        }
      }
      expect(reached).toBeGreaterThan(200);
      expect(unreached).toBeGreaterThan(0);
    },
  );

  it('mirrors the earliest arrival where times do not change', () => {
    const random = new Random(4);
    for (let round = 0; round < 60; round++) {
      const network = randomNetwork(random);
      const router = new Router(network);
      const costs = randomCosts(network, random, false);
      const [from, to] = [randomPlaces(network, random), randomPlaces(network, random)];
      const [seconds] = plainArrivals(network, from, [to], 0, costs);
      if (seconds < Infinity)
        expect(router.latest({ from, to, arriveS: 9_000 }, costs).departS).toBeCloseTo(9_000 - seconds, 4);
    }
  });

  it.skipIf(!hasHeidelberg)('holds on Heidelberg (needs ../shared/data)', { timeout: 120_000 }, async () => {
    const network = await loadHeidelberg();
    const router = new Router(network);
    const plain = inventedCosts(network, true);
    const costs = { ...plain, bound: { landmarks: Landmarks.of(network, plain.least), scale: 1 } };
    const random = new Random(6);
    // A wall clock of today: doubles are coarser there.
    const arriveS = 1_700_000_000;
    let reached = 0;
    for (let pair = 0; pair < 20; pair++) {
      const [from, to] = [randomPlaces(network, random), randomPlaces(network, random)];
      const arrival = (departS: number) => plainArrivals(network, from, [to], departS, costs)[0];
      if (arrival(arriveS - 3_600) === Infinity) continue;
      const { departS } = router.latest({ from, to, arriveS }, costs);
      expect(arrival(departS)).toBeLessThanOrEqual(arriveS + 1e-5);
      expect(arrival(departS + SECOND)).toBeGreaterThan(arriveS);
      reached++;
    }
    expect(reached).toBeGreaterThan(10);
  });
});

describe('the latest beginning', () => {
  it('is found on lines, bends, steps up and closures', () => {
    expect(latestBeginning(() => 30, 100)).toBeCloseTo(70, 6);
    expect(latestBeginning(() => 0, 100)).toBe(100);
    expect(latestBeginning((clockS) => 20 - clockS / 10, 100)).toBeCloseTo(80 / 0.9, 5);
    // From 50 on it takes 60 s: whoever begins at 50 is too late for 100, just before is in time.
    expect(latestBeginning((clockS) => (clockS < 50 ? 10 : 60), 100)).toBeCloseTo(50, 5);
    expect(latestBeginning((clockS) => (clockS < 50 ? 10 : Infinity), 100)).toBeCloseTo(50, 5);
    expect(latestBeginning(() => Infinity, 100)).toBe(-Infinity);
  });
});
