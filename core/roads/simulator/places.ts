import type { Random } from '../../base/index.ts';
import { ROAD_CLASSES, type RoadClass, type RoadNetwork, SEGMENT_FLAGS } from '../network.ts';
import type { Gate } from './gates.ts';

/** Where journeys begin and end: some ten segments around one that stands for them, or a road out of town. */
export interface Places {
  readonly count: number;
  /** [P] the segments on whose ends journeys to the place may end, that which stands for it first. */
  readonly ends: readonly (readonly number[])[];
  /** [P] segments on which journeys from the place begin. */
  readonly origins: readonly number[][];
  /** [P] kilometres east and north of the centre. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** [P] how many live there, how many work or are busy there; both add up to 1. */
  readonly homes: Float64Array;
  readonly jobs: Float64Array;
  readonly isGate: Uint8Array;
}

/** Kilometres east and north of the centre. */
export type Spot = readonly [east: number, north: number];

/** Who lives and works where. */
export interface LandUse {
  /** Longitude, latitude. */
  centre: readonly [number, number];
  /** People who live along a segment, in any unit; 0 where no journey begins or ends. */
  homes(segment: number, at: Spot): number;
  jobs(segment: number, at: Spot): number;
  gates: readonly Gate[];
  /** Share of all homes and jobs that lies beyond the gates. */
  gateHomes: number;
  gateJobs: number;
  /** On how many segments of a place journeys end at most: more spread the traffic near busy places. */
  ends: number;
  /** Places are at first kept this far apart. */
  apartKm: number;
}

/** Relative numbers of people who live along a kilometre. */
const HOMES_PER_KM: Partial<Record<RoadClass, number>> = {
  secondary: 0.15,
  tertiary: 0.4,
  unclassified: 0.8,
  residential: 1,
  living_street: 1.2,
};
const KM_PER_DEGREE = 111.2;

/** Chooses places among the segments where people live or work, and gives each segment's share to the nearest. */
export function choosePlaces(network: RoadNetwork, count: number, use: LandUse, random: Random): Places {
  const { gates } = use;
  const middles = spotsOf(network, use.centre);
  const homesOf = middles.map((at, s) => use.homes(s, at));
  const exits = new Set(gates.map(({ exit }) => exit));
  const inhabited = middles.flatMap((_, s) => (homesOf[s] > 0 && !exits.has(s) ? [s] : []));
  const chosen = spreadOut(random.shuffle([...inhabited]), middles, count - gates.length, use.apartKm);
  const destination = Int32Array.from([...chosen, ...gates.map(({ exit }) => exit)]);
  const origins: number[][] = Array.from(destination, () => []);
  const homes = new Float64Array(destination.length);
  const jobs = new Float64Array(destination.length);
  for (const s of inhabited) {
    const place = nearest(middles, chosen, middles[s]);
    origins[place].push(s);
    homes[place] += homesOf[s];
    jobs[place] += use.jobs(s, middles[s]);
  }
  gates.forEach(({ entry }, i) => {
    origins[chosen.length + i].push(entry);
  });
  const gateWeights = destination.map((_, place) => gates[place - chosen.length]?.weight ?? 0);
  return {
    count: destination.length,
    ends: origins.map((members, place) =>
      place < chosen.length ? endsOf(destination[place], members, use.ends) : [destination[place]],
    ),
    origins,
    x: Float64Array.from(destination, (s) => middles[s][0]),
    y: Float64Array.from(destination, (s) => middles[s][1]),
    homes: withGates(homes, gateWeights, use.gateHomes),
    jobs: withGates(jobs, gateWeights, use.gateJobs),
    isGate: Uint8Array.from(destination, (_, place) => (place < chosen.length ? 0 : 1)),
  };
}

/** The segment that stands for a place, and members of it at equal steps. */
function endsOf(centre: number, members: readonly number[], most: number): number[] {
  const others = members.filter((s) => s !== centre);
  const count = Math.min(most - 1, others.length);
  return [
    centre,
    ...Array.from({ length: count }, (_, i) => others[Math.floor((i * others.length) / count)]),
  ];
}

/** People along a segment by its class and length alone; none on ramps and bridges. */
export function homesAlong(network: RoadNetwork, s: number): number {
  if (network.flags[s] & (SEGMENT_FLAGS.link | SEGMENT_FLAGS.bridge)) return 0;
  return (HOMES_PER_KM[ROAD_CLASSES[network.roadClass[s]]] ?? 0) * (network.lengthM[s] / 1000);
}

/** [S] the middle of each segment, between its junctions. */
export function spotsOf(network: RoadNetwork, centre: readonly [number, number]): Spot[] {
  const at = (junction: number, axis: number) => network.junctionCoordinates[2 * junction + axis];
  const stretch = Math.cos((centre[1] * Math.PI) / 180);
  return Array.from({ length: network.segmentCount }, (_, s) => {
    const lon = (at(network.fromJunction[s], 0) + at(network.toJunction[s], 0)) / 2;
    const lat = (at(network.fromJunction[s], 1) + at(network.toJunction[s], 1)) / 2;
    return [(lon - centre[0]) * stretch * KM_PER_DEGREE, (lat - centre[1]) * KM_PER_DEGREE];
  });
}

/** Takes segments in turn, leaving out those near to one already taken; nearer ones are let in until there are enough. */
function spreadOut(
  order: readonly number[],
  middles: readonly Spot[],
  count: number,
  firstApartKm: number,
): number[] {
  const taken: number[] = [];
  for (let apartKm = firstApartKm; taken.length < count && apartKm > 0.02; apartKm *= 0.85)
    for (const s of order) {
      if (taken.length >= count) break;
      if (taken.every((other) => kmBetween(middles[s], middles[other]) > apartKm)) taken.push(s);
    }
  return taken;
}

/** Position in `among` of the segment that lies nearest. */
export function nearest(middles: readonly Spot[], among: ArrayLike<number>, to: Spot): number {
  let best = 0;
  for (let i = 1; i < among.length; i++)
    if (kmBetween(middles[among[i]], to) < kmBetween(middles[among[best]], to)) best = i;
  return best;
}

function kmBetween(a: Spot, b: Spot): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

/** Brings inhabited places to 1 − share in all, and gives the gates the rest by their weights. */
function withGates(weights: Float64Array, gateWeights: Int32Array, share: number): Float64Array {
  const sum = weights.reduce((a, b) => a + b, 0);
  const gateSum = gateWeights.reduce((a, b) => a + b, 0);
  return weights.map((weight, i) =>
    gateWeights[i] > 0 ? (share * gateWeights[i]) / gateSum : (weight / sum) * (gateSum > 0 ? 1 - share : 1),
  );
}
