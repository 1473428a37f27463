/**
 * How long the speeds of every segment at seven horizons take on a network of 200,000 segments: copies of the sample city side by side,
 * with its trips spread over them, and a run trained on these for one epoch. Laying out and training are not measured; with
 * `-- --project wide.etalon` they are done once and kept there. `npm run bench:layers`; exit code 1 where the median of three is over
 * the target, by processor time where the machine is shared.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { RunConfig } from '@etalon/core/app/model';
import { quietContext } from '@etalon/core/base';
import { createProject, openProject, type ProjectStore } from '@etalon/core/project';
import { etaModel } from '@etalon/models';
import { generateCity } from '../../fixtures/city/index.ts';
import { simulateTraffic } from '../../fixtures/traffic/index.ts';
import { emptyReport } from '../support/trips.ts';
import { median } from './engine/median.ts';
import { sideBySide, spreadTrips } from './tiles.ts';

const HORIZONS_S = [0, 10, 20, 30, 40, 50, 60].map((minutes) => 60 * minutes);
const ROUNDS = 3;
const TARGET_S = 20;
const RUN = 1;

const { values } = parseArgs({
  options: { segments: { type: 'string', default: '200000' }, project: { type: 'string' } },
});
const folder = mkdtempSync(join(tmpdir(), 'etalon-layers-'));
const path = values.project ?? join(folder, 'wide.etalon');
try {
  if (!existsSync(path)) await layOut(path, Number(values.segments));
  process.exitCode = (await measured(path)) <= TARGET_S ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}

async function layOut(path: string, leastSegments: number): Promise<void> {
  const store = createProject(path);
  try {
    const city = await generateCity(undefined, quietContext);
    const { trips } = await simulateTraffic(city, { seed: 1, days: 4 }, quietContext);
    const copies = Math.ceil(leastSegments / city.segmentCount);
    store.writeRoads(sideBySide(city, copies), emptyReport('copies'));
    store.addTrips(spreadTrips(trips, copies, city.segmentCount), 'Europe/Berlin', emptyReport('trips'));
    const config: RunConfig = { seed: 1, settings: { epochs: 1 } };
    store.createRun({ model: 'eta', config });
    await etaModel.train(store, RUN, { ...quietContext, stop: new AbortController().signal, device: 'cpu' });
  } finally {
    store.close();
  }
}

/** Median seconds of the rounds. */
async function measured(path: string): Promise<number> {
  const store = openProject(path, { readonly: true });
  const opened = await etaModel.open(store, RUN, quietContext);
  try {
    const { segmentCount } = store.readRoads();
    console.log(
      `${segmentCount} segments, ${HORIZONS_S.length} horizons, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}`,
    );
    const seconds: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const used = process.cpuUsage();
      const begin = performance.now();
      await opened.forecast(atRushHour(store, round), HORIZONS_S, quietContext);
      const wallS = (performance.now() - begin) / 1000;
      const { user, system } = process.cpuUsage(used);
      const processorS = (user + system) / 1e6;
      console.log(`wall ${wallS.toFixed(1)} s, processor ${processorS.toFixed(1)} s`);
      seconds.push(Math.min(wallS, processorS));
    }
    console.log(`median ${median(seconds).toFixed(1)} s, asked ${TARGET_S} s`);
    return median(seconds);
  } finally {
    await opened.dispose();
    store.close();
  }
}

/** Times that differ, so that nothing is remembered from the round before. */
function atRushHour(store: ProjectStore, round: number): number {
  const day = Date.parse(`${store.info().lastDay}T00:00Z`) / 1000;
  return day + 8 * 3600 + 300 * round;
}
