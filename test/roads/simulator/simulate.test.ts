import { beforeAll, describe, expect, test } from 'vitest';
import { quietContext } from '../../../core/base/progress.ts';
import {
  BIN_S,
  type ScriptedEvent,
  type Simulation,
  type SimulationSettings,
  simulate,
} from '../../../core/roads/simulator/index.ts';
import { freeSeconds, linksOf } from '../../../core/roads/simulator/links.ts';
import { gridCity } from '../../support/network.ts';

const network = gridCity({ rows: 13, columns: 13, spacingM: 200 });
const MONDAY_S = Date.UTC(2025, 2, 24) / 1000;
const settings: SimulationSettings = {
  firstDay: '2025-03-24',
  days: 1,
  timeZone: 'Europe/Berlin',
  demand: 1,
  incidentsPerDay: 4,
  rain: 0,
  probeShare: 1,
  seed: 5,
};

interface Pass {
  segment: number;
  enterS: number;
  leaveS: number;
}

async function run(change: Partial<SimulationSettings> = {}): Promise<Simulation & { passes: Pass[] }> {
  const passes: Pass[] = [];
  const observe = (segment: number, enterS: number, leaveS: number) =>
    passes.push({ segment, enterS, leaveS });
  return { ...(await simulate(network, { ...settings, observe, ...change }, quietContext)), passes };
}

const meanS = (passes: readonly Pass[], segments: ReadonlySet<number>, fromS: number, toS: number) => {
  const chosen = passes.filter((p) => segments.has(p.segment) && p.enterS >= fromS && p.enterS < toS);
  return chosen.reduce((sum, p) => sum + p.leaveS - p.enterS, 0) / chosen.length;
};

/** Segments from which the given ones can be reached within so many turns. */
function upstream(of: number, turns: number): Set<number> {
  let front = new Set([of]);
  for (let i = 0; i < turns; i++) {
    const next = new Set<number>();
    for (let t = 0; t < network.turnCount; t++)
      if (front.has(network.turnTo[t])) next.add(network.turnFrom[t]);
    front = next;
  }
  return front;
}

/** Trips by identifier, as text that is equal where all of a trip is. */
function byId({ trips }: Simulation): Map<string, string> {
  return new Map(
    trips.ids.map((id, i) => {
      const of = [trips.offsets[i], trips.offsets[i + 1]] as const;
      return [id, `${trips.departS[i]} ${trips.segments.subarray(...of)} ${trips.segmentS!.subarray(...of)}`];
    }),
  );
}

let base: Awaited<ReturnType<typeof run>>;
beforeAll(async () => {
  base = await run({ observations: true });
});

