import { breathe, EtalonError, Random, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import { ROAD_CLASSES, type RoadNetwork } from '../network.ts';
import { DAY_S, type TripSet, weekday } from '../trips.ts';
import { LIMITS } from './checkSettings.ts';
import { Demand, SLOT_S } from './demand.ts';
import { type Ground, layGround, ratesOf } from './ground.ts';
import { lucks } from './learn.ts';
import { type Links, linksOf } from './links.ts';
import { TrafficRun } from './run.ts';
import { learn, MANNERS } from './simulate.ts';
import { fitTrips, HourlyTimes, type TripFit } from './tripFit.ts';
import type { Ways } from './ways.ts';

export interface Calibration {
  /** By road class: multiplies the speed of the empty road. */
  speedFactors: number[];
  demand: number;
  /** Against the given trips, at the given demand and after. */
  before: TripFit;
  after: TripFit;
  /** Simulated days that it took. */
  rounds: number;
}

const ROUNDS = 8;
const FEWEST_TRIPS = 200;
/** More say nothing new of some ten numbers. */
const MOST_TRIPS = 6000;
const FACTORS = { min: 0.4, max: 1.6 };
/** First change of the demand, while it is not known in which direction the truth lies beyond it. */
const STEP = Math.log(1.35);
/** A rush hour that is too slow or fast by less than this is left as it is. */
const CLOSE_ENOUGH = 0.01;

/**
 * Fits the speed of the empty road by class and the level of demand to the times of real trips on working days. Each round simulates an
 * ordinary working day, drives the trips on their own ways at its times, takes the factors from a regression ({@link fitTrips}), and
 * moves the demand by what rush hours lack against other hours: one step, then by secants. The best round is kept.
 * @throws EtalonError `conflict` where there are too few trips on working days, `cancelled`
 */
export async function calibrate(
  network: RoadNetwork,
  trips: TripSet,
  { seed, demand }: { seed: number; demand: number },
  context: TaskContext,
): Promise<Calibration> {
  const positions = workingDayTrips(trips);
  const ground = await layGround(network, seed, context);
  let ways: Ways | undefined;
  let factors = ROAD_CLASSES.map(() => 1);
  let level = demand;
  const tried: { demand: number; factors: number[]; fit: TripFit }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    context.report({ stage: 'Calibrating on real trips', done: round, total: ROUNDS, unit: 'days' });
    const links = linksOf(network, { speedFactors: factors });
    // Ways change little between rounds; the second learning knows speeds near the right ones.
    if (round < 2) ways = await learn(ground, links, { seed, demand: level }, silent(context));
    const times = new HourlyTimes(network, links);
    await ordinaryDay(ground, links, ways!, level, seed, times, context);
    const fit = fitTrips(network, times, trips, positions);
    tried.push({ demand: level, factors, fit });
    factors = factors.map((factor, c) =>
      Math.max(FACTORS.min, Math.min(FACTORS.max, factor / Math.max(0.5, fit.paceFactors[c]))),
    );
    // The first round's rush hours are those of other speeds: they say nothing of the demand yet.
    if (round > 0) level = nextDemand(tried.slice(1).map((of) => [Math.log(of.demand), of.fit.rushBias]));
  }
  const best = tried.reduce((a, b) => (score(b.fit) < score(a.fit) ? b : a));
  return {
    speedFactors: best.factors,
    demand: best.demand,
    before: tried[0].fit,
    after: best.fit,
    rounds: ROUNDS,
  };
}

function score({ mape, speedError }: TripFit): number {
  return mape + speedError;
}

/** From ln demand and what rush hours lack. More demand makes them slower: the lack falls. */
function nextDemand(points: readonly (readonly [number, number])[]): number {
  const [at, lack] = points[points.length - 1];
  const clamped = (logDemand: number) =>
    Math.max(LIMITS.demand.min, Math.min(LIMITS.demand.max, Math.exp(logDemand)));
  if (Math.abs(lack) < CLOSE_ENOUGH) return clamped(at);
  const beyond = points.filter(([, other]) => Math.sign(other) !== Math.sign(lack));
  if (beyond.length === 0) return clamped(at + Math.sign(lack) * STEP);
  const [otherAt, otherLack] = beyond.reduce((a, b) => (Math.abs(b[0] - at) < Math.abs(a[0] - at) ? b : a));
  return clamped(at + ((otherAt - at) * lack) / (lack - otherLack));
}

async function ordinaryDay(
  ground: Ground,
  links: Links,
  ways: Ways,
  level: number,
  seed: number,
  times: HourlyTimes,
  context: TaskContext,
): Promise<void> {
  const { network, places, packet } = ground;
  const random = new Random(seed);
  const calm = { ...ratesOf(ground, level), daySpread: 0, occasionsPerDay: 0 };
  const demand = new Demand(places, ['weekday'], calm, random.fork());
  const parts = { network, links, places, ways, packet, probeShare: 0, ...MANNERS };
  const run = new TrafficRun({ ...parts, ...lucks(random, true) }, { observe: times.observe });
  for (let beginS = 0; beginS < DAY_S; beginS += SLOT_S) {
    run.advance(beginS, demand.slot(beginS));
    throwIfCancelled(context.signal);
    await breathe();
  }
}

/** Positions of trips on Monday to Friday, thinned evenly. */
function workingDayTrips(trips: TripSet): number[] {
  const all = [...trips.localDepartS.keys()].filter(
    (trip) => weekday(trips.localDepartS[trip]) < 5 && trips.totalS[trip] > 0,
  );
  if (all.length < FEWEST_TRIPS)
    throw new EtalonError('conflict', `Only ${all.length} trips on working days: too few to calibrate on.`, {
      remedy: `Import at least ${FEWEST_TRIPS}, or simulate without calibration.`,
    });
  const step = Math.max(1, all.length / MOST_TRIPS);
  return Array.from({ length: Math.floor(all.length / step) }, (_, i) => all[Math.floor(i * step)]);
}

function silent(context: TaskContext): TaskContext {
  return { signal: context.signal, report: () => undefined };
}
