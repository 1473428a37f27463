import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { App } from '../../core/app/index.ts';
import { EtalonError } from '../../core/base/index.ts';
import { collect } from '../support/collect.ts';
import { type FakeApp, fakeApp } from '../support/fakeApp.ts';
import type { FakeSettings } from '../support/fakeModel.ts';

let held: FakeApp;
let app: App;
let path: string;

beforeEach(async () => {
  held = fakeApp();
  app = held.app;
  path = join(held.folder, 'city.etalon');
});
afterEach(() => held[Symbol.asyncDispose]());

async function withSample(): Promise<void> {
  const job = await app.createSample(path);
  expect((await app.jobs.ended(job.id)).status).toBe('done');
}

function train(settings: Partial<FakeSettings>) {
  return app.train({ model: 'eta', seed: 1, device: 'cpu', settings });
}

async function until(predicate: () => boolean): Promise<void> {
  while (!predicate()) await new Promise((resolve) => setTimeout(resolve, 10));
}

const forever = new AbortController().signal;

describe('a job', () => {
  test('reports its stages, ends, and leaves its work in the project', async () => {
    const job = await app.createSample(path);
    const seen = await collect(app.jobs.watch(job.id, forever));
    expect(seen[0].status).toBe('running');
    expect(seen.at(-1)).toMatchObject({ status: 'done', kind: 'sample', error: null });
    const reported = seen.flatMap(({ progress }) => (progress ? [progress.done] : []));
    expect(reported.length).toBeGreaterThan(1);
    expect(reported).toEqual(reported.toSorted((a, b) => a - b));
    expect(app.projectInfo()).toMatchObject({ segments: 76, trips: 24, timeZone: 'Europe/Lisbon' });
  });

  test('that fails hands over the error with its remedy', async () => {
    await withSample();
    const { job, runId } = train({ ending: 'fail' });
    const end = await app.jobs.ended(job.id);
    expect(end).toMatchObject({
      status: 'failed',
      error: { code: 'device', message: 'The device was lost.', remedy: 'Train on the CPU.' },
    });
    expect(app.run(runId)).toMatchObject({ status: 'failed', error: { code: 'device' } });
  });

  test('whose thread dies fails with a clear error, and its run can be resumed', async () => {
    await withSample();
    const { job, runId } = train({ ending: 'crash' });
    const end = await app.jobs.ended(job.id);
    expect(end.status).toBe('failed');
    expect(end.error).toMatchObject({ code: 'internal' });
    expect(end.error?.message).toContain('ended unexpectedly');
    expect(end.error?.remedy).toContain('resume');
    expect(app.run(runId).status).toBe('interrupted');
    const again = app.resume(runId, 'cpu');
    expect((await app.jobs.ended(again.id)).status).toBe('done');
    expect(app.run(runId).status).toBe('finished');
    expect(app.metrics(runId).filter(({ name }) => name === 'loss')).toHaveLength(3);
  });

  test('that is cancelled keeps its checkpoint and resumes from it', async () => {
    await withSample();
    const { job, runId } = train({ epochs: 1000, epochMs: 5 });
    await until(() => app.metrics(runId).length > 9);
    expect(app.jobs.cancel(job.id)).toBe(true);
    expect(await app.jobs.ended(job.id)).toMatchObject({ status: 'cancelled', error: { code: 'cancelled' } });
    expect(app.run(runId).status).toBe('interrupted');
    expect(app.jobs.cancel(job.id)).toBe(false);
    const before = app.metrics(runId).length;
    const again = app.resume(runId);
    await until(() => app.metrics(runId).length > before);
    app.jobs.cancel(again.id);
    await app.jobs.ended(again.id);
  });

  test('of training that is stopped keeps the best weights and counts as finished', async () => {
    await withSample();
    const { job, runId } = train({ epochs: 1000, epochMs: 5 });
    await until(() => app.metrics(runId).length > 0);
    expect(app.stop(runId)).toBe(true);
    expect((await app.jobs.ended(job.id)).status).toBe('done');
    const run = app.run(runId);
    expect(run).toMatchObject({ status: 'finished', device: 'fake (cpu)' });
    expect(run.seconds).toBeGreaterThan(0);
    expect(run.validation?.maeS).toBeCloseTo(100 / run.validation!.epoch);
    expect(app.stop(runId)).toBe(false);
  });
});

