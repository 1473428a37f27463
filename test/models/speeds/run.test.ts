import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SpeedEvaluation, StoredSpeedEvaluation } from '../../../core/api/contract.ts';
import { compareSpeedRuns, compareSpeedsWithBaseline } from '../../../core/app/compareSpeeds.ts';
import { comparison } from '../../../core/app/comparison.ts';
import type { OpenModel, TrainContext } from '../../../core/app/model.ts';
import { runView } from '../../../core/app/runView.ts';
import { type Progress, quietContext, Random } from '../../../core/base/index.ts';
import { openDevice } from '../../../core/device/index.ts';
import { decodeModel, readOnnxMetadata } from '../../../core/onnx/index.ts';
import { createProject, type ProjectStore } from '../../../core/project/index.ts';
import { SpeedBatches } from '../../../models/speeds/batch.ts';
import { forecast } from '../../../models/speeds/forecast.ts';
import { speedNetwork } from '../../../models/speeds/network.ts';
import { prepareSpeeds } from '../../../models/speeds/prepare.ts';
import { parseSpeedSettings } from '../../../models/speeds/settings.ts';
import { lastDeviation } from '../../../models/speeds/windows.ts';
import { speedsModel } from '../../../models/speeds.ts';
import { onnxFaults } from '../../support/checkOnnx.ts';
import { detectorDays, STEP_S } from '../../support/detectorDays.ts';
import { emptyReport } from '../../support/trips.ts';

const EPOCHS = 3;
const SETTINGS = {
  epochs: EPOCHS,
  hidden: 8,
  processorSteps: 1,
  historyMinutes: 30,
  learningRate: 0.01,
  averageDecay: 0.9,
};
/** Eight days from Monday, 6 May; the last two are never trained on. */
const UNTIL = '2024-05-12';

const { network, observations } = detectorDays(8, 7);
const n = network.segmentCount;
const folder = mkdtempSync(join(tmpdir(), 'etalon-speeds-'));
let store: ProjectStore;
let run: number;
let evaluation: StoredSpeedEvaluation;

const context = (): TrainContext => ({ ...quietContext, device: 'cpu', stop: new AbortController().signal });
const create = (seed: number, settings: Record<string, unknown> = SETTINGS) =>
  store.createRun({
    model: 'speeds',
    config: { until: UNTIL, seed, settings: speedsModel.parseSettings(settings) },
  }).id;
async function trained(seed: number): Promise<number> {
  const id = create(seed);
  await speedsModel.train(store, id, context());
  return id;
}
async function judged(id: number): Promise<StoredSpeedEvaluation> {
  const { result } = await speedsModel.evaluate(store, id, { from: UNTIL }, quietContext);
  store.addEvaluation(id, { from: UNTIL, until: null, createdAt: new Date(0).toISOString(), result });
  return result as StoredSpeedEvaluation;
}

beforeAll(async () => {
  store = createProject(join(folder, 'ring.etalon'));
  store.writeRoads(network, emptyReport('grid'));
  await store.importObservations('Etc/UTC', async (add) => {
    add(observations);
    return emptyReport('detectors');
  });
  run = await trained(1);
  evaluation = await judged(run);
}, 120_000);
afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

describe('a network that has learned nothing', () => {
  it('says the history and what is left of the last deviation', async () => {
    const settings = parseSpeedSettings(SETTINGS);
    const { source, shape } = prepareSpeeds(store, { until: UNTIL, seed: 1, settings: {} }, settings);
    const { layout, forward } = speedNetwork(shape, settings);
    const device = await openDevice('cpu');
    const rows = [300, 777];
    const parameters = layout.initialise(new Random(3));
    const said = await forecast(
      await device.compile(forward),
      new SpeedBatches(source, shape),
      rows,
      parameters,
      2,
    );
    let k = 0;
    for (const row of rows)
      for (let i = 0; i < n; i++)
        for (const [h, ahead] of source.horizonRows.entries()) {
          const share = Math.min(0.98, Math.max(0.02, shape.persistence[h]));
          const history = source.expectedKmh[(row + ahead) * n + i];
          expect(said.speedKmh[k++]).toBeCloseTo(history + share * lastDeviation(source, row, i).kmh, 3);
        }
    await device.dispose();
  });
});

