import type { Theme } from '../theme/theme.ts';

/** Lower ends of the classes of speed ÷ free-flow speed, fastest first; the sixth lies below the last. */
export const RATIO_BREAKS = [0.9, 0.75, 0.6, 0.45, 0.3] as const;
export const SPEED_CLASSES = RATIO_BREAKS.length + 1;
/** Class of a segment without a prediction. */
export const NO_PREDICTION = -1;

/**
 * One colour per class, fastest first. Lightness is monotonic and neighbours stay apart under simulated colour-vision
 * deficiency; the slowest contrasts most with the ground, so dark reverses the lightness.
 */
export const SPEED_RAMP: Readonly<Record<Theme, readonly string[]>> = {
  light: ['#94c9cf', '#cdb34c', '#d88018', '#cc4511', '#9a1c37', '#530f42'],
  dark: ['#2c5863', '#7a6827', '#c08030', '#fd8c58', '#ffaeb8', '#ffdcee'],
};

/** Class of a value among breaks as the contract orders them; {@link NO_PREDICTION} for NaN. */
export function layerClass(value: number, breaks: readonly number[]): number {
  if (Number.isNaN(value)) return NO_PREDICTION;
  const descending = breaks[0]! > breaks.at(-1)!;
  const found = breaks.findIndex((end) => (descending ? value >= end : value < end));
  return found < 0 ? breaks.length : found;
}

/** "0.90 or more", "0.75–0.90", "under 0.30": the values of a class. */
export function classRange(k: number, breaks: readonly number[], format: (value: number) => string): string {
  const descending = breaks[0]! > breaks.at(-1)!;
  const ascending = descending ? [...breaks].reverse() : breaks;
  const at = descending ? breaks.length - k : k;
  if (at === 0) return `under ${format(ascending[0]!)}`;
  if (at === ascending.length) return `${format(ascending.at(-1)!)} or more`;
  const [low, high] = [format(ascending[at - 1]!), format(ascending[at]!)];
  return /[+−]/.test(low + high) ? `${low} to ${high}` : `${low}–${high}`;
}

export const speedClass = (ratio: number): number => layerClass(ratio, RATIO_BREAKS);

/** "0.75–0.90", "0.90 or more", "under 0.30". */
export const className = (speedClassIndex: number): string =>
  classRange(speedClassIndex, RATIO_BREAKS, (value) => value.toFixed(2));
