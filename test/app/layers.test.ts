import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareWithBaseline } from '../../core/app/compareBaseline.ts';
import { MapLayers } from '../../core/app/layers/mapLayers.ts';
import { SegmentHistory } from '../../core/app/layers/segmentHistory.ts';
import type { ModelDefinition } from '../../core/app/model.ts';
import { Predictor } from '../../core/app/predictor.ts';
import { classOf, LAYER_BREAKS } from '../../core/app/ratios.ts';
import { type TaskContext, throwIfCancelled } from '../../core/base/index.ts';
import { createProject, type ProjectStore } from '../../core/project/index.ts';
import { ObservationColumns, type TripSet } from '../../core/roads/index.ts';
import { fakeModel } from '../support/fakeModel.ts';
import { sketchNetwork } from '../support/network.ts';
import { emptyReport } from '../support/trips.ts';

/** Three segments in a row of 1, 2 and 3 km at 36 km/h: 100, 200 and 300 s of free flow. */
const network = sketchNetwork(
  [
    [8, 49],
    [8.01, 49],
    [8.03, 49],
    [8.06, 49],
  ],
  [1, 2, 3].map((km, i) => ({ from: i, to: i + 1, lengthM: km * 1000, speedLimitKmh: 36 })),
);
/** Of a prediction, that its progress can be looked at. */
const STEP_MS = 5;
const never = new AbortController().signal;
const at = (text: string) => Date.parse(`${text}Z`) / 1000;
/** Monday 8 to Tuesday 16 January 2024, each with segments 0 and 1 driven from 08:00 in 200 and 400 s; the last day in 250 and 400 s. */
const days = [8, 9, 10, 11, 12, 15, 16].map((day) => `2024-01-${String(day).padStart(2, '0')}`);
const trips: TripSet = {
  count: days.length,
  ids: days,
  departS: Float64Array.from(days, (day) => at(`${day}T08:00`)),
  localDepartS: Float64Array.from(days, (day) => at(`${day}T08:00`)),
  totalS: Float32Array.from(days, (day) => (day === '2024-01-16' ? 650 : 600)),
  offsets: Uint32Array.from([...days.keys(), days.length], (i) => 2 * i),
  segments: Int32Array.from(days.flatMap(() => [0, 1])),
  segmentS: Float32Array.from(days.flatMap((day) => [day === '2024-01-16' ? 250 : 200, 400])),
};

/** Says ratio 0.4 everywhere, 0.2 an hour ahead; nothing of segment 2. */
const flatModel: ModelDefinition = {
  ...fakeModel,
  async open(...args) {
    const speeds = async (_localS: number, _segments?: ReadonlySet<number>, horizonS = 0) =>
      Float32Array.of(...[0.4, 0.4].map((ratio) => (horizonS >= 3600 ? ratio / 2 : ratio)), Number.NaN);
    return {
      ...(await fakeModel.open(...args)),
      speeds,
      forecast: async (localS: number, horizonsS: readonly number[], { report, signal }: TaskContext) => {
        for (let done = 0; done < 4; done++) {
          report({ stage: 'Predicting segments', done, total: 4, unit: 'paths' });
          await new Promise((resolve) => setTimeout(resolve, STEP_MS));
          throwIfCancelled(signal);
        }
        const seconds = await Promise.all(horizonsS.map((horizonS) => speeds(localS, undefined, horizonS)));
        return seconds.map((ratios) => {
          const s = ratios.map((ratio, segment) => (100 * (segment + 1)) / ratio);
          return { seconds: s, lowS: s, highS: s };
        });
      },
      uncertainty: async () => ({ values: Float32Array.of(0.1, 0.5, Number.NaN), note: 'Of a test.' }),
      dispose: async () => undefined,
    };
  },
};

const folder = mkdtempSync(join(tmpdir(), 'etalon-layers-'));
let store: ProjectStore;
let layers: MapLayers;
let history: SegmentHistory;
let run: number;

beforeAll(() => {
  store = createProject(join(folder, 'row.etalon'));
  store.writeRoads(network, emptyReport('row'));
  store.addTrips(trips, 'Etc/UTC', emptyReport('trips'));
  run = store.createRun({ model: 'eta', config: { seed: 1, until: '2024-01-15', settings: {} } }).id;
  store.saveCheckpoint(run, 'best', { epoch: 1, arrays: { w: Float32Array.of(1) }, json: {} });
  const predictor = new Predictor(store, { eta: flatModel });
  layers = new MapLayers(store, predictor);
  history = new SegmentHistory(store, predictor, layers);
});
afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

async function layer(
  id: Parameters<MapLayers['layer']>[0]['layer'],
  time = '2024-01-16T08:10',
  horizonMinutes = 0,
) {
  const answer = await layers.layer({ runId: run, layer: id, at: time, horizonMinutes }, never);
  const floats = async (blob: Blob | null) =>
    blob && [...new Float32Array(await blob.arrayBuffer())].map((value) => Number(value.toPrecision(4)));
  return { ...answer, values: await floats(answer.values), speeds: await floats(answer.meanSpeedsKmh) };
}

