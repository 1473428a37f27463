import type { BaselineChoice, DeviceChoice } from '@etalon/core/app/model';
import { EtalonError } from '@etalon/core/base';
import { type Command, Option } from 'commander';
import { carriedOut, type Parts } from '../invocation.ts';
import { chosenRun, describeEvaluation, describeRolling } from '../runs.ts';
import { describeSpeedEvaluation } from '../speedRuns.ts';
import { date, wholeNumber } from '../values.ts';

interface EvaluateOptions {
  from?: string;
  until?: string;
  run?: string;
  baselines: BaselineChoice;
  rolling?: number;
  device: DeviceChoice;
}

function checkWindows(windows: number): void {
  if (windows < 2 || windows > 20)
    throw new EtalonError('usage', `There cannot be ${windows} windows.`, {
      where: { field: '--rolling' },
      remedy: 'Give a number from 2 to 20.',
    });
}

function baselineChoice(text: string): BaselineChoice {
  return text === 'all' || text === 'fast' ? text : text.split(',').map((name) => name.trim());
}

export function addEvaluate(program: Command, parts: Parts): void {
  program
    .command('evaluate')
    .description('compare a trained run with the baselines on trips or observations of a period')
    .argument('<project>', 'project file, with a trained run')
    .option('--from <date>', 'first day of the test trips; by default the day on which training ended', date)
    .option('--until <date>', 'first day after them', date)
    .option('--run <run>', 'run by name or number; the newest by default')
    .option(
      '--baselines <which>',
      'all, fast (those that take seconds), or names with commas: freeFlow, historical, live, blend, ridge, segmentModel, trees, treesRelative, mlp, lstm, deepSets',
      baselineChoice,
      'fast',
    )
    .addOption(
      new Option(
        '--rolling <windows>',
        'train the run’s settings on so many expanding windows, and judge each on the days after it',
      )
        .argParser(wholeNumber)
        .conflicts(['from', 'until']),
    )
    .addOption(
      new Option('--device <device>', 'what computes the training of --rolling')
        .choices(['auto', 'cpu', 'webgpu', 'webgpu:software'])
        .default('auto'),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  etalon evaluate porto.etalon --from 2014-05-31\n  etalon evaluate porto.etalon --baselines all\n  etalon evaluate porto.etalon --rolling 4',
    )
    .action(
      carriedOut(
        parts,
        async (
          { app, out, follow },
          project: string,
          { from, until, run, baselines, rolling, device }: EvaluateOptions,
        ) => {
          await app.open(project);
          const { id, name } = chosenRun(app, run);
          if (rolling !== undefined) {
            checkWindows(rolling);
            const windows = { windows: rolling, device, baselines };
            const result = await follow('rolling', app.rolling(id, windows));
            out.say(describeRolling(result));
            return result;
          }
          const period = { ...(from && { from }), ...(until && { until }) };
          const evaluation = await follow('evaluate', app.evaluate(id, { ...period, baselines }));
          out.say(
            'kind' in evaluation
              ? describeSpeedEvaluation(name, evaluation)
              : describeEvaluation(name, evaluation),
          );
          return { run: name, ...evaluation };
        },
      ),
    );
}
