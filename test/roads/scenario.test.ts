import { describe, expect, it } from 'vitest';
import { quietContext, Random } from '../../core/base/index.ts';
import {
  type AssignmentSettings,
  BaseTraffic,
  delayRatio,
  delayS,
  EditedNetwork,
  findTurn,
  inForce,
  type RoadNetwork,
  Router,
  Scenario,
  type ScenarioEdit,
  summarize,
  type TripSet,
  VOLUME_DELAY,
  volumeRatio,
} from '../../core/roads/index.ts';
import { gridNetwork, type PlainTrip, packTrips, randomPath } from '../support/gridNetwork.ts';
import { sketchNetwork } from '../support/network.ts';

/** Monday, 6 May 2024, 08:10 and 03:10. */
const EIGHT = Date.UTC(2024, 4, 6, 8, 10) / 1000;
const THREE = Date.UTC(2024, 4, 6, 3, 10) / 1000;
/** Everybody weighs every second, and all may move until nobody does. */
const EXACT: Partial<AssignmentSettings> = { indifference: 0, settledShare: 0, rounds: 50, mostTrips: 1e6 };

const FREE_S = 100;
const [APPROACH, UPPER, LOWER, EXIT] = [0, 1, 2, 3];

/**
 * One road that parts into two of 1 km and 36 km/h and joins again. At eight each carries 100 trips and takes 115 s, at three it takes
 * 100 s: full by its delay, and by its class. Three quiet roads elsewhere say what the whole city shares: nothing.
 */
function twoRoads(): { network: RoadNetwork; trips: TripSet; traffic: BaseTraffic } {
  const junctions: [number, number][] = [
    [0, 0],
    [0.001, 0],
    [0.01, 0],
    [0.011, 0],
    [0, 1],
    [0.001, 1],
  ];
  const road = { from: 1, to: 2, roadClass: 'primary', lengthM: 1000, speedLimitKmh: 36 } as const;
  const network = sketchNetwork(junctions, [
    { from: 0, to: 1, ref: 'approach' },
    { ...road, ref: 'upper', name: 'Upper Road', via: [[0.005, 0.001]] },
    { ...road, ref: 'lower', name: 'Lower Road', via: [[0.005, -0.001]] },
    { from: 2, to: 3, ref: 'exit' },
    ...[1, 2, 3].map((n) => ({ from: 4, to: 5, ref: `quiet ${n}` })),
  ]);
  const along = (localDepartS: number, segment: number): PlainTrip => ({
    localDepartS,
    segments: [APPROACH, segment, EXIT],
    totalS: 200,
  });
  const trips = packTrips([
    along(THREE, UPPER),
    ...Array.from({ length: 200 }, (_, i) => along(EIGHT, i % 2 === 0 ? UPPER : LOWER)),
  ]);
  const times = {
    drivingS: (segment: number, localS: number) => {
      if (segment !== UPPER && segment !== LOWER) return 10;
      return localS % 86_400 >= 6 * 3600 ? 1.15 * FREE_S : FREE_S;
    },
    delayS: new Float32Array(4),
  };
  return { network, trips, traffic: new BaseTraffic(network, trips, times) };
}

async function hourOf(edits: ScenarioEdit[], settings = EXACT) {
  const scenario = new Scenario(twoRoads().traffic, edits, settings);
  return scenario.hourAt(EIGHT, quietContext);
}

/** The share s of 200 trips on the upper road at which both roads take as long: bisection on s. */
function evenSplit(upperS: (trips: number) => number, lowerS: (trips: number) => number): number {
  let [low, high] = [0, 200];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (upperS(middle) < lowerS(200 - middle)) low = middle;
    else high = middle;
  }
  return low;
}

