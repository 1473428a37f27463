import type { EmbeddingMap } from '../api/types.ts';

/** A node of the map. */
export interface PlanePoint {
  type: string;
  id: string;
  name: string;
  x: number;
  y: number;
  /** What it is coloured by; null where that is not known. */
  value: string | null;
}

/** By what the map is coloured: the types of nodes, or a feature of one of them. */
export interface Colouring {
  label: string;
  /** Null: the types themselves. */
  of: { type: string; feature: string } | null;
}

/** Values with a colour of their own; all further ones share the grey. */
export const COLOURS = 8;

export const colourAt = (i: number): string =>
  i >= 0 && i < COLOURS ? `var(--category-${i + 1})` : 'var(--road-plain)';

export function colourings({ types }: EmbeddingMap): Colouring[] {
  const byFeature = types.flatMap(({ type, features }) =>
    Object.keys(features).map((feature) => ({ label: `${type}: ${feature}`, of: { type, feature } })),
  );
  return [{ label: 'type of node', of: null }, ...byFeature];
}

export function pointsOf({ types }: EmbeddingMap, { of }: Colouring): PlanePoint[] {
  return types.flatMap(({ type, ids, titles, x, y, features }) =>
    ids.map((id, i) => ({
      type,
      id,
      name: titles[i] ?? id,
      x: x[i]!,
      y: y[i]!,
      value: of === null ? type : of.type === type ? (features[of.feature]?.[i] ?? null) : null,
    })),
  );
}

/** The values with most points first; the number of each is that of its colour. */
export function legendOf(points: readonly PlanePoint[]): { value: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { value } of points) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || a.value.localeCompare(b.value));
}

/** What the plane shows: its middle, and how many times larger than to fit. */
export interface View {
  x: number;
  y: number;
  zoom: number;
}

const MOST_ZOOM = 40;

/** The view zoomed by a factor so that a place of the plane stays where it is. */
export function zoomed(view: View, factor: number, at: { x: number; y: number }): View {
  const zoom = Math.min(MOST_ZOOM, Math.max(1, view.zoom * factor));
  const shrink = view.zoom / zoom;
  return { zoom, x: at.x + (view.x - at.x) * shrink, y: at.y + (view.y - at.y) * shrink };
}

/** The smallest square that holds all points, with a margin. */
export function frameOf(points: readonly Pick<PlanePoint, 'x' | 'y'>[]): {
  x: number;
  y: number;
  reach: number;
} {
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const { x, y } of points) {
    [x0, x1] = [Math.min(x0, x), Math.max(x1, x)];
    [y0, y1] = [Math.min(y0, y), Math.max(y1, y)];
  }
  return { x: (x0 + x1) / 2, y: (y0 + y1) / 2, reach: (1.06 * Math.max(x1 - x0, y1 - y0, 1e-6)) / 2 };
}

/** The point nearest to a place, if any is as near as `within`. */
export function nearestPoint(
  points: readonly PlanePoint[],
  at: { x: number; y: number },
  within: number,
): PlanePoint | null {
  let best: PlanePoint | null = null;
  let least = within * within;
  for (const point of points) {
    const distance = (point.x - at.x) ** 2 + (point.y - at.y) ** 2;
    if (distance <= least) [best, least] = [point, distance];
  }
  return best;
}

/** A word of the map: where it begins, and how long it is. */
export interface Word {
  x: number;
  y: number;
  text: string;
}

/** About what letters take at the size of the map's words. */
const LETTER_PX = 7;
const LINE_PX = 14;

/** Whether each word is drawn: the earlier ones are, a later one where it touches none of them. Zooming in makes room. */
export function legibleWords(words: readonly Word[]): boolean[] {
  const drawn: Word[] = [];
  return words.map((word) => {
    const isFree = drawn.every(
      (other) =>
        Math.abs(word.y - other.y) >= LINE_PX ||
        word.x >= other.x + LETTER_PX * other.text.length ||
        other.x >= word.x + LETTER_PX * word.text.length,
    );
    if (isFree) drawn.push(word);
    return isFree;
  });
}
