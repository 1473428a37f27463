import { describe, expect, it } from 'vitest';
import { EtalonError } from '../../../core/base/index.ts';
import { Random } from '../../../core/base/random.ts';
import type { RoadNetwork } from '../../../core/roads/network.ts';
import { type Route, type RouteCosts, type RoutePlace, Router } from '../../../core/roads/routing/index.ts';
import { distanceM, gridCity, sketchNetwork } from '../../support/network.ts';
import { randomCosts, randomNetwork, randomPlaces } from '../../support/randomRoads.ts';

/** Earliest arrivals by relaxing every turn until nothing changes (Bellman–Ford); shares no code with the router. */
function earliestArrival(
  network: RoadNetwork,
  from: readonly RoutePlace[],
  to: readonly RoutePlace[],
  departS: number,
  costs: RouteCosts,
): number {
  const enter = Array<number>(network.segmentCount).fill(Infinity);
  const leave = (segment: number, clockS: number): boolean => {
    let changed = false;
    for (let t = 0; t < network.turnCount; t++) {
      if (network.turnFrom[t] !== segment) continue;
      const atS = clockS + costs.turnS(t, clockS);
      if (atS >= enter[network.turnTo[t]]) continue;
      enter[network.turnTo[t]] = atS;
      changed = true;
    }
    return changed;
  };
  let best = Infinity;
  for (const a of from) {
    const wholeS = costs.traversalS(a.segment, departS);
    leave(a.segment, departS + (1 - a.fraction) * wholeS);
    for (const b of to)
      if (a.segment === b.segment && b.fraction >= a.fraction)
        best = Math.min(best, departS + (b.fraction - a.fraction) * wholeS);
  }
  for (let changed = true; changed; ) {
    changed = false;
    for (let s = 0; s < network.segmentCount; s++)
      if (enter[s] < Infinity && leave(s, enter[s] + costs.traversalS(s, enter[s]))) changed = true;
  }
  for (const b of to) {
    const atS = enter[b.segment];
    if (atS < Infinity) best = Math.min(best, atS + b.fraction * costs.traversalS(b.segment, atS));
  }
  return best;
}

/** Every way of at most so many segments, by depth-first search. */
function bruteForce(
  network: RoadNetwork,
  from: RoutePlace,
  to: RoutePlace,
  departS: number,
  costs: RouteCosts,
  depth: number,
): number {
  const drive = (segment: number, clockS: number, left: number): number => {
    let best = segment === to.segment ? clockS + to.fraction * costs.traversalS(segment, clockS) : Infinity;
    if (left > 0) best = Math.min(best, onward(segment, clockS + costs.traversalS(segment, clockS), left));
    return best;
  };
  const onward = (segment: number, clockS: number, left: number): number => {
    let best = Infinity;
    for (let t = network.turnOffsets[segment]; t < network.turnOffsets[segment + 1]; t++)
      best = Math.min(best, drive(network.turnTo[t], clockS + costs.turnS(t, clockS), left - 1));
    return best;
  };
  const firstS = costs.traversalS(from.segment, departS);
  const direct =
    from.segment === to.segment && to.fraction >= from.fraction
      ? departS + (to.fraction - from.fraction) * firstS
      : Infinity;
  return Math.min(direct, onward(from.segment, departS + (1 - from.fraction) * firstS, depth));
}

/** Follows the permitted turns with a clock of its own. */
function checkRoute(network: RoadNetwork, route: Route, departS: number, costs: RouteCosts): void {
  let clockS = departS;
  route.segments.forEach((segment, i) => {
    if (i > 0) {
      const turn = route.turns[i - 1];
      expect([network.turnFrom[turn], network.turnTo[turn]]).toEqual([route.segments[i - 1], segment]);
      clockS += costs.turnS(turn, clockS);
    }
    expect(route.enterS[i]).toBeCloseTo(clockS, 6);
    const begin = i === 0 ? route.startFraction : 0;
    const end = i === route.segments.length - 1 ? route.endFraction : 1;
    clockS += (end - begin) * costs.traversalS(segment, clockS);
  });
  expect(route.arriveS).toBeCloseTo(clockS, 6);
  expect(route.durationS).toBeCloseTo(clockS - departS, 6);
  expect(route.turns).toHaveLength(route.segments.length - 1);
}

