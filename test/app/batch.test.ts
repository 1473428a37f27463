import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApiBatchReport } from '../../core/api/contract.ts';
import { type App, readPoints } from '../../core/app/index.ts';
import { type FakeApp, fakeApp } from '../support/fakeApp.ts';
import { gridCity } from '../support/network.ts';

/** The roads of the stand-in's sample. */
const city = gridCity({ rows: 4, columns: 6 });
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
const latLon = (junction: number) =>
  `${city.junctionCoordinates[2 * junction + 1]},${city.junctionCoordinates[2 * junction]}`;

async function predicted(runId: number | null, text: string) {
  writeFileSync(at('trips.csv'), text);
  const job = app.predictBatch(runId, at('trips.csv'), at('out.csv'));
  const end = await app.jobs.ended(job.id);
  if (end.status !== 'done') return { end, report: null, rows: [] };
  const rows = parse(readFileSync(at('out.csv')), { columns: true }) as Record<string, string>[];
  return { end, report: end.result as ApiBatchReport, rows };
}

async function trainedRun(): Promise<number> {
  const { job, runId } = app.train({ model: 'eta', seed: 1, device: 'cpu', settings: {} });
  await app.jobs.ended(job.id);
  return runId;
}

describe('a batch of trips', () => {
  test('keeps its order, and says of every bad row its line and what is wrong', async () => {
    const { report, rows } = await predicted(
      await trainedRun(),
      [
        'trip_id,departure,from_lat,from_lon,to_lat,to_lon',
        `late,2024-01-08T09:00,${latLon(0)},${latLon(3)}`,
        `early,2024-01-08T08:00,${latLon(0)},${latLon(1)}`,
        `"no, time",soon,${latLon(0)},${latLon(1)}`,
        `north,2024-01-08T08:00,north,8.68,${latLon(1)}`,
        `short,2024-01-08T08:00,${latLon(0)}`,
        `far,2024-01-08T08:00,0,0,${latLon(1)}`,
        '',
      ].join('\n'),
    );
    expect(report).toMatchObject({ rows: 6, predicted: 2, failed: 4, path: at('out.csv') });
    expect(rows.map(({ line, id }) => [line, id])).toEqual([
      ['2', 'late'],
      ['3', 'early'],
      ['4', 'no, time'],
      ['5', 'north'],
      ['6', 'short'],
      ['7', 'far'],
    ]);
    // The stand-in drives 10 m/s: three blocks of 100 m, and one.
    expect(rows.slice(0, 2).map(({ eta_s }) => Math.round(Number(eta_s)))).toEqual([30, 10]);
    expect(rows.slice(0, 2).map(({ distance_m }) => Math.round(Number(distance_m)))).toEqual([300, 100]);
    expect(Number(rows[0]!.low_s)).toBeLessThan(Number(rows[0]!.eta_s));
    expect(rows.map(({ problem }) => problem.split(':')[0])).toEqual([
      '',
      '',
      'line 4',
      'line 5',
      'line 6',
      'line 7',
    ]);
    expect(report!.problems[0]).toEqual({ line: 4, message: rows[2]!.problem });
    expect(rows[3]!.problem).toContain('“north” is no number of degrees');
    expect(rows[4]!.problem).toContain('has 4 fields, the header 6');
    expect(rows[5]!.problem).toContain('from any road');
  });

  test('takes lists of segments, and the historical profile where there is no run', async () => {
    const [a, b] = [0, city.turnTo[city.turnOffsets[0]]];
    const { report, rows } = await predicted(
      null,
      [
        'departure,segments',
        `2024-01-08T08:00,${city.refs[a]} ${city.refs[b]}`,
        `2024-01-08T08:00,${city.refs[a]} ${city.refs[a]}`,
        '2024-01-08T08:00,nowhere',
        '',
      ].join('\n'),
    );
    expect(report).toMatchObject({ rows: 3, predicted: 1 });
    expect(Number(rows[0]!.distance_m)).toBeCloseTo(city.lengthM[a] + city.lengthM[b], 0);
    expect(Number(rows[0]!.eta_s)).toBeGreaterThan(1);
    expect(rows[0]).toMatchObject({ low_s: '', high_s: '', problem: '' });
    expect(rows[1]!.problem).toMatch(/^line 3: no turn leads/);
    expect(rows[2]!.problem).toMatch(/^line 4: there is no segment “nowhere”/);
  });

  test('fails at once where the file lacks a column, and leaves nothing', async () => {
    const { end } = await predicted(null, 'departure,from_lat,from_lon\n2024-01-08T08:00,1,2\n');
    expect(end).toMatchObject({
      status: 'failed',
      error: { code: 'input', where: { file: at('trips.csv'), line: 1 } },
    });
    expect(end.error!.remedy).toContain('to_lat');
    expect(existsSync(at('out.csv'))).toBe(false);
    const same = app.predictBatch(null, at('trips.csv'), at('trips.csv'));
    expect((await app.jobs.ended(same.id)).error).toMatchObject({ code: 'usage' });
  });

  test('is cancelled without a trace', async () => {
    const row = `2024-01-08T08:00,${latLon(0)},${latLon(3)}\n`;
    writeFileSync(at('trips.csv'), `departure,from_lat,from_lon,to_lat,to_lon\n${row.repeat(50_000)}`);
    const job = app.predictBatch(null, at('trips.csv'), at('out.csv'));
    for await (const { progress } of app.jobs.watch(job.id, new AbortController().signal))
      if ((progress?.done ?? 0) > 0) app.jobs.cancel(job.id);
    expect((await app.jobs.ended(job.id)).status).toBe('cancelled');
    expect(existsSync(at('out.csv')) || existsSync(at('out.csv.part'))).toBe(false);
  });
});

