import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EtaEvaluation } from '../../../core/api/contract.ts';
import type { RunConfig, TrainContext } from '../../../core/app/model.ts';
import { type Progress, quietContext } from '../../../core/base/index.ts';
import { openDevice } from '../../../core/device/index.ts';
import { decodeModel, readOnnxMetadata } from '../../../core/onnx/index.ts';
import { createProject, type EvaluationTrips, type ProjectStore } from '../../../core/project/index.ts';
import { NO_OBSERVATIONS, ROAD_CLASSES, selectTrips } from '../../../core/roads/index.ts';
import { etaMetrics } from '../../../core/train/index.ts';
import { batchSource, forwardFeed } from '../../../models/eta/batch.ts';
import { readTrained } from '../../../models/eta/checkpoint.ts';
import { etaNetwork } from '../../../models/eta/network.ts';
import { describePaths, wholePaths } from '../../../models/eta/paths.ts';
import { parseEtaSettings } from '../../../models/eta/settings.ts';
import { Traffic } from '../../../models/eta/traffic.ts';
import { etaModel } from '../../../models/index.ts';
import { onnxFaults } from '../../support/checkOnnx.ts';
import { gridNetwork } from '../../support/gridNetwork.ts';
import { relativeError } from '../../support/relativeError.ts';
import { runOnnxElsewhere } from '../../support/runOnnxElsewhere.ts';
import { changingTraffic } from '../../support/smallCity.ts';
import { emptyReport } from '../../support/trips.ts';

const EPOCHS = 3;
const SETTINGS = {
  epochs: EPOCHS,
  patience: EPOCHS,
  hidden: 16,
  segmentEmbedding: 8,
  batchPaths: 32,
  learningRate: 0.01,
};
/** Two weeks of trips from Monday, 6 May; the last two days are never trained on. */
const UNTIL = '2024-05-18';

const network = gridNetwork(6, 5);
const trips = changingTraffic(network, { days: 14, perDay: 110, seed: 5 });
const folder = mkdtempSync(join(tmpdir(), 'etalon-eta-'));
let store: ProjectStore;
let run: number;

beforeAll(async () => {
  store = createProject(join(folder, 'grid.etalon'));
  store.writeRoads(network, emptyReport('grid'));
  store.addTrips(trips, 'Etc/GMT-1', emptyReport('trips'));
  run = await trained({ seed: 1 });
}, 120_000);
afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

