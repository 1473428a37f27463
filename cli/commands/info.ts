import type { ApiRunInfo } from '@etalon/core/api/contract';
import type { Command } from 'commander';
import { bytes, count, duration, pairs, percent, table } from '../format.ts';
import { carriedOut, type Parts } from '../invocation.ts';

export function addInfo(program: Command, parts: Parts): void {
  program
    .command('info')
    .description('show what a project holds')
    .argument('<project>', 'project file')
    .addHelpText('after', '\nExample:\n  etalon info porto.etalon')
    .action(
      carriedOut(parts, async ({ app, out }, path: string) => {
        const project = await app.open(path);
        const runs = app.runs();
        out.say(
          pairs([
            ['Project', `${project.path} (${bytes(project.sizeBytes)})`],
            [
              'Roads',
              project.segments
                ? `${count(project.segments)} segments, ${count(project.turns)} turns, ${count(project.junctions)} junctions`
                : 'none',
            ],
            [
              'Trips',
              project.trips
                ? `${count(project.trips)} from ${project.firstDay} to ${project.lastDay} (${project.timeZone}), ${count(project.traversals)} traversals${project.segmentTimes ? ' with times' : ''}`
                : 'none',
            ],
            ...(project.observations
              ? [
                  [
                    'Observations',
                    `${count(project.observations)} of ${count(project.observedSegments)} segments from ${project.firstObservedDay} to ${project.lastObservedDay} (${project.timeZone})`,
                  ] as const,
                ]
              : []),
            ...project.interactions.map(
              ({ name, nodes, edges }) =>
                [
                  'Interactions',
                  `${name}: ${[...nodes, ...edges].map((type) => `${count(type.count)} ${type.name}`).join(', ')}`,
                ] as const,
            ),
            ...project.sources.map(
              ({ kind, path, importedAt }) =>
                [`  ${kind}`, `${path}, imported ${importedAt.slice(0, 16).replace('T', ' ')}`] as const,
            ),
          ]),
        );
        if (runs.length > 0) out.say(`\n${describeRuns(runs)}`);
        return { project, runs };
      }),
    );
}

function describeRuns(runs: readonly ApiRunInfo[]): string {
  const rows = runs.map((run) => [run.name, run.status, duration(run.seconds), ...errorCells(run)]);
  const untested = runs.some(
    ({ validation, speeds }) => validation ?? (!speeds?.evaluation && speeds?.validation),
  );
  return `${table(['Run', 'Status', 'Trained', 'MAE', 'MAPE'], rows)}${untested ? '\n* on validation days, not tested yet' : ''}`;
}

/** MAE and MAPE; of speeds at the last horizon, as it is the hardest. */
function errorCells({ evaluation, validation, speeds }: ApiRunInfo): [mae: string, mape: string] {
  const last = speeds?.evaluation?.horizons.at(-1);
  if (last)
    return [`${last.metrics.maeKmh.toFixed(2)} km/h at ${last.minutes} min`, percent(last.metrics.mape)];
  if (speeds?.validation)
    return [`${speeds.validation.maeKmh.toFixed(2)} km/h*`, `${percent(speeds.validation.mape)}*`];
  if (evaluation) return [`${evaluation.metrics.maeS.toFixed(1)} s`, percent(evaluation.metrics.mape)];
  return validation ? [`${validation.maeS.toFixed(1)} s*`, `${percent(validation.mape)}*`] : ['–', '–'];
}
