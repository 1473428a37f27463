import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainContext } from '../../../core/app/model.ts';
import { type Progress, quietContext } from '../../../core/base/index.ts';
import { createProject, type ProjectStore } from '../../../core/project/index.ts';
import { readTrained } from '../../../models/eta/checkpoint.ts';
import { splitByDays } from '../../../models/eta/prepare.ts';
import { etaModel } from '../../../models/index.ts';
import { gridNetwork } from '../../support/gridNetwork.ts';
import { changingTraffic } from '../../support/smallCity.ts';
import { emptyReport } from '../../support/trips.ts';

const SETTINGS = {
  epochs: 3,
  patience: 3,
  hidden: 6,
  members: 2,
  processorSteps: 1,
  neighbourTurns: 0,
  batchPaths: 32,
  learningRate: 0.01,
  validationShare: 0.4,
};
const network = gridNetwork(5, 4);
const trips = changingTraffic(network, { days: 5, perDay: 45, seed: 5 });
const folder = mkdtempSync(join(tmpdir(), 'etalon-refit-'));
let store: ProjectStore;
let without: number;
let refitted: number;
const reports: Progress[] = [];

beforeAll(async () => {
  store = createProject(join(folder, 'grid.etalon'));
  store.writeRoads(network, emptyReport('grid'));
  store.addTrips(trips, 'Etc/GMT-1', emptyReport('trips'));
  without = create({});
  await etaModel.train(store, without, trainContext());
  refitted = create({ refit: 'on' });
  await etaModel.train(store, refitted, {
    ...trainContext(),
    report: (progress) => void reports.push(progress),
  });
}, 120_000);
afterAll(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const best = (run: number) => store.loadCheckpoint(run, 'best')!;
const weights = (run: number) => best(run).arrays.parameters;

describe('a refitted run', () => {
  it('chooses its epochs and its calibration as a run without, and has other weights', () => {
    expect(best(refitted).epoch).toBe(best(without).epoch);
    expect(readTrained(store, refitted).calibration).toEqual(readTrained(store, without).calibration);
    expect(weights(refitted)).not.toEqual(weights(without));
    expect(weights(refitted).length).toBe(weights(without).length);
  });

  it('trains on all trips in its second pass, and on the training days in the first', () => {
    const batches = (stage: string) => reports.findLast((progress) => progress.stage.startsWith(stage))!;
    const { trainTrips } = splitByDays(trips, SETTINGS.validationShare);
    const perEpoch = (paths: number) => Math.ceil((paths + Math.round(0.3 * paths)) / SETTINGS.batchPaths);
    const first = batches('Training, epoch');
    const second = batches('Training on all days, epoch');
    expect(first.total).toBe(3 * perEpoch(trainTrips.length));
    expect(second.total).toBe(best(without).epoch * perEpoch(trips.count));
    expect(second.done).toBe(second.total);
    expect([first.step, second.step, second.steps]).toEqual([1, 2, 2]);
  });

  it('shows the epochs of its second pass apart, and those of the first as they are without', () => {
    const apart = store.metrics(refitted).filter(({ name }) => name.startsWith('refit.'));
    const losses = apart.filter(({ name }) => name === 'refit.loss').map(({ epoch }) => epoch);
    expect(losses).toEqual(Array.from({ length: best(without).epoch }, (_, i) => i + 1));
    const others = store.metrics(refitted).filter(({ name }) => !name.startsWith('refit.'));
    expect(others).toEqual(store.metrics(without));
  });

  it('can be evaluated, and is better than a guess on what it has seen', async () => {
    const { result } = await etaModel.evaluate(store, refitted, {}, { ...quietContext, baselines: [] });
    const before = await etaModel.evaluate(store, without, {}, { ...quietContext, baselines: [] });
    expect(result.metrics.maeS).toBeLessThan(1.05 * before.result.metrics.maeS);
  });

  it.each(['Training, epoch 2', 'Training on all days, epoch 1', `Training on all days, epoch 2`])(
    'is the same, bit for bit, where it was cancelled in “%s” and resumed',
    async (stage) => {
      const id = create({ refit: 'on' });
      await expect(
        etaModel.train(
          store,
          id,
          interrupted(stage, (cancel) => ({ signal: cancel })),
        ),
      ).rejects.toMatchObject({ code: 'cancelled' });
      await etaModel.train(store, id, trainContext());
      for (const kind of ['latest', 'best'] as const)
        expect(store.loadCheckpoint(id, kind)).toEqual(store.loadCheckpoint(refitted, kind));
      expect(store.metrics(id)).toEqual(store.metrics(refitted));
    },
  );

  it('stopped in its second pass keeps the weights of the first, and can go on', async () => {
    const id = create({ refit: 'on' });
    await etaModel.train(
      store,
      id,
      interrupted('Training on all days, epoch 2', (stop) => ({ stop })),
    );
    expect(weights(id)).toEqual(weights(without));
    await etaModel.train(store, id, trainContext());
    expect(weights(id)).toEqual(weights(refitted));
  });

  it('stopped in its first pass has no second', async () => {
    const id = create({ refit: 'on' });
    await etaModel.train(
      store,
      id,
      interrupted('Training, epoch 2', (stop) => ({ stop })),
    );
    expect(best(id).epoch).toBe(1);
    expect(store.metrics(id).some(({ name }) => name.startsWith('refit.'))).toBe(false);
  });
});

it('DeepSets beside it are what a run without edges says, by the same settings and seed', async () => {
  const id = create({ refit: 'on', edges: 'off' });
  await etaModel.train(store, id, trainContext());
  const period = { from: '2024-05-09' };
  const own = await etaModel.evaluate(store, id, period, { ...quietContext, baselines: [] });
  const stages: string[] = [];
  const beside = await etaModel.evaluate(store, refitted, period, {
    signal: quietContext.signal,
    report: ({ stage }) => void stages.push(stage),
    baselines: ['deepSets'],
  });
  expect(beside.result.baselines.deepSets).toEqual(own.result.metrics);
  expect(beside.result.metrics).not.toEqual(own.result.metrics);
  expect(stages).toContain(`DeepSets: Training, epoch 3 of 3`);
});

function trainContext(): TrainContext {
  return { ...quietContext, stop: new AbortController().signal, device: 'cpu' };
}

/** A context whose signal, as `use` puts it in, is aborted when a stage is reported. */
function interrupted(stage: string, use: (signal: AbortSignal) => Partial<TrainContext>): TrainContext {
  const controller = new AbortController();
  return {
    ...trainContext(),
    ...use(controller.signal),
    report(progress: Progress) {
      if (progress.stage.startsWith(stage)) controller.abort();
    },
  };
}

function create(change: Record<string, unknown>): number {
  const config = { seed: 3, settings: { ...SETTINGS, ...change } };
  return store.createRun({ model: 'eta', config }).id;
}
