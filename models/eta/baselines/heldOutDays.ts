import { localDay, type TripSet } from '@etalon/core/roads';

const SHARE = 0.15;

/**
 * [N] 1 for the trips of every seventh day or so, which a learned baseline is stopped and bounded by: whole days, spread over the
 * training period and over the days of the week. None with a single day.
 */
export function heldOutDays(trips: TripSet): Uint8Array {
  const days = [...new Set(Array.from(trips.localDepartS, localDay))].sort((a, b) => a - b);
  const wanted = Math.min(days.length - 1, Math.max(1, Math.round(SHARE * days.length)));
  // A step that shares no factor with a week, so that no weekday is left out.
  const held = new Set(
    Array.from({ length: wanted }, (_, i) => days[Math.floor(((i + 0.5) * days.length) / wanted)]),
  );
  return Uint8Array.from(trips.localDepartS, (localS) => (held.has(localDay(localS)) ? 1 : 0));
}
