/**
 * What edges are worth where something happens: the model trained with its edges and without (DeepSets) on nine weeks of the sample
 * city, seeds 1–3, judged on weeks that neither has seen, and there on the trips under incidents: whose path holds a segment of an
 * incident, or one up to four turns behind it, while it lasts or a quarter of an hour later. One week has few incidents that hold
 * anybody up, so there are four (`--unseen`), judged together and each. With `--worse` on a further week with four times the incidents
 * too. `--set key=value` is a setting of both. `npm run bench:edges -- --seeds 1 --weeks 5`; exit code 1 under 5 % in the unseen weeks.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { RunConfig } from '@etalon/core/app/model';
import { quietContext } from '@etalon/core/base';
import { createProject, type EvaluationTrips, type ProjectStore } from '@etalon/core/project';
import { DAY_S, type RoadNetwork, type TripSet } from '@etalon/core/roads';
import type { Incident } from '@etalon/core/roads/simulator';
import { etaModel } from '@etalon/models';
import { setting } from '../../cli/values.ts';
import { generateCity } from '../../fixtures/city/index.ts';
import { SAMPLE_TIME_ZONE, simulateTraffic } from '../../fixtures/traffic/index.ts';
import { emptyReport } from '../support/trips.ts';

const ASKED = 0.05;
/** A day; the sample city has 16. */
const WORSE_INCIDENTS = 64;
const TURNS_BEHIND = [0, 2, 4];
/** A queue outlasts what has caused it. */
const AFTERWARDS_S = 900;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3' },
    weeks: { type: 'string', default: '9' },
    unseen: { type: 'string', default: '4' },
    worse: { type: 'boolean', default: false },
    set: { type: 'string', multiple: true, default: [] },
  },
});
const given = values.set.reduce((all: Record<string, unknown>, text) => setting(text, all), {});
process.exitCode = (await bench(Number(values.weeks), Number(values.unseen))) >= ASKED ? 0 : 1;

interface Group {
  name: string;
  trips: ReadonlySet<number>;
}

/** The mean lead of edges over seeds, on trips of the unseen weeks up to the most turns behind an incident. */
async function bench(training: number, unseen: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'etalon-edges-'));
  const store = createProject(join(folder, 'city.etalon'));
  try {
    const network = await generateCity(undefined, quietContext);
    const end = training + unseen;
    const worse = { fromDay: 7 * end, incidentsPerDay: WORSE_INCIDENTS };
    const options = values.worse ? { days: 7 * (end + 1), worse } : { days: 7 * end };
    const { trips, conditions } = await simulateTraffic(network, { seed: 1, ...options }, quietContext);
    store.writeRoads(network, emptyReport('city'));
    store.addTrips(trips, SAMPLE_TIME_ZONE, emptyReport('trips'));
    const midnightS = Math.floor(trips.localDepartS[0] / DAY_S) * DAY_S;
    const from = day(midnightS + 7 * training * DAY_S);
    const ofWeeks = (name: string, first: number, count: number) =>
      groupsOf(network, trips, { incidents: conditions.incidents, midnightS, name, first, count });
    const judgedBy = ofWeeks(unseen > 1 ? `${unseen} unseen weeks` : 'unseen week', training, unseen);
    const each = Array.from({ length: unseen > 1 ? unseen : 0 }, (_, i) =>
      ofWeeks(`week ${training + i + 1}`, training + i, 1),
    );
    const groups = [judgedBy, ...each, ...(values.worse ? [ofWeeks('worse week', end, 1)] : [])].flat();
    const leads: number[] = [];
    for (const seed of values.seeds.split(',').map(Number)) {
      const on = await judged(store, { from, seed, edges: 'on' });
      const off = await judged(store, { from, seed, edges: 'off' });
      console.log(`seed ${seed}, from ${from}`);
      const ofGroups = groups.map((group) => report(group, on, off));
      leads.push(ofGroups[judgedBy.length - 1]);
    }
    const mean = leads.reduce((sum, lead) => sum + lead, 0) / leads.length;
    console.log(`mean over seeds ${percent(mean)}, asked ${percent(ASKED)}`);
    return mean;
  } finally {
    store.close();
    rmSync(folder, { recursive: true });
  }
}

