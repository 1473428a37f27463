import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliRun, type StartedCli, startCli } from '../support/runCli.ts';

let folder: string;
let project: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'etalon-cli-'));
  project = join(folder, 'grid.etalon');
  writeFileSync(
    join(folder, 'nodes.csv'),
    'osmid,y,x\n1,41.15,-8.63\n2,41.151,-8.63\n3,41.151,-8.629\n4,41.15,-8.629\n',
  );
  writeFileSync(
    join(folder, 'edges.csv'),
    [
      'u,v,osmid,oneway,highway,length,fid',
      '1,2,10,True,residential,111,a',
      '2,3,10,True,residential,84,b',
      '3,4,10,True,residential,111,c',
      '4,1,10,True,residential,84,d',
    ].join('\n'),
  );
  writeFileSync(
    join(folder, 'trips.csv'),
    [
      'trip_id,day_of_year,minute_of_day,travel_time_s,edge_fids',
      '1,150,480,40.0,a b c',
      '2,150,490,42.5,b c d',
      '3,151,500,39.0,c d a',
      '4,151,510,50.0,a c',
    ].join('\n'),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(...args: string[]): StartedCli {
  return startCli(args, { configFolder: join(folder, 'config') });
}
function cli(...args: string[]): Promise<CliRun> {
  return start(...args).ended;
}
const at = (name: string) => join(folder, name);

describe('a whole path through the commands', () => {
  test('new, import roads, import trips', async () => {
    expect(await cli('new', project)).toMatchObject({ code: 0, stderr: '' });
    const roads = await cli(
      'import',
      'roads',
      project,
      at('edges.csv'),
      '--nodes',
      at('nodes.csv'),
      '--json',
    );
    expect(roads).toMatchObject({ code: 0, stderr: '' });
    expect(roads.events.at(-1)).toMatchObject({
      type: 'result',
      command: 'import roads',
      seconds: expect.any(Number),
      peakRssMb: expect.any(Number),
      kept: { segments: 4, turns: 4 },
    });
    expect(roads.events.slice(0, -1).every(({ type }) => type === 'progress')).toBe(true);
    expect(roads.events.length).toBeGreaterThan(1);
    const trips = await cli(
      'import',
      'trips',
      project,
      at('trips.csv'),
      '--year',
      '2014',
      '--time-zone',
      'Europe/Lisbon',
      '--json',
    );
    expect(trips.code).toBe(0);
    expect(trips.events.at(-1)).toMatchObject({
      type: 'result',
      command: 'import trips',
      kept: { trips: 3 },
      dropped: [{ count: 1, reason: expect.any(String), description: expect.any(String) }],
      mapping: { segments: 'edge_fids', dayOfYear: 'day_of_year', departure: null, year: 2014 },
    });
  });

  test('train, evaluate the newest run, predict, export, info', async () => {
    const trained = await cli('train', project, '--until', '2014-05-31', '--seed', '7', '--json');
    expect(trained.code).toBe(0);
    expect(trained.events.some(({ type, total }) => type === 'progress' && total === 3)).toBe(true);
    const epochs = trained.events.filter(({ type }) => type === 'metrics');
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(epochs[1].metrics).toEqual({ loss: 1 / 2, valMae: 100 / 2, valMape: 0.3 / 2 });
    expect(trained.events.at(-1)).toMatchObject({
      type: 'result',
      command: 'train',
      run: { name: 'eta-1', status: 'finished', config: { seed: 7, until: '2014-05-31' } },
    });
    const evaluated = await cli('evaluate', project, '--json');
    const result = evaluated.events.at(-1)!;
    expect(result).toMatchObject({ type: 'result', run: 'eta-1', from: '2014-05-31' });
    const keys = ['maeS', 'rmseS', 'mape', 'biasS', 'badShare', 'coverage80', 'width80S', 'n'];
    expect(Object.keys(result.metrics as object)).toEqual(keys);
    expect(Object.keys((result.baselines as { freeFlow: object }).freeFlow)).toEqual(keys);
    const table = await cli('evaluate', project, '--run', 'eta-1', '--from', '2014-05-30');
    expect(table.stdout).toMatch(/Free flow +200\.0 s/);
    expect(table.stdout).toMatch(/eta-1 +90\.0 s/);
    expect(table.stdout).toMatch(/Free flow +50\.0 % +40\.0 % … 60\.0 %/);
    const unknown = await cli('evaluate', project, '--rolling', '1');
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('from 2 to 20')]);
    const compared = await cli('compare', project, 'eta-1', '1', '--json');
    expect(compared.events.at(-1)).toMatchObject({
      type: 'result',
      command: 'compare',
      metrics: [{ name: 'MAE', a: 10, b: 10, difference: 0 }, {}, {}, {}, {}],
    });
    expect((await cli('compare', project, 'eta-1', 'eta-1')).stdout).toMatch(/MAE +10\.0 s +10\.0 s/);
    const predicted = await cli(
      'predict',
      project,
      '--from-point',
      '41.1501,-8.6301',
      '--to-point',
      '41.151,-8.629',
      '--depart',
      '2014-06-02T08:30',
    );
    expect(predicted.code).toBe(0);
    expect(predicted.stdout).toContain('8 of 10 trips take 0:50–1:20');
    const place = ['--from-point', '41.1501,-8.6301', '--to-point', '41.151,-8.629'];
    const arriving = await cli('predict', project, ...place, '--arrive', '2014-06-02T08:30');
    expect(arriving.stdout).toMatch(/On time at 08:01 +Leave at/);
    expect(arriving.stdout).toMatch(/95 % +2024-01-01 08:00:00/);
    const why = await cli('predict', project, ...place, '--depart', '2014-06-02T08:30', '--explain');
    expect(why.stdout).toContain('30 s longer than usual at this hour: 30 s of it on the 200 m of');
    expect(why.stdout).toMatch(
      /= usual at this hour +0:30\nTraffic on the way itself +\+0:30\n= predicted +1:00/,
    );
    expect(why.stdout).toContain('Leaving 15 min later −10 s.');
    const asJson = await cli(
      'predict',
      project,
      ...place,
      '--depart',
      '2014-06-02T08:30',
      '--explain',
      '--json',
    );
    expect(asJson.events.at(-1)).toMatchObject({
      etaS: 60,
      explanation: { etaS: 60, usualS: 30, liveS: 30, depart: '2024-01-01T08:00', similar: null },
    });
    const exported = await cli('export', project, '--out', at('eta.onnx'), '--json');
    expect(exported.events.at(-1)).toMatchObject({ type: 'result', bytes: 4, maxRelativeDifference: 1e-6 });
    expect(existsSync(at('eta.onnx'))).toBe(true);
    const info = await cli('info', project);
    expect(info.stdout).toContain('4 segments');
    expect(info.stdout).toContain('2014-05-30 to 2014-05-31');
    expect(info.stdout).toMatch(/eta-1 +finished/);
  });

  test('isochrone as GeoJSON, matrix and a batch of trips as CSV, by run and by history', async () => {
    const [start, end] = ['41.15,-8.63', '41.1505,-8.629'];
    const when = ['--depart', '2014-06-02T08:30'];
    for (const run of ['eta-1', 'history']) {
      const reached = await cli(
        'isochrone',
        project,
        '--from-point',
        start,
        ...when,
        ...['--minutes', '1,3', '--lines', '--run', run, '--out', at('reach.geojson'), '--json'],
      );
      expect(reached.events.at(-1)).toMatchObject({ bands: [{ minutes: 1 }, { minutes: 3 }] });
      const { features } = JSON.parse(readFileSync(at('reach.geojson'), 'utf8'));
      const kinds = features.map((feature: { geometry: { type: string } }) => feature.geometry.type);
      expect(kinds.slice(0, 3)).toEqual(['MultiPolygon', 'MultiPolygon', 'LineString']);
      expect(features[0].properties.minutes).toBe(3);
      writeFileSync(at('points.csv'), `id,lat,lon\n"a,b",${start}\nc,${end}\n`);
      const matrix = await cli(
        'matrix',
        project,
        ...['--from', at('points.csv'), ...when, '--run', run, '--out', at('matrix.csv'), '--json'],
      );
      expect(matrix.events.at(-1)).toMatchObject({ from: 2, to: 2, unreached: expect.any(Number) });
      const rows = readFileSync(at('matrix.csv'), 'utf8').trim().split('\n');
      expect(rows.slice(0, 2)).toEqual(['from,to,seconds,metres', '"a,b","a,b",0.0,0.0']);
      expect(rows).toHaveLength(5);
    }
    writeFileSync(
      at('batch.csv'),
      `departure,from_lat,from_lon,to_lat,to_lon\n2014-06-02T08:30,${start},${start}\nsoon,1,2,3,4\n`,
    );
    const batch = await cli('predict-batch', project, at('batch.csv'), '--out', at('etas.csv'));
    expect(batch.code).toBe(0);
    expect(batch.stdout).toContain('1 of 2 trips predicted');
    expect(batch.stdout).toMatch(/3 +departure “soon” is no time/);
  });

  test('latitude comes first on the command line, longitude within', async () => {
    const { events } = await cli(
      'predict',
      project,
      '--from-point',
      '41.15,-8.63',
      '--to-point',
      '-33.5,151',
      '--depart',
      '2014-06-02T08:30',
      '--json',
    );
    expect(events.at(-1)?.coordinates).toEqual([
      [-8.63, 41.15],
      [151, -33.5],
    ]);
  });
});

