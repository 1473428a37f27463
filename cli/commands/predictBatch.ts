import type { ApiBatchReport } from '@etalon/core/api/contract';
import type { Command } from 'commander';
import { count, table } from '../format.ts';
import { carriedOut, type Parts } from '../invocation.ts';
import { runOrHistory } from '../runs.ts';

export function addPredictBatch(program: Command, parts: Parts): void {
  program
    .command('predict-batch')
    .description('predict every trip of a CSV file into another')
    .argument('<project>', 'project file')
    .argument('<csv>', 'departure, and from_lat, from_lon, to_lat, to_lon or segments; id where there is one')
    .requiredOption(
      '--out <file>',
      'file to write: a row for each row, with eta_s, low_s, high_s, distance_m, problem',
    )
    .option('--run <run>', 'run by name or number, or history; the newest by default')
    .addHelpText('after', '\nExample:\n  etalon predict-batch porto.etalon trips.csv --out etas.csv')
    .action(
      carriedOut(
        parts,
        async (
          { app, out: output, follow },
          project: string,
          csv: string,
          { out, run }: { out: string; run?: string },
        ) => {
          await app.open(project);
          const { id, name } = runOrHistory(app, run);
          const report = await follow('predict-batch', app.predictBatch(id, csv, out));
          output.say(describeBatch(report));
          return { run: name, ...report };
        },
      ),
    );
}

function describeBatch({ path, rows, predicted, failed, problems }: ApiBatchReport): string {
  const summary = `${count(predicted)} of ${count(rows)} trips predicted, in ${path}.`;
  if (failed === 0) return summary;
  const shown = table(
    ['Line', 'Problem'],
    problems.map(({ line, message }) => [count(line), message.replace(/^line \d+: /, '')]),
  );
  return `${summary} ${count(failed)} were not:\n\n${shown}`;
}