const arrival = (
  router: Router,
  request: Parameters<Router['quickest']>[0],
  costs: RouteCosts,
): Route | null => {
  try {
    return router.quickest(request, costs);
  } catch (error) {
    expect(error).toBeInstanceOf(EtalonError);
    expect((error as EtalonError).code).toBe('not-found');
    return null;
  }
};

describe('the quickest route', () => {
  it.each([false, true])('arrives when Bellman–Ford says (times change: %s)', (timeDependent) => {
    const random = new Random(timeDependent ? 2 : 1);
    let [reached, unreached] = [0, 0];
    for (let round = 0; round < 120; round++) {
      const network = randomNetwork(random);
      const router = new Router(network);
      const costs = randomCosts(network, random, timeDependent);
      for (let i = 0; i < 4; i++) {
        const [from, to] = [randomPlaces(network, random), randomPlaces(network, random)];
        const departS = random.int(10_000);
        const expected = earliestArrival(network, from, to, departS, costs);
        const route = arrival(router, { from, to, departS }, costs);
        if (!route) {
          expect(expected).toBe(Infinity);
          unreached++;
          continue;
        }
        expect(route.arriveS).toBeCloseTo(expected, 6);
        checkRoute(network, route, departS, costs);
        reached++;
      }
    }
    expect(reached).toBeGreaterThan(300);
    expect(unreached).toBeGreaterThan(0);
  });

  it('is as quick as the quickest of all ways', () => {
    const random = new Random(7);
    for (let round = 0; round < 25; round++) {
      const city = gridCity({ rows: 2, columns: 3, spacingM: 300 });
      const costs = randomCosts(city, random, true);
      const from = { segment: random.int(city.segmentCount), fraction: random.uniform() };
      const to = { segment: random.int(city.segmentCount), fraction: random.uniform() };
      const route = new Router(city).quickest({ from: [from], to: [to], departS: 500 }, costs);
      expect(route.arriveS).toBeCloseTo(bruteForce(city, from, to, 500, costs, 9), 6);
    }
  });

  it('waits for the evening where the morning jams a street', () => {
    // 0 → 1 → 3 directly or over 2; segment 1 (1 → 3) takes ten times as long before noon.
    const network = sketchNetwork(
      [
        [8, 49],
        [8.01, 49],
        [8.015, 49.004],
        [8.02, 49],
        [8.03, 49],
      ],
      [
        { from: 0, to: 1 },
        { from: 1, to: 3 },
        { from: 1, to: 2 },
        { from: 2, to: 3 },
        { from: 3, to: 4 },
      ],
    );
    const costs: RouteCosts = {
      fastestKmh: 50,
      traversalS: (s, clockS) => (network.lengthM[s] / 50) * 3.6 * (s === 1 && clockS < 43_200 ? 10 : 1),
      turnS: () => 0,
    };
    const request = { from: [{ segment: 0, fraction: 0.5 }], to: [{ segment: 4, fraction: 0.5 }] };
    const router = new Router(network);
    const morning = router.quickest({ ...request, departS: 8 * 3600 }, costs);
    const evening = router.quickest({ ...request, departS: 18 * 3600 }, costs);
    expect(morning.segments).toEqual([0, 2, 3, 4]);
    expect(evening.segments).toEqual([0, 1, 4]);
    expect(evening.lengthM).toBeCloseTo(
      network.lengthM[0] / 2 + network.lengthM[1] + network.lengthM[4] / 2,
      1,
    );
    expect(router.follow(evening, 8 * 3600, costs).durationS).toBeGreaterThan(morning.durationS);
  });

  it('is found where the source understates lengths, by different shares', () => {
    // From 1 to 4 at once, stated as 0.8 of the straight way, or over 2 and 3, stated as half of it.
    const junctions = [0, 1, 2, 3, 4, 5].map((i): [number, number] => [8 + i / 100, 49]);
    const stated = (from: number, to: number, share: number) => ({
      from,
      to,
      lengthM: share * distanceM(junctions[from], junctions[to]),
    });
    const network = sketchNetwork(junctions, [
      stated(0, 1, 1),
      stated(1, 4, 0.8),
      stated(1, 2, 0.5),
      stated(2, 3, 0.5),
      stated(3, 4, 0.5),
      stated(4, 5, 1),
    ]);
    const route = new Router(network).quickest(
      { from: [{ segment: 0, fraction: 1 }], to: [{ segment: 5, fraction: 0 }], departS: 0 },
      { fastestKmh: 60, traversalS: (s) => (network.lengthM[s] / 60) * 3.6, turnS: () => 0 },
    );
    expect(route.segments).toEqual([0, 2, 3, 4, 5]);
  });

  it('obeys forbidden turns, and goes round the block for a place just behind', () => {
    const city = gridCity({ rows: 2, columns: 2 });
    const costs: RouteCosts = {
      fastestKmh: 30,
      traversalS: (s) => (city.lengthM[s] / 30) * 3.6,
      turnS: () => 1,
    };
    const segment = city.refs.indexOf('0>1');
    const request = { from: [{ segment, fraction: 0.6 }], to: [{ segment, fraction: 0.4 }], departS: 0 };
    const around = new Router(city).quickest(request, costs);
    expect(around.segments.map((s) => city.refs[s])).toEqual(['0>1', '1>3', '3>2', '2>0', '0>1']);
    const ahead = new Router(city).quickest({ ...request, to: [{ segment, fraction: 0.9 }] }, costs);
    expect(ahead.segments).toEqual([segment]);
    expect(ahead.lengthM).toBeCloseTo(30, 0);
    const barred = { ...costs, turnS: (t: number) => (city.turnFrom[t] === segment ? Infinity : 1) };
    expect(() => new Router(city).quickest(request, barred)).toThrow('No way leads');
  });
});