describe('two jobs at once', () => {
  test('a writing job is refused beside another, with what to do', async () => {
    await withSample();
    const { job } = train({ epochs: 1000 });
    for (const attempt of [() => train({}), () => app.importRoads('roads.osm.pbf')]) {
      const error = caught(attempt);
      expect(error.code).toBe('conflict');
      expect(error.message).toContain('Training eta-1');
      expect(error.remedy).toBeTruthy();
    }
    expect(app.runs()).toHaveLength(1);
    app.jobs.cancel(job.id);
    await app.jobs.ended(job.id);
    expect((await app.jobs.ended(train({}).job.id)).status).toBe('done');
  });

  test('a writing job is refused while another application works on the project', async () => {
    await withSample();
    const other = fakeApp();
    await other.app.open(path);
    const { job } = train({ epochs: 1000 });
    const error = caught(() => other.app.importRoads('roads.osm.pbf'));
    expect(error).toMatchObject({ code: 'conflict' });
    expect(error.message).toContain('Training eta-1');
    app.jobs.cancel(job.id);
    await app.jobs.ended(job.id);
    expect(existsSync(`${path}-job`)).toBe(false);
    await other[Symbol.asyncDispose]();
  });

  test('evaluations and exports wait for their turn, in order', async () => {
    await withSample();
    const first = train({});
    await app.jobs.ended(first.job.id);
    const second = train({ epochs: 50 });
    const evaluation = app.evaluate(first.runId, { from: '2024-01-08' });
    const exported = app.exportOnnx(first.runId, join(held.folder, 'eta.onnx'));
    expect(app.jobs.get(evaluation.id).progress?.stage).toContain('Waiting for “Training eta-2”');
    const order: string[] = [];
    await Promise.all(
      [second.job, exported, evaluation].map(async ({ id, kind }) => {
        await app.jobs.ended(id);
        order.push(kind);
      }),
    );
    expect(order).toEqual(['train', 'evaluate', 'export']);
    expect(app.run(first.runId).evaluation).toMatchObject({ from: '2024-01-08', metrics: { maeS: 90 } });
    expect(app.jobs.get(exported.id).result).toMatchObject({ bytes: 4 });
  });

  test('one that is cancelled while it waits does not let the next one overtake', async () => {
    await withSample();
    const { runId, job } = train({});
    await app.jobs.ended(job.id);
    const long = train({ epochs: 1000 });
    const evaluation = app.evaluate(runId);
    const exported = app.exportOnnx(runId, join(held.folder, 'eta.onnx'));
    app.jobs.cancel(evaluation.id);
    expect((await app.jobs.ended(evaluation.id)).status).toBe('cancelled');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(app.jobs.get(exported.id)).toMatchObject({ status: 'waiting' });
    expect(existsSync(join(held.folder, 'eta.onnx'))).toBe(false);
    app.jobs.cancel(long.job.id);
    expect((await app.jobs.ended(exported.id)).status).toBe('done');
  });
});

describe('the open project', () => {
  test('cannot be left while a job works on it', async () => {
    await withSample();
    const { job } = train({ epochs: 1000 });
    await expect(app.close()).rejects.toMatchObject({ code: 'conflict' });
    await expect(app.open(join(held.folder, 'other.etalon'))).rejects.toMatchObject({ code: 'conflict' });
    app.jobs.cancel(job.id);
    await app.jobs.ended(job.id);
    expect(await app.close()).toBe(true);
    expect(app.projectInfo()).toBeNull();
  });

  test('is removed when the building of its sample city is cancelled', async () => {
    const job = await app.createSample(path);
    app.jobs.cancel(job.id);
    await app.jobs.ended(job.id);
    await until(() => !existsSync(path));
    expect(app.projectInfo()).toBeNull();
  });

  test('is remembered, the newest first, and marked when it is gone', async () => {
    await app.create(path);
    await app.create(join(held.folder, 'second.etalon'));
    await app.open(path);
    const { recent, open } = await app.info();
    expect(recent.map(({ name, exists }) => [name, exists])).toEqual([
      ['city', true],
      ['second', true],
    ]);
    expect(open).toBe(path);
  });
});

test('training without trips is refused before a run is made', async () => {
  await app.create(path);
  expect(caught(() => train({}))).toMatchObject({ code: 'conflict', remedy: 'Import trips first.' });
  expect(app.runs()).toEqual([]);
});

test('an unknown setting is refused before a run is made', async () => {
  await withSample();
  expect(caught(() => train({ epoch: 3 } as object))).toMatchObject({ code: 'usage' });
  expect(app.runs()).toEqual([]);
});

function caught(action: () => unknown): EtalonError {
  try {
    action();
  } catch (error) {
    if (error instanceof EtalonError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}
