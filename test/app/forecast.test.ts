import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ForecastReport } from '../../core/app/forecast/forecast.ts';
import type { App } from '../../core/app/index.ts';
import { freeFlowS } from '../../core/roads/index.ts';
import { type FakeApp, fakeApp } from '../support/fakeApp.ts';
import { gridCity } from '../support/network.ts';

/** The roads of the stand-in's sample, whose model says nothing of segment 0 and of the others 1 − share of the day passed. */
const city = gridCity({ rows: 4, columns: 6 });
const MINUTES = [0, 30];
let held: FakeApp;
let app: App;

beforeEach(async () => {
  held = fakeApp();
  app = held.app;
  const job = await app.createSample(join(held.folder, 'city.etalon'));
  expect((await app.jobs.ended(job.id)).status).toBe('done');
});
afterEach(() => held[Symbol.asyncDispose]());

const at = (file: string) => join(held.folder, file);

async function trainedRun(): Promise<number> {
  const { job, runId } = app.train({ model: 'eta', seed: 1, device: 'cpu', settings: {} });
  await app.jobs.ended(job.id);
  return runId;
}

/** Seconds as the stand-in says them. */
function expectedS(segment: number, minutes: number): number {
  return freeFlowS(city, segment) / (1 - (12 * 60 + minutes) / (24 * 60));
}

describe('a forecast file', () => {
  test.each(['csv', 'parquet'])(
    'holds every segment that something is said of, by horizon (%s)',
    async (format) => {
      const path = at(`speeds.${format}`);
      const job = app.forecast(await trainedRun(), '2024-01-08T12:00', MINUTES, path);
      const end = await app.jobs.ended(job.id);
      expect(end.status).toBe('done');
      const rows: Record<string, unknown>[] =
        format === 'csv'
          ? parse(readFileSync(path), { columns: true })
          : await parquetReadObjects({ file: await asyncBufferFromFile(path) });

      expect(rows).toHaveLength(MINUTES.length * (city.segmentCount - 1));
      rows.forEach((row, i) => {
        const segment = 1 + Math.floor(i / MINUTES.length);
        const minutes = MINUTES[i % MINUTES.length];
        const seconds = expectedS(segment, minutes);
        expect(row.segment).toBe(city.refs[segment]);
        expect(Number(row.horizon_min)).toBe(minutes);
        expect(row.entered_at).toBe(minutes === 0 ? '2024-01-08 12:00:00' : '2024-01-08 12:30:00');
        expect(Number(row.seconds)).toBeCloseTo(seconds, 1);
        expect(Number(row.low_s)).toBeCloseTo(0.9 * seconds, 1);
        expect(Number(row.high_s)).toBeCloseTo(1.2 * seconds, 1);
        expect(Number(row.kmh)).toBeCloseTo((3.6 * city.lengthM[segment]) / seconds, 0);
      });

      const { bytes, horizons, ...counts } = end.result as ForecastReport;
      expect(bytes).toBe(statSync(path).size);
      expect(counts).toEqual({
        path,
        rows: rows.length,
        segments: city.segmentCount - 1,
        ofSegments: city.segmentCount,
      });
      expect(horizons.map(({ minutes }) => minutes)).toEqual(MINUTES);
      expect(horizons[0].ofFreeFlow).toBeCloseTo(0.5, 4);
      expect(horizons[1].ofFreeFlow).toBeCloseTo(1 - 12.5 / 24, 4);
      expect(horizons[0].meanKmh).toBeGreaterThan(horizons[1].meanKmh);
    },
  );

  test('is refused for files of another kind, before anything is predicted', async () => {
    const runId = await trainedRun();
    expect(() => app.forecast(runId, '2024-01-08T12:00', MINUTES, at('speeds.xlsx'))).toThrow(
      expect.objectContaining({ code: 'usage', remedy: expect.stringContaining('.parquet') }),
    );
    const job = app.forecast(runId, '2024-01-08T12:00', MINUTES, at('nowhere/speeds.csv'));
    expect((await app.jobs.ended(job.id)).error).toMatchObject({ code: 'not-found' });
  });

  test('is not there when the job was cancelled', async () => {
    const job = app.forecast(await trainedRun(), '2024-01-08T12:00', MINUTES, at('speeds.csv'));
    app.jobs.cancel(job.id);
    expect((await app.jobs.ended(job.id)).status).toBe('cancelled');
    expect(existsSync(at('speeds.csv')) || existsSync(at('speeds.csv.part'))).toBe(false);
  });
});
