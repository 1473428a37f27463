import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { EtaMetrics } from '../../core/api/contract.ts';
import { hasPorto, portoFolder, portoTrips } from '../support/porto.ts';
import { startCli } from '../support/runCli.ts';

/**
 * The main job on Porto, by the command line as a user types it: import, train on days up to 30 May 2014 for each seed,
 * evaluate on the days after. `npm run bench:porto -- --seeds 1,2,3 --preset mape`; exit code 1 where a target is missed.
 */
const IMPORT_S = 30;
const TRAIN_S = 600;
const TARGETS: Readonly<Record<string, { mape: number; maeS: number }>> = {
  default: { mape: 0.16, maeS: 103 },
  mape: { mape: 0.153, maeS: Number.POSITIVE_INFINITY },
  mae: { mape: Number.POSITIVE_INFINITY, maeS: 96.5 },
};
const SPLIT = '2014-05-31';
const ENTRY = fileURLToPath(new URL('../../cli/etalon.ts', import.meta.url));

interface Step {
  wallS: number;
  peakRssMb: number;
  result: Record<string, unknown>;
}

interface SeedFigures {
  seed: string;
  train: Step;
  metrics: EtaMetrics;
  baselines: Record<string, EtaMetrics>;
}

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3' },
    device: { type: 'string', default: 'auto' },
    preset: { type: 'string', default: 'default' },
  },
});

if (!hasPorto) {
  console.log(`Left out: ${portoFolder} is missing.`);
} else {
  const folder = mkdtempSync(join(tmpdir(), 'etalon-porto-'));
  try {
    process.exitCode = (await bench(folder)) ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function bench(folder: string): Promise<boolean> {
  const project = join(folder, 'porto.etalon');
  const cli = (...args: string[]) => step(args, join(folder, 'config'));
  const imports = await importAll(project, cli);
  const seeds: SeedFigures[] = [];
  for (const seed of options.seeds.split(',')) {
    const train = await cli(
      ...['train', project, '--model', 'eta', '--until', SPLIT],
      ...['--seed', seed, '--device', options.device, '--set', `preset=${options.preset}`],
    );
    const { result } = await cli('evaluate', project, '--from', SPLIT);
    const { metrics, baselines } = result as Pick<SeedFigures, 'metrics' | 'baselines'>;
    seeds.push({ seed, train, metrics, baselines });
  }
  return report(imports, seeds);
}

async function importAll(
  project: string,
  cli: (...args: string[]) => Promise<Step>,
): Promise<{ seconds: number; peakRssMb: number }> {
  await cli('new', project);
  const imports = [
    await cli(
      ...['import', 'roads', project, join(portoFolder, 'edges.csv')],
      ...['--nodes', join(portoFolder, 'nodes.csv')],
    ),
    await cli('import', 'trips', project, portoTrips.a, '--year', '2014', '--time-zone', 'Europe/Lisbon'),
    await cli('import', 'trips', project, portoTrips.b, '--year', '2014', '--time-zone', 'Europe/Lisbon'),
  ];
  return {
    seconds: imports.reduce((sum, { wallS }) => sum + wallS, 0),
    peakRssMb: Math.max(...imports.map(({ peakRssMb }) => peakRssMb)),
  };
}

/** One command to its end, in a process of its own. Throws with what it said when it fails. */
async function step(args: readonly string[], configFolder: string): Promise<Step> {
  const begin = performance.now();
  const { code, events, stderr } = await startCli([...args, '--json'], { configFolder, entry: ENTRY }).ended;
  const wallS = (performance.now() - begin) / 1000;
  const result = events.at(-1);
  const name = args.filter((arg) => !arg.includes('/')).join(' ');
  if (code !== 0 || result?.type !== 'result')
    throw new Error(`etalon ${name} ended with ${code}: ${JSON.stringify(result)} ${stderr}`);
  const peakRssMb = Number(result.peakRssMb);
  console.log(`${wallS.toFixed(1).padStart(7)} s ${peakRssMb.toFixed(0).padStart(6)} MB  etalon ${name}`);
  return { wallS, peakRssMb, result };
}

function report(imports: { seconds: number; peakRssMb: number }, seeds: readonly SeedFigures[]): boolean {
  console.log(`\nImport ${imports.seconds.toFixed(1)} s, peak ${imports.peakRssMb.toFixed(0)} MB`);
  const header = ['MAPE', 'MAE s', 'RMSE s', 'bias s', 'cover80', 'train s', 'peak MB'];
  console.log([''.padEnd(14), ...header.map((title) => title.padStart(9))].join(' '));
  for (const { seed, train, metrics } of seeds)
    line(`seed ${seed}`, metrics, [train.wallS.toFixed(1), train.peakRssMb.toFixed(0)]);
  for (const [name, metrics] of Object.entries(seeds[0].baselines)) line(name, metrics, []);

  const { mape: mostMape, maeS: mostMaeS } = TARGETS[options.preset];
  const misses = [
    ...(imports.seconds < IMPORT_S ? [] : [`import took ${imports.seconds.toFixed(1)} s`]),
    ...seeds.flatMap(({ seed, train, metrics }) => [
      ...(metrics.mape <= mostMape ? [] : [`seed ${seed}: MAPE ${metrics.mape.toFixed(4)}`]),
      ...(metrics.maeS <= mostMaeS ? [] : [`seed ${seed}: MAE ${metrics.maeS.toFixed(2)} s`]),
      ...(train.wallS < TRAIN_S ? [] : [`seed ${seed}: training took ${train.wallS.toFixed(1)} s`]),
    ]),
  ];
  console.log(
    `\nTargets: MAPE ≤ ${mostMape}, MAE ≤ ${mostMaeS} s, import < ${IMPORT_S} s, training < ${TRAIN_S} s.`,
  );
  console.log(misses.length === 0 ? 'All are met.' : `Missed: ${misses.join('; ')}.`);
  return misses.length === 0;
}

function line(name: string, metrics: EtaMetrics, others: readonly string[]): void {
  const { mape, maeS, rmseS, biasS, coverage80 } = metrics;
  const figures = [
    mape.toFixed(4),
    maeS.toFixed(1),
    rmseS.toFixed(1),
    biasS.toFixed(1),
    coverage80?.toFixed(3) ?? '–',
    ...others,
  ];
  console.log([name.padEnd(14), ...figures.map((figure) => figure.padStart(9))].join(' '));
}
