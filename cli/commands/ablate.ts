import { travelTimes } from '@etalon/core/app';
import type { DeviceChoice } from '@etalon/core/app/model';
import { EtalonError } from '@etalon/core/base';
import { type Command, Option } from 'commander';
import { type AblationRow, describeAblation } from '../ablation.ts';
import { carriedOut, type Invocation, type Parts } from '../invocation.ts';
import { didYouMean } from '../nearest.ts';
import { date, list, setting, wholeNumber } from '../values.ts';

interface AblateOptions {
  from?: string;
  until: string;
  seeds: number[];
  only?: string[];
  device: DeviceChoice;
  set?: Record<string, unknown>;
}

export function addAblate(program: Command, parts: Parts): void {
  program
    .command('ablate')
    .description('what each part of the model is worth: train with it and without, on several seeds')
    .argument('<project>', 'project file, with roads and trips')
    .requiredOption(
      '--until <date>',
      'first day that training never sees; all are judged on the trips from it on',
      date,
    )
    .option('--from <date>', 'first day to train on; a later one keeps the grid affordable', date)
    .option('--seeds <n,n…>', 'seeds of each variant', list(wholeNumber), [1, 2, 3])
    .option('--only <names>', 'variants to train beside the whole, with commas; all by default', list(String))
    .addOption(
      new Option('--device <device>', 'what computes')
        .choices(['auto', 'cpu', 'webgpu', 'webgpu:software'])
        .default('auto'),
    )
    .option('--set <key=value>', 'a setting of all variants; may be repeated', setting)
    .addHelpText(
      'after',
      '\nRuns are kept in the project as ablate-VARIANT-SEED; those that are there already are not trained again.\n\nExamples:\n  etalon ablate sample.etalon --until 2025-05-12\n  etalon ablate sample.etalon --until 2025-05-12 --seeds 1,2 --only "no edges,no off-route neighbours"\n  etalon ablate sample.etalon --from 2025-05-05 --until 2025-05-12 --seeds 1',
    )
    .action(
      carriedOut(parts, async (invocation, project: string, options: AblateOptions) => {
        await invocation.app.open(project);
        const rows = await ablate(invocation, options);
        invocation.out.say(describeAblation(rows));
        return { from: options.from ?? null, until: options.until, seeds: options.seeds, variants: rows };
      }),
    );
}

async function ablate(invocation: Invocation, options: AblateOptions): Promise<AblationRow[]> {
  // Loaded when wanted, as by every command: help answers without the models.
  const { ablations, parseEtaSettings } = await import('@etalon/models');
  const given = options.set ?? {};
  const all = ablations(parseEtaSettings(given));
  const names = all.map(({ name }) => name);
  for (const name of options.only ?? [])
    if (!names.includes(name))
      throw new EtalonError('usage', `There is no variant “${name}”.`, { remedy: didYouMean(name, names) });
  const wanted = all.filter(({ name }) => !options.only || options.only.includes(name));
  const rows: AblationRow[] = [];
  for (const { name, change } of [{ name: 'whole', change: {} }, ...wanted]) {
    const row: AblationRow = {
      name,
      change: Object.entries(change)
        .map(([key, value]) => `${key}=${value}`)
        .join(' '),
      bySeed: [],
    };
    for (const seed of options.seeds)
      row.bySeed.push(
        await judged(invocation, options, {
          name,
          seed,
          settings: parseEtaSettings({ ...given, ...change }),
        }),
      );
    rows.push(row);
    invocation.out.say(`${rows.length} of ${wanted.length + 1}: ${name}`);
  }
  return rows;
}

/** The figures of one variant and seed, trained and evaluated unless the project holds them already. */
async function judged(
  { app, follow }: Invocation,
  { from, until, device }: AblateOptions,
  { name, seed, settings }: { name: string; seed: number; settings: Record<string, number | string> },
) {
  const runName = `ablate-${name.replaceAll(' ', '-')}-${seed}`;
  const period = { ...(from && { from }), until };
  const config = JSON.stringify({ ...period, seed, settings });
  const known = app
    .runs()
    .find(
      (run) => run.name === runName && run.status === 'finished' && JSON.stringify(run.config) === config,
    );
  if (known?.evaluation?.from === until) return known.evaluation.metrics;
  let runId = known?.id;
  if (runId === undefined) {
    const training = app.train({ model: 'eta', name: runName, seed, device, ...period, settings });
    runId = training.runId;
    await follow('train', training.job);
  }
  const evaluated = await follow('evaluate', app.evaluate(runId, { from: until, baselines: [] }));
  return travelTimes(evaluated).metrics;
}