describe('a simulation of any network', () => {
  test('keeps every vehicle: departed = arrived + gave up + still running', () => {
    const { departed, arrived, gaveUp, running, stayedHome } = base.figures;
    expect(departed).toBe(arrived + gaveUp + running);
    expect(departed).toBeGreaterThan(3000);
    expect(gaveUp + stayedHome).toBeLessThan(0.01 * departed);
    expect(running).toBeLessThan(0.02 * departed);
  });

  test('records all vehicles where all are probes, on connected ways', () => {
    const { trips } = base;
    expect(trips.count).toBeGreaterThan(0.97 * base.figures.arrived);
    const turns = new Set(
      [...network.turnFrom].map((from, t) => from * network.segmentCount + network.turnTo[t]),
    );
    for (let i = 0; i < trips.count; i++)
      for (let k = trips.offsets[i] + 1; k < trips.offsets[i + 1]; k++)
        expect(turns.has(trips.segments[k - 1] * network.segmentCount + trips.segments[k])).toBe(true);
  });

  test('is the same from the same seed, another from another', async () => {
    const again = await run();
    expect(again.trips).toEqual(base.trips);
    expect(again.truth).toEqual(base.truth);
    const other = await run({ seed: 6 });
    expect(other.trips.segments).not.toEqual(base.trips.segments);
  });

  test('rush hours are slower than the night, and the night recovers', () => {
    const freeS = freeSeconds(network, linksOf(network));
    const loss = (hour: number) => {
      let [taken, free] = [0, 0];
      for (const { segment, enterS, leaveS } of base.passes) {
        if (Math.floor(enterS / 3600) !== hour) continue;
        taken += leaveS - enterS;
        free += freeS[segment];
      }
      return taken / free;
    };
    expect(loss(8)).toBeGreaterThan(1.02 * loss(3));
    expect(loss(17)).toBeGreaterThan(1.02 * loss(3));
    expect(loss(23)).toBeLessThan(1.02 * loss(3));
  });

  test('five-minute observations are what a count of all traversals says', () => {
    const expected = new Map<string, { count: number; seconds: number }>();
    for (const { segment, enterS, leaveS } of base.passes) {
      const key = `${Math.floor(leaveS / BIN_S)} ${segment}`;
      const of = expected.get(key) ?? { count: 0, seconds: 0 };
      expected.set(key, { count: of.count + 1, seconds: of.seconds + leaveS - enterS });
    }
    const { count, segments, localStartS, speedKmh, vehicles } = base.observations!;
    expect(count).toBe(expected.size);
    for (let i = 0; i < count; i++) {
      const of = expected.get(`${(localStartS[i] - MONDAY_S) / BIN_S} ${segments[i]}`)!;
      expect(vehicles[i]).toBe(of.count * base.figures.packet);
      expect(speedKmh[i]).toBeCloseTo((3.6 * network.lengthM[segments[i]] * of.count) / of.seconds, 3);
    }
  });

  test('departures follow the clock of the time zone, through its change', async () => {
    // Clocks are put forward on Sunday, 30 March 2025, at 2:00.
    const { trips } = await run({ firstDay: '2025-03-29', days: 2, demand: 0.2 });
    const changeS = Date.UTC(2025, 2, 30, 3) / 1000;
    const offsets = [...trips.departS.keys()].map((i) => ({
      localS: trips.localDepartS[i],
      offset: trips.localDepartS[i] - trips.departS[i],
    }));
    expect(new Set(offsets.filter(({ localS }) => localS < changeS - 3600).map((o) => o.offset))).toEqual(
      new Set([3600]),
    );
    expect(new Set(offsets.filter(({ localS }) => localS >= changeS).map((o) => o.offset))).toEqual(
      new Set([7200]),
    );
  });

  test('more demand, more vehicles and slower rush hours', async () => {
    const more = await run({ demand: 2 });
    expect(more.figures.departed / base.figures.departed).toBeCloseTo(2, 0);
    const all = new Set(Array(network.segmentCount).keys());
    const rush = (of: Pass[]) => meanS(of, all, 8 * 3600, 9.5 * 3600);
    expect(rush(more.passes)).toBeGreaterThan(1.05 * rush(base.passes));
  });

  test.each([
    [{ demand: 3 }, 'demand'],
    [{ days: 0 }, 'days'],
    [{ firstDay: '2025-02-30' }, undefined],
    [{ timeZone: 'Europe/Atlantis' }, 'timeZone'],
    [{ events: [{ kind: 'close', segment: 99_999, beginS: 0, endS: 1 }] as ScriptedEvent[] }, 'events[0]'],
    [{ events: [{ kind: 'close', segment: 1, beginS: 5, endS: 1 }] as ScriptedEvent[] }, 'events[0]'],
  ])('refuses %j', async (change, field) => {
    const refusal = expect(simulate(network, { ...settings, ...change }, quietContext)).rejects;
    await refusal.toMatchObject({ code: 'usage', ...(field && { where: { field } }) });
  });

  test('stops when it is cancelled, and refuses a network without loops', async () => {
    const cancelled = { ...quietContext, signal: AbortSignal.abort() };
    await expect(simulate(network, settings, cancelled)).rejects.toMatchObject({ code: 'cancelled' });
    const tiny = gridCity({ rows: 2, columns: 3 });
    await expect(simulate(tiny, settings, quietContext)).rejects.toMatchObject({ code: 'input' });
  });
});