describe('interruption', () => {
  test('cancels training with a checkpoint, from which --resume goes on', async () => {
    const training = start('train', project, '--name', 'long', '--set', 'epochs=500', '--json');
    await training.event(({ type, done }) => type === 'progress' && Number(done) > 2);
    training.process.kill('SIGINT');
    const stopped = await training.ended;
    expect(stopped.code).toBe(1);
    expect(stopped.events.at(-1)).toMatchObject({ type: 'error', code: 'cancelled' });
    expect(stopped.events.at(-1)?.remedy).toContain('--resume long');
    expect((await cli('info', project)).stdout).toMatch(/long +interrupted/);
    const again = start('train', project, '--resume', 'long', '--json');
    const first = await again.event(({ type, done }) => type === 'progress' && Number(done) > 0);
    expect(Number(first.done)).toBeGreaterThan(2);
    again.process.kill('SIGTERM');
    expect((await again.ended).code).toBe(1);
  });

  test('a second one ends the process at once', async () => {
    const training = start(
      'train',
      project,
      '--set',
      'epochs=500',
      '--set',
      'epochMs=150',
      '--set',
      'ending=hang',
      '--json',
    );
    await training.event(({ type, done }) => type === 'progress' && done === 2);
    training.process.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(training.process.exitCode).toBeNull();
    training.process.kill('SIGINT');
    expect((await training.ended).code).toBe(130);
    expect((await cli('info', project)).stdout).toMatch(/eta-3 +interrupted/);
  });

  test('a killed training leaves a run that can be resumed, and no lock', async () => {
    const training = start('train', project, '--name', 'killed', '--set', 'epochs=500', '--json');
    await training.event(({ type, done }) => type === 'progress' && Number(done) > 2);
    const refused = await cli('train', project);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('“Training killed”');
    training.process.kill('SIGKILL');
    await training.ended;
    expect((await cli('info', project)).stdout).toMatch(/killed +interrupted/);
    expect((await cli('train', project, '--name', 'next')).code).toBe(0);
  });
});

