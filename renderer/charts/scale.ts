/** Round values that cover a range: 1, 2 or 5 times a power of ten apart, about `count` of them. */
export function ticks(low: number, high: number, count: number): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10) * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** The range widened to round ends. */
export function niceRange(low: number, high: number, count: number): [number, number] {
  if (!(high > low)) {
    const margin = Math.abs(low) / 4 || 1;
    return [low - margin, high + margin];
  }
  const all = ticks(low, high, count);
  const step = all.length > 1 ? all[1]! - all[0]! : high - low;
  return [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step];
}

export type Scale = ((value: number) => number) & { invert(position: number): number };

export function linear([d0, d1]: readonly [number, number], [r0, r1]: readonly [number, number]): Scale {
  const factor = d1 === d0 ? 0 : (r1 - r0) / (d1 - d0);
  const scale = (value: number) => r0 + (value - d0) * factor;
  return Object.assign(scale, {
    invert: (position: number) => (factor === 0 ? d0 : d0 + (position - r0) / factor),
  });
}

/** y at x on a polyline sorted by x; its end values outside. */
export function valueAt(points: readonly (readonly [number, number])[], x: number): number {
  if (points.length === 0) return Number.NaN;
  let low = 0;
  let high = points.length - 1;
  if (x <= points[0]![0]) return points[0]![1];
  if (x >= points[high]![0]) return points[high]![1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (points[middle]![0] <= x) low = middle;
    else high = middle;
  }
  const [[x0, y0], [x1, y1]] = [points[low]!, points[high]!];
  return x1 === x0 ? y1 : y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
}

/**
 * Moves labels apart that would lie over each other, keeping their order; all stay within the limits where they can. Positions are
 * of their middles, extents how much room each takes.
 */
export function spreadLabels(
  positions: readonly number[],
  extents: readonly number[],
  [low, high]: readonly [number, number],
): number[] {
  const order = positions.map((_, i) => i).sort((a, b) => positions[a]! - positions[b]!);
  const placed = [...positions];
  let floor = low;
  for (const i of order) {
    placed[i] = Math.max(positions[i]!, floor + extents[i]! / 2);
    floor = placed[i]! + extents[i]! / 2;
  }
  let ceiling = high;
  for (const i of order.toReversed()) {
    placed[i] = Math.min(placed[i]!, ceiling - extents[i]! / 2);
    ceiling = placed[i]! - extents[i]! / 2;
  }
  return placed;
}

/** Counts of values in equal bins from `low` to `high`; what lies outside goes to the first or last bin. */
export function histogram(values: readonly number[], low: number, high: number, bins: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    const bin = Math.floor(((value - low) / (high - low)) * bins);
    counts[Math.min(bins - 1, Math.max(0, bin))]!++;
  }
  return counts;
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length === 0) return Number.NaN;
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  return sorted[below]! + (sorted[Math.ceil(at)]! - sorted[below]!) * (at - below);
}
