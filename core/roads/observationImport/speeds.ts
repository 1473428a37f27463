/** Faster than this is a mistake of the detector or of the unit. */
export const MAX_KMH = 250;

/** What to do about a field that {@link positiveOrMissing} cannot read. */
export const NUMBER_REMEDY = 'Mend the value, or leave it empty where nothing was observed.';

const MISSING = /^(|nan|na|n\/a|null|none|-)$/i;

/**
 * A field as a number over 0; null where nothing was observed, which files say by nothing, a word, zero or a negative
 * number; NaN for what is no number.
 */
export function positiveOrMissing(text: string): number | null {
  const trimmed = text.trim();
  if (MISSING.test(trimmed)) return null;
  const value = Number(trimmed);
  if (Number.isNaN(value)) return Number.NaN;
  return value > 0 ? value : null;
}
