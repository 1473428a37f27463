import type { ApiSpeedExport } from '@etalon/core/api/contract';
import type { JobResults } from '@etalon/core/app';
import { EtalonError } from '@etalon/core/base';
import { type Command, Option } from 'commander';
import { bytes, count, pairs } from '../format.ts';
import { carriedOut, type Parts } from '../invocation.ts';
import { chosenRun } from '../runs.ts';
import { timeOfWeek } from '../values.ts';

interface SpeedOptions {
  out: string;
  run?: string;
  format: ApiSpeedExport['format'];
  profiles?: true;
  ways?: string;
  at?: number;
  turns?: string;
}

/** `export speeds`. `--out` and `--run` are those of `export`. */
export function addExportSpeeds(exporting: Command, parts: Parts): void {
  exporting
    .command('speeds')
    .description("write weekly speeds for another engine: Valhalla's historical speeds, or OSRM's speed file")
    .argument('<project>', 'project file')
    .addOption(
      new Option('--format <engine>', 'engine that they are for')
        .choices(['valhalla', 'osrm'])
        .makeOptionMandatory(),
    )
    .option('--profiles', 'the weekly speeds that were imported, not those of the trips or a run')
    .option('--ways <file>', "Valhalla: its way_edges.txt, which names the roads' edges")
    .option('--at <time>', 'OSRM: time of the week, such as "mon 08:00"; else the mean of 7–19 h', timeOfWeek)
    .option('--turns <file>', 'OSRM: write turn penalties too')
    .addHelpText(
      'after',
      '\nAlso: --out <file> (Valhalla: name.csv, or a folder for files by tile), --run <run> (else the history of the trips)' +
        '\n\nExamples:\n  etalon export speeds city.etalon --format valhalla --ways way_edges.txt --out traffic' +
        '\n  etalon export speeds city.etalon --format osrm --run eta-1 --at "mon 08:00" --out speeds.csv',
    )
    .action(
      carriedOut(parts, async ({ app, out: output, follow }, project: string, options: SpeedOptions) => {
        await app.open(project);
        const { out, run, format, profiles, ways, at, turns } = options;
        refuseStrangers(options);
        const report = await follow(
          'export-speeds',
          app.exportSpeeds({
            format,
            path: out,
            source: profiles ? 'profiles' : run === undefined ? 'history' : chosenRun(app, run).id,
            ...(ways !== undefined && { waysPath: ways }),
            ...(at !== undefined && { bin: at }),
            ...(turns !== undefined && { turnsPath: turns }),
          }),
        );
        output.say(describeSpeeds(report));
        return report;
      }),
    );
}

/** An option of the other engine, or two sources, would be passed over in silence. */
function refuseStrangers({ format, run, profiles, ways, at, turns }: SpeedOptions): void {
  const refuse = (message: string, remedy: string): never => {
    throw new EtalonError('usage', message, { remedy });
  };
  if (profiles && run !== undefined)
    refuse('--profiles and --run name two sources of speeds.', 'Give one of them.');
  if (format === 'valhalla' && (at !== undefined || turns !== undefined))
    refuse("--at and --turns are for OSRM; Valhalla's file holds the whole week.", 'Leave them out.');
  if (format === 'osrm' && ways !== undefined)
    refuse("--ways is for Valhalla; OSRM names roads by OSM's nodes.", 'Leave it out.');
}

function describeSpeeds(report: JobResults['export-speeds']): string {
  const { path, files, rows, segments, turns, source, notes, format } = report;
  return [
    pairs([
      ['Written', `${path} (${bytes(report.bytes)}${files > 1 ? `, ${count(files)} files` : ''})`],
      ['Speeds', source],
      [format === 'valhalla' ? 'Edges' : 'Pairs of nodes', `${count(rows)}, of ${count(segments)} segments`],
      ...(turns === undefined ? [] : [['Turn penalties', count(turns)] as const]),
    ]),
    ...notes.map((note) => `Note: ${note}`),
  ].join('\n');
}
