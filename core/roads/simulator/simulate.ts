import { breathe, Random, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import { DepartureReader } from '../../tables/departure.ts';
import type { RoadNetwork } from '../network.ts';
import { DAY_S, type TripSet } from '../trips.ts';
import { checkSettings } from './checkSettings.ts';
import { type Conditions, drawConditions } from './conditions.ts';
import { dayKinds, localMidnightS } from './days.ts';
import { Demand, SLOT_S } from './demand.ts';
import { type Ground, layGround, ratesOf } from './ground.ts';
import { learnWays, lucks } from './learn.ts';
import { type Links, linksOf } from './links.ts';
import { JourneyLuck } from './luck.ts';
import { ObservationTable, type SegmentObservations } from './observations.ts';
import { Recorder } from './recorder.ts';
import { closedDuring, type Observe, TrafficRun, type TrafficStatistics } from './run.ts';
import { type ScriptedEvent, scriptedIncidents, surgeJourneys } from './script.ts';
import type { Ways } from './ways.ts';

export interface SimulationSettings {
  /** `YYYY-MM-DD`, local. */
  firstDay: string;
  days: number;
  /** IANA name. */
  timeZone: string;
  /** Local dates with the traffic of a Sunday. */
  holidays?: readonly string[];
  /** 1 = what the network bears with busy rush hours; 0.2 to 2. */
  demand: number;
  incidentsPerDay: number;
  /** Probability that a day brings rain. */
  rain: number;
  /** Share of the model's vehicles whose trips are kept. */
  probeShare: number;
  seed: number;
  /** By road class: multiplies the speed of the empty road (from a calibration). */
  speedFactors?: readonly number[];
  events?: readonly ScriptedEvent[];
  /** Whether to keep speeds and counts of all vehicles. */
  observations?: boolean;
  /** Sees every traversal of every vehicle of the model. */
  observe?: Observe;
}

export interface Simulation {
  /** Of the probes, with seconds per segment. */
  trips: TripSet;
  observations?: SegmentObservations;
  /** What happened by chance, which no predictor sees; scripted events are not among it. Times in seconds since the first midnight. */
  truth: Conditions;
  figures: SimulationFigures;
}

export interface SimulationFigures extends TrafficStatistics {
  traversals: number;
  places: number;
  gates: number;
  /** Vehicles of the street for which one of the model stands. */
  packet: number;
  /** Vehicles of an ordinary weekday at the given demand, and for each kilometre of streets. */
  vehiclesPerDay: number;
  vehiclesPerKm: number;
  leftOut: Ground['leftOut'];
  /** Seconds of computing without laying the ground and learning. */
  seconds: number;
}

/** On any network: who cannot set out for half an hour stays home; jams dissolve from within by those who give up. */
export const MANNERS = { patienceS: 1800, giveUpS: 240 };

/**
 * Simulates traffic on any road network and returns the trips of its probes: seeded, so that the same settings give the same trips, and
 * other settings with the same seed the same journeys where nothing interferes with them.
 * @throws EtalonError `usage` for impossible settings, `input` for a network that cannot be simulated, `cancelled`
 */
export async function simulate(
  network: RoadNetwork,
  settings: SimulationSettings,
  context: TaskContext,
): Promise<Simulation> {
  checkSettings(settings, network.segmentCount);
  const ground = await layGround(network, settings.seed, inStep(context, 1));
  const links = linksOf(network, settings);
  const ways = await learn(ground, links, settings, inStep(context, 2));
  return runDays(ground, links, ways, settings, inStep(context, 3));
}

/** Drivers learn the ways of the ground at a demand. Throws `cancelled`. */
export function learn(
  ground: Ground,
  links: Links,
  { seed, demand }: Pick<SimulationSettings, 'seed' | 'demand'>,
  context: TaskContext,
): Promise<Ways> {
  const { network, places, packet } = ground;
  const parts = {
    network,
    links,
    places,
    packet,
    rates: ratesOf(ground, demand),
    ownLuck: true,
    manners: MANNERS,
  };
  return learnWays(parts, new Random(seed).fork(), context);
}

/** Runs the days with known ways. Throws `usage` and `cancelled`. */
export async function runDays(
  ground: Ground,
  links: Links,
  ways: Ways,
  settings: SimulationSettings,
  context: TaskContext,
): Promise<Simulation> {
  const begunAt = performance.now();
  const { network, places, packet } = ground;
  const { days, demand: level, seed, probeShare, events = [] } = settings;
  const zeroS = localMidnightS(settings.firstDay);
  const clock = new DepartureReader(settings.timeZone);
  const random = new Random(seed);
  const recorder = new Recorder(new JourneyLuck(random.int(0x7fffffff)));
  const table = settings.observations ? new ObservationTable(network, packet, zeroS) : undefined;
  let traversals = 0;
  const observe: Observe = (segment, enterS, leaveS) => {
    traversals++;
    table?.observe(segment, enterS, leaveS);
    settings.observe?.(segment, enterS, leaveS);
  };
  const run = new TrafficRun(
    { network, links, places, ways, packet, probeShare, ...MANNERS, ...lucks(random.fork(), true) },
    { recorder, observe },
  );
  const kinds = dayKinds(settings.firstDay, days, settings.holidays);
  const demand = new Demand(places, kinds, ratesOf(ground, level), random.fork());
  const truth = drawConditions(network, days, settings, random.fork());
  const conditions = { rain: truth.rain, incidents: [...truth.incidents, ...scriptedIncidents(events)] };
  const surges = surgeJourneys(events, ground, seed);
  for (let beginS = 0; beginS < days * DAY_S; beginS += SLOT_S) {
    await ways.avoid(closedDuring(conditions.incidents, beginS), context);
    const surge = surges.get(beginS);
    const usual = demand.slot(beginS);
    const journeys = surge ? [...usual, ...surge].sort((a, b) => a.departS - b.departS) : usual;
    run.advance(beginS, journeys, conditions);
    context.report({ stage: 'Simulating traffic', done: beginS / DAY_S, total: days, unit: 'days' });
    throwIfCancelled(context.signal);
    await breathe();
  }
  await ways.avoid(new Set(), context);
  return {
    trips: recorder.trips(
      zeroS,
      (localS) => clock.fromLocal(localS).departS,
      (journey) => `sim${seed}-${journey}`,
    ),
    ...(table && { observations: table.finish() }),
    truth,
    figures: {
      ...run.statistics,
      traversals,
      places: places.count,
      gates: ground.gates,
      packet,
      vehiclesPerDay: Math.round(level * ground.vehiclesPerDay),
      vehiclesPerKm: level * ground.vehiclesPerKm,
      leftOut: ground.leftOut,
      seconds: (performance.now() - begunAt) / 1000,
    },
  };
}

const STEPS = 3;

function inStep(context: TaskContext, step: number): TaskContext {
  return {
    signal: context.signal,
    report: (progress) => context.report({ ...progress, step, steps: STEPS }),
  };
}
