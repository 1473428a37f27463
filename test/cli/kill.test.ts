import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Random } from '../../core/base/index.ts';
import { openProject } from '../../core/project/index.ts';
import { gridNetwork } from '../support/gridNetwork.ts';
import { writeOsmnx, writeTrips } from '../support/importCsv.ts';
import { type CliRun, type StartedCli, startCli } from '../support/runCli.ts';
import { changingTraffic } from '../support/smallCity.ts';

const ENTRY = fileURLToPath(new URL('../../cli/etalon.ts', import.meta.url));
const UNTIL = '2024-05-16';
const TRIPS_ARE = ['--year', '2024', '--time-zone', 'Europe/Lisbon'];
/** Twelve days from 6 May: ten to train on, two to judge by. */
const network = gridNetwork(6, 5);
const trips = changingTraffic(network, { days: 12, perDay: 110, seed: 5, segmentTimes: false });

const folder = mkdtempSync(join(tmpdir(), 'etalon-kill-cli-'));
const at = (name: string) => join(folder, name);
const start = (...args: string[]): StartedCli =>
  startCli([...args, '--json'], { configFolder: at('config'), entry: ENTRY });
const cli = async (...args: string[]): Promise<CliRun> => {
  const run = await start(...args).ended;
  expect(run, run.stdout + run.stderr).toMatchObject({ code: 0 });
  return run;
};
const project = at('grid.etalon');

beforeAll(async () => {
  writeOsmnx(network, at('nodes.csv'), at('edges.csv'));
  writeTrips(network, trips, at('trips.csv'));
  await cli('new', project);
  await cli('import', 'roads', project, at('edges.csv'), '--nodes', at('nodes.csv'));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a killed import of trips leaves all of them or none, and can be done again', async () => {
  const random = new Random(3);
  for (let round = 0; round < 3; round++) {
    const copy = at(`import-${round}.etalon`);
    copyFileSync(project, copy);
    const importing = start('import', 'trips', copy, at('trips.csv'), ...TRIPS_ARE);
    await Promise.race([importing.event(({ type }) => type === 'progress'), importing.ended]);
    await delay(60 * random.uniform());
    importing.process.kill('SIGKILL');
    await importing.ended;
    expect([0, trips.count]).toContain(tripsIn(copy));
    if (tripsIn(copy) === 0) await cli('import', 'trips', copy, at('trips.csv'), ...TRIPS_ARE);
    expect(tripsIn(copy)).toBe(trips.count);
  }
}, 120_000);

test('a killed training is shown as interrupted, goes on from its checkpoint, and ends where an unbroken one does', async () => {
  await cli('import', 'trips', project, at('trips.csv'), ...TRIPS_ARE);
  const settings = ['epochs=4', 'patience=4', 'hidden=8', 'batchPaths=32'].flatMap((set) => ['--set', set]);
  const options = ['--until', UNTIL, '--seed', '3', '--device', 'cpu', ...settings];
  await cli('train', project, '--name', 'whole', ...options);

  const training = start('train', project, '--name', 'broken', ...options);
  await training.event(({ stage }) => String(stage).startsWith('Training, epoch 3'));
  training.process.kill('SIGKILL');
  await training.ended;

  const info = (await cli('info', project)).events.at(-1)!;
  expect(info.runs).toContainEqual(expect.objectContaining({ name: 'broken', status: 'interrupted' }));
  const before = open((store) => store.loadCheckpoint(2, 'latest')!.epoch);
  expect(before).toBeGreaterThanOrEqual(1);
  expect(before).toBeLessThan(4);

  const resumed = await cli('train', project, '--resume', 'broken', '--device', 'cpu');
  expect(resumed.events.at(-1)).toMatchObject({
    type: 'result',
    run: { name: 'broken', status: 'finished' },
  });
  // Epochs that were done are not done again.
  const stages = resumed.events.map(({ stage }) => String(stage));
  expect(stages.some((stage) => stage.startsWith(`Training, epoch ${before + 1} `))).toBe(true);
  expect(stages.some((stage) => stage.startsWith(`Training, epoch ${before} `))).toBe(false);

  open((store) => {
    expect(store.loadCheckpoint(2, 'best')).toEqual(store.loadCheckpoint(1, 'best'));
    expect(store.metrics(2)).toEqual(store.metrics(1));
  });
  const [whole, broken] = [await evaluated('whole'), await evaluated('broken')];
  expect(broken).toEqual(whole);
}, 180_000);

async function evaluated(run: string) {
  const { metrics, baselines } = (await cli('evaluate', project, '--run', run, '--from', UNTIL)).events.at(
    -1,
  )!;
  return { metrics, baselines };
}

function tripsIn(path: string): number {
  const store = openProject(path, { readonly: true });
  try {
    return store.info().trips;
  } finally {
    store.close();
  }
}

function open<T>(use: (store: ReturnType<typeof openProject>) => T): T {
  const store = openProject(project, { readonly: true });
  try {
    return use(store);
  } finally {
    store.close();
  }
}
