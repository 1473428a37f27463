import { beforeAll, describe, expect, it } from 'vitest';
import { quietContext } from '../../../core/base/index.ts';
import { type CrossFit, crossFit, LiveIndex, selectTrips, type TripSet } from '../../../core/roads/index.ts';
import { type Estimates, etaMetrics } from '../../../core/train/index.ts';
import { estimateBaselines } from '../../../models/eta/baselineFigures.ts';
import { heldOutDays } from '../../../models/eta/baselines/heldOutDays.ts';
import { horizonErrors } from '../../../models/eta/baselines/horizons.ts';
import { fitLearnedBaselines, learnedBaselines } from '../../../models/eta/baselines/index.ts';
import { routeInputs } from '../../../models/eta/baselines/routeInputs.ts';
import { scaled, scalingOf } from '../../../models/eta/baselines/scaling.ts';
import { gridNetwork, packTrips } from '../../support/gridNetwork.ts';
import { changingTraffic, FIRST_DAY_S } from '../../support/smallCity.ts';

const network = gridNetwork(6, 6);
const trips = changingTraffic(network, { days: 24, perDay: 90, seed: 1 });
const until = FIRST_DAY_S + 20 * 86_400;
const part = (isTest: boolean) =>
  selectTrips(
    trips,
    [...trips.totalS.keys()].filter((trip) => trips.localDepartS[trip] >= until === isTest),
  );
const [train, test] = [part(false), part(true)];
const ids = learnedBaselines.map(({ id }) => id);

let models: CrossFit;
let estimates: Record<string, Estimates>;
beforeAll(async () => {
  models = await crossFit(network, train, {}, quietContext);
  estimates = await fitLearnedBaselines(network, { train, test, observed: trips }, models, ids, quietContext);
});

describe('learned baselines', () => {
  it('see in traffic at departure what the segment model cannot know', () => {
    const anchor = etaMetrics({ medianS: models.full.predictTrips(test) }, test.totalS);
    expect(Object.keys(estimates)).toEqual(['mlp', 'lstm', 'trees', 'treesRelative']);
    for (const [id, ofBaseline] of Object.entries(estimates)) {
      const { maeS, coverage80 } = etaMetrics(ofBaseline, test.totalS);
      expect(maeS / anchor.maeS, id).toBeLessThan(0.85);
      // Three held-out days bound it: they need not be like the four of the test.
      expect(coverage80, id).toBeGreaterThan(0.55);
      expect(coverage80, id).toBeLessThan(0.95);
    }
  });

  describe('fitted again', () => {
    const cheap = ['mlp', 'trees'];
    const fitted = (of: TripSet) =>
      fitLearnedBaselines(network, { train, test: of, observed: train }, models, cheap, quietContext);
    it('do not look at the times of the trips they are asked about', async () => {
      const positions = [...test.totalS.keys()];
      const twice = selectTrips(test, [...positions, ...positions]);
      twice.totalS.fill(Number.NaN, 0, test.count);
      twice.segmentS!.fill(Number.NaN, 0, test.segments.length);
      for (const [id, estimates] of Object.entries(await fitted(twice)))
        for (const bound of ['medianS', 'low80S', 'high80S'] as const) {
          const seconds = Array.from(estimates[bound]!);
          expect(seconds.slice(0, test.count), `${id} ${bound}`).toEqual(seconds.slice(test.count));
        }
    });

    it('say the same', async () => {
      const inputs = () =>
        routeInputs(
          network,
          models,
          new LiveIndex(network, train, models),
          train,
          { perSegment: true },
          quietContext,
        );
      expect(await inputs()).toEqual(await inputs());
      const [once, again] = [await fitted(test), await fitted(test)];
      // In figures rather than in lists: they tell rounding from another training.
      const apartS = (id: string) =>
        Array.from(once[id].medianS, (seconds, trip) => Math.abs(seconds - again[id].medianS[trip]));
      for (const id of cheap) expect(Math.max(...apartS(id)), id).toBe(0);
    });
  });

  it('are asked for by name, and an unknown name is said', async () => {
    const judged = { train, test, observed: trips };
    const parts = {
      models,
      segmentModel: { predict: (of: TripSet) => ({ medianS: models.full.predictTrips(of) }) },
      deepSets: () => Promise.resolve({ medianS: test.totalS }),
    };
    const asked = (choice: 'fast' | string[]) =>
      estimateBaselines(network, judged, parts, choice, quietContext);
    expect(Object.keys(await asked(['blend', 'freeFlow']))).toEqual(['freeFlow', 'blend']);
    const fast = Object.keys(await asked('fast'));
    expect(fast).toContain('trees');
    for (const costly of ['lstm', 'deepSets']) expect(fast).not.toContain(costly);
    expect(Object.keys(await asked(['deepSets', 'live']))).toEqual(['live', 'deepSets']);
    await expect(asked(['tree'])).rejects.toMatchObject({
      code: 'usage',
      remedy: expect.stringContaining('trees'),
    });
  });
});

