import type { ApiGpsMapping } from '@etalon/core/api/contract';
import { gpsMapping } from '@etalon/core/api/contract';
import { EtalonError } from '@etalon/core/base';
import type { Command } from 'commander';
import {
  addSkipMalformed,
  checkColumns,
  chosenTimeZone,
  describeReport,
  parseChoice,
  reportFigures,
  type SkipMalformed,
} from '../importing.ts';
import { carriedOut, type Invocation, type Parts } from '../invocation.ts';
import { positive } from '../values.ts';

const GPS_FIELDS = gpsMapping.keyof().options;

interface GpsImportOptions extends SkipMalformed {
  timeZone?: string;
  map?: string[];
  sigma?: number;
  gap?: number;
}

export function addImportGps(importing: Command, parts: Parts): void {
  addSkipMalformed(importing.command('gps'))
    .description(
      'import GPS points (CSV, JSON Lines, Parquet, GPX or GeoJSON; gzip too), matched to the roads, as trips',
    )
    .argument('<project>', 'project file, with roads')
    .argument('<file>', 'file to read')
    .option(
      '--time-zone <zone>',
      'IANA name of the wall clock of times without an offset, and of the project',
    )
    .option('--map <field=column...>', `column of a field: ${GPS_FIELDS.join(', ')}`)
    .option('--sigma <metres>', 'noise of the points; estimated from them unless given', positive)
    .option('--gap <seconds>', 'split a trace where it has no point for longer (180)', positive)
    .addHelpText(
      'after',
      '\nExamples:\n  etalon import gps porto.etalon taxis.csv --time-zone Europe/Lisbon\n  etalon import gps city.etalon drive.gpx --time-zone Europe/Berlin\n  etalon import gps city.etalon fleet.csv.gz --map trace=vehicle time=recorded',
    )
    .action(
      carriedOut(parts, async (invocation, project: string, file: string, options: GpsImportOptions) => {
        const { app, out, follow } = invocation;
        const timeZone = chosenTimeZone(await app.open(project), options);
        const mapping = await chosenMapping(invocation, file, timeZone, options.map ?? []);
        out.say(`Columns: ${GPS_FIELDS.map((field) => `${field} ← ${mapping[field] ?? 'none'}`).join(', ')}`);
        const settings = {
          ...(options.sigma !== undefined && { sigmaM: options.sigma }),
          ...(options.gap !== undefined && { maxGapS: options.gap }),
        };
        const job = app.importGps(file, mapping, timeZone, settings, options.skipMalformed);
        const { report, quality, settings: used } = await follow('import-gps', job);
        out.say(describeReport(report));
        return { ...reportFigures(report), quality, settings: used, mapping, timeZone };
      }),
    );
}

/** What the file's columns suggest, with the user's choices on top. */
async function chosenMapping(
  { app }: Invocation,
  file: string,
  timeZone: string,
  map: readonly string[],
): Promise<ApiGpsMapping> {
  const given = map.map((text) => parseChoice(text, GPS_FIELDS, 'time=recorded_at'));
  const { columns, suggested, missing } = await app.reader().gps.preview({ path: file, timeZone });
  const names = columns.map(({ name }) => name);
  checkColumns(file, given, names);
  const mapping = { ...suggested, ...Object.fromEntries(given) };
  const still = missing.find((field) => !mapping[field as keyof ApiGpsMapping]);
  if (still !== undefined)
    throw new EtalonError('usage', `No column was recognised for: ${missing.join(', ')}.`, {
      where: { file, line: 1 },
      remedy: `Say which it is: --map ${still}=<column>. The file has: ${names.join(', ')}.`,
    });
  return { trace: null, ...mapping } as ApiGpsMapping;
}
