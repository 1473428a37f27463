import type { BaselineChoice } from '@etalon/core/app/model';
import type { Command } from 'commander';
import { carriedOut, type Parts } from '../invocation.ts';
import { chosenRun, describeEvaluation } from '../runs.ts';
import { date } from '../values.ts';

interface EvaluateOptions {
  from?: string;
  until?: string;
  run?: string;
  baselines: BaselineChoice;
}

function baselineChoice(text: string): BaselineChoice {
  return text === 'all' || text === 'fast' ? text : text.split(',').map((name) => name.trim());
}

export function addEvaluate(program: Command, parts: Parts): void {
  program
    .command('evaluate')
    .description('compare a trained run with the baselines on trips of a period')
    .argument('<project>', 'project file, with a trained run')
    .option('--from <date>', 'first day of the test trips; by default the day on which training ended', date)
    .option('--until <date>', 'first day after them', date)
    .option('--run <run>', 'run by name or number; the newest by default')
    .option(
      '--baselines <which>',
      'all, fast (those that take seconds), or names with commas: freeFlow, historical, live, blend, ridge, segmentModel, trees, treesRelative, mlp, lstm',
      baselineChoice,
      'fast',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  etalon evaluate porto.etalon --from 2014-05-31\n  etalon evaluate porto.etalon --baselines all',
    )
    .action(
      carriedOut(
        parts,
        async ({ app, out, follow }, project: string, { from, until, run, baselines }: EvaluateOptions) => {
          await app.open(project);
          const { id, name } = chosenRun(app, run);
          const period = { ...(from && { from }), ...(until && { until }) };
          const evaluation = await follow('evaluate', app.evaluate(id, { ...period, baselines }));
          out.say(describeEvaluation(name, evaluation));
          return { run: name, ...evaluation };
        },
      ),
    );
}
