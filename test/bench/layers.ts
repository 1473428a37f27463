/**
 * How long the speeds of every segment at seven horizons take on a network of 200,000 segments: copies of the sample city side by side,
 * with its trips spread over them, and a run trained on these for one epoch. Laying out and training are not measured.
 * `npm run bench:layers`; exit code 1 where the median of three is over the target, by processor time where the machine is shared.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { RunConfig } from '@etalon/core/app/model';
import { quietContext } from '@etalon/core/base';
import { createProject } from '@etalon/core/project';
import type { TripSet } from '@etalon/core/roads';
import { etaModel } from '@etalon/models';
import { generateCity } from '../../fixtures/city/index.ts';
import { simulateTraffic } from '../../fixtures/traffic/index.ts';
import { emptyReport } from '../support/trips.ts';
import { median } from './engine/median.ts';
import { sideBySide, spreadTrips } from './tiles.ts';

const HORIZONS_S = [0, 10, 20, 30, 40, 50, 60].map((minutes) => 60 * minutes);
const ROUNDS = 3;
const TARGET_S = 20;

const { values } = parseArgs({ options: { segments: { type: 'string', default: '200000' } } });
process.exitCode = (await layers(Number(values.segments))) <= TARGET_S ? 0 : 1;

async function layers(leastSegments: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'etalon-layers-'));
  const store = createProject(join(folder, 'wide.etalon'));
  try {
    const city = await generateCity(undefined, quietContext);
    const { trips } = await simulateTraffic(city, { seed: 1, days: 4 }, quietContext);
    const copies = Math.ceil(leastSegments / city.segmentCount);
    const network = sideBySide(city, copies);
    store.writeRoads(network, emptyReport('copies'));
    store.addTrips(spreadTrips(trips, copies, city.segmentCount), 'Europe/Berlin', emptyReport('trips'));
    const config: RunConfig = { seed: 1, settings: { epochs: 1 } };
    const { id } = store.createRun({ model: 'eta', config });
    await etaModel.train(store, id, { ...quietContext, stop: new AbortController().signal, device: 'cpu' });
    const opened = await etaModel.open(store, id, quietContext);
    console.log(
      `${network.segmentCount} segments, ${HORIZONS_S.length} horizons, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}`,
    );
    const seconds: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const used = process.cpuUsage();
      const begin = performance.now();
      await opened.forecast(atRushHour(trips, round), HORIZONS_S, quietContext);
      const wallS = (performance.now() - begin) / 1000;
      const { user, system } = process.cpuUsage(used);
      const processorS = (user + system) / 1e6;
      console.log(`wall ${wallS.toFixed(1)} s, processor ${processorS.toFixed(1)} s`);
      seconds.push(Math.min(wallS, processorS));
    }
    await opened.dispose();
    console.log(`median ${median(seconds).toFixed(1)} s, asked ${TARGET_S} s`);
    return median(seconds);
  } finally {
    store.close();
    rmSync(folder, { recursive: true });
  }
}

/** Times that differ, so that nothing is remembered from the round before. */
function atRushHour({ localDepartS }: TripSet, round: number): number {
  const day = Math.floor(localDepartS[localDepartS.length - 1] / 86_400);
  return day * 86_400 + 8 * 3600 + 300 * round;
}
