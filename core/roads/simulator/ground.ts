import { breathe, EtalonError, Random, type TaskContext } from '../../base/index.ts';
import type { RoadNetwork } from '../network.ts';
import { Demand, type DemandRates } from './demand.ts';
import { proxyLandUse } from './landUse.ts';
import { freeSeconds, linksOf } from './links.ts';
import { rushLoads } from './loads.ts';
import { choosePlaces, type Places } from './places.ts';
import { strongPart } from './reach.ts';
import { RouteTrees } from './routes.ts';
import { VARIANTS } from './ways.ts';

/** What stays the same in all simulations of one network with one seed. */
export interface Ground {
  network: RoadNetwork;
  /** Longitude, latitude. */
  centre: readonly [number, number];
  places: Places;
  gates: number;
  /** Segments that lie in no loop with the rest: no journey begins on them. */
  leftOut: { segments: number; km: number };
  /** Vehicles of an ordinary weekday at demand 1, and for each kilometre of streets. */
  vehiclesPerDay: number;
  vehiclesPerKm: number;
  /** Vehicles of the street for which one of the model stands. */
  packet: number;
  innerKm: number;
}

const MOST_PLACES = 150;
const FEWEST_PLACES = 60;
/** Bytes for the ways from everywhere to every place. */
const TREE_BYTES = 64e6;
const FEWEST_SEGMENTS = 40;
/**
 * Demand 1: were all to drive the shortest ways, nine tenths of the kilometres driven in the rush hour would be driven on roads that
 * want less than this share of their capacity. Where it is above some 0.7, queues of the many short segments of imported networks
 * hold up each other and whole districts stand still by day (docs/simulator.md).
 */
const RUSH_USE = 0.5;
const USE_QUANTILE = 0.9;
/** At most so many model vehicles a day, as long as packets are not larger than the largest. */
const MODEL_VEHICLES = 40_000;
const PACKETS = { smallest: 2, largest: 8 };

export function placesFor(segments: number): number {
  const affordable = Math.floor(TREE_BYTES / (VARIANTS * segments));
  return Math.max(FEWEST_PLACES, Math.min(MOST_PLACES, affordable));
}

/** Rates of a network at a level of demand. */
export function ratesOf(ground: Ground, demand: number): DemandRates {
  return {
    perWeekday: (demand * ground.vehiclesPerDay) / ground.packet,
    daySpread: 0.07,
    districtSpread: 0.3,
    occasionsPerDay: 0.8,
    innerKm: ground.innerKm,
  };
}

/**
 * Chooses places on the strongly connected part of a network, and how much traffic it can bear. Throws `input` for a network on which
 * hardly a journey is possible, `cancelled`.
 */
export async function layGround(network: RoadNetwork, seed: number, context: TaskContext): Promise<Ground> {
  context.report({ stage: 'Choosing where journeys begin and end', done: 0 });
  const random = new Random(seed);
  const strong = strongPart(network);
  const members = strong.reduce((sum, mark) => sum + mark, 0);
  if (members < FEWEST_SEGMENTS) throw tooSmall(members);
  const use = proxyLandUse(network, strong, placesFor(network.segmentCount));
  const places = choosePlaces(network, placesFor(network.segmentCount), use, random);
  await breathe();
  const links = linksOf(network);
  const trees = new RouteTrees(network, places.ends, 1);
  await trees.grow(0, freeSeconds(network, links), links.turnDelayS, context);
  const innerKm = medianAway(places);
  const rates = { perWeekday: 1, daySpread: 0, districtSpread: 0, occasionsPerDay: 0, innerKm };
  const loads = rushLoads(network, places, trees, 0, new Demand(places, ['weekday'], rates, random));
  const vehiclesPerDay = Math.round(RUSH_USE / usual(network, loads, links.capacityPerS));
  const packet = Math.round(vehiclesPerDay / MODEL_VEHICLES);
  const kmOf = (mark: Uint8Array, wanted: 0 | 1) =>
    network.lengthM.reduce((km, lengthM, s) => km + (mark[s] === wanted ? lengthM / 1000 : 0), 0);
  return {
    network,
    centre: use.centre,
    places,
    gates: use.gates.length,
    leftOut: { segments: network.segmentCount - members, km: kmOf(strong, 0) },
    vehiclesPerDay,
    vehiclesPerKm: vehiclesPerDay / kmOf(strong, 1),
    packet: Math.max(PACKETS.smallest, Math.min(PACKETS.largest, packet)),
    innerKm,
  };
}

/** The share of its capacity that a road's traffic wants, at the quantile of all kilometres driven, for one journey a day. */
function usual(network: RoadNetwork, loads: Float64Array, capacityPerS: Float64Array): number {
  const driven = [...loads.keys()].filter((s) => loads[s] > 0);
  const shares = driven.map((s) => ({
    share: loads[s] / capacityPerS[s],
    metres: loads[s] * network.lengthM[s],
  }));
  shares.sort((a, b) => a.share - b.share);
  let left = USE_QUANTILE * shares.reduce((sum, { metres }) => sum + metres, 0);
  for (const { share, metres } of shares) {
    left -= metres;
    if (left <= 0) return share;
  }
  throw new EtalonError('input', 'No journey is possible on these roads.', {
    remedy: 'Import an extract of a whole town.',
  });
}

function medianAway({ x, y }: Places): number {
  const away = Array.from(x, (east, i) => Math.hypot(east, y[i])).sort((a, b) => a - b);
  return away[away.length >> 1];
}

function tooSmall(members: number): EtalonError {
  return new EtalonError(
    'input',
    `Only ${members} segments lie in loops with each other: too few to simulate traffic on.`,
    { remedy: 'Import an extract of a whole town, with its one-way streets and turns intact.' },
  );
}
