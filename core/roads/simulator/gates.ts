import { distanceM } from '../geometry.ts';
import { ROAD_CLASSES, type RoadNetwork } from '../network.ts';

/** A road on which traffic leaves the network and comes in. */
export interface Gate {
  /** The segment on whose end traffic leaves. */
  exit: number;
  /** The segment on which it comes in. */
  entry: number;
  /** Traffic relative to other gates. */
  weight: number;
}

const SECONDARY = ROAD_CLASSES.indexOf('secondary');

/** Main roads that end as a dead end: they leave by `s` and come in by its opposite direction. All weigh the same. */
export function deadEndGates(network: RoadNetwork): Gate[] {
  const gates: Gate[] = [];
  for (let s = 0; s < network.segmentCount; s++) {
    const isDeadEnd =
      network.turnOffsets[s + 1] - network.turnOffsets[s] === 1 &&
      network.turnTo[network.turnOffsets[s]] === network.reverse[s];
    if (network.roadClass[s] <= SECONDARY && isDeadEnd)
      gates.push({ exit: s, entry: network.reverse[s], weight: 1 });
  }
  return gates;
}

/** Traffic of a gate by its class, relative to others: a motorway carries several times what a secondary road does. */
const WEIGHTS = [8, 6, 3, 1];
const SECTORS = 24;
/** A gate lies farther out than this share of the junctions in its direction. */
const BORDER_SHARE = 0.9;
const NEARLY = 0.95;
/** How far apart the two carriageways of a road that leaves the network may end. */
const CARRIAGEWAYS_KM = 0.6;

/**
 * Main roads that are cut off at the border of the network: dead ends of both directions, and pairs of one-way carriageways of one
 * class. `arrives` and `departs` mark the segments that can be reached from the strongly connected part, and from which it can be.
 * The most important `limit` of them.
 */
export function borderGates(
  network: RoadNetwork,
  centre: readonly [number, number],
  reach: { arrives: Uint8Array; departs: Uint8Array },
  limit: number,
): Gate[] {
  const isMain = (s: number) => network.roadClass[s] <= SECONDARY;
  const isOutside = beyondMost(network, centre);
  const onlyFromReverse = new Uint8Array(network.segmentCount).fill(1);
  for (let turn = 0; turn < network.turnCount; turn++)
    if (network.turnFrom[turn] !== network.reverse[network.turnTo[turn]])
      onlyFromReverse[network.turnTo[turn]] = 0;
  const leads = (s: number) => {
    for (let turn = network.turnOffsets[s]; turn < network.turnOffsets[s + 1]; turn++)
      if (network.turnTo[turn] !== network.reverse[s]) return true;
    return false;
  };
  const all = [...Array(network.segmentCount).keys()].filter(isMain);
  const exits = all.filter((s) => reach.arrives[s] && !leads(s) && isOutside(network.toJunction[s]));
  const entries = new Set(
    all.filter((s) => reach.departs[s] && onlyFromReverse[s] && isOutside(network.fromJunction[s])),
  );
  const gates: Gate[] = [];
  for (const exit of exits) {
    const entry = entryBeside(network, exit, entries);
    if (entry === undefined) continue;
    entries.delete(entry);
    gates.push({ exit, entry, weight: WEIGHTS[network.roadClass[exit]] });
  }
  return gates.sort((a, b) => b.weight - a.weight || a.exit - b.exit).slice(0, limit);
}

/** The way back of a two-way road, or the nearest one-way road of that class that comes in. */
function entryBeside(network: RoadNetwork, exit: number, entries: ReadonlySet<number>): number | undefined {
  if (entries.has(network.reverse[exit])) return network.reverse[exit];
  let [best, bestKm]: [number | undefined, number] = [undefined, CARRIAGEWAYS_KM];
  for (const entry of entries) {
    if (network.roadClass[entry] !== network.roadClass[exit] || network.reverse[entry] >= 0) continue;
    const km = junctionsKm(network, network.toJunction[exit], network.fromJunction[entry]);
    if (km < bestKm) [best, bestKm] = [entry, km];
  }
  return best;
}

/** Says of a junction whether it lies farther from the centre than most in its direction. */
function beyondMost(network: RoadNetwork, centre: readonly [number, number]): (junction: number) => boolean {
  const stretch = Math.cos((centre[1] * Math.PI) / 180);
  const polar = (junction: number) => {
    const east = (network.junctionCoordinates[2 * junction] - centre[0]) * stretch;
    const north = network.junctionCoordinates[2 * junction + 1] - centre[1];
    const sector = Math.floor(((Math.atan2(north, east) + Math.PI) / (2 * Math.PI)) * SECTORS) % SECTORS;
    return { sector, away: Math.hypot(east, north) };
  };
  const distances: number[][] = Array.from({ length: SECTORS }, () => []);
  for (let junction = 0; junction < network.junctionCount; junction++) {
    const { sector, away } = polar(junction);
    distances[sector].push(away);
  }
  const limits = distances.map((of) => of.sort((a, b) => a - b)[Math.floor(BORDER_SHARE * of.length)] ?? 0);
  return (junction) => {
    const { sector, away } = polar(junction);
    return away >= NEARLY * limits[sector];
  };
}

function junctionsKm(network: RoadNetwork, a: number, b: number): number {
  const [lonA, latA] = network.junctionCoordinates.subarray(2 * a, 2 * a + 2);
  const [lonB, latB] = network.junctionCoordinates.subarray(2 * b, 2 * b + 2);
  return distanceM(lonA, latA, lonB, latB) / 1000;
}