describe('a trained run', () => {
  it('beats the last value and the history at every horizon, on days that it never saw', () => {
    expect(evaluation.horizons.map(({ minutes }) => minutes)).toEqual([15, 30, 60]);
    for (const { metrics, baselines, gains } of evaluation.horizons) {
      expect(Object.keys(baselines)).toEqual(['lastValue', 'historical', 'blend', 'ridge']);
      expect(metrics.maeKmh).toBeLessThan(baselines.lastValue.maeKmh);
      expect(metrics.maeKmh).toBeLessThan(baselines.historical.maeKmh);
      expect(metrics.coverage80).toBeGreaterThan(0.65);
      expect(metrics.coverage80).toBeLessThan(0.92);
      for (const { baseline, kmh, low, high } of gains) {
        expect(kmh).toBeCloseTo(baselines[baseline].maeKmh - metrics.maeKmh, 6);
        expect(low).toBeLessThanOrEqual(kmh);
        expect(high).toBeGreaterThanOrEqual(kmh);
      }
    }
  });

  it('judges the last value as brute force over the observations does, missing ones left out', () => {
    const known = new Map<number, number>();
    const { count, segment, localStartS, speedKmh } = observations;
    for (let i = 0; i < count; i++) known.set((localStartS[i] / STEP_S) * n + segment[i], speedKmh[i]);
    const from = Date.UTC(2024, 4, 12) / 1000 / STEP_S;
    const until = from + 2 * 288;
    let [sum, counted] = [0, 0];
    for (let row = from; row + 3 < until; row++)
      for (let s = 0; s < n; s++) {
        const later = known.get((row + 3) * n + s);
        let last: number | undefined;
        for (let ago = 0; ago < 6 && last === undefined; ago++) last = known.get((row - ago) * n + s);
        if (later === undefined || last === undefined) continue;
        sum += Math.abs(later - last);
        counted++;
      }
    const { lastValue } = evaluation.horizons[0].baselines;
    // Some windows are all gaps: there the last value is the history's, for a handful of speeds.
    expect(lastValue.n - counted).toBeLessThan(20);
    expect(Math.abs(lastValue.maeKmh - sum / counted)).toBeLessThan(0.01);
  });

  it('has curves, and figures that clients see without the sums by day', () => {
    const points = store.metrics(run).filter(({ name }) => name === 'valMaeKmh');
    expect(points.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    const { evaluation: eta, speeds } = runView({ speeds: speedsModel }, store, store.run(run));
    expect(eta).toBeNull();
    expect(speeds!.evaluation!.horizons).toEqual(evaluation.horizons);
    expect('blocks' in (speeds!.evaluation as SpeedEvaluation)).toBe(false);
  });

  it('repeats bit for bit, and so does one that was interrupted and went on', async () => {
    const again = await trained(1);
    expect(store.loadCheckpoint(again, 'latest')).toEqual(store.loadCheckpoint(run, 'latest'));
    expect(store.loadCheckpoint(again, 'best')).toEqual(store.loadCheckpoint(run, 'best'));
    const cancel = new AbortController();
    const id = create(1);
    const broken = speedsModel.train(store, id, {
      ...context(),
      signal: cancel.signal,
      report({ stage }: Progress) {
        if (stage.startsWith('Training, epoch 2')) cancel.abort();
      },
    });
    await expect(broken).rejects.toMatchObject({ code: 'cancelled' });
    expect(store.loadCheckpoint(id, 'latest')!.epoch).toBe(1);
    await speedsModel.train(store, id, context());
    expect(store.loadCheckpoint(id, 'latest')).toEqual(store.loadCheckpoint(run, 'latest'));
  }, 120_000);

  it('is compared with another, horizon by horizon', async () => {
    const other = await trained(2);
    const theirs = await judged(other);
    const { metrics, warnings, settings, speedsByHorizon } = compareSpeedRuns(store, run, other);
    expect(settings).toEqual([{ key: 'seed', a: '1', b: '2' }]);
    expect(warnings).toEqual([
      'The test period has fewer than five days: intervals resample hours and are too narrow.',
    ]);
    const mae = metrics.find(({ name }) => name === 'MAE, 30 min')!;
    expect(mae.unit).toBe('km/h');
    expect(mae.a).toBeCloseTo(evaluation.horizons[1].metrics.maeKmh, 6);
    expect(mae.b).toBeCloseTo(theirs.horizons[1].metrics.maeKmh, 6);
    expect(mae.difference).toBeCloseTo(mae.a - mae.b, 9);
    const rmse = metrics.find(({ name }) => name === 'RMSE, 60 min')!;
    expect(rmse.a).toBeCloseTo(evaluation.horizons[2].metrics.rmseKmh, 6);
    expect(speedsByHorizon!.map(({ minutes }) => minutes)).toEqual([15, 30, 60]);
    speedsByHorizon!.forEach((row, h) => {
      const [own, others] = [evaluation.horizons[h], theirs.horizons[h]];
      expect(row.n).toBe(own.metrics.n);
      expect(row.a).toBeCloseTo(own.metrics.maeKmh, 6);
      expect(row.b).toBeCloseTo(others.metrics.maeKmh, 6);
      expect(row.coverageA).toBeCloseTo(own.metrics.coverage80!, 9);
      expect(row.coverageB).toBeCloseTo(others.metrics.coverage80!, 9);
      for (const [id, mae] of Object.entries(row.baselines)) expect(mae).toBe(own.baselines[id].maeKmh);
      expect(Object.keys(row.baselines)).toEqual(Object.keys(own.baselines));
    });
  }, 60_000);

  it('is compared with a baseline by what its evaluation holds of it', () => {
    const { b, metrics, speedsByHorizon } = compareSpeedsWithBaseline(store, run, 'historical');
    expect(b).toEqual({ runId: null, name: 'historical' });
    evaluation.horizons.forEach(({ minutes, metrics: own, baselines, gains }, h) => {
      const gain = gains.find(({ baseline }) => baseline === 'historical')!;
      expect(metrics.find(({ name }) => name === `MAE, ${minutes} min`)).toEqual({
        ...{ name: `MAE, ${minutes} min`, unit: 'km/h', betterWhen: 'lower' },
        ...{ a: own.maeKmh, b: baselines.historical.maeKmh, low: -gain.high, high: -gain.low },
        difference: own.maeKmh - baselines.historical.maeKmh,
      });
      expect(gain.kmh).toBeCloseTo(-speedsByHorizon![h].difference, 6);
      // Single errors of a baseline are not kept.
      expect(metrics.find(({ name }) => name === `RMSE, ${minutes} min`)).toMatchObject({
        low: null,
        high: null,
      });
      expect(speedsByHorizon![h]).toMatchObject({ coverageA: own.coverage80, coverageB: null });
    });
    expect(() => compareSpeedsWithBaseline(store, run, 'freeFlow')).toThrow('no baseline “freeFlow”');
  });

  it('cannot be compared with a run of travel times, and says why', () => {
    const models = { speeds: speedsModel, other: { predicts: 'travelTimes' as const } };
    const eta = store.createRun({ model: 'other', name: 'trips', config: {} }).id;
    expect(() => comparison(models, store, run, eta)).toThrow(
      /cannot be compared: “speeds-1” predicts how fast segments are driven .* km\/h; “trips” predicts how many seconds trips take\. They were tested on different things/,
    );
    store.updateRun(eta, { status: 'failed' });
    store.deleteRun(eta);
  });

  it('is exported as a file that agrees with the engine', async () => {
    const file = join(folder, 'speeds.onnx');
    const report = await speedsModel.exportOnnx(store, run, file, quietContext);
    expect(existsSync(file)).toBe(true);
    expect(report.maxRelativeDifference).toBeLessThanOrEqual(1e-4);
    expect(report.checked).toBe(4);
    const bytes = new Uint8Array(readFileSync(file));
    expect(onnxFaults(decodeModel(bytes))).toEqual([]);
    const { metadata } = readOnnxMetadata(bytes);
    expect(metadata['etalon.model']).toBe('speeds');
    expect(JSON.parse(metadata.horizonMinutes)).toEqual([15, 30, 60]);
  });
});

describe('an open run', () => {
  const at = Date.UTC(2024, 4, 12, 8) / 1000;
  let model: OpenModel;
  beforeAll(async () => {
    model = await speedsModel.open(store, run, quietContext);
  });
  afterAll(() => model.dispose());
  const kmh = async (localS: number, minutes: number) =>
    (await model.speeds(localS, undefined, 60 * minutes)).map((ratio, s) => ratio * network.speedLimitKmh[s]);

  it('says now what was last observed, and lies on lines between its horizons', async () => {
    const now = await kmh(at, 0);
    const { count, segment, localStartS, speedKmh } = observations;
    let checked = 0;
    for (let i = 0; i < count; i++)
      if (localStartS[i] === at - STEP_S) {
        expect(now[segment[i]]).toBeCloseTo(speedKmh[i], 3);
        checked++;
      }
    expect(checked).toBeGreaterThan(n / 2);
    const [early, half, late] = [await kmh(at, 15), await kmh(at, 22.5), await kmh(at, 30)];
    half.forEach((speed, s) => {
      expect(speed).toBeCloseTo((early[s] + late[s]) / 2, 3);
    });
    expect(await kmh(at, 90)).toEqual(await kmh(at, 60));
  });

  it('has no answer for routes, and says so', () => {
    expect('route' in model).toBe(false);
  });
});

describe('what cannot be trained', () => {
  it('is refused with what to do', async () => {
    expect(() => speedsModel.parseSettings({ horizons: '7' })).toThrow(/Setting horizons/);
    await expect(
      speedsModel.train(store, create(1, { ...SETTINGS, stepMinutes: 7 }), context()),
    ).rejects.toMatchObject({ code: 'usage', where: { field: 'horizons' } });
    const short = store.createRun({
      model: 'speeds',
      config: { until: '2024-05-08', seed: 1, settings: speedsModel.parseSettings(SETTINGS) },
    });
    await expect(speedsModel.train(store, short.id, context())).rejects.toMatchObject({ code: 'conflict' });
  });
});
