import { distance } from '@turf/turf';
import type { Point } from '../api/types.ts';

/** Great-circle distance in metres. */
export const distanceM = (a: Point, b: Point): number => distance(a, b, { units: 'meters' });

/** Metres from the start to every point of a line. */
export function cumulativeM(line: readonly Point[]): Float64Array {
  const sums = new Float64Array(line.length);
  for (let i = 1; i < line.length; i++) sums[i] = sums[i - 1]! + distanceM(line[i - 1]!, line[i]!);
  return sums;
}

const between = (a: Point, b: Point, share: number): Point => [
  a[0] + (b[0] - a[0]) * share,
  a[1] + (b[1] - a[1]) * share,
];

/** The point so many metres along a line whose running distances are given. */
export function pointAlong(line: readonly Point[], sums: Float64Array, metres: number): Point {
  if (metres <= 0 || line.length < 2) return line[0]!;
  for (let i = 1; i < line.length; i++) {
    if (sums[i]! < metres) continue;
    const span = sums[i]! - sums[i - 1]!;
    return between(line[i - 1]!, line[i]!, span === 0 ? 0 : (metres - sums[i - 1]!) / span);
  }
  return line.at(-1)!;
}

/**
 * Cuts a route's line at the ends of its segments. The ends are distances by the road network; the line's own length may
 * differ a little, so they are scaled to it.
 */
export function splitAt(line: readonly Point[], endsM: readonly number[]): Point[][] {
  const sums = cumulativeM(line);
  const total = endsM.at(-1) ?? 0;
  const scale = total > 0 ? (sums.at(-1) ?? 0) / total : 0;
  const pieces: Point[][] = [];
  let from = 0;
  let next = 1;
  for (const end of endsM) {
    const to = end * scale;
    const piece: Point[] = [pointAlong(line, sums, from)];
    while (next < line.length && sums[next]! < to - 1e-6) piece.push(line[next++]!);
    piece.push(pointAlong(line, sums, to));
    pieces.push(piece);
    from = to;
  }
  return pieces;
}
