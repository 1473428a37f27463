import type {
  ApiDifferenceRange,
  ApiScenario,
  ApiScenarioEdit,
  ApiScenarioSummary,
} from '@etalon/core/api/contract';
import type { App } from '@etalon/core/app';
import { EtalonError } from '@etalon/core/base';
import type { Command } from 'commander';
import { editOptions } from '../edits.ts';
import { clock, pairs, table } from '../format.ts';
import { carriedOut, type Parts } from '../invocation.ts';
import { didYouMean } from '../nearest.ts';
import { chosenRun } from '../runs.ts';
import { latLon, localTime, wholeNumber } from '../values.ts';

type EditOption = keyof typeof editOptions;

type WhatIfOptions = Partial<Record<EditOption, ApiScenarioEdit[]>> & {
  at: string;
  hours: number;
  scenario?: string;
  save?: string;
  fromPoint?: [number, number];
  toPoint?: [number, number];
  run?: string;
};

const EDITS: [EditOption, string, string][] = [
  ['close', '<ref>', 'close segments'],
  ['limit', '<ref=kmh>', 'change their speed limit'],
  ['lanes', '<ref=n>', 'change their lanes'],
  ['capacity', '<ref=share>', 'leave a share of their capacity, or widen them above 1'],
  ['incident', '<ref=share@time>', 'leave a share of their capacity for a time'],
  ['demand', '<factor>', 'multiply all trips'],
  ['surge', '<lat,lon=factor>', 'multiply the trips that end within 1 km of a place'],
  ['link', '<a,b/c,d=kmh>', 'add a road between the junctions nearest to two places, latitude,longitude'],
];

export function addWhatIf(program: Command, parts: Parts): void {
  const command = program
    .command('whatif')
    .description('compare a changed road network or demand with the base case: delays, streets, routes')
    .argument('<project>', 'project file, with roads and trips')
    .requiredOption('--at <time>', "what hour, on the project's wall clock, YYYY-MM-DDTHH:MM", localTime)
    .option('--hours <n>', 'how many hours from then on', wholeNumber, 1);
  for (const [name, argument, description] of EDITS)
    command.option(`--${name} ${argument}`, `${description}; may be repeated`, editOptions[name]);
  command
    .option('--scenario <scenario>', "begin with a saved scenario's edits, by name or number")
    .option('--save <name>', 'save the edits as a scenario')
    .option('--from-point <lat,lon>', 'start of a route to compare', latLon)
    .option('--to-point <lat,lon>', 'its destination', latLon)
    .option('--run <run>', 'run that predicts the route, by name or number; the newest by default')
    .addHelpText(
      'after',
      `
A time limits an edit: @2025-05-14T08:00/09:00, or @07:00/09:00 for every day. Several segments are separated by commas.

Examples:
  etalon whatif porto.etalon --at 2014-06-02T08:30 --close 1042 --limit 77,78=30
  etalon whatif sample.etalon --at 2025-05-14T08:10 --incident LH486-=0.3@2025-05-14T08:00/09:00 --demand 1.1 --save "Crash at the yard"`,
    )
    .action(
      carriedOut(parts, async ({ app, out }, project: string, options: WhatIfOptions) => {
        await app.open(project);
        const edits = editsOf(app, options);
        const reader = app.reader().scenarios;
        const summary = await reader.summary({ edits, at: options.at, hours: options.hours });
        out.say(describeSummary(summary));
        const route = await routeComparison(app, edits, options);
        if (route) out.say(`\n${describeComparison(route)}`);
        const saved = options.save ? app.scenarios().save({ name: options.save, edits }) : null;
        if (saved) out.say(`\nSaved as scenario ${saved.id}, “${saved.name}”.`);
        return { edits, summary, ...(route && { route }), ...(saved && { scenario: saved.id }) };
      }),
    );
}

function editsOf(app: App, options: WhatIfOptions): ApiScenarioEdit[] {
  const saved = options.scenario === undefined ? [] : savedScenario(app, options.scenario).edits;
  const edits = [...saved, ...EDITS.flatMap(([name]) => options[name] ?? [])];
  if (edits.length > 0) return edits;
  throw new EtalonError('usage', 'There is nothing to change.', {
    remedy: `Give an edit: ${EDITS.map(([name]) => `--${name}`).join(', ')}, or a saved scenario.`,
  });
}

function savedScenario(app: App, wanted: string): ApiScenario {
  const all = app.scenarios().list();
  const found = all.find(({ name }) => name === wanted) ?? all.find(({ id }) => String(id) === wanted);
  if (found) return found;
  throw new EtalonError('not-found', `The project has no scenario “${wanted}”.`, {
    remedy: didYouMean(
      wanted,
      all.map(({ name }) => name),
    ),
  });
}

function routeComparison(app: App, edits: ApiScenarioEdit[], options: WhatIfOptions) {
  const { fromPoint: from, toPoint: to, at: depart } = options;
  if (!from !== !to)
    throw new EtalonError('usage', 'A route needs both --from-point and --to-point.', {
      remedy: 'Give both, or neither.',
    });
  if (!from || !to) return null;
  const { id: runId } = chosenRun(app, options.run);
  return app.reader().scenarios.route({ runId, edits, from, to, depart });
}

type Comparison = Awaited<NonNullable<ReturnType<typeof routeComparison>>>;

function describeComparison({ base, scenario, differenceS }: Comparison): string {
  const eta = (route: Comparison['base']) =>
    route
      ? `${clock(route.etaS)} (8 of 10 trips take ${clock(route.lowS)}–${clock(route.highS)}), ${(route.distanceM / 1000).toFixed(2)} km`
      : 'no way leads there';
  return pairs([
    ['Route, base case', eta(base)],
    ['Route, scenario', eta(scenario)],
    ...(differenceS ? [['Difference', ranged(differenceS, 0, ' s')] as const] : []),
  ]);
}

function describeSummary(summary: ApiScenarioSummary): string {
  const { hours, trips, concerned, rerouted, delayed, stranded } = summary;
  const share = (n: number) => `${n.toFixed(1)} (${((100 * n) / Math.max(trips, 1e-9)).toFixed(1)} %)`;
  const figures = pairs([
    ['Hours', String(hours)],
    ['Trips', trips.toFixed(1)],
    ['Vehicle-hours', ranged(summary.vehicleHours, 2, '')],
    ['Mean delay', ranged(summary.meanDelayS, 1, ' s')],
    ['Trips concerned', share(concerned)],
    ['On another way', share(rerouted)],
    ['Over 1 min longer', share(delayed)],
    ['Without a way', share(stranded)],
  ]);
  const kmh = (speed: number | null) => (speed === null ? '–' : speed.toFixed(0));
  const streets = table(
    ['Street', 'Trips/h', 'now', 'km/h', 'now', 'Vehicle-hours'],
    summary.streets.map((street) => [
      street.name,
      street.flowBefore.toFixed(1),
      street.flowAfter.toFixed(1),
      kmh(street.speedBeforeKmh),
      kmh(street.speedAfterKmh),
      ranged(street.vehicleHours, 2, ''),
    ]),
  );
  const notices = summary.notices.map(({ edit, message }) =>
    edit === null ? `Note: ${message}` : `Note on edit ${edit + 1}: ${message}`,
  );
  return [figures, streets, notices.join('\n')].filter(Boolean).join('\n\n');
}

/** "+1.20 (0.90 to 1.60)". */
function ranged({ value, low, high }: ApiDifferenceRange, digits: number, unit: string): string {
  const sign = value > 0 ? '+' : '';
  return `${sign}${value.toFixed(digits)}${unit} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
}
