import { ROAD_CLASSES, type RoadNetwork } from '../network.ts';
import type { Scenario, ScenarioHour } from './scenario.ts';

/** Where a scenario leaves what the trips can say. `edit`: index of the edit it is about, or null. */
export interface ScenarioNotice {
  edit: number | null;
  message: string;
}

/** An hour with fewer trips says little. */
const FEW_TRIPS = 50;

/** What the edits in force in an hour ask that nobody has driven yet. */
export function noticesOf(scenario: Scenario, localS: number, hour: ScenarioHour): ScenarioNotice[] {
  const { base: network } = scenario.edited;
  const notices: ScenarioNotice[] = [];
  const say = (edit: number | null, message: string) => notices.push({ edit, message });
  scenario.edited.edits.forEach((edit, i) => {
    const segments = scenario.edited.segmentsOf(i);
    if (edit.kind === 'speedLimit')
      unseen(network, network.speedLimitKmh, segments, edit.kmh, (kind, from, to) =>
        say(i, `No ${kind} road here has a limit of ${edit.kmh} km/h: they have ${from} to ${to}.`),
      );
    if (edit.kind === 'lanes') {
      if (segments.some((s) => network.lanes[s] === 0))
        say(i, 'How many lanes the road has now is not known: one is assumed.');
      unseen(network, network.lanes, segments, edit.lanes, (kind, from, to) =>
        say(i, `No ${kind} road here has ${edit.lanes} lanes: they have ${from} to ${to}.`),
      );
    }
    if (edit.kind === 'newLink')
      say(
        i,
        'No trip has driven the new link: its seconds are its length at the limit, as on other roads of its class.',
      );
    if (edit.kind === 'demand') demandNotice(scenario, localS, edit.factor, (message) => say(i, message));
  });
  crowded(hour, (message) => say(null, message));
  const { stranded } = hour.equilibrium;
  if (stranded > 0) say(null, `${stranded.toFixed(1)} trips an hour have no way left.`);
  if (hour.base.trips.length < FEW_TRIPS)
    say(
      null,
      `Only ${hour.base.trips.length} trips were driven in this hour: flows are little more than guesses.`,
    );
  return notices;
}

function unseen(
  network: RoadNetwork,
  column: ArrayLike<number>,
  segments: readonly number[],
  value: number,
  say: (roadClass: string, from: number, to: number) => void,
): void {
  for (const group of new Set(segments.map((s) => network.roadClass[s]))) {
    let [from, to] = [Infinity, -Infinity];
    for (let s = 0; s < network.segmentCount; s++) {
      if (network.roadClass[s] !== group || column[s] === 0) continue;
      from = Math.min(from, column[s]);
      to = Math.max(to, column[s]);
    }
    if (from <= to && (value < from || value > to)) say(ROAD_CLASSES[group].replace('_', ' '), from, to);
  }
}

function demandNotice(
  { traffic }: Scenario,
  localS: number,
  factor: number,
  say: (message: string) => void,
): void {
  const byDay = traffic.tripsByDay(localS);
  if (byDay.length === 0) return;
  const mean = byDay.reduce((sum, n) => sum + n, 0) / byDay.length;
  const [least, most] = [Math.min(...byDay) / mean, Math.max(...byDay) / mean];
  if (factor >= least && factor <= most) return;
  const percent = (share: number) => `${Math.round(100 * share)} %`;
  say(
    `Demand of ${percent(factor)} lies outside of what the days of the data had: ${percent(least)} to ${percent(most)} of their mean.`,
  );
}

function crowded({ times }: ScenarioHour, say: (message: string) => void): void {
  let known = 0;
  for (const ratio of times.baseRatio) known = Math.max(known, ratio);
  let count = 0;
  let most = 0;
  for (let s = 0; s < times.network.segmentCount; s++) {
    const ratio = Number.isFinite(times.segmentS[s]) ? times.ratioNow(s) : 0;
    if (ratio > known + 1e-9) count++;
    most = Math.max(most, ratio);
  }
  if (count > 0)
    say(
      `${count} ${count === 1 ? 'segment gets' : 'segments get'} fuller than any is in the data: ${most.toFixed(1)} times capacity, against ${known.toFixed(1)}.`,
    );
}
