import type { ApiScenarioEdit } from '../api/types.ts';
import { clock, counted, day, percent } from '../format/format.ts';

type EditTime = NonNullable<ApiScenarioEdit['when']>;

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** What an edit does, in a few words. */
export function editTitle(edit: ApiScenarioEdit): string {
  switch (edit.kind) {
    case 'close':
      return 'Close';
    case 'speedLimit':
      return `Limit ${edit.kmh} km/h`;
    case 'lanes':
      return counted(edit.lanes, 'lane');
    case 'capacity':
      return `Capacity ${percent(edit.share)}`;
    case 'demand':
      return `Demand ${edit.factor >= 1 ? '+' : '−'}${percent(Math.abs(edit.factor - 1))}`;
    case 'newLink':
      return `New link, ${edit.kmh} km/h`;
    default:
      throw new Error(`internal: unknown edit ${JSON.stringify(edit satisfies never)}`);
  }
}

/** Which segments or trips an edit is about. */
export function editPlace(edit: ApiScenarioEdit, names: readonly string[] | undefined): string {
  if (edit.kind === 'demand') return edit.from || edit.to ? 'trips of an area' : 'all trips';
  if (edit.kind === 'newLink') return edit.oneway ? 'one way' : 'both ways';
  const [first = edit.segments[0]!, ...others] = names ?? [];
  const more = others.length > 0 ? ` and ${counted(others.length, 'other road')}` : '';
  return `${first}${more}${edit.segments.length > 1 ? `, ${counted(edit.segments.length, 'segment')}` : ''}`;
}

/** "always", "Wed 14 May 08:00–09:00", "daily 07:00–09:00, Mon Tue". */
export function editTime(when: EditTime | undefined): string {
  if (!when) return 'always';
  const { from, until, weekdays, fromMinute, untilMinute } = when;
  const parts: string[] = [];
  if (from && until)
    parts.push(
      from.slice(0, 10) === until.slice(0, 10)
        ? `${day(from.slice(0, 10))} ${from.slice(11, 16)}–${until.slice(11, 16)}`
        : `${moment(from)} to ${moment(until)}`,
    );
  else if (from) parts.push(`from ${moment(from)}`);
  else if (until) parts.push(`until ${moment(until)}`);
  if (fromMinute !== undefined || untilMinute !== undefined)
    parts.push(`daily ${clock(fromMinute ?? 0)}–${untilMinute === 1440 ? '24:00' : clock(untilMinute ?? 0)}`);
  if (weekdays) parts.push(weekdays.map((d) => DAYS[d]).join(' '));
  return parts.join(', ') || 'always';
}

const moment = (local: string) => `${day(local.slice(0, 10))} ${local.slice(11, 16)}`;
