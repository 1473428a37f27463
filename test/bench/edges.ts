/**
 * What edges are worth where something happens: the model trained with its edges and without (DeepSets) on the sample city, seeds 1–3,
 * judged on a week that neither has seen, and there on the trips under incidents: whose path holds a segment of an incident, or one up
 * to four turns behind it, while it lasts or a quarter of an hour later; with `--worse` on a further week with four times the
 * incidents too. `npm run bench:edges -- --seeds 1 --weeks 5`; exit code 1 under 5 % in the first week.
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
    weeks: { type: 'string', default: '10' },
    worse: { type: 'boolean', default: false },
    epochs: { type: 'string', default: '4' },
  },
});
process.exitCode = (await bench(Number(values.weeks))) >= ASKED ? 0 : 1;

interface Group {
  name: string;
  trips: ReadonlySet<number>;
}

/** The mean lead of edges over seeds, on trips up to the most turns behind an incident. */
async function bench(weeks: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'etalon-edges-'));
  const store = createProject(join(folder, 'city.etalon'));
  try {
    const network = await generateCity(undefined, quietContext);
    const worse = { fromDay: 7 * weeks, incidentsPerDay: WORSE_INCIDENTS };
    const options = values.worse ? { days: 7 * (weeks + 1), worse } : { days: 7 * weeks };
    const { trips, conditions } = await simulateTraffic(network, { seed: 1, ...options }, quietContext);
    store.writeRoads(network, emptyReport('city'));
    store.addTrips(trips, SAMPLE_TIME_ZONE, emptyReport('trips'));
    const midnightS = Math.floor(trips.localDepartS[0] / DAY_S) * DAY_S;
    const from = day(midnightS + 7 * (weeks - 1) * DAY_S);
    const ofWeek = (name: string, week: number) =>
      groupsOf(network, trips, { ...conditions, midnightS, name, week });
    const unseen = ofWeek('unseen week', weeks - 1);
    const groups = [...unseen, ...(values.worse ? ofWeek('worse week', weeks) : [])];
    const leads: number[] = [];
    for (const seed of values.seeds.split(',').map(Number)) {
      const on = await judged(store, { from, seed, edges: 'on' });
      const off = await judged(store, { from, seed, edges: 'off' });
      console.log(`seed ${seed}, from ${from}`);
      const ofGroups = groups.map((group) => report(group, on, off));
      leads.push(ofGroups[unseen.length - 1]);
    }
    const mean = leads.reduce((sum, lead) => sum + lead, 0) / leads.length;
    console.log(`mean over seeds ${percent(mean)}, asked ${percent(ASKED)}`);
    return mean;
  } finally {
    store.close();
    rmSync(folder, { recursive: true });
  }
}

interface Week {
  incidents: readonly Incident[];
  midnightS: number;
  name: string;
  /** Counted from 0. */
  week: number;
}

/** All trips of a week, and those under its incidents. */
function groupsOf(network: RoadNetwork, trips: TripSet, { incidents, midnightS, name, week }: Week): Group[] {
  const order = Array.from(trips.departS.keys()).sort((a, b) => trips.departS[a] - trips.departS[b]);
  const [beginS, endS] = [7 * week * DAY_S, 7 * (week + 1) * DAY_S];
  const ofWeek = [...order.entries()].filter(([, trip]) => {
    const departS = trips.localDepartS[trip] - midnightS;
    return departS >= beginS && departS < endS;
  });
  const here = incidents.filter((incident) => incident.endS > beginS && incident.beginS < endS);
  const under = (turns: number) => {
    const behind = segmentsBehind(network, turns);
    const areas = here.map((incident) => ({ ...incident, near: behind(incident.segment) }));
    return ofWeek.filter(([, trip]) => {
      const departS = trips.localDepartS[trip] - midnightS;
      const now = areas.filter((area) => area.beginS <= departS && departS < area.endS + AFTERWARDS_S);
      const path = trips.segments.subarray(trips.offsets[trip], trips.offsets[trip + 1]);
      return now.some(({ near }) => path.some((segment) => near.has(segment)));
    });
  };
  const group = (what: string, found: typeof ofWeek): Group => ({
    name: `${name}, ${what}`,
    trips: new Set(found.map(([position]) => position)),
  });
  return [
    group(`all, ${here.length} incidents`, ofWeek),
    ...TURNS_BEHIND.map((turns) => group(`up to ${turns} turns behind`, under(turns))),
  ];
}

async function judged(
  store: ProjectStore,
  { from, seed, edges }: { from: string; seed: number; edges: 'on' | 'off' },
): Promise<EvaluationTrips> {
  const settings = etaModel.parseSettings({ epochs: Number(values.epochs), edges });
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
