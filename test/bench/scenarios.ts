/**
 * Scenarios against a traffic simulation: the sample city is simulated as it is and with each change, the change in the probes'
 * mean travel time is measured, and set beside what the scenario says from the trips of the unchanged city alone.
 * `npx node test/bench/scenarios.ts [days]`
 */
import { parseArgs } from 'node:util';
import { quietContext } from '@etalon/core/base';
import {
  BaseTraffic,
  DAY_S,
  dayType,
  fitSegmentModel,
  hourOfDay,
  type RoadNetwork,
  Scenario,
  type ScenarioEdit,
  summarize,
  type TripSet,
} from '@etalon/core/roads';
import { generateCity } from '../../fixtures/city/index.ts';
import { simulateTraffic } from '../../fixtures/traffic/index.ts';

const { positionals } = parseArgs({ allowPositionals: true });
const days = Number(positionals[0] ?? 12);
const HOURS = [7, 8, 13, 17];

const network = await generateCity(undefined, quietContext);
const simulated = async (roads: RoadNetwork) =>
  (await simulateTraffic(roads, { seed: 1, days }, quietContext)).trips;
const base = await simulated(network);
const model = await fitSegmentModel(network, base, {}, quietContext);
const traffic = new BaseTraffic(network, base, model);

/** Mean seconds of the trips that depart in an hour of ordinary weekdays. */
function meanS(trips: TripSet, hour: number): number {
  let sum = 0;
  let count = 0;
  for (let trip = 0; trip < trips.count; trip++) {
    const localS = trips.localDepartS[trip];
    if (dayType(localS) !== 0 || hourOfDay(localS) !== hour) continue;
    sum += trips.totalS[trip];
    count++;
  }
  return sum / count;
}

/** Without the turns onto closed segments: the simulation knows no other way to close them. */
function withoutTurnsOnto(closed: ReadonlySet<number>): RoadNetwork {
  const kept = [...network.turnTo.keys()].filter((turn) => !closed.has(network.turnTo[turn]));
  const turnOffsets = new Uint32Array(network.segmentCount + 1);
  for (const turn of kept) turnOffsets[network.turnFrom[turn] + 1]++;
  for (let s = 0; s < network.segmentCount; s++) turnOffsets[s + 1] += turnOffsets[s];
  return {
    ...network,
    turnCount: kept.length,
    turnFrom: Int32Array.from(kept, (turn) => network.turnFrom[turn]),
    turnTo: Int32Array.from(kept, (turn) => network.turnTo[turn]),
    turnAngleDeg: Float32Array.from(kept, (turn) => network.turnAngleDeg[turn]),
    turnClass: Uint8Array.from(kept, (turn) => network.turnClass[turn]),
    turnFlags: Uint8Array.from(kept, (turn) => network.turnFlags[turn]),
    turnOffsets,
  };
}

const segmentsNamed = (name: string) =>
  [...network.refs.keys()].filter((s) => network.names[network.nameIndex[s]] === name);
const refsOf = (segments: readonly number[]) => segments.map((s) => network.refs[s]);

/** The road that most trips cross, neither beginning nor ending near it: both directions. */
function busiestThroughRoad(): number[] {
  const crossed = new Float64Array(network.segmentCount);
  for (let trip = 0; trip < base.count; trip++)
    for (let k = base.offsets[trip] + 4; k < base.offsets[trip + 1] - 4; k++) crossed[base.segments[k]]++;
  const [first] = [...crossed.keys()].sort((a, b) => crossed[b] - crossed[a]);
  const back = network.reverse[first];
  return back < 0 ? [first] : [first, back];
}

const closed = busiestThroughRoad();
const ring = segmentsNamed('Ring 1');
const wider = ring.filter((s) => network.lanes[s] > 0);
const cases: { name: string; edits: ScenarioEdit[]; roads: RoadNetwork }[] = [
  {
    name: 'close the busiest through road',
    edits: [{ kind: 'close', segments: refsOf(closed) }],
    roads: withoutTurnsOnto(new Set(closed)),
  },
  {
    name: 'Ring 1 at 30 km/h',
    edits: [{ kind: 'speedLimit', segments: refsOf(ring), kmh: 30 }],
    roads: {
      ...network,
      speedLimitKmh: network.speedLimitKmh.map((kmh, s) => (ring.includes(s) ? 30 : kmh)),
    },
  },
  {
    name: 'Ring 1 with one lane',
    edits: [{ kind: 'lanes', segments: refsOf(wider), lanes: 1 }],
    roads: { ...network, lanes: network.lanes.map((lanes, s) => (wider.includes(s) ? 1 : lanes)) },
  },
  {
    name: 'Ring 1 with one more lane',
    edits: wider.map((s) => ({
      kind: 'lanes' as const,
      segments: refsOf([s]),
      lanes: network.lanes[s] + 1,
    })),
    roads: { ...network, lanes: network.lanes.map((lanes, s) => (wider.includes(s) ? lanes + 1 : lanes)) },
  },
];

console.log(`${base.count} trips of ${days} days; seconds by which the mean trip takes longer`);
for (const { name, edits, roads } of cases) {
  const changed = await simulated(roads);
  const scenario = new Scenario(traffic, edits);
  for (const hour of HOURS) {
    const localS = weekdayAt(hour);
    const started = performance.now();
    const { meanDelayS: said, rerouted, trips } = await summarize(scenario, localS, 1, quietContext);
    const seconds = (performance.now() - started) / 1000;
    const measured = meanS(changed, hour) - meanS(base, hour);
    console.log(
      [
        name.padEnd(32),
        `${String(hour).padStart(2, '0')}:00`,
        `simulated ${measured.toFixed(1).padStart(6)}`,
        `said ${said.value.toFixed(1).padStart(6)} (${said.low.toFixed(1)} to ${said.high.toFixed(1)})`,
        `${((100 * rerouted) / trips).toFixed(1)} % rerouted`,
        `${seconds.toFixed(1)} s`,
      ].join('  '),
    );
  }
}

/** A local time in an hour of the first ordinary weekday. */
function weekdayAt(hour: number): number {
  const first = Math.floor(base.localDepartS[0] / DAY_S);
  return first * DAY_S + hour * 3600 + 1800;
}
