import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenEtaModel, RunConfig } from '../../../core/app/model.ts';
import { EtalonError, quietContext } from '../../../core/base/index.ts';
import { createProject, type ProjectStore } from '../../../core/project/index.ts';
import { freeFlowS } from '../../../core/roads/index.ts';
import { etaModel } from '../../../models/index.ts';
import { bridgeCity, EAST, jamBefore, jammyTraffic, quayside, WEST } from '../../support/bridgeCity.ts';
import { FIRST_DAY_S } from '../../support/smallCity.ts';
import { emptyReport } from '../../support/trips.ts';

const network = bridgeCity();
const { way, bridge } = quayside(network);
const folder = mkdtempSync(join(tmpdir(), 'etalon-explain-'));
/** A jam on a day that no training saw, and a time before it. */
const JAM_S = FIRST_DAY_S + 9 * 86_400 + 11.2 * 3600;
const BEFORE_S = JAM_S - 7 * 86_400;
/** The way that is driven, from {@link WEST} to {@link EAST}. */
const driven = { segments: way, turns: [], startFraction: 0.3, endFraction: 0.7 };
const question = { segments: way, from: WEST, to: EAST };

const store: ProjectStore = createProject(join(folder, 'grid.etalon'));
const runs: Record<string, OpenEtaModel> = {};

async function trained(settings: Record<string, unknown>): Promise<OpenEtaModel> {
  const given = { epochs: 5, hidden: 16, batchPaths: 32, learningRate: 0.01, ...settings };
  const config: RunConfig = { seed: 1, until: '2024-05-15', settings: etaModel.parseSettings(given) };
  const { id } = store.createRun({ model: 'eta', config });
  await etaModel.train(store, id, { ...quietContext, device: 'cpu', stop: new AbortController().signal });
  return etaModel.open(store, id, quietContext);
}

beforeAll(async () => {
  store.writeRoads(network, emptyReport('grid'));
  const trips = jammyTraffic(network, { days: 9, perDay: 200, firstS: FIRST_DAY_S, seed: 5 });
  store.addTrips(trips, 'Etc/GMT-1', emptyReport('trips'));
  const jam = jamBefore(network, way, { segment: bridge, factor: 4, localS: JAM_S });
  store.addTrips(jam, 'Etc/GMT-1', emptyReport('jam'));
  runs.whole = await trained({});
  runs.supersegments = await trained({
    routeBy: 'supersegments',
    supersegmentLength: 2,
  });
}, 240_000);
afterAll(async () => {
  for (const model of Object.values(runs)) await model.dispose();
  store.close();
  rmSync(folder, { recursive: true });
});

const explained = (model: OpenEtaModel, localS: number) => model.explain!(question, localS, quietContext);

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

describe.each(['whole', 'supersegments'])('the explanation of a route asked as %s', (kind) => {
  it('adds up: parts and inputs to the route’s own ETA, segments to each part', async () => {
    for (const localS of [JAM_S, BEFORE_S]) {
      const why = await explained(runs[kind], localS);
      expect(why.etaS).toBeCloseTo((await runs[kind].way(driven, localS)).seconds, 2);
      const freeS = way.map((s, i) => freeFlowS(network, s) * [0.7, 1, 1, 1, 0.7][i]);
      expect(why.freeFlowS).toBeCloseTo(total(freeS), 2);
      const { roadS, junctionsS, hourS, liveS } = why;
      expect(why.freeFlowS + roadS + junctionsS + hourS).toBeCloseTo(why.usualS, 6);
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
    const why = await explained(runs[kind], JAM_S);
    const segments = why.segments;
    const place = segments.findIndex(({ segment }) => segment === bridge);
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
    const why = await explained(runs.whole, BEFORE_S);
    expect(why.junctions.every(({ signal, turn }) => signal || turn !== null)).toBe(true);
    const costs = why.junctions.map(({ seconds }) => seconds);
    expect(costs).toEqual(costs.toSorted((a, b) => b - a));
    expect(why.leaving.map(({ minutes }) => minutes)).toEqual([-30, -15, 15, 30]);
    for (const { etaS, lowS, highS } of why.leaving) {
      expect(lowS).toBeLessThan(etaS);
      expect(etaS).toBeLessThan(highS);
    }
    const earlier = await runs.whole.way(driven, BEFORE_S - 900);
    expect(why.leaving[1].etaS).toBeCloseTo(earlier.seconds, 2);
    const route = await runs.whole.route(WEST, EAST, BEFORE_S);
    const other = route.segments.join() === way.join() ? route.alternatives[0] : route;
    expect(why.otherWay?.etaS).toEqual(other?.etaS);
    expect(why.dayTypeSeen).toBe(true);
    expect(why.seldomM).toBe(0);
  });

  it('finds nothing in traffic long after the last trip', async () => {
    const why = await explained(runs.whole, FIRST_DAY_S + 60 * 86_400 + 11 * 3600);
    // Nobody is there: fewer than usual, on average.
    expect(Math.abs(why.liveS)).toBeLessThan(0.05 * why.etaS);
    expect(why.segments.every(({ observed }) => observed === null)).toBe(true);
  });

  it('refuses segments that are no way between the points, and stops when cancelled', async () => {
    const ask = (segments: number[], signal = quietContext.signal) =>
      runs.whole.explain!({ segments, from: WEST, to: EAST }, JAM_S, { signal, report() {} });
    await expect(ask(way.slice(1))).rejects.toThrow('no way between the two points');
    const cancelled = ask(way, AbortSignal.abort());
    await expect(cancelled).rejects.toThrow(EtalonError);
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
  });
});