describe('scripted events, against the same seed without them', () => {
  const [beginS, endS] = [15 * 3600, 18 * 3600];
  let busiest = 0;
  let closed: Awaited<ReturnType<typeof run>>;
  beforeAll(async () => {
    const counts = new Map<number, number>();
    for (const { segment, enterS } of base.passes)
      if (enterS >= beginS && enterS < endS) counts.set(segment, (counts.get(segment) ?? 0) + 1);
    [[busiest]] = [...counts].sort((a, b) => b[1] - a[1]);
    closed = await run({ events: [{ kind: 'close', segment: busiest, beginS, endS }] });
  });

  test('nothing differs before the event, and much stays the same after it began', () => {
    const [before, after] = [byId(base), byId(closed)];
    let [early, late, same] = [0, 0, 0];
    base.trips.ids.forEach((id, i) => {
      const departS = base.trips.localDepartS[i] - MONDAY_S;
      if (departS + base.trips.totalS[i] < beginS - 60) {
        early++;
        expect(after.get(id)).toBe(before.get(id));
      } else if (departS > beginS && departS < endS) {
        late++;
        if (after.get(id) === before.get(id)) same++;
      }
    });
    expect(early).toBeGreaterThan(500);
    expect(same).toBeGreaterThan(0.2 * late);
    expect(same).toBeLessThan(late);
  });

  test('nobody enters a closed segment, and all do again afterwards', () => {
    const { passes, figures } = closed;
    const entered = passes.filter(({ segment }) => segment === busiest);
    expect(entered.filter((p) => p.enterS >= beginS + 5 && p.enterS < endS)).toEqual([]);
    expect(entered.filter((p) => p.enterS < beginS).length).toBeGreaterThan(20);
    expect(entered.filter((p) => p.enterS >= endS).length).toBeGreaterThan(20);
    expect(figures.departed).toBe(figures.arrived + figures.gaveUp + figures.running);
  });

  test('a narrowed segment slows itself and those behind it, not the far side of the town', async () => {
    const { passes } = await run({
      events: [{ kind: 'restrict', segment: busiest, beginS, endS, capacityShare: 0.15 }],
    });
    const slower = (segments: Set<number>) =>
      meanS(passes, segments, beginS + 900, endS) / meanS(base.passes, segments, beginS + 900, endS);
    const [x, y] = network.junctionCoordinates.subarray(2 * network.toJunction[busiest]);
    const far = new Set(
      [...Array(network.segmentCount).keys()].filter((s) => {
        const at = 2 * network.toJunction[s];
        const [east, north] = [network.junctionCoordinates[at] - x, network.junctionCoordinates[at + 1] - y];
        return Math.hypot(0.65 * east, north) * 111.2 > 1.6;
      }),
    );
    expect(slower(new Set([busiest]))).toBeGreaterThan(2);
    expect(slower(upstream(busiest, 1))).toBeGreaterThan(1.15);
    expect(slower(far)).toBeGreaterThan(0.95);
    expect(slower(far)).toBeLessThan(1.05);
  });

  test('a slower limit makes the segment slower by that much', async () => {
    const { passes } = await run({
      events: [{ kind: 'restrict', segment: busiest, beginS: 0, endS: 7 * 3600, speedShare: 0.5 }],
    });
    const light = new Set([busiest]);
    const ratio = meanS(passes, light, 3600, 7 * 3600) / meanS(base.passes, light, 3600, 7 * 3600);
    expect(ratio).toBeGreaterThan(1.4);
    expect(ratio).toBeLessThan(2.1);
  });

  test('a surge sends its vehicles to the place, and leaves the usual journeys their numbers', async () => {
    const vehicles = 400;
    const surged = await run({
      events: [{ kind: 'surge', to: busiest, vehicles, beginS: 10 * 3600, endS: 11 * 3600 }],
    });
    const extra = surged.figures.departed - base.figures.departed;
    expect(extra).toBeGreaterThan(0.9 * (vehicles / base.figures.packet));
    expect(extra).toBeLessThanOrEqual(Math.round(vehicles / base.figures.packet) + 2);
    const known = new Set(base.trips.ids);
    const added = surged.trips.ids.filter((id) => !known.has(id));
    expect(added.length).toBeGreaterThan(0.85 * (vehicles / base.figures.packet));
  });
});
