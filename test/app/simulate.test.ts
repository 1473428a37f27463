import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApiSimulation } from '../../core/api/contract.ts';
import type { App, SimulationReport } from '../../core/app/index.ts';
import { clockDoubt } from '../../core/app/simulate.ts';
import { type FakeApp, fakeApp } from '../support/fakeApp.ts';

let held: FakeApp;
let app: App;

beforeEach(async () => {
  held = fakeApp();
  app = held.app;
  const job = await app.createSample(join(held.folder, 'grid.etalon'));
  await app.jobs.ended(job.id);
});
afterEach(() => held[Symbol.asyncDispose]());

const settings: ApiSimulation = {
  days: 1,
  firstDay: '2024-01-15',
  timeZone: 'Europe/Lisbon',
  demand: 0.5,
  incidentsPerDay: 2,
  rain: 0,
  probeShare: 0.5,
  seed: 3,
  calibrate: false,
  holidays: [],
};

async function simulated(change: Partial<ApiSimulation> = {}) {
  const job = app.simulate({ ...settings, ...change });
  return app.jobs.ended(job.id);
}

describe('a simulation', () => {
  test('adds its trips as a source that can be removed, and says what it did', async () => {
    const before = app.projectInfo()!;
    const end = await simulated();
    expect(end).toMatchObject({ status: 'done', kind: 'simulate' });
    const report = end.result as SimulationReport;
    const after = app.projectInfo()!;
    expect(report.kept.trips).toBeGreaterThan(50);
    expect(after.trips).toBe(before.trips + report.kept.trips);
    expect(after.segmentTimes).toBe(true);
    expect(after.lastDay).toBe('2024-01-15');
    const source = after.sources.at(-1)!;
    expect(source).toMatchObject({ kind: 'trips', path: 'simulated, a day from 2024-01-15, seed 3' });
    expect((await app.removeSource(source.id)).trips).toBe(before.trips);
  });

  test('is not added twice, nor in another time zone, nor fitted to too few trips', async () => {
    await simulated();
    const trips = app.projectInfo()!.trips;
    expect(await simulated()).toMatchObject({ status: 'failed', error: { code: 'conflict' } });
    expect(() => app.simulate({ ...settings, timeZone: 'Europe/Berlin' })).toThrow('Europe/Lisbon');
    expect(await simulated({ seed: 4, calibrate: true })).toMatchObject({
      status: 'failed',
      error: { code: 'conflict', remedy: expect.stringContaining('200') },
    });
    expect(app.projectInfo()!.trips).toBe(trips);
  });

  test('leaves nothing behind when it is cancelled', async () => {
    const job = app.simulate({ ...settings, days: 300 });
    app.jobs.cancel(job.id);
    expect((await app.jobs.ended(job.id)).status).toBe('cancelled');
    expect(app.projectInfo()!.trips).toBe(24);
  });

  test('is refused before anything begins where its settings cannot be', () => {
    expect(() => app.simulate({ ...settings, demand: 9 })).toThrow('out of range');
    expect(app.simulationTime({ days: 2, demand: 1, calibrate: false }).seconds).toBeGreaterThan(0);
  });
});

test('real trips that are faster by day than by night put their clock in doubt', () => {
  const calibrated = (observedKmh: (hour: number) => number) => ({
    before: {
      trips: 2400,
      mape: 0.2,
      speedError: 0.1,
      bias: 0,
      rushBias: 0,
      paceFactors: [],
      byHour: Array.from({ length: 24 }, (_, hour) => ({
        hour,
        trips: 100,
        observedKmh: observedKmh(hour),
        simulatedKmh: 30,
      })),
    },
  });
  const usual = (hour: number) => (hour >= 7 && hour < 19 ? 25 : 32);
  expect(clockDoubt(calibrated(usual))).toEqual([]);
  expect(clockDoubt(calibrated((hour) => usual((hour + 12) % 24)))[0]).toContain('is their clock right?');
});
