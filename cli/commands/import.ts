import type { ApiTripMapping } from '@etalon/core/api/contract';
import { EtalonError } from '@etalon/core/base';
import type { Command } from 'commander';
import { carriedOut, type Invocation, type Parts } from '../invocation.ts';
import { wholeNumber } from '../values.ts';
import { checkColumns, chosenTimeZone, describeReport, figures, parseChoice } from './importing.ts';
import { addImportObservations } from './importObservations.ts';

export function addImport(program: Command, parts: Parts): void {
  const importing = program
    .command('import')
    .description('import roads, trips or observations into a project');
  importing
    .command('roads')
    .description('import a road network: OSM (.osm.pbf, .osm, .osm.gz), OSMnx edges (CSV) or GeoJSON lines')
    .argument('<project>', 'project file')
    .argument('<file>', 'file to read')
    .option('--nodes <file>', 'nodes that belong to OSMnx edges')
    .addHelpText(
      'after',
      '\nExamples:\n  etalon import roads porto.etalon edges.csv --nodes nodes.csv\n  etalon import roads city.etalon heidelberg.osm.pbf',
    )
    .action(
      carriedOut(
        parts,
        async ({ app, out, follow }, project: string, file: string, { nodes }: { nodes?: string }) => {
          await app.open(project);
          const report = await follow('import-roads', app.importRoads(file, nodes));
          out.say(describeReport(report));
          return figures(report);
        },
      ),
    );
  importing
    .command('trips')
    .description(
      'import trips from a table (CSV, JSON Lines, Parquet; gzip too): departure, segments in driving order, seconds',
    )
    .argument('<project>', 'project file, with roads')
    .argument('<file>', 'file to read')
    .option('--year <year>', 'year of departures that are given as day of the year', wholeNumber)
    .option('--time-zone <zone>', "IANA name of the departures' wall clock, such as Europe/Lisbon")
    .option('--map <field=column...>', `column of a field: ${FIELDS.join(', ')}`)
    .addHelpText(
      'after',
      '\nExamples:\n  etalon import trips porto.etalon trips_a.csv --year 2014 --time-zone Europe/Lisbon\n  etalon import trips city.etalon trips.csv --time-zone Europe/Berlin --map departure=start_time segments=path',
    )
    .action(
      carriedOut(parts, async (invocation, project: string, file: string, options: TripOptions) => {
        const { app, out, follow } = invocation;
        const info = await app.open(project);
        const timeZone = chosenTimeZone(info, options);
        const mapping = await chosenMapping(invocation, file, timeZone, options);
        out.say(`Columns: ${describeMapping(mapping)}`);
        const report = await follow('import-trips', app.importTrips(file, mapping, timeZone));
        out.say(describeReport(report));
        return { ...figures(report), mapping, timeZone };
      }),
    );
  addImportObservations(importing, parts);
}

interface TripOptions {
  year?: number;
  timeZone?: string;
  map?: string[];
}

const FIELDS = [
  'id',
  'departure',
  'dayOfYear',
  'minuteOfDay',
  'totalSeconds',
  'segments',
  'segmentSeconds',
] as const;

/** What the file's column names suggest, with the user's choices on top. */
async function chosenMapping(
  { app }: Invocation,
  file: string,
  timeZone: string,
  { year, map = [] }: TripOptions,
): Promise<ApiTripMapping> {
  const given = map.map((text) => parseChoice(text, FIELDS));
  const choices = { ...Object.fromEntries(given), ...(year !== undefined && { year }) };
  const { columns } = await app.reader().trips.preview({ path: file, timeZone });
  const names = columns.map(({ name }) => name);
  checkColumns(file, given, names);
  const { suggested, missing } = await app.reader().trips.preview({ path: file, timeZone, mapping: choices });
  if (missing.includes('year'))
    throw new EtalonError('usage', 'The file gives days of a year, but not which year.', {
      where: { file },
      remedy: 'Give it, for example --year 2014.',
    });
  if (missing.length > 0)
    throw new EtalonError('usage', `No column was recognised for: ${missing.join(', ')}.`, {
      where: { file, line: 1 },
      remedy: `Say which it is: --map ${missing[0]}=<column>. The file has: ${names.join(', ')}.`,
    });
  const unset = Object.fromEntries(FIELDS.map((field) => [field, null]));
  return { ...unset, year: null, ...suggested } as ApiTripMapping;
}

function describeMapping(mapping: ApiTripMapping): string {
  const taken = Object.entries(mapping).filter(([, column]) => column !== null);
  return taken
    .map(([field, column]) => (field === 'year' ? `year ${column}` : `${field} ← ${column}`))
    .join(', ');
}
