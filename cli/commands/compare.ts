import type { RunComparison } from '@etalon/core/api/contract';
import type { Command } from 'commander';
import { count, percent, table } from '../format.ts';
import { carriedOut, type Parts } from '../invocation.ts';
import { chosenRun, SLICES } from '../runs.ts';

export function addCompare(program: Command, parts: Parts): void {
  program
    .command('compare')
    .description('compare two evaluated runs trip by trip, with 95 % intervals')
    .argument('<project>', 'project file, with evaluated runs')
    .argument('<a>', 'run by name or number')
    .argument('<b>', 'another one; differences are its figures − those of the first')
    .addHelpText('after', '\nExample:\n  etalon compare porto.etalon eta-1 eta-2')
    .action(
      carriedOut(parts, async ({ app, out }, project: string, a: string, b: string) => {
        await app.open(project);
        const [runA, runB] = [chosenRun(app, a), chosenRun(app, b)];
        const comparison = await app.reader().runs.compare({ a: runA.id, b: runB.id });
        out.say(describeComparison(comparison));
        return comparison;
      }),
    );
}

function describeComparison({ a, b, ...comparison }: RunComparison): string {
  const { warnings, settings, metrics, slices, calibration, errorByHorizon = [] } = comparison;
  const header = [a.name, b.name, 'Difference', '95 % interval'];
  const section = (title: string, head: string[], rows: string[][]) =>
    rows.length === 0 ? [] : [table([title, ...head], rows)];
  return [
    ...warnings.map((warning) => `Note: ${warning}`),
    ...section(
      'Setting',
      [a.name, b.name],
      settings.map((row) => [row.key, row.a, row.b]),
    ),
    ...section(
      'Figure',
      header,
      metrics.map(({ name, unit, ...row }) => [name, ...cells(row, unit)]),
    ),
    ...Object.entries(SLICES).flatMap(([by, title]) =>
      section(
        `${title}, MAE`,
        [...header, 'Trips'],
        slices
          .filter((slice) => slice.by === by)
          .map(({ label, n, ...row }) => [label, ...cells(row, 's'), count(n)]),
      ),
    ),
    ...section(
      'Interval meant to hold',
      [a.name, b.name],
      calibration.map((row) => [percent(row.nominal, 0), percent(row.a), percent(row.b)]),
    ),
    ...section(
      'Segment entered after, MAE',
      [a.name, b.name, 'Segments'],
      errorByHorizon.map(({ fromMin, toMin, n, ...row }) => [
        toMin === null ? `over ${fromMin} min` : `${fromMin}–${toMin} min`,
        `${row.a.toFixed(2)} s`,
        `${row.b.toFixed(2)} s`,
        count(n),
      ]),
    ),
  ].join('\n\n');
}

function cells(
  { a, b, difference, low, high }: Omit<RunComparison['slices'][number], 'by' | 'label' | 'n'>,
  unit: RunComparison['metrics'][number]['unit'],
): string[] {
  const of = (value: number) => `${value.toFixed(unit === 's' ? 1 : 2)} ${unit}`;
  const signed = (value: number) => `${value > 0 ? '+' : ''}${of(value)}`;
  const interval = low === null || high === null ? '–' : `${signed(low)} … ${signed(high)}`;
  return [of(a), of(b), signed(difference), interval];
}
