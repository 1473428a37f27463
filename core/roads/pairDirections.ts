import type { SegmentTable } from './segmentTable.ts';

/**
 * Finds for each segment the one back between the same junctions of the same road (`roadOf` names it; '' where the source
 * does not tell roads apart), of several the nearest in length, and none that differs by over 1 m and 1 %.
 */
export function pairDirections(segments: SegmentTable, roadOf: (segment: number) => string): void {
  const { segmentCount, fromJunction, toJunction, lengthM } = segments.columns();
  const waiting = new Map<string, number[]>();
  const gap = (a: number, b: number): number => Math.abs(lengthM[a] - lengthM[b]);
  for (let s = 0; s < segmentCount; s++) {
    const road = roadOf(s);
    const opposite = waiting.get(`${toJunction[s]} ${fromJunction[s]} ${road}`) ?? [];
    const nearest = opposite.toSorted((a, b) => gap(a, s) - gap(b, s)).at(0);
    if (nearest !== undefined && gap(nearest, s) <= 1 + lengthM[s] / 100) {
      segments.pair(s, nearest);
      opposite.splice(opposite.indexOf(nearest), 1);
      continue;
    }
    const key = `${fromJunction[s]} ${toJunction[s]} ${road}`;
    const mine = waiting.get(key);
    if (mine) mine.push(s);
    else waiting.set(key, [s]);
  }
}
