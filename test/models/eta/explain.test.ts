import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenEtaModel, RunConfig } from '../../../core/app/model.ts';
import { EtalonError, quietContext } from '../../../core/base/index.ts';
import { createProject, type ProjectStore } from '../../../core/project/index.ts';
import { etaModel } from '../../../models/index.ts';
import { gridNetwork, type PlainTrip, packTrips } from '../../support/gridNetwork.ts';
import { changingTraffic, FIRST_DAY_S } from '../../support/smallCity.ts';
import { emptyReport } from '../../support/trips.ts';

const network = gridNetwork(9, 3);
const folder = mkdtempSync(join(tmpdir(), 'etalon-explain-'));
const SPACING = 0.0018;
/** Along the main road in the south. */
const WEST: [number, number] = [0.3 * SPACING, 0];
const EAST: [number, number] = [7.6 * SPACING, 0];
/** A jam on the third Monday, which no training saw, and a morning a week before. */
const JAM_S = FIRST_DAY_S + 14 * 86_400 + 11.2 * 3600;
const BEFORE_S = JAM_S - 7 * 86_400;
/** Out of its sixth to its seventh junction. */
const jammed = [...network.fromJunction.keys()].find(
  (s) => network.fromJunction[s] === 5 && network.toJunction[s] === 6,
)!;

/** In the ten minutes before, all who came through the segment took six times as long as one usually does. */
function jam(): PlainTrip[] {
  return Array.from({ length: 8 }, (_, i) => {
    const seconds = (6 * network.lengthM[jammed]) / 10;
    return {
      localDepartS: JAM_S - 60 * (i + 1) - seconds,
      segments: [jammed],
      totalS: Math.fround(seconds),
      segmentS: [seconds],
    };
  });
}

const store: ProjectStore = createProject(join(folder, 'grid.etalon'));
const runs: Record<string, OpenEtaModel> = {};

async function trained(settings: Record<string, unknown>): Promise<OpenEtaModel> {
  const config: RunConfig = {
    seed: 1,
    until: '2024-05-20',
    settings: etaModel.parseSettings({
      epochs: 3,
      hidden: 16,
      batchPaths: 16,
      learningRate: 0.015,
      ...settings,
    }),
  };
  const { id } = store.createRun({ model: 'eta', config });
  await etaModel.train(store, id, { ...quietContext, device: 'cpu', stop: new AbortController().signal });
  return etaModel.open(store, id, quietContext);
}

beforeAll(async () => {
  store.writeRoads(network, emptyReport('grid'));
  store.addTrips(changingTraffic(network, { days: 14, perDay: 70, seed: 5 }), 'Etc/GMT-1', emptyReport('t'));
  store.addTrips(packTrips(jam()), 'Etc/GMT-1', emptyReport('jam'));
  runs.whole = await trained({});
  runs.supersegments = await trained({
    routeBy: 'supersegments',
    supersegmentLength: 3,
  });
}, 240_000);
afterAll(async () => {
  for (const model of Object.values(runs)) await model.dispose();
  store.close();
  rmSync(folder, { recursive: true });
});

async function explained(model: OpenEtaModel, localS: number) {
  const route = await model.route(WEST, EAST, localS);
  const question = { segments: route.segments, from: WEST, to: EAST };
  return { route, why: await model.explain!(question, localS, quietContext) };
}

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

