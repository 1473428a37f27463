import { breathe, type Random, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import type { RoadNetwork } from '../network.ts';
import { Demand, type DemandRates, SLOT_S } from './demand.ts';
import { freeSeconds, type Links } from './links.ts';
import { JourneyLuck, type Luck, SequenceLuck } from './luck.ts';
import type { Places } from './places.ts';
import { type TrafficParts, TrafficRun } from './run.ts';
import { Meter, PERIODS, Ways } from './ways.ts';

const LEARNING_ROUNDS = 2;
const LEARNING_HOURS = 20;

export interface LearningParts {
  network: RoadNetwork;
  links: Links;
  places: Places;
  packet: number;
  rates: DemandRates;
  /** Whether each journey has a luck of its own, or all share one sequence. */
  ownLuck: boolean;
  manners?: Pick<TrafficParts, 'patienceS' | 'giveUpS'>;
}

/**
 * Drivers try ways on ordinary days and learn what they cost, until the ways suit the traffic that they make: successive averages
 * towards an equilibrium (Sheffi 1985, ch. 12). Throws `cancelled`.
 */
export async function learnWays(parts: LearningParts, random: Random, context: TaskContext): Promise<Ways> {
  const { network, links, places, packet, rates } = parts;
  const ways = new Ways(network, places.ends, links);
  const costs = Array.from({ length: PERIODS }, () => freeSeconds(network, links));
  for (let round = 0; ; round++) {
    await ways.grow(costs, random, inRound(context, round));
    if (round === LEARNING_ROUNDS) return ways;
    const meter = new Meter(network.segmentCount);
    const luck = lucks(random.fork(), parts.ownLuck);
    const run = new TrafficRun(
      { network, links, places, ways, packet, probeShare: 0, ...luck, ...parts.manners },
      { observe: meter.observe },
    );
    const calm = { ...rates, daySpread: 0, occasionsPerDay: 0 };
    const demand = new Demand(places, ['weekday'], calm, random.fork());
    for (let beginS = 0; beginS < LEARNING_HOURS * 3600; beginS += SLOT_S) {
      run.advance(beginS, demand.slot(beginS));
      if (beginS % 7200 !== 0) continue;
      throwIfCancelled(context.signal);
      await breathe();
    }
    for (let period = 0; period < PERIODS; period++)
      for (let s = 0; s < network.segmentCount; s++) {
        const seen = meter.mean(period, s);
        if (seen > 0) costs[period][s] += (seen - costs[period][s]) / (round + 1.5);
      }
  }
}

function inRound(context: TaskContext, round: number): TaskContext {
  return {
    signal: context.signal,
    report: ({ done, total = 1 }) =>
      context.report({
        stage: 'Drivers learn their ways',
        done: Math.round(100 * (round + done / total)) / 100,
        total: LEARNING_ROUNDS + 1,
      }),
  };
}

/** Chances of drivers, and of what they meet on the roads. */
export function lucks(random: Random, own: boolean): { drivers: Luck; roads: Luck } {
  const roads = random.fork();
  return own
    ? { drivers: new JourneyLuck(random.int(0x7fffffff)), roads: new JourneyLuck(roads.int(0x7fffffff)) }
    : { drivers: new SequenceLuck(random), roads: new SequenceLuck(roads) };
}
