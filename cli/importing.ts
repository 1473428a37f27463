import type { ApiImportReport, ApiProjectInfo } from '@etalon/core/api/contract';
import { EtalonError } from '@etalon/core/base';
import type { Command } from 'commander';
import { count, duration, pairs, table } from './format.ts';
import { didYouMean } from './nearest.ts';

/** The zone given, else the project's. Throws `usage` where there is neither. */
export function chosenTimeZone(
  project: Pick<ApiProjectInfo, 'timeZone'>,
  options: { timeZone?: string },
): string {
  const timeZone = options.timeZone ?? project.timeZone;
  if (timeZone) return timeZone;
  throw new EtalonError('usage', 'The time zone of the file’s clock is not known.', {
    remedy: 'Give it, for example --time-zone Europe/Lisbon.',
  });
}

/** Of every import: the one choice about rows that cannot be read. */
export function addSkipMalformed(command: Command): Command {
  return command.option(
    '--skip-malformed',
    'leave out rows that cannot be read, and report them; without it the first stops the import',
  );
}

export interface SkipMalformed {
  skipMalformed?: true;
}

/** `field=column` of `--map`. Throws `usage` for another form or field. */
export function parseChoice<Field extends string>(
  text: string,
  fields: readonly Field[],
  example: string,
): [Field, string] {
  const at = text.indexOf('=');
  const field = text.slice(0, at);
  if (at < 1)
    throw new EtalonError('usage', `--map takes field=column, not “${text}”.`, {
      remedy: `For example --map ${example}.`,
    });
  if (!(fields as readonly string[]).includes(field))
    throw new EtalonError('usage', `There is no field “${field}”.`, { remedy: didYouMean(field, fields) });
  return [field as Field, text.slice(at + 1)];
}

/** Throws `usage` for a choice of a column that the file does not have. */
export function checkColumns(
  file: string,
  choices: readonly (readonly [string, string])[],
  columns: readonly string[],
): void {
  for (const [field, column] of choices)
    if (!columns.includes(column))
      throw new EtalonError('usage', `The file has no column “${column}”.`, {
        where: { file, line: 1, field },
        remedy: didYouMean(column, columns),
      });
}

/** The parts of a report that `--json` gives. */
export function reportFigures({ source, format, read, kept, dropped, notes }: ApiImportReport): object {
  return { source, format, read, kept, dropped, notes };
}

/** A report as text for a terminal. */
export function describeReport({
  read,
  kept,
  dropped,
  notes,
  seconds,
  format,
  source,
}: ApiImportReport): string {
  const counts = (figures: Record<string, number>) =>
    Object.entries(figures)
      .map(([kind, n]) => `${count(n)} ${kind}`)
      .join(', ');
  const parts = [
    pairs([
      ['Source', `${source} (${format}), ${duration(seconds)}`],
      ['Read', counts(read)],
      ['Kept', counts(kept)],
    ]),
  ];
  if (dropped.length > 0)
    parts.push(
      table(
        ['Left out', 'Count', 'For example'],
        dropped.map(({ description, count: n, examples }) => [description, count(n), examples[0] ?? '']),
      ),
    );
  if (notes.length > 0) parts.push(notes.map((note) => `Note: ${note}`).join('\n'));
  return parts.join('\n\n');
}
