import { writeFileSync } from 'node:fs';
import { csvLine, readPoints } from '@etalon/core/app';
import { EtalonError } from '@etalon/core/base';
import type { Command } from 'commander';
import { count } from '../format.ts';
import { carriedOut, type Parts } from '../invocation.ts';
import { runOrHistory } from '../runs.ts';
import { localTime } from '../values.ts';

interface MatrixOptions {
  from: string;
  to?: string;
  depart: string;
  out: string;
  run?: string;
}

export function addMatrix(program: Command, parts: Parts): void {
  program
    .command('matrix')
    .description('travel times and distances from each of many points to each of others, as CSV')
    .argument('<project>', 'project file')
    .requiredOption('--from <csv>', 'starts: id, lat, lon')
    .option('--to <csv>', 'destinations; the starts by default')
    .requiredOption('--depart <time>', "departure on the project's wall clock, YYYY-MM-DDTHH:MM", localTime)
    .requiredOption('--out <file>', 'file to write: from, to, seconds, metres')
    .option('--run <run>', 'run by name or number, or history; the newest by default')
    .addHelpText(
      'after',
      '\nExample:\n  etalon matrix porto.etalon --from depots.csv --to shops.csv --depart 2014-06-02T08:30 --out times.csv',
    )
    .action(
      carriedOut(parts, async ({ app, out }, project: string, options: MatrixOptions) => {
        const from = await readPoints(options.from);
        const to = options.to === undefined ? from : await readPoints(options.to);
        await app.open(project);
        const { id, name } = runOrHistory(app, options.run);
        const { seconds, metres } = await app.reader().predict.matrix({
          runId: id,
          from: from.map(({ point }) => point),
          to: to.map(({ point }) => point),
          depart: options.depart,
        });
        const cell = (value: number | null) => value?.toFixed(1) ?? '';
        const rows = from.flatMap((start, i) =>
          to.map((end, j) => csvLine([start.id, end.id, cell(seconds[i]![j]!), cell(metres[i]![j]!)])),
        );
        write(options.out, ['from,to,seconds,metres\n', ...rows].join(''));
        const unreached = seconds.flat().filter((value) => value === null).length;
        out.say(
          `${count(from.length)} × ${count(to.length)} ways; no way leads to ${count(unreached)} of them.`,
        );
        return { run: name, path: options.out, from: from.length, to: to.length, unreached };
      }),
    );
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (cause) {
    throw new EtalonError('input', 'The file cannot be written.', { where: { file: path }, cause });
  }
}