describe('volume and delay', () => {
  it('is inverted by the ratio of volume to capacity', () => {
    for (const shape of Object.values(VOLUME_DELAY))
      for (const x of [0.2, 0.9, 1.7]) expect(volumeRatio(shape, delayRatio(shape, x))).toBeCloseTo(x, 10);
    expect(volumeRatio(VOLUME_DELAY.usual, 0.8)).toBe(0);
    expect(delayRatio(VOLUME_DELAY.usual, 1)).toBeCloseTo(1.15, 12);
  });

  it('is no longer than an hour’s queue, but for what the base case has', () => {
    const { usual } = VOLUME_DELAY;
    expect(delayS(usual, 100, 1.2, 1)).toBeCloseTo(15 * 1.2 ** 4, 9);
    // Three times capacity: 1,215 s by the power against half an hour for each capacity above.
    expect(delayS(usual, 1000, 3, 1)).toBeCloseTo(150 + 1800 * 2, 9);
    expect(delayS(usual, 1000, 3, 3)).toBeCloseTo(150 * 3 ** 4, 9);
  });
});

describe('two parallel roads', () => {
  it('changes nothing without an edit', async () => {
    const { factors, equilibrium, base } = await hourOf([]);
    expect([...factors]).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect([...equilibrium.flow]).toEqual([...base.flow].map((v) => expect.closeTo(v, 9)));
    expect(equilibrium.rerouted).toBe(0);
  });

  it('sends everybody over the other road when one is closed', async () => {
    const { equilibrium, times, factors } = await hourOf([{ kind: 'close', segments: ['upper'] }]);
    expect([...equilibrium.flow]).toEqual([200, 0, 200, 200, 0, 0, 0].map((v) => expect.closeTo(v, 9)));
    // Twice the flow: 1 + 0.15 · 2⁴.
    expect(times.segmentS[LOWER]).toBeCloseTo(FREE_S * (1 + 0.15 * 16), 6);
    expect(factors[UPPER]).toBe(Infinity);
    expect(factors[LOWER]).toBeCloseTo((1 + 0.15 * 16) / 1.15, 5);
  });

  it('finds Wardrop’s split when one loses half of its capacity: equal ratios of volume to capacity', async () => {
    const { equilibrium, times } = await hourOf([{ kind: 'capacity', segments: ['upper'], share: 0.5 }]);
    expect(Math.abs(equilibrium.flow[UPPER] - 200 / 3)).toBeLessThanOrEqual(1);
    expect(equilibrium.flow[UPPER] + equilibrium.flow[LOWER]).toBeCloseTo(200, 9);
    expect(times.segmentS[UPPER] / times.segmentS[LOWER]).toBeCloseTo(1, 1);
  });

  it('finds it under a lower limit too', async () => {
    const { equilibrium } = await hourOf([{ kind: 'speedLimit', segments: ['upper'], kmh: 30 }]);
    // 1 km takes 120 s at 30 km/h instead of 100 s; what comes on top stays.
    const delayS = (trips: number) => 15 * (trips / 100) ** 4;
    const upper = evenSplit(
      (trips) => 120 + delayS(trips),
      (trips) => 100 + delayS(trips),
    );
    expect(Math.abs(equilibrium.flow[UPPER] - upper)).toBeLessThanOrEqual(1);
  });

  it('takes more demand evenly, and each volume–delay function at its word', async () => {
    const edits: ScenarioEdit[] = [{ kind: 'demand', factor: 1.5 }];
    const scenario = new Scenario(twoRoads().traffic, edits, EXACT);
    for (const steepness of ['usual', 'flat', 'steep'] as const) {
      const { times, equilibrium } = await scenario.hourAt(EIGHT, quietContext, steepness);
      expect(equilibrium.flow[UPPER]).toBeCloseTo(150, 6);
      const { b } = VOLUME_DELAY[steepness];
      expect(times.segmentS[UPPER]).toBeCloseTo(FREE_S * (1 + 0.15 * 1.5 ** b), 4);
    }
  });

  it('counts demand only from where it grows', async () => {
    const nowhere = { point: [1, 1] as const, radiusM: 500 };
    const { equilibrium } = await hourOf([{ kind: 'demand', factor: 2, from: nowhere }]);
    expect(equilibrium.flow[UPPER]).toBeCloseTo(100, 9);
    const here = { point: [0, 0] as const, radiusM: 500 };
    const doubled = await hourOf([{ kind: 'demand', factor: 2, from: here }]);
    expect(doubled.equilibrium.flow[APPROACH]).toBeCloseTo(400, 9);
  });

  it('lets a sample stand for all where many are concerned', async () => {
    const { equilibrium } = await hourOf([{ kind: 'close', segments: ['upper'] }], {
      ...EXACT,
      mostTrips: 40,
    });
    expect(equilibrium.flow[LOWER]).toBeCloseTo(200, 6);
    expect(equilibrium.rerouted).toBeCloseTo(100, 6);
  });

  it('leaves those without a way where they are, and says how many', async () => {
    const { equilibrium } = await hourOf([{ kind: 'close', segments: ['upper', 'lower'] }]);
    expect(equilibrium.stranded).toBeCloseTo(200, 9);
  });

  it('sends traffic over a new link that is quicker', async () => {
    const link: ScenarioEdit = {
      kind: 'newLink',
      from: [0.001, 0],
      to: [0.01, 0],
      roadClass: 'primary',
      kmh: 100,
      lanes: 4,
      oneway: true,
    };
    const { equilibrium, times, linkS, factors } = await hourOf([link]);
    expect(equilibrium.flow[7]).toBeGreaterThan(50);
    expect(equilibrium.flow[UPPER] + equilibrium.flow[LOWER] + equilibrium.flow[7]).toBeCloseTo(200, 6);
    expect(linkS[7]).toBeCloseTo(times.segmentS[7], 3);
    expect(factors[7]).toBe(1);
    expect(times.segmentS[UPPER]).toBeLessThan(115);
  });

  it('keeps to the hour and to the edits in force', async () => {
    const closed: ScenarioEdit = {
      kind: 'close',
      segments: ['upper'],
      when: { from: '2024-05-06T08:00', until: '2024-05-06T08:30' },
    };
    const scenario = new Scenario(twoRoads().traffic, [closed], EXACT);
    const flowAt = async (localS: number) =>
      (await scenario.hourAt(localS, quietContext)).equilibrium.flow[UPPER];
    expect(await flowAt(EIGHT)).toBe(0);
    expect(await flowAt(EIGHT + 1800)).toBeCloseTo(100, 9);
    expect(await flowAt(THREE)).toBeCloseTo(1, 9);
  });

  it('answers who still waits when the one who asked first has lost interest', async () => {
    const scenario = new Scenario(twoRoads().traffic, [{ kind: 'close', segments: ['upper'] }], EXACT);
    const first = new AbortController();
    const cancelled = scenario.hourAt(EIGHT, { signal: first.signal, report() {} });
    const waiting = scenario.hourAt(EIGHT, quietContext);
    first.abort();
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    expect((await waiting).equilibrium.flow[LOWER]).toBeCloseTo(200, 9);
  });

  it('adds up what everybody loses, with a range', async () => {
    const scenario = new Scenario(twoRoads().traffic, [{ kind: 'close', segments: ['upper'] }], EXACT);
    const summary = await summarize(scenario, EIGHT, 1, quietContext);
    expect(summary.vehicleHours.value).toBeCloseTo((200 * (340 - 115)) / 3600, 6);
    expect(summary.meanDelayS.value).toBeCloseTo(225, 6);
    // One day only: the range is that of the volume–delay functions, b = 2.5 … 6.
    expect(summary.meanDelayS.low).toBeCloseTo(FREE_S * 0.15 * (2 ** 2.5 - 1), 4);
    expect(summary.meanDelayS.high).toBeCloseTo(FREE_S * 0.15 * (2 ** 6 - 1), 4);
    expect(summary.rerouted).toBeCloseTo(100, 9);
    expect(summary.delayed).toBeCloseTo(200, 9);
    const [lower] = summary.streets;
    expect(lower).toMatchObject({ name: 'Lower Road', flowBefore: 100, lengthM: 1000 });
    expect(lower.flowAfter).toBeCloseTo(200, 9);
    expect(lower.speedAfterKmh).toBeCloseTo(3600 / 340, 6);
    expect(summary.streets[1]).toMatchObject({ name: 'Upper Road', flowAfter: 0, speedAfterKmh: null });
    expect(summary.notices.map(({ message }) => message).join()).toMatch(/fuller than any/);
  });

  it('says where edits leave the data', async () => {
    const scenario = new Scenario(
      twoRoads().traffic,
      [
        { kind: 'speedLimit', segments: ['upper'], kmh: 120 },
        { kind: 'lanes', segments: ['lower'], lanes: 3 },
        { kind: 'demand', factor: 1.4 },
      ],
      EXACT,
    );
    const { notices } = await summarize(scenario, EIGHT, 1, quietContext);
    for (const [edit, text] of [
      [0, /limit of 120 km\/h: they have 36 to 36/],
      [1, /3 lanes: they have 1 to 1/],
      [2, /140 %/],
    ] as const)
      expect(notices.some((notice) => notice.edit === edit && text.test(notice.message))).toBe(true);
  });
});

