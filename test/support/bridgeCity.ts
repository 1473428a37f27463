import { Random } from '../../core/base/index.ts';
import type { RoadNetwork, TripSet } from '../../core/roads/index.ts';
import { type PlainTrip, packTrips, randomPath } from './gridNetwork.ts';
import { type SegmentSketch, sketchNetwork } from './network.ts';

export const SPACING = 0.0018;
/** Near both ends of the road along the water, by the bridge. */
export const WEST: [number, number] = [0.3 * SPACING, 0];
export const EAST: [number, number] = [5.7 * SPACING, 0];

/** Two quarters of six junctions, and one bridge between them: whoever goes across has no other way. */
export function bridgeCity(): RoadNetwork {
  const columns = [0, 1, 2, 4, 5, 6];
  const junctions = [0, 1].flatMap((y) => columns.map((x): [number, number] => [SPACING * x, SPACING * y]));
  const roads: SegmentSketch[] = [];
  const road = (from: number, to: number, name: string, main = false) => {
    const both = { name, roadClass: main ? ('secondary' as const) : ('residential' as const) };
    roads.push({ from, to, ...both }, { from: to, to: from, ...both });
  };
  for (let x = 0; x < 5; x++) {
    const name = x === 2 ? 'Long Bridge' : `${x < 2 ? 'West' : 'East'} Quay`;
    road(x, x + 1, name, true);
    if (x !== 2) road(6 + x, 7 + x, `${x < 2 ? 'West' : 'East'} Street`);
  }
  for (let x = 0; x < 6; x++) road(x, 6 + x, `Lane ${x + 1}`);
  return sketchNetwork(junctions, roads);
}

export function segmentBetween(network: RoadNetwork, from: number, to: number): number {
  return network.fromJunction.findIndex((junction, s) => junction === from && network.toJunction[s] === to);
}

/** The way along the water, from west to east, and the bridge on it. */
export function quayside(network: RoadNetwork): { way: number[]; bridge: number } {
  const way = [0, 1, 2, 3, 4].map((x) => segmentBetween(network, x, x + 1));
  return { way, bridge: way[2] };
}

/** Seconds are length ÷ 10 m/s, but in one of eight times two hours a segment is jammed: four times as many. */
export function jammyTraffic(
  network: RoadNetwork,
  { days, perDay, firstS, seed }: { days: number; perDay: number; firstS: number; seed: number },
): TripSet {
  const random = new Random(seed);
  const trips: PlainTrip[] = [];
  for (let day = 0; day < days; day++) {
    const slots = Array.from({ length: 12 * network.segmentCount }, () => (random.int(8) === 0 ? 4 : 1));
    const seconds = Array.from({ length: perDay }, () => 6 * 3600 + random.int(16 * 3600));
    for (const second of seconds.sort((a, b) => a - b)) {
      const segments = randomPath(network, random, 3 + random.int(6));
      const slot = Math.floor(second / 7200) * network.segmentCount;
      const segmentS = segments.map(
        (s) => (network.lengthM[s] / 10) * slots[slot + s] * Math.exp(0.05 * random.normal()),
      );
      trips.push(drive(firstS + day * 86_400 + second, segments, segmentS));
    }
  }
  return packTrips(trips);
}

/** In the eight minutes before a time, all who came through a segment took so many times as long as at 10 m/s; elsewhere once. */
export function jamBefore(
  network: RoadNetwork,
  way: readonly number[],
  { segment, factor, localS }: { segment: number; factor: number; localS: number },
): TripSet {
  const trips = Array.from({ length: 8 }, (_, i) =>
    way.map((s) => {
      const seconds = (network.lengthM[s] / 10) * (s === segment ? factor : 1);
      return drive(localS - 60 * (i + 1) - seconds, [s], [seconds]);
    }),
  );
  return packTrips(trips.flat().sort((a, b) => a.localDepartS - b.localDepartS));
}

function drive(localDepartS: number, segments: number[], segmentS: number[]): PlainTrip {
  return { localDepartS, segments, totalS: Math.fround(segmentS.reduce((a, b) => a + b, 0)), segmentS };
}
