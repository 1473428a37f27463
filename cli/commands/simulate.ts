import type { SimulationReport } from '@etalon/core/app';
import { EtalonError } from '@etalon/core/base';
import type { Command } from 'commander';
import { count, duration, pairs, percent, table } from '../format.ts';
import { carriedOut, type Parts } from '../invocation.ts';
import { date, list, number, wholeNumber } from '../values.ts';

/** A Monday, where nothing else is asked for and the project has no trips to begin with. */
const FIRST_DAY = '2025-01-06';

interface SimulateOptions {
  days: number;
  firstDay?: string;
  timeZone?: string;
  demand: number;
  incidents: number;
  rain: number;
  probes: number;
  seed: number;
  holidays?: string[];
  calibrate?: true;
}

export function addSimulate(program: Command, parts: Parts): void {
  program
    .command('simulate')
    .description('simulate traffic on a project’s roads and add the trips of its probes')
    .argument('<project>', 'project file, with roads')
    .option('--days <n>', 'days to simulate', wholeNumber, 14)
    .option('--first-day <date>', 'first day; that of the project’s trips, or a Monday, by default', date)
    .option('--time-zone <zone>', 'IANA name of the clock; needed where the project has no trips')
    .option('--demand <level>', 'traffic: 1 is what the roads bear with busy rush hours, 0.2 to 2', number, 1)
    .option('--incidents <n>', 'incidents a day', number, 10)
    .option('--rain <p>', 'probability that a day brings rain', number, 0.3)
    .option('--probes <share>', 'share of the simulated vehicles whose trips are kept', number, 0.1)
    .option('--seed <n>', 'other numbers give other traffic', wholeNumber, 1)
    .option('--holidays <dates>', 'dates with the traffic of a Sunday, with commas between', list(date))
    .option('--calibrate', 'fit speeds and demand to the project’s trips first')
    .addHelpText(
      'after',
      '\nExamples:\n  etalon simulate city.etalon --days 14 --time-zone Europe/Berlin\n  etalon simulate porto.etalon --days 7 --calibrate',
    )
    .action(
      carriedOut(parts, async ({ app, out, follow }, project: string, options: SimulateOptions) => {
        const info = await app.open(project);
        const timeZone = options.timeZone ?? info.timeZone;
        if (!timeZone)
          throw new EtalonError('usage', 'The time zone of the simulated clock is not known.', {
            remedy: 'Give it, for example --time-zone Europe/Berlin.',
          });
        const job = app.simulate({
          days: options.days,
          firstDay: options.firstDay ?? info.firstDay ?? FIRST_DAY,
          timeZone,
          demand: options.demand,
          incidentsPerDay: options.incidents,
          rain: options.rain,
          probeShare: options.probes,
          seed: options.seed,
          calibrate: options.calibrate ?? false,
          holidays: options.holidays ?? [],
        });
        const report = await follow('simulate', job);
        // Loaded when wanted: help answers without the roads.
        const { ROAD_CLASSES } = await import('@etalon/core/roads');
        out.say(describe(report, ROAD_CLASSES));
        return report;
      }),
    );
}

function describe(
  { source, kept, notes, seconds, figures, calibration }: SimulationReport,
  roadClasses: readonly string[],
): string {
  const perSecond = (n: number) => `${count(Math.round(n / figures.seconds))} a second`;
  const vehicles = figures.departed * figures.packet;
  const lines = [
    pairs([
      ['Source', `${source}, ${duration(seconds)}`],
      ['Kept', `${count(kept.trips)} trips, ${count(kept.traversals)} traversals`],
      ['Vehicles', `${count(vehicles)}, ${perSecond(vehicles)}; ${figures.packet} move as one`],
      ['Traversals', `${count(figures.traversals)} of the model, ${perSecond(figures.traversals)}`],
      ['Gave up', `${count(figures.gaveUp)}, ${percent(figures.gaveUp / Math.max(1, figures.departed), 2)}`],
    ]),
    notes.map((note) => `Note: ${note}`).join('\n'),
  ];
  if (calibration) {
    const after = new Map(calibration.after.byHour.map((row) => [row.hour, row.simulatedKmh]));
    lines.push(
      table(
        ['Hour', 'Trips', 'Observed km/h', 'Before', 'After'],
        calibration.before.byHour.map((row) => [
          `${row.hour}:00`,
          count(row.trips),
          row.observedKmh.toFixed(1),
          row.simulatedKmh.toFixed(1),
          (after.get(row.hour) ?? Number.NaN).toFixed(1),
        ]),
      ),
      table(
        ['Class', 'Free speed'],
        calibration.speedFactors.map((factor, c) => [roadClasses[c], `× ${factor.toFixed(2)}`]),
      ),
    );
  }
  return lines.join('\n\n');
}
