import { answerOf } from '@etalon/core/api/client';
import type { ApiRouteAnswer } from '@etalon/core/api/contract';
import { EtalonError } from '@etalon/core/base';
import { type Command, Option } from 'commander';
import { describeExplanation } from '../explanation.ts';
import { clock, pairs, percent, table } from '../format.ts';
import { carriedOut, type Parts } from '../invocation.ts';
import { chosenRun } from '../runs.ts';
import { latLon, localTime } from '../values.ts';

interface PredictOptions {
  fromPoint: [number, number];
  toPoint: [number, number];
  depart?: string;
  arrive?: string;
  run?: string;
  explain?: boolean;
}

export function addPredict(program: Command, parts: Parts): void {
  program
    .command('predict')
    .description('route between two points and predict its travel time')
    .argument('<project>', 'project file, with a trained run')
    .requiredOption('--from-point <lat,lon>', 'start', latLon)
    .requiredOption('--to-point <lat,lon>', 'destination', latLon)
    .option('--depart <time>', "departure on the project's wall clock, YYYY-MM-DDTHH:MM", localTime)
    .addOption(
      new Option('--arrive <time>', 'instead: arrival, for which it says when to leave')
        .argParser(localTime)
        .conflicts('depart'),
    )
    .option('--run <run>', 'run by name or number; the newest by default')
    .option('--explain', 'say what the travel time comes from: road by road, input by input')
    .addHelpText(
      'after',
      '\nExample:\n  etalon predict porto.etalon --from-point 41.1579,-8.6291 --to-point 41.1487,-8.5856 --depart 2014-06-02T08:30',
    )
    .action(
      carriedOut(parts, async ({ app, out }, project: string, options: PredictOptions) => {
        const { depart, arrive } = options;
        if (depart === undefined && arrive === undefined)
          throw new EtalonError('usage', 'There is no time to predict for.', {
            remedy: 'Give --depart or --arrive, for example --depart 2014-06-02T08:30.',
          });
        await app.open(project);
        const { id, name } = chosenRun(app, options.run);
        const answer = await app.reader().predict.route({
          runId: id,
          from: options.fromPoint,
          to: options.toPoint,
          ...(depart !== undefined && { depart }),
          ...(arrive !== undefined && { arrive }),
        });
        out.say(describeRoute(answer));
        if (!options.explain) return { run: name, ...answer };
        const asked = app.reader().predict.explain({
          runId: id,
          segments: answer.segments,
          from: options.fromPoint,
          to: options.toPoint,
          depart: answer.depart,
        });
        const explanation = await answerOf(asked);
        out.say(`\n${describeExplanation(explanation)}`);
        return { run: name, ...answer, explanation };
      }),
    );
}

export function describeRoute(route: ApiRouteAnswer): string {
  const km = (lengthM: number) => `${(lengthM / 1000).toFixed(2)} km`;
  const answer = pairs([
    ['Travel time', `${clock(route.etaS)} (8 of 10 trips take ${clock(route.lowS)}–${clock(route.highS)})`],
    ['Departure', route.depart.replace('T', ' ')],
    ['Arrival', route.arrive.replace('T', ' ')],
    ['Distance', `${km(route.distanceM)}, ${route.segments.length} segments`],
    ['Free flow says', clock(route.freeFlowS)],
    ['History says', clock(route.historicalS)],
    ['Points moved', route.snapM.map((m) => `${m.toFixed(0)} m`).join(' and ')],
  ]);
  const leaving = route.arriveBy
    ? [
        table(
          [`On time at ${route.arriveBy.time.slice(11, 16)}`, 'Leave at'],
          route.arriveBy.leaving.map(({ share, depart }) => [percent(share, 0), depart.replace('T', ' ')]),
        ),
      ]
    : [];
  const stretches = table(
    ['Stretch', 'Length', 'Time', 'Delay', 'Speed ÷ free flow'],
    route.stretches
      .slice(0, 8)
      .map(({ name, lengthM, timeS, delayS, ratio }) => [
        name || '(no name)',
        km(lengthM),
        clock(timeS),
        clock(Math.max(0, delayS)),
        percent(ratio, 0),
      ]),
  );
  return [answer, ...leaving, stretches].join('\n\n');
}
