import type { JobResults } from '@etalon/core/app';
import type { Command } from 'commander';
import { bytes, count, pairs, percent, table } from '../format.ts';
import { carriedOut, type Parts } from '../invocation.ts';
import { chosenRun } from '../runs.ts';
import { horizonMinutes, localTime } from '../values.ts';

interface ForecastOptions {
  at: string;
  horizons: number[];
  out: string;
  run?: string;
}

export function addForecast(program: Command, parts: Parts): void {
  program
    .command('forecast')
    .description('predict every segment at several horizons into a table of seconds and speeds')
    .argument('<project>', 'project file')
    .requiredOption(
      '--at <time>',
      "time of what is known, on the project's wall clock, YYYY-MM-DDTHH:MM",
      localTime,
    )
    .option(
      '--horizons <minutes>',
      'minutes after it at which segments are entered',
      horizonMinutes,
      [0, 10, 20, 30, 40, 50, 60],
    )
    .requiredOption(
      '-o, --out <file>',
      'file to write, name.csv or name.parquet: segment, horizon_min, entered_at, seconds, low_s, high_s, kmh',
    )
    .option('--run <run>', 'run by name or number; the newest by default')
    .addHelpText(
      'after',
      '\nExample:\n  etalon forecast city.etalon --at "2025-05-12 08:00" --horizons 0,15,30 -o speeds.parquet',
    )
    .action(
      carriedOut(parts, async ({ app, out: output, follow }, project: string, options: ForecastOptions) => {
        await app.open(project);
        const { id, name } = chosenRun(app, options.run);
        const { at, horizons, out } = options;
        const report = await follow('forecast', app.forecast(id, at, horizons, out));
        output.say(describeForecast(report));
        return { run: name, at, ...report };
      }),
    );
}

function describeForecast({
  path,
  bytes: size,
  rows,
  segments,
  ofSegments,
  horizons,
}: JobResults['forecast']): string {
  return [
    pairs([
      ['Written', `${path} (${bytes(size)})`],
      ['Segments', `${count(segments)} of ${count(ofSegments)}, ${count(rows)} rows`],
    ]),
    table(
      ['Entered after', 'Mean speed', 'Of free flow'],
      horizons.map(({ minutes, meanKmh, ofFreeFlow }) => [
        `${minutes} min`,
        `${meanKmh.toFixed(1)} km/h`,
        percent(ofFreeFlow, 0),
      ]),
    ),
  ].join('\n\n');
}