describe('GPS points', () => {
  const points = (times: string[]) =>
    [
      'vehicle,when,lat,lon',
      ...times.map((time, k) => `7,${time},${(41.15 + 0.000125 * k).toFixed(6)},-8.63`),
    ].join('\n');
  const times = Array.from({ length: 9 }, (_, k) => `2014-06-02T08:00:${String(5 * k).padStart(2, '0')}`);

  test('become trips of the project', async () => {
    writeFileSync(at('points.csv'), points(times));
    const { code, events } = await cli(
      'import',
      'gps',
      project,
      at('points.csv'),
      '--map',
      'time=when',
      '--json',
    );
    expect(code).toBe(0);
    expect(events.at(-1)).toMatchObject({
      type: 'result',
      command: 'import gps',
      format: 'GPS CSV',
      read: { points: 9, traces: 1 },
      kept: { trips: 1, traversals: 1 },
      quality: { matchedShare: 1 },
      settings: { maxGapS: 180 },
      mapping: { trace: 'vehicle', time: 'when', latitude: 'lat', longitude: 'lon' },
      timeZone: 'Europe/Lisbon',
    });
  });

  test('a column that is missing, and a file of bad points, are named', async () => {
    const before = (await cli('info', project, '--json')).events.at(-1)?.project;
    writeFileSync(at('points.csv'), points(times));
    const missing = await cli('import', 'gps', project, at('points.csv'));
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain('--map time=<column>');
    const misspelt = await cli('import', 'gps', project, at('points.csv'), '--map', 'time=wen');
    expect(misspelt.code).toBe(2);
    expect(misspelt.stderr).toContain('Did you mean “when”?');
    writeFileSync(at('bad.csv'), points(times.map(() => 'noon')));
    const bad = await cli('import', 'gps', project, at('bad.csv'), '--map', 'time=when');
    expect(bad.code).toBe(1);
    expect(bad.stderr).toMatch(
      /bad\.csv:2: when: "noon" is no date and time\. 8 more points .*leave all 9 out\./s,
    );
    expect((await cli('info', project, '--json')).events.at(-1)?.project).toEqual(before);
  });
});