describe('alternatives', () => {
  const city = gridCity({ rows: 12, columns: 12, spacingM: 150 });
  const costs: RouteCosts = {
    fastestKmh: 60,
    traversalS: (s, clockS) =>
      (city.lengthM[s] / city.speedLimitKmh[s]) * 3.6 * (1 + 0.2 * Math.sin(clockS / 600)),
    turnS: (t) => (city.turnClass[t] === 0 ? 1 : 5),
  };
  const request = {
    from: [{ segment: city.refs.indexOf('13>14'), fraction: 0.2 }],
    to: [{ segment: city.refs.indexOf('129>130'), fraction: 0.7 }],
    departS: 28_800,
  };

  it('differ from each other, are not much longer, and the first is the quickest', () => {
    const router = new Router(city);
    const routes = router.alternatives(request, costs, { count: 3, maxOverlap: 0.6, maxDetour: 1.3 });
    expect(routes).toHaveLength(4);
    expect(routes[0]).toEqual(router.quickest(request, costs));
    routes.forEach((route, i) => {
      checkRoute(city, route, request.departS, costs);
      expect(route.durationS).toBeGreaterThanOrEqual(routes[0].durationS);
      expect(route.durationS).toBeLessThanOrEqual(1.3 * routes[0].durationS);
      for (const other of routes.slice(0, i)) {
        const lengthM = (segments: number[]) => segments.reduce((sum, s) => sum + city.lengthM[s], 0);
        const shared = route.segments.filter((s) => other.segments.includes(s));
        // Whole segments here, driven parts there: the ends may differ by a block each.
        expect(lengthM(shared)).toBeLessThanOrEqual(0.6 * lengthM(route.segments) + 300);
      }
    });
  });

  it('are none where there is one way only', () => {
    const street = gridCity({ rows: 1, columns: 6 });
    const routes = new Router(street).alternatives(
      {
        from: [{ segment: street.refs.indexOf('0>1'), fraction: 0 }],
        to: [{ segment: street.refs.indexOf('4>5'), fraction: 1 }],
        departS: 0,
      },
      { fastestKmh: 60, traversalS: (s) => street.lengthM[s] / 10, turnS: () => 0 },
      { count: 2 },
    );
    expect(routes).toHaveLength(1);
  });
});
