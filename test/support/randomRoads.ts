import type { Random } from '../../core/base/random.ts';
import type { RoadNetwork } from '../../core/roads/network.ts';
import type { LeastCosts, RouteCosts, RoutePlace } from '../../core/roads/routing/index.ts';
import { distanceM, sketchNetwork } from './network.ts';

/** Ten or so junctions with random one-way segments, a third of the turns forbidden, some lengths understated. */
export function randomNetwork(random: Random): RoadNetwork {
  const count = 6 + random.int(8);
  const junctions = Array.from({ length: count }, (): [number, number] => [
    8 + random.uniform() * 0.05,
    49 + random.uniform() * 0.03,
  ]);
  const pairs = new Set<string>();
  while (pairs.size < 3 * count) {
    const from = random.int(count);
    pairs.add(`${from} ${(from + 1 + random.int(count - 1)) % count}`);
  }
  const segments = [...pairs].map((pair) => {
    const [from, to] = pair.split(' ').map(Number);
    return { from, to, lengthM: distanceM(junctions[from], junctions[to]) * (0.8 + random.uniform()) };
  });
  const forbidden = segments.flatMap((_, a) =>
    segments.flatMap((_, b): [number, number][] => (random.uniform() < 0.33 ? [[a, b]] : [])),
  );
  return sketchNetwork(junctions, segments, forbidden);
}

const FASTEST_KMH = 100;

/** First in, first out: seconds change by less than a second a second of the clock. */
export function randomCosts(
  network: RoadNetwork,
  random: Random,
  timeDependent: boolean,
): RouteCosts & { least: LeastCosts } {
  const swing = timeDependent ? 0.9 : 0;
  // Without a spread everybody drives as fast as the search hopes, and its lower bound has no slack.
  const spread = [0, 0.3, 4][random.int(3)];
  const base = Array.from(network.lengthM, (m) => (m / FASTEST_KMH) * 3.6 * (1 + spread * random.uniform()));
  const phase = Array.from(base, () => random.uniform() * 6);
  const turns = Array.from(network.turnTo, () => random.uniform() * 5 * spread);
  const wave = (i: number, clockS: number, period: number) =>
    1 + Math.sin(clockS / period + phase[i % phase.length]);
  return {
    fastestKmh: FASTEST_KMH,
    // d/dt of swing · period · wave ≥ −0.9 whatever the period is.
    traversalS: (s, clockS) => base[s] + swing * (base[s] / 3) * wave(s, clockS, base[s] / 3),
    turnS: (t, clockS) => turns[t] + (timeDependent ? 5 * wave(t, clockS, 50) : 0),
    least: { traversalS: Float64Array.from(base), turnS: Float64Array.from(turns) },
  };
}

/** One or two places anywhere. */
export function randomPlaces(network: RoadNetwork, random: Random): RoutePlace[] {
  return Array.from({ length: 1 + random.int(2) }, () => ({
    segment: random.int(network.segmentCount),
    fraction: random.uniform(),
  }));
}
