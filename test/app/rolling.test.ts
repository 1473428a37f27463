import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type RollingResult, rollingResult } from '../../core/api/contract.ts';
import { rollingWindows } from '../../core/app/rolling.ts';
import { openProject } from '../../core/project/index.ts';
import { DAY_S } from '../../core/roads/index.ts';
import { type FakeApp, fakeApp } from '../support/fakeApp.ts';

describe('rolling windows', () => {
  test('cover the second half of the days without gap or overlap, each trained on all days before', () => {
    const windows = rollingWindows('2024-01-01', '2024-01-20', 4);
    expect(windows).toEqual([
      { until: '2024-01-11', testUntil: '2024-01-14' },
      { until: '2024-01-14', testUntil: '2024-01-16' },
      { until: '2024-01-16', testUntil: '2024-01-19' },
      { until: '2024-01-19', testUntil: '2024-01-21' },
    ]);
  });

  test('cross the end of a month, and need a day each', () => {
    expect(rollingWindows('2024-02-27', '2024-03-01', 2)).toEqual([
      { until: '2024-02-29', testUntil: '2024-03-01' },
      { until: '2024-03-01', testUntil: '2024-03-02' },
    ]);
    expect(() => rollingWindows('2024-01-01', '2024-01-04', 3)).toThrow('4 days from 2024-01-01');
  });
});

describe('a rolling evaluation', () => {
  let fake: FakeApp;
  let path: string;
  beforeEach(async () => {
    fake = fakeApp();
    path = `${fake.folder}/a.etalon`;
    await ended((await fake.app.createSample(path)).id);
    await fake.app.close();
    const store = openProject(path);
    const day = store.readTrips();
    const later = (days: number) => ({
      ...day,
      ids: day.ids.map((id) => `${id}-${days}`),
      departS: day.departS.map((seconds) => seconds + days * DAY_S),
      localDepartS: day.localDepartS.map((seconds) => seconds + days * DAY_S),
    });
    const report = store.info().sources[1].report;
    for (let days = 1; days < 8; days++) store.addTrips(later(days), 'Europe/Lisbon', report);
    store.close();
    await fake.app.open(path);
  });
  afterEach(() => fake[Symbol.asyncDispose]());

  const ended = (id: string) => fake.app.jobs.ended(id);

  test('trains and judges a run for each window, and tells mean and spread', async () => {
    const { app } = fake;
    const { job, runId } = app.train({ model: 'eta', seed: 5, device: 'auto', settings: { epochs: 2 } });
    await ended(job.id);
    const { status, result, error } = await ended(app.rolling(runId, { windows: 2 }).id);
    expect([status, error]).toEqual(['done', null]);
    const rolling: RollingResult = rollingResult.parse(result);
    // 8 … 15 January: four days train first, then six.
    expect(rolling.windows.map(({ name, from, until }) => ({ name, from, until }))).toEqual([
      { name: 'eta-1-until-2024-01-12', from: '2024-01-12', until: '2024-01-14' },
      { name: 'eta-1-until-2024-01-14', from: '2024-01-14', until: '2024-01-16' },
    ]);
    for (const window of rolling.windows)
      expect(app.run(window.runId)).toMatchObject({
        status: 'finished',
        config: { until: window.from, seed: 5, settings: { epochs: 2 } },
        evaluation: { from: window.from, until: window.until },
      });
    expect(rolling.summary.map(({ predictor }) => predictor)).toEqual(['freeFlow', 'model']);
    expect(rolling.summary[1].maeS).toEqual({ mean: 90, deviation: 0 });
    // Asked again it finds what is there.
    const runs = app.runs().length;
    const again = await ended(app.rolling(runId, { windows: 2 }).id);
    expect(again.result).toEqual(result);
    expect(app.runs().length).toBe(runs);
  });

  test('cancelled, it leaves the run of its window to go on with', async () => {
    const { app } = fake;
    const { job, runId } = app.train({ model: 'eta', seed: 5, device: 'auto', settings: { epochs: 3 } });
    await ended(job.id);
    const rolling = app.rolling(runId, { windows: 2 });
    for await (const state of app.jobs.watch(rolling.id, new AbortController().signal))
      if (state.progress?.stage.startsWith('Window 1 of 2: Training')) app.jobs.cancel(rolling.id);
    expect((await ended(rolling.id)).status).toBe('cancelled');
    const child = app.runs().find(({ name }) => name === 'eta-1-until-2024-01-12')!;
    expect(['interrupted', 'finished']).toContain(child.status);
    expect((await ended(app.rolling(runId, { windows: 2 }).id)).status).toBe('done');
    expect(app.runs().filter(({ name }) => name === child.name)).toHaveLength(1);
  });

  test('compare tells the runs of an application apart', async () => {
    const { app } = fake;
    for (const seed of [1, 2]) {
      const { job, runId } = app.train({ model: 'eta', seed, device: 'auto', settings: {} });
      await ended(job.id);
      await ended(app.evaluate(runId, { from: '2024-01-12' }).id);
    }
    const comparison = await app.reader().runs.compare({ a: 1, b: 2 });
    expect(comparison.metrics[0]).toMatchObject({
      name: 'MAE',
      a: 10,
      b: 20,
      difference: -10,
      low: -10,
      high: -10,
    });
    await expect(app.reader().runs.compare({ a: 1, b: 9 })).rejects.toThrow('no run 9');
  });
});
