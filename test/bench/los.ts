/**
 * Trains the model `speeds` on the loop detectors of los-loop with seeds 1–3, on the days before 6 March 2012, and prints its errors on the
 * two days after beside the baselines', in mph. Exits with 1 where a baseline is better at any horizon.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SpeedEvaluation, SpeedMetrics } from '../../core/api/contract.ts';
import { quietContext } from '../../core/base/index.ts';
import { createProject, type ProjectStore } from '../../core/project/index.ts';
import { speedsModel } from '../../models/speeds.ts';
import { hasLosLoop, importLosLoop, losLoop } from '../support/losLoop.ts';

const KMH_PER_MPH = 1.609344;
const UNTIL = '2012-03-06';
const SEEDS = [1, 2, 3];

if (!hasLosLoop) {
  console.log(`Left out: ${losLoop.speeds} is missing.`);
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), 'etalon-los-'));
const store = createProject(join(folder, 'los.etalon'));
let worse = false;
try {
  await importLosLoop(store);
  for (const seed of SEEDS) {
    const { evaluation, wallS, cpuS } = await trained(store, seed);
    console.log(
      `\nseed ${seed}: trained in ${wallS.toFixed(0)} s (${cpuS.toFixed(0)} s of processor), tested from ${UNTIL}`,
    );
    console.log('horizon  predictor     MAE mph  RMSE mph     MAPE  in 80 %');
    for (const { minutes, metrics, baselines } of evaluation.horizons) {
      for (const [id, figures] of Object.entries({ ...baselines, speeds: metrics }))
        print(minutes, id, figures);
      worse ||= Object.values(baselines).some(({ maeKmh }) => maeKmh <= metrics.maeKmh);
    }
  }
} finally {
  store.close();
  rmSync(folder, { recursive: true });
}
console.log(worse ? '\nA baseline is better.' : '\nBetter than every baseline at every horizon.');
process.exitCode = worse ? 1 : 0;

async function trained(store: ProjectStore, seed: number) {
  const run = store.createRun({
    model: speedsModel.id,
    config: { until: UNTIL, seed, settings: speedsModel.parseSettings({}) },
  });
  const begin = performance.now();
  const cpu = process.cpuUsage();
  const stop = new AbortController().signal;
  await speedsModel.train(store, run.id, { ...quietContext, stop, device: 'cpu' });
  const { user, system } = process.cpuUsage(cpu);
  const wallS = (performance.now() - begin) / 1000;
  const { result } = await speedsModel.evaluate(store, run.id, { from: UNTIL }, quietContext);
  return { evaluation: result as SpeedEvaluation, wallS, cpuS: (user + system) / 1e6 };
}

function print(minutes: number, id: string, { maeKmh, rmseKmh, mape, coverage80 }: SpeedMetrics): void {
  const figures = [
    (maeKmh / KMH_PER_MPH).toFixed(2),
    (rmseKmh / KMH_PER_MPH).toFixed(2),
    `${(100 * mape).toFixed(2)} %`,
    coverage80 === null ? '–' : `${(100 * coverage80).toFixed(1)} %`,
  ];
  console.log(
    `${minutes} min`.padEnd(8),
    id.padEnd(12),
    figures.map((figure) => figure.padStart(8)).join(' '),
  );
}
