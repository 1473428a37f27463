import { EtalonError } from '../../base/index.ts';
import { DAY_S, weekday } from '../trips.ts';

export type DayKind = 'weekday' | 'friday' | 'saturday' | 'sunday';

/** What kind of traffic each day brings, from `firstDay` (`YYYY-MM-DD`) on; holidays are like Sundays. */
export function dayKinds(firstDay: string, days: number, holidays: readonly string[] = []): DayKind[] {
  const firstS = localMidnightS(firstDay);
  const free = new Set(holidays.map(localMidnightS));
  return Array.from({ length: days }, (_, day) => {
    const midnightS = firstS + day * DAY_S;
    const at = weekday(midnightS);
    if (free.has(midnightS) || at === 6) return 'sunday';
    if (at === 5) return 'saturday';
    return at === 4 ? 'friday' : 'weekday';
  });
}

/** Seconds from the local 1970-01-01T00:00 to a day's beginning. Throws `usage` for what is no date. */
export function localMidnightS(date: string): number {
  const milliseconds = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(milliseconds) || !new Date(milliseconds).toISOString().startsWith(date))
    throw new EtalonError('usage', `“${date}” is not a date.`, { remedy: 'Give dates as YYYY-MM-DD.' });
  return milliseconds / 1000;
}
