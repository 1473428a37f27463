import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunConfig } from '@etalon/core/app/model';
import { EtalonError, quietContext, Random } from '@etalon/core/base';
import { createProject, openProject } from '@etalon/core/project';
import { simulate } from '@etalon/core/roads/simulator';
import { etaModel } from '@etalon/models';
import { hasHeidelberg, loadHeidelberg } from '../support/heidelberg.ts';
import { emptyReport } from '../support/trips.ts';
import { median } from './engine/median.ts';

/**
 * How long two clicks on the map wait for their route, its travel time and alternatives: random pairs of junctions at random quarter
 * hours of a project's last day, by its newest trained run. `npm run bench:click` simulates a few days on Heidelberg's roads and trains
 * an epoch first, which is not measured; `-- project.etalon` takes that project, and makes it there where it is missing. Exit code 1
 * where the median is over the target. Nothing is asked twice.
 */
const CLICKS = 60;
const SEED = 1;
const TARGET_MS = 150;
const TIME_ZONE = 'Europe/Berlin';

const folder = mkdtempSync(join(tmpdir(), 'etalon-click-'));
try {
  const path = process.argv[2] ?? join(folder, 'heidelberg.etalon');
  if (!existsSync(path) && !hasHeidelberg)
    console.log('Skipped: ../shared/data/osm/heidelberg.osm.pbf is not there.');
  else {
    if (!existsSync(path)) await layOut(path);
    process.exitCode = (await clicks(path)) <= TARGET_MS ? 0 : 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}

async function layOut(path: string): Promise<void> {
  const network = await loadHeidelberg();
  const { trips } = await simulate(
    network,
    {
      firstDay: '2025-01-06',
      days: 4,
      timeZone: TIME_ZONE,
      demand: 1,
      incidentsPerDay: 10,
      rain: 0.3,
      probeShare: 0.066,
      seed: SEED,
    },
    quietContext,
  );
  const store = createProject(path);
  try {
    store.writeRoads(network, emptyReport('heidelberg'));
    store.addTrips(trips, TIME_ZONE, emptyReport('trips'));
    const config: RunConfig = { seed: SEED, settings: etaModel.parseSettings({ epochs: 1 }) };
    const { id } = store.createRun({ model: 'eta', config });
    await etaModel.train(store, id, { ...quietContext, stop: new AbortController().signal, device: 'cpu' });
    store.updateRun(id, { status: 'finished' });
    console.log(`${trips.count} trips simulated, one epoch trained`);
  } finally {
    store.close();
  }
}

/** Median milliseconds of the clicks. */
async function clicks(path: string): Promise<number> {
  const store = openProject(path, { readonly: true });
  const run = store.runs().findLast(({ status }) => status === 'finished');
  const { lastDay } = store.info();
  if (!run || !lastDay) throw new Error(`${path} has no trained run.`);
  const { segmentCount, junctionCount, junctionCoordinates } = store.readRoads();
  const opening = performance.now();
  const model = await etaModel.open(store, run.id, quietContext);
  console.log(
    `${segmentCount} segments; opened ${run.name} in ${(performance.now() - opening).toFixed(0)} ms`,
  );
  const random = new Random(SEED);
  const junction = (): [number, number] => {
    const j = random.int(junctionCount);
    return [junctionCoordinates[2 * j], junctionCoordinates[2 * j + 1]];
  };
  const midnightS = Date.parse(`${lastDay}T00:00Z`) / 1000;
  const [ms, processorMs]: number[][] = [[], []];
  let unreached = 0;
  for (let click = 0; click < CLICKS; click++) {
    const [begin, used] = [performance.now(), process.cpuUsage()];
    try {
      await model.route(junction(), junction(), midnightS + 900 * random.int(96));
      ms.push(performance.now() - begin);
      const { user, system } = process.cpuUsage(used);
      processorMs.push((user + system) / 1000);
    } catch (error) {
      if (!(error instanceof EtalonError && error.code === 'not-found')) throw error;
      unreached++;
    }
  }
  await model.dispose();
  store.close();
  const at = (share: number) => ms.toSorted((a, b) => a - b)[Math.floor(share * ms.length)].toFixed(0);
  console.log(
    `${ms.length} clicks: median ${median(ms).toFixed(0)} ms (processor ${median(processorMs).toFixed(0)} ms), 95 % ${at(0.95)} ms, first ${ms[0].toFixed(0)} ms (${unreached} pairs have no way)`,
  );
  return median(ms);
}
