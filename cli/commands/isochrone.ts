import type { ApiIsochrone } from '@etalon/core/api/contract';
import type { Command } from 'commander';
import { table } from '../format.ts';
import { type Feature, feature, writeGeoJson } from '../geoJson.ts';
import { carriedOut, type Parts } from '../invocation.ts';
import { runOrHistory } from '../runs.ts';
import { latLon, localTime, minuteBands } from '../values.ts';

interface IsochroneOptions {
  fromPoint: [number, number];
  depart: string;
  minutes: number[];
  out: string;
  lines?: true;
  run?: string;
}

export function addIsochrone(program: Command, parts: Parts): void {
  program
    .command('isochrone')
    .description('what is reached from a point in given minutes, as GeoJSON')
    .argument('<project>', 'project file')
    .requiredOption('--from-point <lat,lon>', 'start', latLon)
    .requiredOption('--depart <time>', "departure on the project's wall clock, YYYY-MM-DDTHH:MM", localTime)
    .option('--minutes <list>', 'bands', minuteBands, [5, 10, 15])
    .requiredOption('--out <file>', 'file to write, name.geojson')
    .option('--lines', 'also every stretch of road that is reached')
    .option('--run <run>', 'run by name or number, or history; the newest by default')
    .addHelpText(
      'after',
      '\nExample:\n  etalon isochrone porto.etalon --from-point 41.1579,-8.6291 --depart 2014-06-02T08:30 --out reach.geojson',
    )
    .action(
      carriedOut(parts, async ({ app, out }, project: string, options: IsochroneOptions) => {
        await app.open(project);
        const { id, name } = runOrHistory(app, options.run);
        const answer = await app.reader().predict.isochrone({
          runId: id,
          from: options.fromPoint,
          depart: options.depart,
          minutes: options.minutes,
          lines: options.lines ?? false,
        });
        writeGeoJson(options.out, featuresOf(answer));
        out.say(
          table(
            ['Minutes', 'Area', 'Road'],
            answer.bands.map(({ minutes, areaKm2, roadKm }) => [
              String(minutes),
              `${areaKm2.toFixed(2)} km²`,
              `${roadKm.toFixed(1)} km`,
            ]),
          ),
        );
        const bands = answer.bands.map(({ minutes, areaKm2, roadKm }) => ({ minutes, areaKm2, roadKm }));
        return { run: name, path: options.out, depart: answer.depart, bands };
      }),
    );
}

function featuresOf({ depart, bands, lines }: ApiIsochrone): Feature[] {
  return [
    // The widest first: drawn in order, the others lie on it.
    ...bands
      .toReversed()
      .map(({ polygons, ...figures }) => feature('MultiPolygon', polygons, { depart, ...figures })),
    ...lines.map(({ coordinates, ...times }) => feature('LineString', coordinates, times)),
  ];
}
