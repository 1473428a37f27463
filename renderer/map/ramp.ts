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

export function speedClass(ratio: number): number {
  if (Number.isNaN(ratio)) return NO_PREDICTION;
  const found = RATIO_BREAKS.findIndex((lowest) => ratio >= lowest);
  return found < 0 ? RATIO_BREAKS.length : found;
}

/** "0.75–0.90", "0.90 or more", "under 0.30". */
export function className(speedClassIndex: number): string {
  if (speedClassIndex === 0) return '0.90 or more';
  const upper = RATIO_BREAKS[speedClassIndex - 1]!.toFixed(2);
  const lower = RATIO_BREAKS[speedClassIndex]?.toFixed(2);
  return lower ? `${lower}–${upper}` : `under ${upper}`;
}
