import { lineLengthM } from '../geometry.ts';
import type { RoadNetwork } from '../network.ts';
import type { Way } from './types.ts';

type Point = [number, number];

/** Longitude, latitude of the driven line of a way. */
export function wayLine(network: RoadNetwork, way: Way): Point[] {
  const line: Point[] = [];
  way.segments.forEach((segment, i) => {
    const begin = i === 0 ? way.startFraction : 0;
    const end = i === way.segments.length - 1 ? way.endFraction : 1;
    const driven = segmentPart(network, segment, begin, end);
    line.push(...(i === 0 ? driven : driven.slice(1)));
  });
  return line;
}

/** The line of a segment between two shares of its length. */
export function segmentPart(
  { geometryOffsets, coordinates }: RoadNetwork,
  segment: number,
  begin: number,
  end: number,
): Point[] {
  const first = geometryOffsets[segment];
  const points = geometryOffsets[segment + 1] - first;
  const along = new Float64Array(points);
  for (let i = 1; i < points; i++)
    along[i] = along[i - 1] + lineLengthM(coordinates, first + i - 1, first + i + 1);
  const wholeM = along[points - 1];
  const point = (i: number): Point => [coordinates[2 * (first + i)], coordinates[2 * (first + i) + 1]];
  const at = (share: number): Point => {
    if (share <= 0) return point(0);
    if (share >= 1) return point(points - 1);
    const targetM = share * wholeM;
    let i = 1;
    while (i < points - 1 && along[i] < targetM) i++;
    const t = (targetM - along[i - 1]) / Math.max(along[i] - along[i - 1], 1e-9);
    const [a, b] = [point(i - 1), point(i)];
    return [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
  };
  const line = [at(begin)];
  for (let i = 0; i < points; i++)
    if (along[i] > begin * wholeM && along[i] < end * wholeM) line.push(point(i));
  line.push(at(end));
  return line;
}
