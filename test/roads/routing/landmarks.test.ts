import { describe, expect, it } from 'vitest';
import { Random } from '../../../core/base/random.ts';
import { Landmarks, Router } from '../../../core/roads/routing/index.ts';
import { hasHeidelberg, inventedCosts, loadHeidelberg } from '../../support/heidelberg.ts';
import { plainArrivals } from '../../support/plainDijkstra.ts';
import { randomCosts, randomNetwork, randomPlaces } from '../../support/randomRoads.ts';

describe('landmarks', () => {
  it.each([false, true])(
    'leave every route as quick as Dijkstra finds it (times change: %s)',
    (timeDependent) => {
      const random = new Random(timeDependent ? 11 : 12);
      let [reached, unreached] = [0, 0];
      for (let round = 0; round < 120; round++) {
        const network = randomNetwork(random);
        const router = new Router(network);
        const costs = randomCosts(network, random, timeDependent);
        const landmarks = Landmarks.of(network, costs.least);
        for (let i = 0; i < 4; i++) {
          const [from, to] = [randomPlaces(network, random), randomPlaces(network, random)];
          const departS = random.int(10_000);
          const [expected] = plainArrivals(network, from, [to], departS, costs);
          const search = () =>
            router.quickest({ from, to, departS }, { ...costs, bound: { landmarks, scale: 1 } });
          if (expected === Infinity) {
            expect(search).toThrow('No way leads');
            unreached++;
          } else {
            expect(search().arriveS).toBeCloseTo(expected, 6);
            reached++;
          }
        }
      }
      expect(reached).toBeGreaterThan(300);
      expect(unreached).toBeGreaterThan(0);
    },
  );

  it('never promise more than the quickest way takes, and seldom much less', () => {
    const random = new Random(5);
    let [hoped, taken] = [0, 0];
    for (let round = 0; round < 60; round++) {
      const network = randomNetwork(random);
      const { least } = randomCosts(network, random, false);
      const landmarks = Landmarks.of(network, least);
      const costs = {
        traversalS: (s: number) => least.traversalS[s],
        turnS: (t: number) => least.turnS![t],
      };
      for (let i = 0; i < 20; i++) {
        const a = { segment: random.int(network.segmentCount), fraction: 0 };
        const b = { segment: random.int(network.segmentCount), fraction: random.uniform() };
        const [seconds] = plainArrivals(network, [a], [[b]], 0, costs);
        landmarks.aimTo([b], a.segment, 1);
        const hopedS = landmarks.secondsTo(a.segment);
        expect(hopedS).toBeLessThanOrEqual(seconds + 1e-9);
        const c = { segment: random.int(network.segmentCount), fraction: random.uniform() };
        const [onward] = plainArrivals(network, [c], [[{ ...a }]], 0, costs);
        landmarks.aimFrom([c], a.segment, 1);
        expect(landmarks.secondsFrom(a.segment)).toBeLessThanOrEqual(onward + 1e-9);
        if (seconds === Infinity) continue;
        hoped += hopedS;
        taken += seconds;
      }
    }
    expect(hoped).toBeGreaterThan(0.8 * taken);
  });

  it('serve other costs by the share that those keep to', () => {
    const random = new Random(8);
    for (let round = 0; round < 40; round++) {
      const network = randomNetwork(random);
      const { least } = randomCosts(network, random, false);
      const landmarks = Landmarks.of(network, least);
      const seconds = Float64Array.from(least.traversalS, (s) => s * (0.6 + random.uniform()));
      const bound = landmarks.boundFor([seconds]);
      expect(bound.scale).toBeGreaterThan(0.5);
      expect(bound.scale).toBeLessThanOrEqual(1);
      const costs = {
        fastestKmh: 1000,
        traversalS: (s: number) => seconds[s],
        turnS: (t: number) => least.turnS![t],
        bound,
      };
      const [from, to] = [randomPlaces(network, random), randomPlaces(network, random)];
      const [expected] = plainArrivals(network, from, [to], 0, costs);
      if (expected < Infinity)
        expect(new Router(network).quickest({ from, to, departS: 0 }, costs).arriveS).toBeCloseTo(
          expected,
          6,
        );
    }
  });

  it('are prepared once for a network and its least seconds', () => {
    const network = randomNetwork(new Random(1));
    const { least } = randomCosts(network, new Random(2), false);
    expect(Landmarks.of(network, least)).toBe(Landmarks.of(network, { ...least }));
    expect(Landmarks.of(network, { traversalS: least.traversalS.slice() })).not.toBe(
      Landmarks.of(network, least),
    );
  });
});

describe.skipIf(!hasHeidelberg)('Heidelberg (needs ../shared/data)', () => {
  it('is searched as by plain Dijkstra, with and without changing times', { timeout: 120_000 }, async () => {
    const network = await loadHeidelberg();
    const router = new Router(network);
    const random = new Random(3);
    for (const timeDependent of [false, true]) {
      const costs = inventedCosts(network, timeDependent);
      const bound = { landmarks: Landmarks.of(network, costs.least), scale: 1 };
      for (let pair = 0; pair < 20; pair++) {
        const [from, to] = [randomPlaces(network, random), randomPlaces(network, random)];
        const [expected] = plainArrivals(network, from, [to], 28_800, costs);
        for (const hopes of [costs, { ...costs, bound }]) {
          const search = () => router.quickest({ from, to, departS: 28_800 }, hopes);
          if (expected === Infinity) expect(search).toThrow('No way leads');
          else expect(search().arriveS).toBeCloseTo(expected, 6);
        }
      }
    }
  });
});