describe.each(['whole', 'supersegments'])('the explanation of a route asked as %s', (kind) => {
  it('adds up: parts and inputs to the route’s own ETA, segments to each part', async () => {
    for (const localS of [JAM_S, BEFORE_S]) {
      const { route, why } = await explained(runs[kind], localS);
      expect(why.etaS).toBeCloseTo(route.etaS, 2);
      expect(why.freeFlowS).toBeCloseTo(route.freeFlowS, 3);
      const { freeFlowS, roadS, junctionsS, hourS, liveS } = why;
      expect(freeFlowS + roadS + junctionsS + hourS).toBeCloseTo(why.usualS, 6);
      expect(why.usualS + liveS).toBeCloseTo(why.etaS, 6);
      expect(total(why.inputs.map(({ seconds }) => seconds))).toBeCloseTo(liveS, 4);
      for (const part of ['freeFlowS', 'roadS', 'junctionsS', 'hourS', 'liveS'] as const)
        expect(total(why.segments.map((segment) => segment[part])), part).toBeCloseTo(why[part], 2);
      // What integrated gradients themselves missed, before it was spread.
      expect(Math.abs(why.gapS)).toBeLessThanOrEqual(Math.max(0.5, 0.01 * Math.abs(liveS)));
      // Inputs belong to segments, to side roads or to the city as a whole.
      const outside = why.inputs.filter(({ group }) => ['sideRoads', 'city', 'other'].includes(group));
      const caused = total(why.segments.map(({ causedS }) => causedS));
      expect(caused + total(outside.map(({ seconds }) => seconds))).toBeCloseTo(liveS, 3);
    }
  });

  it('puts a jam down to the jammed segment and to traffic, not to the hour', async () => {
    const { why } = await explained(runs[kind], JAM_S);
    const segments = why.segments;
    const place = segments.findIndex(({ segment }) => segment === jammed);
    expect(place).toBeGreaterThan(0);
    expect(why.liveS).toBeGreaterThan(5);
    const largest = (of: (segment: (typeof segments)[number]) => number) =>
      segments.indexOf(segments.toSorted((a, b) => of(b) - of(a))[0]);
    expect(largest(({ liveS }) => liveS)).toBe(place);
    expect(largest(({ causedS }) => causedS)).toBe(place);
    const [first] = why.inputs.toSorted((a, b) => b.seconds - a.seconds);
    expect(first.group).toBe('here');
    expect(segments[place].observed).toMatchObject({ minutes: 15, nearby: false });
    expect(segments[place].observed!.ratio).toBeGreaterThan(2);
  });

  it('is the same each time, and leaves the route as it was', async () => {
    const first = await explained(runs[kind], JAM_S);
    expect(await explained(runs[kind], JAM_S)).toEqual(first);
  });
});

describe('an explanation', () => {
  it('lists signals and turns, and what other departures and ways take', async () => {
    const { route, why } = await explained(runs.whole, BEFORE_S);
    expect(why.junctions.length).toBeGreaterThan(0);
    expect(why.junctions.every(({ signal, turn }) => signal || turn !== null)).toBe(true);
    const costs = why.junctions.map(({ seconds }) => seconds);
    expect(costs).toEqual(costs.toSorted((a, b) => b - a));
    expect(why.leaving.map(({ minutes }) => minutes)).toEqual([-30, -15, 15, 30]);
    for (const { etaS, lowS, highS } of why.leaving) {
      expect(lowS).toBeLessThan(etaS);
      expect(etaS).toBeLessThan(highS);
    }
    const earlier = await runs.whole.way(
      { segments: route.segments, turns: [], startFraction: 0, endFraction: 1 },
      BEFORE_S - 900,
    );
    // The whole of the first and last segment are driven there.
    expect(why.leaving[1].etaS).toBeLessThan(earlier.seconds);
    expect(why.leaving[1].etaS).toBeGreaterThan(0.8 * earlier.seconds);
    if (route.alternatives[0]) expect(why.otherWay?.etaS).toBeCloseTo(route.alternatives[0].etaS, 3);
    expect(why.dayTypeSeen).toBe(true);
    expect(why.seldomM).toBeLessThan(route.distanceM);
  });

  it('finds nothing in traffic long after the last trip', async () => {
    const { why } = await explained(runs.whole, FIRST_DAY_S + 60 * 86_400 + 11 * 3600);
    // Nobody is there: fewer than usual, on average.
    expect(Math.abs(why.liveS)).toBeLessThan(0.05 * why.etaS);
    expect(why.segments.every(({ observed }) => observed === null)).toBe(true);
  });

  it('refuses segments that are no way between the points, and stops when cancelled', async () => {
    const route = await runs.whole.route(WEST, EAST, JAM_S);
    const ask = (segments: number[], signal = quietContext.signal) =>
      runs.whole.explain!({ segments, from: WEST, to: EAST }, JAM_S, { signal, report() {} });
    await expect(ask(route.segments.slice(1))).rejects.toThrow('no way between the two points');
    const cancelled = ask(route.segments, AbortSignal.abort());
    await expect(cancelled).rejects.toThrow(EtalonError);
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
  });
});
