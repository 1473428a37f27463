import type { ApiScenarioEdit } from '@etalon/core/api/contract';
import { InvalidArgumentError } from 'commander';
import { latLon, localTime } from './values.ts';

type Time = NonNullable<ApiScenarioEdit['when']>;
type Previous = ApiScenarioEdit[] | undefined;

/** Trips that end within this of a surge's place are meant. */
const SURGE_M = 1000;

const CLOCK = /^([01]\d|2[0-3]):([0-5]\d)$/;

/**
 * Readers of options that add an edit each: `REF,REF=VALUE@TIME`, the time left out where it always holds. A time is
 * `YYYY-MM-DDTHH:MM/YYYY-MM-DDTHH:MM`, its second day left out where it is the first's, or `HH:MM/HH:MM` for every day.
 */
export const editOptions = {
  close: (text: string, previous: Previous) => {
    const { rest, when } = timed(text);
    return added(previous, { kind: 'close', segments: refs(rest), ...when });
  },
  limit: (text: string, previous: Previous) => {
    const { segments, value, when } = valued(text, 'km/h');
    return added(previous, { kind: 'speedLimit', segments, kmh: value, ...when });
  },
  lanes: (text: string, previous: Previous) => {
    const { segments, value, when } = valued(text, 'lanes');
    return added(previous, { kind: 'lanes', segments, lanes: value, ...when });
  },
  capacity: (text: string, previous: Previous) => {
    const { segments, value, when } = valued(text, 'share of capacity');
    return added(previous, { kind: 'capacity', segments, share: value, ...when });
  },
  incident: (text: string, previous: Previous) => {
    const { segments, value, when } = valued(text, 'share of capacity');
    if (!when) throw new InvalidArgumentError('Give the incident a time: REF=0.3@2025-05-14T08:00/09:00.');
    return added(previous, { kind: 'capacity', segments, share: value, ...when });
  },
  demand: (text: string, previous: Previous) => {
    const { rest, when } = timed(text);
    return added(previous, { kind: 'demand', factor: number(rest, 'factor'), ...when });
  },
  surge: (text: string, previous: Previous) => {
    const { rest, when } = timed(text);
    const [place, factor] = parted(rest, '=', 'LAT,LON=FACTOR');
    const to = { point: latLon(place), radiusM: SURGE_M };
    return added(previous, { kind: 'demand', factor: number(factor, 'factor'), to, ...when });
  },
  link: (text: string, previous: Previous) => {
    const { rest, when } = timed(text);
    const [places, speed] = parted(rest, '=', 'A,B/C,D=KMH');
    const [from, to] = places.split('/');
    if (!to) throw new InvalidArgumentError('Give two places, LAT,LON/LAT,LON=KMH.');
    return added(previous, {
      kind: 'newLink',
      from: latLon(from),
      to: latLon(to),
      roadClass: 'secondary',
      kmh: number(speed, 'km/h'),
      lanes: 1,
      oneway: false,
      ...when,
    });
  },
};

const added = (previous: Previous, edit: ApiScenarioEdit): ApiScenarioEdit[] => [...(previous ?? []), edit];

function valued(text: string, what: string) {
  const { rest, when } = timed(text);
  const [named, value] = parted(rest, '=', `REF=${what}`);
  return { segments: refs(named), value: number(value, what), when };
}

function refs(text: string): string[] {
  const segments = text.split(',').filter(Boolean);
  if (segments.length === 0) throw new InvalidArgumentError('Give the reference of a segment.');
  return segments;
}

function number(text: string, what: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError(`Give the ${what} as a number.`);
  return value;
}

/** What stands before and after the last of a letter. */
function parted(text: string, letter: string, form: string): [string, string] {
  const at = text.lastIndexOf(letter);
  if (at < 1) throw new InvalidArgumentError(`Give ${form}.`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function timed(text: string): { rest: string; when: { when: Time } | undefined } {
  const at = text.lastIndexOf('@');
  if (at < 0) return { rest: text, when: undefined };
  const [begin, end] = text.slice(at + 1).split('/');
  if (!end) throw new InvalidArgumentError('Give a time from and until: 2025-05-14T08:00/09:00.');
  const rest = text.slice(0, at);
  if (CLOCK.test(begin) && CLOCK.test(end))
    return { rest, when: { when: { fromMinute: minute(begin), untilMinute: minute(end) } } };
  const from = localTime(begin);
  const until = localTime(CLOCK.test(end) ? `${from.slice(0, 10)}T${end}` : end);
  return { rest, when: { when: { from, until } } };
}

function minute(clock: string): number {
  const [, hours, minutes] = CLOCK.exec(clock)!;
  return 60 * Number(hours) + Number(minutes);
}
