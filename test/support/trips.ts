import { Random } from '../../core/base/random.ts';
import type { RoadNetwork } from '../../core/roads/network.ts';
import type { TripSet } from '../../core/roads/trips.ts';
import type { ImportReport } from '../../core/tables/importReport.ts';

/** Random walks over permitted turns, one a minute from `firstS` (UTC, taken as local too), a second per ten metres. */
export function randomTrips(
  network: RoadNetwork,
  {
    count,
    seed,
    firstS = Date.parse('2024-03-04T00:00:00Z') / 1000,
    segmentTimes = false,
  }: { count: number; seed: number; firstS?: number; segmentTimes?: boolean },
): TripSet {
  const random = new Random(seed);
  const paths = Array.from({ length: count }, () => randomPath(network, random, 3 + random.int(20)));
  const offsets = new Uint32Array(count + 1);
  paths.forEach((path, i) => {
    offsets[i + 1] = offsets[i] + path.length;
  });
  const segments = Int32Array.from(paths.flat());
  const segmentS = Float32Array.from(segments, (s) => network.lengthM[s] / 10);
  const departS = Float64Array.from({ length: count }, (_, i) => firstS + 60 * i);
  return {
    count,
    ids: paths.map((_, i) => `trip ${seed}-${i}`),
    departS,
    localDepartS: departS.slice(),
    totalS: Float32Array.from(paths, (path) => path.reduce((sum, s) => sum + network.lengthM[s] / 10, 0)),
    offsets,
    segments,
    ...(segmentTimes && { segmentS }),
  };
}

export function emptyReport(source: string): ImportReport {
  return { source, format: 'test', read: {}, kept: {}, dropped: [], notes: [], seconds: 0 };
}

function randomPath(network: RoadNetwork, random: Random, length: number): number[] {
  const path = [random.int(network.segmentCount)];
  while (path.length < length) {
    const at = path[path.length - 1];
    const first = network.turnOffsets[at];
    const choices = network.turnOffsets[at + 1] - first;
    if (choices === 0) break;
    path.push(network.turnTo[first + random.int(choices)]);
  }
  return path;
}