describe('a trained run', () => {
  it('says on which device it was trained, and has points of its curves for every epoch', () => {
    expect(store.run(run).device).toMatch(/CPU/);
    const points = store.metrics(run);
    for (const name of ['loss', 'gradientNorm', 'valMae', 'valMape', 'valCoverage80']) {
      const curve = points.filter((point) => point.name === name);
      expect(curve.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
      expect(curve.every(({ value }) => value >= 0 || name === 'loss')).toBe(true);
    }
    const lines = points.filter(({ name }) => name.startsWith('baseline.'));
    expect(lines.map(({ name }) => name)).toEqual(
      ['freeFlow', 'historical', 'live', 'blend', 'ridge', 'segmentModel'].map(
        (id) => `baseline.${id}.valMae`,
      ),
    );
    expect(lines.every(({ epoch, value }) => epoch === 0 && value > 0)).toBe(true);
    const best = store.loadCheckpoint(run, 'best')!.epoch;
    const scores = points.filter(({ name }) => name === 'valScore').map(({ value }) => value);
    expect(scores[best - 1]).toBe(Math.min(...scores));
    expect(store.loadCheckpoint(run, 'latest')!.epoch).toBe(EPOCHS);
  });

  describe('beside the baselines, on days that it never saw', () => {
    let evaluation: EtaEvaluation;
    let kept: EvaluationTrips;
    beforeAll(async () => {
      const evaluated = await etaModel.evaluate(store, run, { from: UNTIL }, quietContext);
      evaluation = evaluated.result;
      kept = evaluated.trips;
    });

    it('beats the segment model that it corrects, and every baseline that is told less', () => {
      const { metrics, baselines } = evaluation;
      expect(metrics.maeS).toBeLessThan(0.85 * baselines.segmentModel.maeS);
      for (const id of ['freeFlow', 'historical', 'live', 'blend', 'ridge', 'segmentModel'])
        expect(metrics.maeS).toBeLessThan(baselines[id].maeS);
      expect(metrics.coverage80).toBeGreaterThan(0.65);
      expect(metrics.coverage80).toBeLessThan(0.95);
    });

    it('has every figure for each', () => {
      const { metrics, baselines, slices } = evaluation;
      expect(Object.keys(baselines)).toEqual(
        expect.arrayContaining(['freeFlow', 'historical', 'live', 'blend', 'ridge', 'segmentModel']),
      );
      const keys = ['maeS', 'rmseS', 'mape', 'biasS', 'badShare', 'coverage80', 'width80S', 'n'].sort();
      for (const figures of [metrics, ...Object.values(baselines)]) {
        expect(Object.keys(figures).sort()).toEqual(keys);
        expect(figures.n).toBe(220);
      }
      for (const by of ['hour', 'weekday', 'length', 'class', 'congestion'])
        expect(
          slices.filter((slice) => slice.by === by).reduce((sum, { metrics }) => sum + metrics.n, 0),
        ).toBe(220);
      expect([evaluation.runId, evaluation.from, evaluation.until]).toEqual([run, UNTIL, null]);
    });

    it('says by how much it has fewer bad ETAs, and where its errors and intervals lie', () => {
      const { metrics, baselines, badReduction, horizons, distribution } = evaluation;
      for (const { baseline, share, low, high } of badReduction) {
        expect(share).toBeCloseTo(1 - metrics.badShare / baselines[baseline].badShare, 9);
        expect(low).toBeLessThanOrEqual(share);
        expect(high).toBeGreaterThanOrEqual(share);
      }
      expect(badReduction.length).toBeGreaterThan(0);
      expect(horizons[0].modelS).toBeLessThan(horizons[0].anchorS);
      const eighty = distribution!.calibration.find(({ nominal }) => nominal === 0.8)!;
      expect(eighty.covered).toBeCloseTo(metrics.coverage80!, 2);
    });

    it('hands over the trips that the figures are of', () => {
      const all = store.readTrips();
      expect(kept.trip.length).toBe(220);
      kept.trip.forEach((trip, i) => {
        expect([kept.localDepartS[i], kept.observedS[i]]).toEqual([all.localDepartS[trip], all.totalS[trip]]);
      });
      const { maeS, coverage80 } = etaMetrics(kept, kept.observedS);
      expect(maeS).toBeCloseTo(evaluation.metrics.maeS, 3);
      expect(coverage80).toBeCloseTo(evaluation.metrics.coverage80!, 2);
    });
  });

  it('is not evaluated on a period without trips', async () => {
    await expect(etaModel.evaluate(store, run, { from: '2030-01-01' }, quietContext)).rejects.toMatchObject({
      code: 'input',
      message: expect.stringContaining('2030-01-01'),
    });
  });
});

describe('the same weights, bit for bit,', () => {
  it('come of the same seed, and others of another', async () => {
    const again = await trained({ seed: 1 });
    expect(store.loadCheckpoint(again, 'latest')).toEqual(store.loadCheckpoint(run, 'latest'));
    expect(store.loadCheckpoint(again, 'best')).toEqual(store.loadCheckpoint(run, 'best'));
    const other = await trained({ seed: 2, settings: { ...SETTINGS, epochs: 1 } });
    expect(weights(other)).not.toEqual(weights(run));
  });

  it('come of a training that was cancelled in its second epoch and resumed', async () => {
    const cancel = new AbortController();
    const id = create({ seed: 1 });
    const broken = etaModel.train(store, id, {
      ...trainContext(),
      signal: cancel.signal,
      report({ stage }: Progress) {
        if (stage.startsWith('Training, epoch 2')) cancel.abort();
      },
    });
    await expect(broken).rejects.toMatchObject({ code: 'cancelled' });
    expect(store.loadCheckpoint(id, 'latest')!.epoch).toBe(1);
    await etaModel.train(store, id, trainContext());
    expect(store.loadCheckpoint(id, 'latest')).toEqual(store.loadCheckpoint(run, 'latest'));
    expect(store.loadCheckpoint(id, 'best')).toEqual(store.loadCheckpoint(run, 'best'));
    expect(store.metrics(id)).toEqual(store.metrics(run));
  });

  const weights = (id: number) => store.loadCheckpoint(id, 'latest')!.arrays.parameters;
});

describe('with MetaGradients', () => {
  const small = { ...SETTINGS, hidden: 4, processorSteps: 1, epochs: 2, traversalL2: 0, nodeNll: 0 };
  const settings = { ...small, metaGradients: 'rateAndWeights', learningRate: 0.0003 };

  it('a run writes down the learning rate and the weights of its loss, and a resume changes no bit of them', async () => {
    const whole = await trained({ seed: 1, settings });
    const pointsOf = (name: string) => store.metrics(whole).filter((point) => point.name === name);
    for (const name of ['learningRate', 'weight.nodeHuber', 'weight.intervalNll'])
      expect(pointsOf(name).map(({ epoch }) => epoch)).toEqual([1, 2]);
    // From a rate too small it goes up, though the schedule goes down.
    expect(pointsOf('learningRate')[1].value).toBeGreaterThan(0.0006);

    const stop = new AbortController();
    const id = create({ seed: 1, settings });
    await etaModel.train(store, id, {
      ...trainContext(),
      stop: stop.signal,
      report({ stage }: Progress) {
        if (stage.startsWith('Training, epoch 2')) stop.abort();
      },
    });
    expect(store.loadCheckpoint(id, 'latest')!.epoch).toBe(1);
    await etaModel.train(store, id, trainContext());
    expect(store.loadCheckpoint(id, 'latest')).toEqual(store.loadCheckpoint(whole, 'latest'));
    expect(store.metrics(id)).toEqual(store.metrics(whole));
  }, 120_000);
});

it.each([
  { optimiser: 'sgd', learningRate: 0.03, schedule: 'constant' },
  { optimiser: 'adam', schedule: 'exponential', warmUpSteps: 0 },
])('a run can be trained by %o', async (change) => {
  const id = await trained({ seed: 1, settings: { ...SETTINGS, ...change, epochs: 1 } });
  const at = (run: number, name: string) => store.metrics(run).find((point) => point.name === name)!.value;
  expect(at(id, 'valMae')).toBeLessThan(1.15 * at(run, 'valMae'));
  expect(store.loadCheckpoint(id, 'latest')!.arrays.parameters).not.toEqual(
    store.loadCheckpoint(run, 'latest')!.arrays.parameters,
  );
});

describe('the exported file', () => {
  const file = join(folder, 'eta.onnx');
  beforeAll(async () => {
    const report = await etaModel.exportOnnx(store, run, file, quietContext);
    expect(report.maxRelativeDifference).toBeLessThanOrEqual(1e-4);
    expect(report.checked).toBeGreaterThan(0);
    expect(report.bytes).toBe(readFileSync(file).length);
  });

  it('computes in another process, by plain ONNX Runtime, what the engine computes', async () => {
    const model = readTrained(store, run);
    const settings = parseEtaSettings(SETTINGS);
    const asked = selectTrips(trips, [3, 700, 1500, 1539]);
    const traffic = new Traffic(network, trips, model.models, settings, NO_OBSERVATIONS);
    const paths = await describePaths(asked, model.models, traffic, quietContext);
    const source = batchSource({ ...model, network, paths, traffic }, settings);
    const feed = forwardFeed(source, wholePaths(paths, [0, 1, 2, 3]));
    const device = await openDevice('cpu');
    try {
      const engine = await device.compile(etaNetwork(model.shape, settings).forward);
      const ours = await engine.run({ ...feed, parameters: model.parameters });
      const [theirs] = runOnnxElsewhere([{ file, feed: feed as Record<string, ArrayLike<number>> }]);
      expect(Object.keys(theirs).sort()).toEqual(['logSigma', 'seconds', 'total']);
      for (const [name, values] of Object.entries(ours))
        expect(relativeError(theirs[name], values), name).toBeLessThanOrEqual(1e-4);
    } finally {
      await device.dispose();
    }
  });

  it('is well-formed and says what its numbers are', () => {
    const bytes = readFileSync(file);
    expect(onnxFaults(decodeModel(bytes))).toEqual([]);
    const { metadata, inputs, outputs } = readOnnxMetadata(bytes);
    const { shape, calibration } = readTrained(store, run);
    const features = JSON.parse(metadata.features);
    for (const [name, columns] of [
      ['nodeFeatures', shape.nodes],
      ['edgeFeatures', shape.edges],
      ['graphFeatures', shape.graphs],
    ] as const) {
      const described: { name: string; unit: string; mean: number; deviation: number }[] = features[name];
      expect(described.map((column) => column.name)).toEqual(columns.names);
      expect(described.map(({ mean }) => mean)).toEqual(columns.mean);
      expect(described.map(({ deviation }) => deviation)).toEqual(columns.deviation);
      expect(described.every(({ unit }) => unit.length > 0)).toBe(true);
      expect(inputs.find((input) => input.name === name)?.shape[1]).toBe(columns.names.length);
    }
    const unitOf = (name: string) =>
      features.nodeFeatures.find((column: { name: string }) => column.name === name)?.unit;
    expect(unitOf('live.segmentRecency')).toBe('unitless');
    expect(unitOf('live.segment15min')).toBe('log(observed/expected)');
    expect(JSON.parse(metadata.calibration)).toEqual(calibration);
    expect(JSON.parse(metadata.roadClasses)).toEqual([...ROAD_CLASSES]);
    expect(metadata).toMatchObject({ 'etalon.model': 'eta', 'etalon.format': '1', timeZone: 'Etc/GMT-1' });
    for (const { name, doc } of [...inputs, ...outputs]) expect(doc, name).not.toBe('');
  });

  it('is not written where it cannot be', async () => {
    const nowhere = join(folder, 'absent', 'eta.onnx');
    await expect(etaModel.exportOnnx(store, run, nowhere, quietContext)).rejects.toMatchObject({
      code: 'input',
      where: { file: nowhere },
    });
  });
});

describe('with quantile heads', () => {
  it('intervals hold about what they should on unseen days, and the exported file has the heads', async () => {
    const id = await trained({
      seed: 1,
      settings: { ...SETTINGS, interval: 'quantile', members: 2, epochs: 2 },
    });
    expect(readTrained(store, id).calibration.ends).toBe('predicted');
    const { result } = await etaModel.evaluate(
      store,
      id,
      { from: UNTIL },
      { ...quietContext, baselines: [] },
    );
    expect(result.metrics.coverage80).toBeGreaterThan(0.65);
    expect(result.metrics.coverage80).toBeLessThan(0.95);
    const file = join(folder, 'quantile.onnx');
    const report = await etaModel.exportOnnx(store, id, file, quietContext);
    expect(report.maxRelativeDifference).toBeLessThanOrEqual(1e-4);
    const { metadata, outputs } = readOnnxMetadata(readFileSync(file));
    expect(outputs.map(({ name }) => name)).toEqual(['seconds', 'total', 'logSigma', 'logLow', 'logHigh']);
    expect(Object.keys(JSON.parse(metadata.outputs))).toEqual(outputs.map(({ name }) => name));
    for (const { name, doc } of outputs) expect(doc, name).not.toBe('');
  });
});

it('an export that is cancelled before its check leaves no file', async () => {
  const file = join(folder, 'cancelled.onnx');
  const cancel = new AbortController();
  const exporting = etaModel.exportOnnx(store, run, file, {
    signal: cancel.signal,
    report({ stage }) {
      if (stage.startsWith('Checking')) cancel.abort();
    },
  });
  await expect(exporting).rejects.toMatchObject({ code: 'cancelled' });
  expect(existsSync(file)).toBe(false);
});

describe('a run that has not trained', () => {
  it('says so when it is asked for anything', async () => {
    const id = create({ seed: 1 });
    const message = `Run ${store.run(id).name} has not finished an epoch yet.`;
    for (const asked of [
      () => etaModel.evaluate(store, id, {}, quietContext),
      () => etaModel.open(store, id, quietContext),
      () => etaModel.exportOnnx(store, id, join(folder, 'none.onnx'), quietContext),
    ])
      await expect(asked()).rejects.toMatchObject({ code: 'conflict', message });
  });

  it('is refused where the period has too few trips', async () => {
    const id = create({ seed: 1, until: '2024-05-07' });
    await expect(etaModel.train(store, id, trainContext())).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('110 trips'),
    });
  });
});

function trainContext(): TrainContext {
  return { ...quietContext, stop: new AbortController().signal, device: 'cpu' };
}

function create(config: Partial<RunConfig> & { seed: number }): number {
  const whole: RunConfig = { until: UNTIL, settings: SETTINGS, ...config };
  return store.createRun({ model: 'eta', config: whole }).id;
}

async function trained(config: Partial<RunConfig> & { seed: number }): Promise<number> {
  const id = create(config);
  await etaModel.train(store, id, trainContext());
  return id;
}