describe('what a trip prefers', () => {
  const { network, trips } = twoRoads();
  /** The lower road takes 130 s, the upper 100 s, at any time; half drive the lower one nevertheless. */
  const traffic = new BaseTraffic(network, trips, {
    drivingS: (segment: number) => [10, 100, 130][segment] ?? 10,
    delayS: new Float32Array(4),
  });

  it('keeps it on its way where an edit does not touch it', async () => {
    const scenario = new Scenario(traffic, [{ kind: 'speedLimit', segments: ['exit'], kmh: 20 }], EXACT);
    const { equilibrium } = await scenario.hourAt(EIGHT, quietContext);
    expect(equilibrium.concerned).toBeGreaterThan(0);
    expect(equilibrium.flow[LOWER]).toBeCloseTo(100, 9);
  });

  it('gives in to what is worse by more than the indifference band', async () => {
    const slower = (kmh: number): ScenarioEdit[] => [{ kind: 'speedLimit', segments: ['lower'], kmh }];
    const flowUnder = async (kmh: number) => {
      const scenario = new Scenario(traffic, slower(kmh), { ...EXACT, indifference: 0.1 });
      return (await scenario.hourAt(EIGHT, quietContext)).equilibrium.flow[LOWER];
    };
    // The band is 15 s of the 150 s of the trip: 1 km takes 11 s longer at 32.4 km/h, 33 s at 27.
    expect(await flowUnder(32.4)).toBeCloseTo(100, 9);
    // Both roads count as just full: x = trips ÷ 100. The preference is worth 30 s.
    const delayS = (seconds: number, trips: number) => (seconds / 1.15) * 0.15 * (trips / 100) ** 4;
    const upper = evenSplit(
      (trips) => 100 / 1.15 + delayS(100, trips),
      (trips) => 130 / 1.15 + 3600 / 27 - 100 + delayS(130, trips) - 30 - 15,
    );
    expect(Math.abs((await flowUnder(27)) - (200 - upper))).toBeLessThanOrEqual(1);
  });
});