describe('wrong usage ends with 2 and says what to write instead', () => {
  test('misspelt settings and columns', async () => {
    const setting = await cli('train', project, '--set', 'epoch=2');
    expect(setting).toMatchObject({ code: 2 });
    expect(setting.stderr).toContain('Did you mean “epochs”?');
    const column = await cli(
      'import',
      'trips',
      project,
      at('trips.csv'),
      '--year',
      '2014',
      '--map',
      'segments=edge_fid',
    );
    expect(column).toMatchObject({ code: 2 });
    expect(column.stderr).toContain(`${at('trips.csv')}:1: segments:`);
    expect(column.stderr).toContain('Did you mean “edge_fids”?');
    const year = await cli('import', 'trips', project, at('trips.csv'));
    expect(year.code).toBe(2);
    expect(year.stderr).toContain('--year');
  });
});

describe('what fails ends with 1 and says where', () => {
  test('a project, a run or a file that is not there', async () => {
    const missing = await cli('info', at('none.etalon'));
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain(at('none.etalon'));
    const run = await cli('evaluate', project, '--run', 'eta-11');
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('Did you mean “eta-1”?');
    const roads = await cli('import', 'roads', project, at('none.pbf'), '--json');
    expect(roads.code).toBe(1);
    expect(roads.events.at(-1)).toMatchObject({
      type: 'error',
      code: 'not-found',
      where: { file: at('none.pbf') },
    });
  });

  test('a file with a bad line is named with its line, and nothing is imported', async () => {
    writeFileSync(
      at('bad.csv'),
      'u,v,osmid,oneway,highway,length,fid\n1,2,10,True,residential,111,a\n1,9,10,True,residential,abc\n',
    );
    const before = (await cli('info', project, '--json')).events.at(-1)?.project;
    const { code, stderr } = await cli('import', 'roads', project, at('bad.csv'), '--nodes', at('nodes.csv'));
    expect(code).toBe(1);
    expect(stderr).toMatch(/bad\.csv:3/);
    expect((await cli('info', project, '--json')).events.at(-1)?.project).toEqual(before);
  });
});
