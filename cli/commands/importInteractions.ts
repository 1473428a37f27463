import { basename } from 'node:path';
import type { ApiInteractionFile, ApiInteractionPreview } from '@etalon/core/api/contract';
import { EtalonError } from '@etalon/core/base';
import type { Command } from 'commander';
import { bytes, table } from '../format.ts';
import { addSkipMalformed, describeReport, reportFigures, type SkipMalformed } from '../importing.ts';
import { carriedOut, type Parts } from '../invocation.ts';

interface Options extends SkipMalformed {
  name?: string;
  map?: string[];
  timeZone?: string;
  dryRun?: true;
}

export function addImportInteractions(importing: Command, parts: Parts): void {
  addSkipMalformed(importing.command('interactions'))
    .description(
      'import users, items and their interactions: tables (CSV, TSV, JSON Lines, Parquet), RecBole files, edge lists; gzip too',
    )
    .argument('<project>', 'project file')
    .argument('<files...>', 'files of one data set: interactions, and nodes with their features')
    .option('--name <name>', 'what to call the data set; the name of the first file without it')
    .option(
      '--map <[file:]field=value...>',
      'what a file is taken for: role, type, from, to, fromType, toType, weight, time, id, longitude, latitude, separator, kind:<column>',
    )
    .option('--time-zone <zone>', 'IANA name of the clock of times without an offset (UTC)')
    .option('--dry-run', 'show what the files are taken for, and import nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  etalon import interactions movies.etalon ml-100k.inter ml-100k.user ml-100k.item --dry-run\n  etalon import interactions twitch.etalon ENGB_edges.csv ENGB_target.csv --map ENGB_edges.csv:type=friend ENGB_target.csv:id=new_id',
    )
    .action(
      carriedOut(parts, async ({ app, out, follow }, project: string, paths: string[], options: Options) => {
        await app.open(project);
        const timeZone = options.timeZone ?? 'UTC';
        const files = withChoices(paths, options.map ?? []);
        const previews = await app.reader().interactions.preview({ files, timeZone });
        out.say(previews.map(describePreview).join('\n\n'));
        const plans = previews.map(({ path, plan }) => ({ path, plan }));
        if (options.dryRun)
          return { dryRun: true, files: previews.map(({ rows: _, ...preview }) => preview) };
        const name = options.name ?? basename(paths[0]).replace(/\..*$/, '');
        const job = app.importInteractions(files, name, timeZone, options.skipMalformed);
        const report = await follow('import-interactions', job);
        out.say(`\n${describeReport(report)}`);
        return { ...reportFigures(report), name, files: plans };
      }),
    );
}

/** Gives each choice to its file. Throws `usage` for another form, and for a choice among several files that names none. */
export function withChoices(paths: readonly string[], map: readonly string[]): ApiInteractionFile[] {
  const choices = paths.map((): Record<string, string> => ({}));
  for (const text of map) {
    const named = paths.findIndex((path) => text.startsWith(`${basename(path)}:`));
    const choice = named < 0 ? text : text.slice(basename(paths[named]).length + 1);
    const at = choice.indexOf('=');
    if (at < 1)
      throw new EtalonError('usage', `--map takes field=value, not “${text}”.`, {
        remedy: 'For example --map weight=plays, or --map songs.csv:id=song_id.',
      });
    if (named < 0 && paths.length > 1)
      throw new EtalonError('usage', `“${text}” does not say which file it is about.`, {
        remedy: `Begin with the file's name: --map ${basename(paths[0])}:${text}.`,
      });
    choices[Math.max(named, 0)][choice.slice(0, at)] = choice.slice(at + 1);
  }
  return paths.map((path, i) => ({ path, choices: choices[i] }));
}

function describePreview({
  path,
  format,
  sizeBytes,
  columns,
  plan,
  problems,
}: ApiInteractionPreview): string {
  const samples = new Map(columns.map(({ name, samples: values }) => [name, values.slice(0, 3).join(', ')]));
  const roles: [what: string, column: string | null][] =
    plan.role === 'edges'
      ? [
          [`from ${plan.fromType}`, plan.from],
          [`to ${plan.toType}`, plan.to],
          ['weight', plan.weight],
          ['time', plan.time],
        ]
      : [
          ['identifier', plan.id],
          ['longitude', plan.longitude],
          ['latitude', plan.latitude],
        ];
  const rows = [
    ...roles,
    ...Object.entries(plan.features).map(([column, kind]) => [kind, column] as const),
  ].flatMap(([what, column]) => (column === null ? [] : [[column, what, samples.get(column) ?? '']]));
  const heading = `${basename(path)} (${format}, ${bytes(sizeBytes)}): ${plan.role} of type ${plan.type}`;
  const found = problems.slice(0, 5).map(({ line, message }) => `  ${basename(path)}:${line}: ${message}`);
  const more = problems.length > found.length ? [`  and ${problems.length - found.length} more`] : [];
  return [heading, table(['Column', 'Kept as', 'For example'], rows), ...found, ...more].join('\n');
}