describe('a grid', () => {
  const network = gridNetwork(6, 5);
  const random = new Random(4);
  const driven = Array.from({ length: 600 }, (_, i) => {
    const segments = randomPath(network, random, 6 + random.int(10));
    const hour = i < 100 ? 3 : 8;
    const localDepartS = Date.UTC(2024, 4, 6 + (i % 5), hour, i % 60) / 1000;
    return { localDepartS, segments, totalS: 300 };
  });
  const trips = packTrips(driven);
  const times = {
    drivingS: (segment: number, localS: number) =>
      (network.lengthM[segment] / 10) * (localS % 86_400 > 6 * 3600 ? 1.4 : 1),
    delayS: Float32Array.of(0, 4, 6, 2),
  };
  /** Both directions of a road in the middle, so that there is a way around. */
  const closed = network.refs.filter(
    (_, s) => [14, 15].includes(network.fromJunction[s]) && [14, 15].includes(network.toJunction[s]),
  );
  const openPart = (segments: readonly number[]) => {
    const way = [...segments];
    while (closed.includes(String(way[0]))) way.shift();
    while (closed.includes(String(way.at(-1)))) way.pop();
    return way;
  };
  const edits: ScenarioEdit[] = [
    { kind: 'close', segments: closed },
    { kind: 'demand', factor: 1.3 },
    {
      kind: 'newLink',
      from: [0, 0],
      to: [0.0018 * 5, 0.0018 * 4],
      roadClass: 'secondary',
      kmh: 60,
      lanes: 1,
      oneway: false,
    },
  ];
  const solve = (settings: Partial<AssignmentSettings> = EXACT) =>
    new Scenario(new BaseTraffic(network, trips, times), edits, settings).hourAt(EIGHT, quietContext);

  const eightTrips = driven.filter(({ localDepartS }) => localDepartS % 86_400 > 6 * 3600);
  const weight = 1.3 / 5;

  it('loses no trip: what enters a junction leaves it, but for those that begin and end there', async () => {
    const { equilibrium, times: now } = await solve();
    const balance = new Float64Array(network.junctionCount);
    equilibrium.flow.forEach((flow, s) => {
      balance[now.network.toJunction[s]] += flow;
      balance[now.network.fromJunction[s]] -= flow;
    });
    let stranded = 0;
    for (const { segments } of eightTrips) {
      const way = openPart(segments);
      if (way.length === 0) {
        stranded += weight;
        continue;
      }
      balance[network.fromJunction[way[0]]] += weight;
      balance[network.toJunction[way.at(-1)!]] -= weight;
    }
    expect(equilibrium.stranded).toBeCloseTo(stranded, 9);
    for (const rest of balance) expect(Math.abs(rest)).toBeLessThan(1e-6);
  });

  it('takes everybody off a closed road though a sample looks for ways', async () => {
    const { equilibrium } = await solve({ ...EXACT, mostTrips: 150 });
    for (const ref of closed) expect(equilibrium.flow[Number(ref)]).toBeLessThan(1e-9);
    const all = await solve();
    const total = (flow: Float64Array) => flow.reduce((sum, v) => sum + v, 0);
    // On a grid this small a trip that stands for four is felt.
    expect(Math.abs(total(equilibrium.flow) / total(all.equilibrium.flow) - 1)).toBeLessThan(0.2);
  });

  it('comes out the same every time', async () => {
    const [one, two] = [await solve({ mostTrips: 100 }), await solve({ mostTrips: 100 })];
    expect([...one.factors]).toEqual([...two.factors]);
    expect(one.equilibrium).toEqual(two.equilibrium);
  });

  it('leaves nobody on a way that another beats by more than the trip’s own preference', async () => {
    const { times: now, equilibrium } = await solve();
    const router = new Router(now.network);
    const costsOf = (segmentS: Float64Array) => ({
      fastestKmh: now.fastestKmh,
      traversalS: (s: number) => segmentS[s],
      turnS: (turn: number) => now.turnS[turn],
    });
    const quickestS = (way: number[], segmentS: Float64Array) => {
      const from = [{ segment: way[0], fraction: 0 }];
      const to = [{ segment: way.at(-1)!, fraction: 1 }];
      return router.quickest({ from, to, departS: 0 }, costsOf(segmentS)).durationS;
    };
    const wayS = (way: number[], segmentS: Float64Array) =>
      way.reduce((sum, s, i) => {
        const turnS = i === 0 ? 0 : now.turnS[findTurn(now.network, way[i - 1], s)];
        return sum + segmentS[s] + turnS;
      }, 0);
    // If everybody drove what is best by the trip's own measure at the times that came out.
    let best = 0;
    for (const { segments } of eightTrips) {
      const way = openPart(segments);
      if (way.length === 0) continue;
      const quickestBaseS = quickestS(way, now.baseS);
      const preferredS = Math.max(0, wayS(way, now.baseS) - quickestBaseS);
      const chosenS = Math.min(wayS(way, now.segmentS) - preferredS, quickestS(way, now.segmentS));
      best += weight * (chosenS - quickestBaseS);
    }
    const total = [...equilibrium.dayDelayS.values()].reduce((sum, s) => sum + s, 0) / 5;
    expect(total).toBeGreaterThan(best - 1);
    // Nobody looks for a gain of under 2 s, and a trip's own weight is not felt by itself.
    expect(total).toBeLessThan(best + 2 * weight * eightTrips.length);
  });
});

