import type { Random } from '../../core/base/index.ts';
import { distanceM, lineLengthM } from '../../core/roads/geometry.ts';
import type { RoadNetwork } from '../../core/roads/index.ts';
import type { GpsPoints } from '../../core/roads/matching/index.ts';

export interface DriveOptions {
  /** Seconds between two points; the last point is recorded on arrival. */
  everyS: number;
  /** Standard deviation of the noise on each axis, metres. */
  noiseM: number;
  departS?: number;
}

/** The GPS points of a drive along segments, from the start of the first to the end of the last, at a steady speed. */
export function driveAlong(
  network: RoadNetwork,
  segments: ArrayLike<number>,
  totalS: number,
  { everyS, noiseM, departS = 0 }: DriveOptions,
  random: Random,
): GpsPoints {
  let lengthM = 0;
  for (let i = 0; i < segments.length; i++) lengthM += network.lengthM[segments[i]];
  const times: number[] = [];
  for (let t = 0; t < totalS; t += everyS) times.push(t);
  times.push(totalS);
  const lon = new Float64Array(times.length);
  const lat = new Float64Array(times.length);
  let at = 0;
  let beginM = 0;
  times.forEach((t, i) => {
    const drivenM = (t / totalS) * lengthM;
    while (at < segments.length - 1 && beginM + network.lengthM[segments[at]] < drivenM)
      beginM += network.lengthM[segments[at++]];
    const fraction = Math.min(1, (drivenM - beginM) / network.lengthM[segments[at]]);
    [lon[i], lat[i]] = shifted(
      pointOn(network, segments[at], fraction),
      noiseM * random.normal(),
      noiseM * random.normal(),
    );
  });
  return { timeS: Float64Array.from(times, (t) => departS + t), lon, lat };
}

/** Where a segment is after a share of its drawn length. */
export function pointOn(network: RoadNetwork, segment: number, fraction: number): [number, number] {
  const { geometryOffsets, coordinates } = network;
  const begin = geometryOffsets[segment];
  const end = geometryOffsets[segment + 1];
  let restM = fraction * lineLengthM(coordinates, begin, end);
  for (let p = begin; p < end - 1; p++) {
    const pieceM = lineLengthM(coordinates, p, p + 2);
    const [lonA, latA, lonB, latB] = coordinates.subarray(2 * p, 2 * p + 4);
    const share = pieceM > 0 ? Math.min(1, restM / pieceM) : 1;
    if (restM <= pieceM || p === end - 2) return [lonA + share * (lonB - lonA), latA + share * (latB - latA)];
    restM -= pieceM;
  }
  throw new Error(`Segment ${segment} has no line.`);
}

/** A place so many metres east and north of another. */
export function shifted(
  [lon, lat]: readonly [number, number],
  eastM: number,
  northM: number,
): [number, number] {
  const stepDeg = 1e-3;
  const eastDegM = distanceM(lon, lat, lon + stepDeg, lat) / stepDeg;
  const northDegM = distanceM(lon, lat - stepDeg / 2, lon, lat + stepDeg / 2) / stepDeg;
  return [lon + eastM / eastDegM, lat + northM / northDegM];
}