describe('what is asked of the reader', () => {
  test('isochrone and matrix go by a run or by history', async () => {
    const from: [number, number] = [city.junctionCoordinates[0], city.junctionCoordinates[1]];
    const to: [number, number] = [city.junctionCoordinates[6], city.junctionCoordinates[7]];
    for (const runId of [null, await trainedRun()]) {
      const { bands, lines, depart } = await app.reader().predict.isochrone({
        runId,
        from,
        depart: '2024-01-08T08:00',
        minutes: [1, 0.25, 1],
        lines: true,
      });
      expect(depart).toBe('2024-01-08T08:00:00');
      expect(bands.map(({ minutes }) => minutes)).toEqual([0.25, 1]);
      expect(bands[0]!.areaKm2).toBeLessThan(bands[1]!.areaKm2);
      expect(Math.max(...lines.map(({ endS }) => endS))).toBeLessThanOrEqual(60);
      const { seconds, metres } = await app
        .reader()
        .predict.matrix({ runId, from: [from], to: [from, to], depart: '2024-01-08T08:00' });
      expect([seconds[0]![0], metres[0]![0]]).toEqual([0, 0]);
      expect(seconds[0]![1]).toBeGreaterThan(0);
      if (runId === null) continue;
      expect(metres[0]![1]).toBeCloseTo(300, 0);
      expect(seconds[0]![1]).toBeCloseTo(30, 1);
    }
  });

  test('a route has a departure or an arrival', async () => {
    const runId = await trainedRun();
    const question = { runId, from: [8.68, 49.4] as [number, number], to: [8.68, 49.4] as [number, number] };
    const { route } = app.reader().predict;
    expect((await route({ ...question, arrive: '2024-01-08T08:00' })).arriveBy?.leaving).toHaveLength(4);
    expect(await route({ ...question, depart: '2024-01-08T08:00' })).not.toHaveProperty('arriveBy');
    await expect(route(question)).rejects.toThrow();
  });
});

describe('a file of points', () => {
  test('is read with its names, or says which line is wrong', async () => {
    writeFileSync(at('points.csv'), 'Name,Lat,Lon\nhere,49.4,8.7\nthere,49.5,8.8\n');
    expect(await readPoints(at('points.csv'))).toEqual([
      { id: 'here', point: [8.7, 49.4] },
      { id: 'there', point: [8.8, 49.5] },
    ]);
    writeFileSync(at('points.csv'), 'lat,lon\n49.4,8.7\n49.5,east\n');
    await expect(readPoints(at('points.csv'))).rejects.toMatchObject({
      code: 'input',
      where: { line: 3, field: 'lon' },
    });
  });
});
