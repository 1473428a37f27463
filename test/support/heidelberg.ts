import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type LeastCosts, type RoadNetwork, type RouteCosts, readRoads } from '../../core/roads/index.ts';

/** Where the real extract lies, beside the project; absent on most machines. */
const path = join(import.meta.dirname, '../../../shared/data/osm/heidelberg.osm.pbf');
export const hasHeidelberg = existsSync(path);

export async function loadHeidelberg(): Promise<RoadNetwork> {
  return (await readRoads(path)).network;
}

/**
 * Invented costs on a real network: limits, seconds by turn and signal; with `timeDependent`, each segment takes up to 2.2 times as
 * long in rush hours of its own, and signals up to half a minute. First in, first out: no second of delay is won faster than it passes.
 */
export function inventedCosts(
  network: RoadNetwork,
  timeDependent: boolean,
): RouteCosts & { least: LeastCosts } {
  const freeS = Float64Array.from(network.lengthM, (m, s) => (m / network.speedLimitKmh[s]) * 3.6);
  const turnS = Float64Array.from(
    network.turnClass,
    (turnClass, t) => (turnClass === 0 ? 0 : turnClass === 7 ? 20 : 3) + (network.turnFlags[t] & 1 ? 8 : 0),
  );
  const wave = (i: number, clockS: number) => 1 + Math.sin(clockS / 3600 + ((i * 7) % 11));
  return {
    fastestKmh: network.speedLimitKmh.reduce((a, b) => Math.max(a, b), 1),
    traversalS: timeDependent ? (s, clockS) => freeS[s] * (1 + 0.6 * wave(s, clockS)) : (s) => freeS[s],
    turnS: timeDependent
      ? (t, clockS) => turnS[t] + (network.turnFlags[t] & 1 ? 10 * wave(t, clockS) : 0)
      : (t) => turnS[t],
    least: { traversalS: freeS, turnS },
  };
}