describe('edited networks', () => {
  const network = gridNetwork(4, 4);

  it('keep every index, and append new links with their turns', () => {
    const edited = new EditedNetwork(network, [
      {
        kind: 'newLink',
        from: [0, 0],
        to: [0.0018 * 2, 0.0018 * 2],
        roadClass: 'primary',
        kmh: 70,
        lanes: 2,
        oneway: false,
      },
    ]);
    const S = network.segmentCount;
    const { network: longer } = edited;
    expect(edited.segmentsOf(0)).toEqual([S, S + 1]);
    expect(longer.refs.slice(0, S)).toEqual(network.refs);
    expect([...longer.lengthM.slice(0, S)]).toEqual([...network.lengthM]);
    expect(longer.fromJunction[S]).toBe(0);
    expect(longer.toJunction[S]).toBe(10);
    expect(longer.reverse[S]).toBe(S + 1);
    for (let turn = 0; turn < network.turnCount; turn++)
      expect(findTurn(longer, network.turnFrom[turn], network.turnTo[turn])).toBeGreaterThanOrEqual(0);
    for (let a = 0; a < longer.segmentCount; a++)
      for (let b = 0; b < longer.segmentCount; b++) {
        if (a < S && b < S) continue;
        const joined = longer.toJunction[a] === longer.fromJunction[b] && longer.reverse[a] !== b;
        expect(findTurn(longer, a, b) >= 0).toBe(joined);
      }
    for (let turn = 1; turn < longer.turnCount; turn++) {
      const [a, b] = [turn - 1, turn].map((t) => longer.turnFrom[t] * 1000 + longer.turnTo[t]);
      expect(b).toBeGreaterThan(a);
    }
  });

  it('have the limits and lanes of the edits in force', () => {
    const edited = new EditedNetwork(network, [
      { kind: 'speedLimit', segments: ['3'], kmh: 20, when: { weekdays: [0] } },
      { kind: 'lanes', segments: ['5'], lanes: 3 },
    ]);
    const monday = edited.networkUnder(edited.effectsAt(EIGHT));
    const tuesday = edited.networkUnder(edited.effectsAt(EIGHT + 86_400));
    expect([monday.speedLimitKmh[3], tuesday.speedLimitKmh[3]]).toEqual([20, network.speedLimitKmh[3]]);
    expect([monday.lanes[5], tuesday.lanes[5]]).toEqual([3, 3]);
    expect(edited.effectsAt(EIGHT).segments.get(5)?.capacityShare).toBe(3);
  });

  it('name a segment or place that is not there', () => {
    expect(() => new EditedNetwork(network, [{ kind: 'close', segments: ['nowhere'] }])).toThrow(
      /no segment “nowhere”/,
    );
    const link = { kind: 'newLink', roadClass: 'primary', kmh: 50, lanes: 1, oneway: true } as const;
    expect(() => new EditedNetwork(network, [{ ...link, from: [9, 9], to: [0, 0] }])).toThrow(/no junction/);
    expect(() => new EditedNetwork(network, [{ ...link, from: [0, 0], to: [0, 0] }])).toThrow(
      /same junction/,
    );
  });
});

describe('the time of an edit', () => {
  it.each([
    [undefined, EIGHT, true],
    [{ from: '2024-05-06T08:10' }, EIGHT, true],
    [{ until: '2024-05-06T08:10' }, EIGHT, false],
    [{ weekdays: [0, 2] }, EIGHT, true],
    [{ weekdays: [1] }, EIGHT, false],
    [{ fromMinute: 480, untilMinute: 490 }, EIGHT, false],
    [{ fromMinute: 490, untilMinute: 491 }, EIGHT, true],
  ])('%o holds at %i: %s', (when, localS, holds) => {
    expect(inForce(when, localS)).toBe(holds);
  });
});
