/** Mean speeds of whole trips through a city lie well inside these. */
const PLAUSIBLE_KMH = [4, 130] as const;

/** Says which unit mistake a median speed points to; null where it is plausible or unknown. */
export function unitWarning(medianKmh: number): string | null {
  if (!Number.isFinite(medianKmh)) return null;
  if (medianKmh > PLAUSIBLE_KMH[1])
    return `Half of the trips drive faster than ${medianKmh.toFixed(0)} km/h: the travel time may be in minutes, not seconds.`;
  if (medianKmh < PLAUSIBLE_KMH[0])
    return `Half of the trips drive slower than ${medianKmh.toFixed(1)} km/h: the travel time may be in milliseconds, not seconds.`;
  return null;
}
