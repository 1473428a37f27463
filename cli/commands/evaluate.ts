import type { Command } from 'commander';
import { carriedOut, type Parts } from '../invocation.ts';
import { chosenRun, describeEvaluation } from '../runs.ts';
import { date } from '../values.ts';

interface EvaluateOptions {
  from?: string;
  until?: string;
  run?: string;
}

export function addEvaluate(program: Command, parts: Parts): void {
  program
    .command('evaluate')
    .description('compare a trained run with the baselines on trips of a period')
    .argument('<project>', 'project file, with a trained run')
    .option('--from <date>', 'first day of the test trips; by default the day on which training ended', date)
    .option('--until <date>', 'first day after them', date)
    .option('--run <run>', 'run by name or number; the newest by default')
    .addHelpText('after', '\nExample:\n  etalon evaluate porto.etalon --from 2014-05-31')
    .action(
      carriedOut(
        parts,
        async ({ app, out, follow }, project: string, { from, until, run }: EvaluateOptions) => {
          await app.open(project);
          const { id, name } = chosenRun(app, run);
          const period = { ...(from && { from }), ...(until && { until }) };
          const evaluation = await follow('evaluate', app.evaluate(id, period));
          out.say(describeEvaluation(name, evaluation));
          return { run: name, ...evaluation };
        },
      ),
    );
}
