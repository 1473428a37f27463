import type { ApiTripMapping } from '@etalon/core/api/contract';
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
import { latLon, wholeNumber } from '../values.ts';
import { addImportGps } from './importGps.ts';
import { addImportInteractions } from './importInteractions.ts';
import { addImportObservations } from './importObservations.ts';

export function addImport(program: Command, parts: Parts): void {
  const importing = program
    .command('import')
    .description(
      'import roads, trips, GPS points, observations, weekly speeds or interactions into a project',
    );
  addSkipMalformed(importing.command('roads'))
    .description(
      'import a road network: OSM (.osm.pbf, .osm, .osm.gz), OSMnx edges (CSV), GeoJSON lines or SUMO (.net.xml)',
    )
    .argument('<project>', 'project file')
    .argument('<file>', 'file to read')
    .option('--nodes <file>', 'nodes that belong to OSMnx edges')
    .option('--origin <lat,lon>', 'where to put the middle of a SUMO network without a projection', latLon)
    .addHelpText(
      'after',
      '\nExamples:\n  etalon import roads porto.etalon edges.csv --nodes nodes.csv\n  etalon import roads city.etalon heidelberg.osm.pbf',
    )
    .action(
      carriedOut(
        parts,
        async (
          { app, out, follow },
          project: string,
          file: string,
          { nodes, origin, skipMalformed }: SkipMalformed & { nodes?: string; origin?: [number, number] },
        ) => {
          await app.open(project);
          const report = await follow('import-roads', app.importRoads(file, nodes, origin, skipMalformed));
          out.say(describeReport(report));
          return reportFigures(report);
        },
      ),
    );
  addSkipMalformed(importing.command('trips'))
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
        const job = app.importTrips(file, mapping, timeZone, options.skipMalformed);
        const report = await follow('import-trips', job);
        out.say(describeReport(report));
        return { ...reportFigures(report), mapping, timeZone };
      }),
    );
  addProfiles(importing, parts);
  addImportGps(importing, parts);
  addImportObservations(importing, parts);
  addImportInteractions(importing, parts);
}

/** `import profiles`: weekly speeds of another engine. */
function addProfiles(importing: Command, parts: Parts): void {
  addSkipMalformed(importing.command('profiles'))
    .description("import Valhalla's historical speeds: a CSV file, or the folder of traffic files by tile")
    .argument('<project>', 'project file, with roads from OSM')
    .argument('<file>', 'file or folder to read')
    .requiredOption('--ways <file>', 'way_edges.txt of the same tiles, from valhalla_ways_to_edges')
    .addHelpText('after', '\nExample:\n  etalon import profiles city.etalon traffic.csv --ways way_edges.txt')
    .action(
      carriedOut(
        parts,
        async (
          { app, out, follow },
          project: string,
          file: string,
          { ways, skipMalformed }: SkipMalformed & { ways: string },
        ) => {
          await app.open(project);
          const report = await follow('import-profiles', app.importProfiles(file, ways, skipMalformed));
          out.say(describeReport(report));
          return reportFigures(report);
        },
      ),
    );
}

interface TripOptions extends SkipMalformed {
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
  const given = map.map((text) => parseChoice(text, FIELDS, 'departure=start_time'));
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