interface Weeks {
  incidents: readonly Incident[];
  midnightS: number;
  name: string;
  /** The first week, counted from 0, and how many. */
  first: number;
  count: number;
}

/** All trips of some weeks, and those under their incidents. */
function groupsOf(
  network: RoadNetwork,
  trips: TripSet,
  { incidents, midnightS, name, first, count }: Weeks,
): Group[] {
  const order = Array.from(trips.departS.keys()).sort((a, b) => trips.departS[a] - trips.departS[b]);
  const [beginS, endS] = [7 * first * DAY_S, 7 * (first + count) * DAY_S];
  const ofWeeks = [...order.entries()].filter(([, trip]) => {
    const departS = trips.localDepartS[trip] - midnightS;
    return departS >= beginS && departS < endS;
  });
  const here = incidents.filter((incident) => incident.endS > beginS && incident.beginS < endS);
  const under = (turns: number) => {
    const behind = segmentsBehind(network, turns);
    const areas = here.map((incident) => ({ ...incident, near: behind(incident.segment) }));
    return ofWeeks.filter(([, trip]) => {
      const departS = trips.localDepartS[trip] - midnightS;
      const now = areas.filter((area) => area.beginS <= departS && departS < area.endS + AFTERWARDS_S);
      const path = trips.segments.subarray(trips.offsets[trip], trips.offsets[trip + 1]);
      return now.some(({ near }) => path.some((segment) => near.has(segment)));
    });
  };
  const group = (what: string, found: typeof ofWeeks): Group => ({
    name: `${name}, ${what}`,
    trips: new Set(found.map(([position]) => position)),
  });
  return [
    group(`all, ${here.length} incidents`, ofWeeks),
    ...TURNS_BEHIND.map((turns) => group(`up to ${turns} turns behind`, under(turns))),
  ];
}

async function judged(
  store: ProjectStore,
  { from, seed, edges }: { from: string; seed: number; edges: 'on' | 'off' },
): Promise<EvaluationTrips> {
  const settings = etaModel.parseSettings({ ...given, edges });
  const config: RunConfig = { until: from, seed, settings };
  const { id } = store.createRun({ model: 'eta', config });
  await etaModel.train(store, id, { ...quietContext, stop: new AbortController().signal, device: 'cpu' });
  const { trips } = await etaModel.evaluate(
    store,
    id,
    { from },
    { ...quietContext, baselines: ['historical'] },
  );
  if (!trips) throw new Error('A run of travel times has trips.');
  return trips;
}

/** A segment and those from which it is reached within so many turns. */
function segmentsBehind(network: RoadNetwork, turns: number): (segment: number) => Set<number> {
  const into: number[][] = Array.from({ length: network.segmentCount }, () => []);
  for (let turn = 0; turn < network.turnCount; turn++)
    into[network.turnTo[turn]].push(network.turnFrom[turn]);
  return (segment) => {
    const near = new Set([segment]);
    let ring = [segment];
    for (let turn = 0; turn < turns; turn++) {
      ring = ring.flatMap((to) => into[to]).filter((from) => !near.has(from));
      for (const from of ring) near.add(from);
    }
    return near;
  };
}

/** Prints both mean absolute errors of the chosen trips and returns by how much edges lower it. */
function report({ name, trips }: Group, on: EvaluationTrips, off: EvaluationTrips): number {
  const chosen = [...on.trip.keys()].filter((i) => trips.has(on.trip[i]));
  const maeS = ({ medianS, observedS }: EvaluationTrips) =>
    chosen.reduce((sum, i) => sum + Math.abs(medianS[i] - observedS[i]), 0) / chosen.length;
  const lead = 1 - maeS(on) / maeS(off);
  console.log(
    `  ${name.padEnd(40)} ${String(chosen.length).padStart(6)} trips  edges ${maeS(on).toFixed(2)} s  none ${maeS(off).toFixed(2)} s  ${percent(lead)}`,
  );
  return lead;
}

function day(localS: number): string {
  return new Date(1000 * localS).toISOString().slice(0, 10);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
