import type { ApiObservationMapping } from '@etalon/core/api/contract';
import { EtalonError } from '@etalon/core/base';
import { type Command, Option } from 'commander';
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
import { duration as durationOf, positive } from '../values.ts';

const UNITS = ['km/h', 'mph', 'm/s'] as const;
const FIELDS = ['segment', 'way', 'direction', 'time', 'speed', 'seconds', 'count'] as const;

interface CommonOptions extends SkipMalformed {
  map?: string[];
  unit?: (typeof UNITS)[number];
  timeZone?: string;
  step?: number;
}

interface DetectorOptions extends CommonOptions {
  positions?: string;
  adjacency?: string;
  start?: string;
  maxDistance?: number;
}

/** `import observations` and `import detectors`. */
export function addImportObservations(importing: Command, parts: Parts): void {
  common(
    importing
      .command('observations')
      .description('import speeds of segments, or of OSM ways and directions, from a table')
      .argument('<project>', 'project file, with roads')
      .argument('<file>', 'CSV, JSON Lines or Parquet: a row for each segment and interval'),
    FIELDS,
  )
    .addHelpText(
      'after',
      '\nExamples:\n  etalon import observations city.etalon speeds.csv --time-zone Europe/Berlin --unit km/h\n  etalon import observations city.etalon probes.parquet --map way=osm_way_id direction=dir --step 15min',
    )
    .action(
      carriedOut(parts, (invocation, project: string, file: string, options: CommonOptions) =>
        importFile(invocation, project, file, options, { layout: 'segments' }),
      ),
    );
  common(
    importing
      .command('detectors')
      .description(
        'import a matrix of speeds, a column for each sensor; without roads the sensors become the network',
      )
      .argument('<project>', 'project file')
      .argument('<file>', 'CSV, JSON Lines or Parquet: a row for each interval'),
    ['time'],
  )
    .option('--positions <file>', 'table of the sensors: sensor_id, latitude, longitude')
    .option(
      '--adjacency <file>',
      'matrix of weights between sensors; makes the turns where there are no roads',
    )
    .option('--start <time>', 'wall clock of the first row, where the file has no column of times')
    .option('--max-distance <metres>', 'a sensor further from a road is left out (50)', positive)
    .addHelpText(
      'after',
      '\nExample:\n  etalon import detectors los.etalon los_speed.csv --positions graph_sensor_locations.csv --adjacency los_adj.csv --unit mph --start 2012-03-01T00:00 --step 5min --time-zone America/Los_Angeles',
    )
    .action(
      carriedOut(parts, (invocation, project: string, file: string, options: DetectorOptions) =>
        importFile(invocation, project, file, options, {
          layout: 'detectors',
          ...(options.positions && { positions: options.positions }),
          ...(options.adjacency && { adjacency: options.adjacency }),
          ...(options.start && { start: options.start }),
          ...(options.maxDistance && { maxDistanceM: options.maxDistance }),
        }),
      ),
    );
}

function common(command: Command, fields: readonly string[]): Command {
  return addSkipMalformed(command)
    .option('--map <field=column...>', `column of a field: ${fields.join(', ')}`)
    .addOption(new Option('--unit <unit>', 'unit of the speeds; guessed without it').choices(UNITS))
    .option('--time-zone <zone>', "IANA name of the times' wall clock, such as Europe/Lisbon")
    .option('--step <duration>', 'length of an interval: 30s, 5min, 1h; guessed without it', durationOf);
}

async function importFile(
  invocation: Invocation,
  project: string,
  file: string,
  options: CommonOptions,
  choices: Partial<ApiObservationMapping>,
): Promise<object> {
  const { app, out, follow } = invocation;
  const info = await app.open(project);
  const timeZone = chosenTimeZone(info, options);
  const mapping = await chosenMapping(invocation, file, timeZone, options, choices);
  out.say(describeMapping(mapping));
  const job = app.importObservations(file, mapping, timeZone, options.skipMalformed);
  const report = await follow('import-observations', job);
  out.say(describeReport(report));
  return { ...reportFigures(report), mapping, timeZone };
}

/** What the file suggests, with the user's choices on top. */
async function chosenMapping(
  { app, out }: Invocation,
  file: string,
  timeZone: string,
  { map = [], unit, step }: CommonOptions,
  choices: Partial<ApiObservationMapping>,
): Promise<ApiObservationMapping> {
  const fields = choices.layout === 'detectors' ? (['time'] as const) : FIELDS;
  const given = map.map((text) => parseChoice(text, fields, 'time=start'));
  const mapping = {
    ...choices,
    ...Object.fromEntries(given),
    ...(unit && { unit }),
    ...(step && { stepS: step }),
  };
  const first = await app.reader().observations.preview({ path: file, timeZone, mapping: choices });
  const names = first.columns.map(({ name }) => name);
  checkColumns(file, given, names);
  const { suggested, missing, unitFrom } = await app
    .reader()
    .observations.preview({ path: file, timeZone, mapping });
  const [field] = missing;
  if (field)
    throw new EtalonError(
      'usage',
      `It is not known: ${MISSING[field] ?? `which column holds the ${field}`}.`,
      {
        where: { file, field },
        remedy:
          REMEDIES[field] ??
          `Say which it is: --map ${field}=<column>. The file has: ${names.slice(0, 20).join(', ')}.`,
      },
    );
  if (unitFrom !== 'given' && !suggested.seconds)
    out.say(`Unit: ${suggested.unit}, guessed ${GUESSED[unitFrom]}; --unit says otherwise.`);
  return { ...NOTHING, ...suggested } as ApiObservationMapping;
}

const MISSING: Record<string, string> = {
  positions: 'where the sensors are',
  start: 'when the first row was',
  stepS: 'how long an interval is',
};
const REMEDIES: Record<string, string> = {
  positions: 'Give their file: --positions <file>, with sensor_id, latitude and longitude.',
  start: 'Give it: --start YYYY-MM-DDTHH:MM, or the column of times: --map time=<column>.',
  stepS: 'Give it, for example --step 5min.',
};
const GUESSED = {
  name: 'from the name of the column',
  limits: 'by the speed limits of the roads',
  values: 'by the size of the values',
} as const;

const NOTHING = {
  segment: null,
  way: null,
  direction: null,
  time: null,
  speed: null,
  seconds: null,
  count: null,
  start: null,
  positions: null,
  adjacency: null,
} satisfies Partial<ApiObservationMapping>;

function describeMapping(mapping: ApiObservationMapping): string {
  const columns = FIELDS.flatMap((field) => (mapping[field] === null ? [] : `${field} ← ${mapping[field]}`));
  const interval = `intervals of ${mapping.stepS} s`;
  const unit = mapping.seconds === null ? [`speeds in ${mapping.unit}`] : [];
  return `Columns: ${[...columns, ...unit, interval].join(', ')}`;
}