describe('map layers', () => {
  it('show what is predicted now and at a horizon', async () => {
    expect(await layer('predicted')).toMatchObject({
      values: [0.4, 0.4, Number.NaN],
      classKm: [0, 0, 0, 0, 3, 0],
      breaks: LAYER_BREAKS.ratio,
    });
    expect((await layer('predicted', '2024-01-16T08:10', 60)).values).toEqual([0.2, 0.2, Number.NaN]);
  });

  it('tell how far a prediction is, and when there is none any more', async () => {
    const watching = new AbortController();
    const told: unknown[] = [];
    const listening = (async () => {
      for await (const progress of layers.watch(watching.signal)) told.push(progress);
    })();
    // Long enough for several reports.
    for (let i = 0; i < 20; i++) await layer('predicted');
    await expect.poll(() => told.at(-1)).toBe(null);
    expect(told[0]).toBe(null);
    expect(told).toContainEqual(expect.objectContaining({ stage: 'Predicting segments', total: 4 }));
    watching.abort();
    await listening;
  });

  it('are given up in the midst of a prediction', async () => {
    const cancel = new AbortController();
    const request = { runId: run, layer: 'predicted', at: '2024-01-16T08:10', horizonMinutes: 0 } as const;
    const asked = layers.layer(request, cancel.signal);
    setTimeout(() => cancel.abort(), STEP_MS);
    await expect(asked).rejects.toMatchObject({ code: 'cancelled' });
    expect((await layer('predicted')).values).toEqual([0.4, 0.4, Number.NaN]);
  });

  it('show as live what had ended in the half hour before, and nothing later', async () => {
    // Segment 0 was left at 08:04:10, segment 1 at 08:10:50.
    expect((await layer('live', '2024-01-16T08:10')).values).toEqual([0.4, Number.NaN, Number.NaN]);
    expect((await layer('live', '2024-01-16T08:11')).values).toEqual([0.4, 0.5, Number.NaN]);
    expect((await layer('live', '2024-01-16T08:40')).values).toEqual([Number.NaN, 0.5, Number.NaN]);
  });

  it('count traversals of the hour over all days of the kind, with their mean speed', async () => {
    const { values, speeds, classKm } = await layer('observations');
    expect(values).toEqual([7, 7, Number.NaN]);
    // 7 km in 6 · 200 + 250 s; 14 km in 7 · 400 s.
    expect(speeds).toEqual([17.38, 18, Number.NaN]);
    expect(classKm).toEqual([0, 3, 0, 0, 0]);
    expect((await layer('observations', '2024-01-13T08:10')).values).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
  });

  it('judge errors on days that the run has not seen', async () => {
    // 15 and 16 January: 250 + 250 s predicted against 200 + 250 s, 500 + 500 s against 400 + 400 s.
    const { values, note } = await layer('error');
    expect(values).toEqual([11.11, 25, Number.NaN]);
    expect(note).toContain('2 held-out days');
  });

  it('show the widths of intervals, and say where there are none', async () => {
    expect(await layer('uncertainty')).toMatchObject({
      values: [0.1, 0.5, Number.NaN],
      classKm: [1, 0, 0, 2, 0],
      note: 'Of a test.',
    });
    const none = await layers.layer(
      { runId: null, layer: 'uncertainty', at: '2024-01-16T08:10', horizonMinutes: 0 },
      never,
    );
    expect(none.note).toContain('no interval');
    expect(none.classKm).toEqual([0, 0, 0, 0, 0]);
  });

  it('put a value on a break into one class, whichever way the breaks run', () => {
    expect([1, 0.9, 0.89, 0.1].map((value) => classOf(value, LAYER_BREAKS.ratio))).toEqual([0, 0, 1, 5]);
    expect([0.1, 0.2, 0.75, 9].map((value) => classOf(value, LAYER_BREAKS.uncertainty))).toEqual([
      0, 1, 4, 4,
    ]);
    expect([9, 0, -1, -20].map((value) => classOf(value, LAYER_BREAKS.error))).toEqual([0, 3, 3, 6]);
    expect(classOf(Number.NaN, LAYER_BREAKS.error)).toBe(-1);
  });
});