describe('what they are told', () => {
  it('has a value for each name, all of them numbers, and expectations by models that did not see the day', async () => {
    const live = new LiveIndex(network, trips, models);
    const inputs = await routeInputs(network, models, live, train, { perSegment: true }, quietContext);
    expect(inputs.trips.length).toBe(train.count * inputs.tripNames.length);
    expect(inputs.segments.length).toBe(train.segments.length * inputs.segmentNames.length);
    expect(new Set(inputs.tripNames).size).toBe(inputs.tripNames.length);
    expect([...inputs.trips, ...inputs.segments].every(Number.isFinite)).toBe(true);
    expect(inputs.expectedS).toEqual(models.predictTrips(train));
    const column = (name: string) => inputs.tripNames.indexOf(name);
    for (const trip of [0, 77, train.count - 1]) {
      const value = (name: string) => inputs.trips[trip * inputs.tripNames.length + column(name)];
      const segments = [...train.segments.subarray(train.offsets[trip], train.offsets[trip + 1])];
      const metres = segments.reduce((sum, s) => sum + network.lengthM[s], 0);
      expect(value('km')).toBeCloseTo(metres / 1000, 4);
      expect(value('segments')).toBe(segments.length);
      expect(value('left') + value('right') + value('straight') + value('uTurn')).toBe(segments.length - 1);
    }
  });

  it('holds whole days out, spread over the period', () => {
    const held = heldOutDays(train);
    const days = new Map<number, Set<number>>();
    train.localDepartS.forEach((localS, trip) => {
      const day = Math.floor(localS / 86_400);
      days.set(day, (days.get(day) ?? new Set()).add(held[trip]));
    });
    expect([...days.values()].every((values) => values.size === 1)).toBe(true);
    const heldDays = [...days].filter(([, values]) => values.has(1)).map(([day]) => day);
    expect(heldDays.length).toBe(3);
    expect(heldDays[2] - heldDays[0]).toBeGreaterThan(10);
  });

  it('is scaled to mean 0 and deviation 1, without what never varies, and held within reach', () => {
    const values = Float32Array.of(1, 5, 10, 3, 5, 20, 5, 5, 60);
    const scaling = scalingOf(values, 3);
    expect(scaling.kept).toEqual([0, 2]);
    const rows = scaled(values, scaling);
    for (const column of [0, 1]) {
      const of = [0, 1, 2].map((row) => rows[2 * row + column]);
      expect(of.reduce((a, b) => a + b)).toBeCloseTo(0, 5);
      expect(of.reduce((a, b) => a + b * b, 0)).toBeCloseTo(3, 4);
    }
    expect([...scaled(Float32Array.of(1e6, 0, -1e6), scaling)]).toEqual([6, -6]);
  });
});

it('errors by horizon are those of the segments entered then', () => {
  const driven = packTrips([
    { localDepartS: FIRST_DAY_S, segments: [0, 1, 2], totalS: 400, segmentS: [100, 150, 150] },
    { localDepartS: FIRST_DAY_S, segments: [0, 1, 2], totalS: 400, segmentS: [50, Number.NaN, 20] },
  ]);
  const modelS = Float32Array.of(110, 140, 150, 50, 0, 0);
  const anchorS = Float32Array.of(100, 100, 100, 60, 0, 0);
  expect(horizonErrors(driven, modelS, anchorS)).toEqual([
    { fromMin: 0, toMin: 2, modelS: 20 / 3, anchorS: 60 / 3, n: 3 },
    { fromMin: 2, toMin: 5, modelS: 0, anchorS: 50, n: 1 },
  ]);
  expect(horizonErrors({ ...driven, segmentS: undefined } as unknown as TripSet, modelS, anchorS)).toEqual(
    [],
  );
});
