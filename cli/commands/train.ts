import type { ApiRecommenderChoice, ApiRunInfo } from '@etalon/core/api/contract';
import type { App } from '@etalon/core/app';
import type { DeviceChoice } from '@etalon/core/app/model';
import { EtalonError } from '@etalon/core/base';
import { type Command, Option } from 'commander';
import { duration, percent } from '../format.ts';
import { carriedOut, type Invocation, type Parts } from '../invocation.ts';
import { didYouMean } from '../nearest.ts';
import type { Output } from '../output.ts';
import { chosenRun } from '../runs.ts';
import { date, setting, wholeNumber } from '../values.ts';

export interface TrainOptions {
  model: string;
  from?: string;
  until?: string;
  seed: number;
  device: DeviceChoice;
  name?: string;
  set?: Record<string, unknown>;
  resume?: string;
  interactions?: ApiRecommenderChoice;
}

export function addTrain(program: Command, parts: Parts): void {
  program
    .command('train')
    .description('train a model on the trips of a project, or on its observations of segments')
    .argument('<project>', 'project file, with roads, and trips (eta) or observations (speeds)')
    .addOption(new Option('--model <model>', 'model to train').choices(['eta', 'speeds']).default('eta'))
    .option('--from <date>', 'first day of training', date)
    .option('--until <date>', 'first day that training never sees', date)
    .option('--seed <n>', 'seed of all randomness', wholeNumber, 1)
    .addOption(
      new Option('--device <device>', 'what computes; auto takes a real GPU, else the CPU')
        .choices(['auto', 'cpu', 'webgpu', 'webgpu:software'])
        .default('auto'),
    )
    .option('--name <name>', "the run's name")
    .option('--set <key=value>', 'a setting of the model; may be repeated', setting)
    .addOption(
      new Option('--resume <run>', 'go on with an interrupted run, by name or number').conflicts([
        'from',
        'until',
        'name',
        'set',
      ]),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  etalon train porto.etalon --model eta --until 2014-05-31 --seed 1 --device auto\n  etalon train porto.etalon --set epochs=20 --set hidden=64\n  etalon train porto.etalon --resume eta-1\n  etalon train los.etalon --model speeds --until 2012-03-06',
    )
    .action(
      carriedOut(parts, async (invocation, project: string, options: TrainOptions) => {
        const { app, out } = invocation;
        await app.open(project);
        const run = await train(invocation, options, project);
        const { validation, speeds } = run;
        const error = validation
          ? { ...validation, mae: `${validation.maeS.toFixed(1)} s` }
          : speeds?.validation && {
              ...speeds.validation,
              mae: `${speeds.validation.maeKmh.toFixed(2)} km/h`,
            };
        const best = error
          ? ` Best on validation days: MAE ${error.mae}, MAPE ${percent(error.mape, 2)}, epoch ${error.epoch}.`
          : '';
        out.say(
          `Trained ${run.name} in ${duration(run.seconds)} on ${run.device ?? 'an unknown device'}.${best}`,
        );
        return { run };
      }),
    );
}

/** Trains a run, or goes on with one, and shows how it gets on. */
export async function train(
  { app, out, follow }: Invocation,
  options: TrainOptions,
  project: string,
): Promise<ApiRunInfo> {
  const { resume, model, seed, device, from, until, name, interactions, set: settings = {} } = options;
  for (const key of Object.keys(settings)) checkSetting(app, model, key);
  const resumedId = resume === undefined ? undefined : chosenRun(app, resume).id;
  const { job, runId } =
    resumedId === undefined
      ? app.train({ model, seed, device, from, until, name, settings, interactions })
      : { job: app.resume(resumedId, device), runId: resumedId };
  out.say(`${job.title} …`);
  try {
    await Promise.all([follow('train', job), out.json && tellMetrics(app, out, runId)]);
  } catch (error) {
    const run = app.run(runId);
    if (run.status !== 'interrupted') throw error;
    throw new EtalonError('cancelled', `Training of ${run.name} was interrupted.`, {
      remedy: `Go on with: etalon train ${project} --resume ${run.name}`,
      cause: error,
    });
  }
  return app.run(runId);
}

/** The figures of each epoch as they come, a line of the protocol for each: losses, learning rate, learned weights, validation. */
async function tellMetrics(app: App, out: Output, runId: number): Promise<void> {
  for await (const points of app.watchMetrics(runId, new AbortController().signal))
    for (const [epoch, ofEpoch] of Map.groupBy(points, ({ epoch }) => epoch))
      out.event('metrics', {
        epoch,
        metrics: Object.fromEntries(ofEpoch.map(({ name, value }) => [name, value])),
      });
}

function checkSetting(app: App, model: string, key: string): void {
  const known = app.settings(model).map((setting) => setting.key);
  if (!known.includes(key))
    throw new EtalonError('usage', `The model ${model} has no setting “${key}”.`, {
      remedy: didYouMean(key, known),
    });
}