describe('a segment', () => {
  it('over a day: what was driven, what is predicted, what is usual', async () => {
    const day = await history.day(0, run, '2024-01-16', never);
    expect(day.observed).toEqual([{ minute: 480, seconds: 250 }]);
    expect(day.predicted).toHaveLength(96);
    expect(day.predicted[0].seconds).toBeCloseTo(250, 3);
    expect(day.usual).toEqual([
      { minute: 487.5, lowS: 200, medianS: 200, highS: expect.closeTo(220, 6), count: 7 },
    ]);
    expect(day.note).toBeNull();
    expect((await history.day(2, run, '2024-01-16', never)).predicted).toEqual([]);
  });

  it('over the week: means of all weeks by hour, and the last week predicted', async () => {
    const week = await history.week(0, run, never);
    expect(week.from).toBe('2024-01-08');
    expect(week.count[8]).toBe(2);
    expect(week.observed[8]).toBeCloseTo(0.5, 6);
    // Tuesdays: 200 and 250 s.
    expect(week.observed[24 + 8]).toBeCloseTo(200 / 450, 6);
    expect(week.observed[9]).toBeNull();
    expect(week.predicted).toHaveLength(168);
    expect(week.predicted[100]).toBeCloseTo(0.4, 6);
  });

  it('that does not exist is not found', async () => {
    await expect(history.day(3, run, '2024-01-16', never)).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('where only sensors observed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'etalon-sensors-'));
  let sensors: ProjectStore;
  let seen: MapLayers;
  let past: SegmentHistory;
  let flat: number;

  beforeAll(async () => {
    sensors = createProject(join(folder, 'row.etalon'));
    sensors.writeRoads(network, emptyReport('row'));
    await sensors.importObservations('Etc/UTC', async (add) => {
      const observations = new ObservationColumns();
      // Segment 0 at 18 km/h, which is 200 s: two intervals of 5 min from 08:00 on, on ten days from Monday on.
      for (let day = 0; day < 10; day++)
        for (const minute of [0, 5]) {
          const startS = at('2024-01-08T08:00') + day * 86_400 + minute * 60;
          observations.push({
            segment: 0,
            startS,
            localStartS: startS,
            durationS: 300,
            speedKmh: 18,
            vehicles: 4,
          });
        }
      await add(observations.take());
      return emptyReport('observations');
    });
    const config = { seed: 1, until: '2024-01-15', settings: {} };
    flat = sensors.createRun({ model: 'eta', config }).id;
    sensors.saveCheckpoint(flat, 'best', { epoch: 1, arrays: { w: Float32Array.of(1) }, json: {} });
    const predictor = new Predictor(sensors, { eta: flatModel });
    seen = new MapLayers(sensors, predictor);
    past = new SegmentHistory(sensors, predictor, seen);
  });
  afterAll(() => {
    sensors.close();
    rmSync(folder, { recursive: true });
  });

  it('an interval is live once it has ended, and for half an hour', async () => {
    const live = async (time: string) => {
      const question = { runId: flat, layer: 'live' as const, at: `2024-01-16T${time}`, horizonMinutes: 0 };
      const { values, note } = await seen.layer(question, never);
      expect(note).toBe('Observations that ended in the 30 min before.');
      return new Float32Array(await values.arrayBuffer())[0];
    };
    expect(await live('08:04')).toBeNaN();
    expect(await live('08:06')).toBeCloseTo(0.5, 6);
    expect(await live('08:39')).toBeCloseTo(0.5, 6);
    expect(await live('08:41')).toBeNaN();
  });

  it('errors and counts are of the intervals', async () => {
    const ask = async (layer: 'error' | 'observations') => {
      const question = { runId: flat, layer, at: '2024-01-16T08:10', horizonMinutes: 0 };
      return new Float32Array(await (await seen.layer(question, never)).values.arrayBuffer());
    };
    // 250 s predicted, 200 s observed; eight weekdays of two intervals.
    expect((await ask('error'))[0]).toBeCloseTo(25, 3);
    expect([...(await ask('observations'))]).toEqual([16, Number.NaN, Number.NaN]);
  });

  it('a segment has a day and a week', async () => {
    const day = await past.day(0, flat, '2024-01-16', never);
    expect(day.observed).toEqual([
      { minute: 480, seconds: 200 },
      { minute: 485, seconds: 200 },
    ]);
    expect(day.usual).toEqual([{ minute: 487.5, lowS: 200, medianS: 200, highS: 200, count: 16 }]);
    const week = await past.week(0, flat, never);
    expect(week.from).toBe('2024-01-08');
    expect(week.count[8]).toBe(4);
    expect(week.observed[8]).toBeCloseTo(0.5, 6);
    expect(week.predicted[8]).toBeCloseTo(0.4, 6);
  });
});

describe('comparing a run with a baseline', () => {
  it('gives differences of what its evaluation holds, without intervals', async () => {
    const { result } = await fakeModel.evaluate(
      store,
      run,
      { from: '2024-01-15' },
      { signal: never, report() {} },
    );
    expect(() => compareWithBaseline(store, run, 'freeFlow')).toThrow('not evaluated');
    store.addEvaluation(run, { from: '2024-01-15', until: null, createdAt: '2024-02-01T00:00:00Z', result });
    const compared = compareWithBaseline(store, run, 'freeFlow');
    expect(compared.b).toEqual({ runId: null, name: 'freeFlow' });
    const { maeS } = result.metrics;
    const other = result.baselines.freeFlow.maeS;
    expect(compared.metrics[0]).toEqual({
      name: 'MAE',
      unit: 's',
      a: maeS,
      b: other,
      difference: maeS - other,
      low: null,
      high: null,
      betterWhen: 'lower',
    });
    expect(() => compareWithBaseline(store, run, 'nobody')).toThrow('no baseline “nobody”');
  });
});
