import { IANAZone } from 'luxon';
import { EtalonError } from '../base/index.ts';

/** A moment on both clocks, in seconds since 1970-01-01T00:00: UTC and the time zone's wall clock. */
export interface Moment {
  departS: number;
  localDepartS: number;
  /**
   * `gap`: the wall clock never showed the given time (clocks had been put forward), it is read on the old clock.
   * `overlap`: it showed it twice (clocks were put back), the first is taken.
   */
  doubt?: 'gap' | 'overlap';
}

/** What to do about a text that {@link DepartureReader} cannot read. */
export const TIME_REMEDY =
  'Mend the line, or check the column: ISO 8601, a wall clock as YYYY-MM-DD HH:MM, Unix seconds or milliseconds.';

const DATE_TIME =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?\s*(Z|z|[+-]\d{2}:?\d{2}|[+-]\d{2})?$/;
const UNIX_TIME = /^\d{9,13}(?:\.\d+)?$/;

/** Past this, a Unix time is in milliseconds: 1e11 seconds is the year 5138. */
const MILLISECONDS_FROM = 1e11;
/** All zones' offsets have changed on a quarter of an hour of UTC since 1970. */
const OFFSET_STEP_S = 900;
/** Offsets that are remembered: those of some two years. */
const MOST_OFFSETS = 1 << 16;

export function isReadableDeparture(text: string): boolean {
  return DATE_TIME.test(text.trim()) || UNIX_TIME.test(text.trim());
}

/** Reads departures in one time zone. Offsets are remembered: asking the system for each trip takes 100 times as long. */
export class DepartureReader {
  readonly #zone: IANAZone;
  readonly #offsets = new Map<number, number>();

  /** Throws `usage` for a name that is no IANA time zone. */
  constructor(timeZone: string) {
    this.#zone = IANAZone.create(timeZone);
    if (!this.#zone.isValid)
      throw new EtalonError('usage', `"${timeZone}" is not a time zone.`, {
        where: { field: 'timeZone' },
        remedy: 'Give an IANA name such as Europe/Lisbon.',
      });
  }

  /** ISO 8601 with an offset, a wall-clock time without, or Unix seconds or milliseconds. Null when it is neither. */
  read(given: string): Moment | null {
    const plainS = plainClockS(given);
    if (!Number.isNaN(plainS)) return this.fromLocal(plainS);
    const text = given.trim();
    if (UNIX_TIME.test(text)) {
      const value = Number(text);
      return this.fromUtc(value >= MILLISECONDS_FROM ? value / 1000 : value);
    }
    const match = DATE_TIME.exec(text);
    if (!match) return null;
    const [year, month, day, hour, minute] = match.slice(1, 6).map(Number);
    const clockS = clockSeconds(year, month, day, hour, minute, Number(match[6] ?? 0));
    if (Number.isNaN(clockS)) return null;
    return match[7] ? this.fromUtc(clockS - offsetSeconds(match[7])) : this.fromLocal(clockS);
  }

  /** `day` counts from 1, `minute` from 0. Null outside of the year or the day. */
  readDayOfYear(year: number, day: number, minute: number): Moment | null {
    const start = Date.UTC(year, 0, 1) / 86_400_000;
    const days = Date.UTC(year + 1, 0, 1) / 86_400_000 - start;
    if (!Number.isInteger(day) || day < 1 || day > days) return null;
    if (!(minute >= 0 && minute < 1440)) return null;
    return this.fromLocal((start + day - 1) * 86_400 + minute * 60);
  }

  fromUtc(departS: number): Moment {
    return { departS, localDepartS: departS + this.#offsetS(departS) };
  }

  fromLocal(localDepartS: number): Moment {
    // The offsets a day before and after; they differ only near a change of the clocks.
    const before = this.#offsetS(localDepartS - 86_400);
    const after = this.#offsetS(localDepartS + 86_400);
    const early = localDepartS - before;
    const late = localDepartS - after;
    if (before === after) return { departS: early, localDepartS };
    const earlyHolds = this.#offsetS(early) === before;
    const lateHolds = this.#offsetS(late) === after;
    if (earlyHolds && lateHolds) return { departS: early, localDepartS, doubt: 'overlap' };
    if (earlyHolds) return { departS: early, localDepartS };
    if (lateHolds) return { departS: late, localDepartS };
    return { ...this.fromUtc(early), doubt: 'gap' };
  }

  #offsetS(utcS: number): number {
    const step = Math.floor(utcS / OFFSET_STEP_S);
    let offset = this.#offsets.get(step);
    if (offset === undefined) {
      if (this.#offsets.size >= MOST_OFFSETS) this.#offsets.clear();
      offset = this.#zone.offset(step * OFFSET_STEP_S * 1000) * 60;
      this.#offsets.set(step, offset);
    }
    return offset;
  }
}

/** Seconds since 1970-01-01T00:00 of a date and time on one clock; NaN for one that does not exist. */
function clockSeconds(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 && leap ? 29 : (MONTH_DAYS[month - 1] ?? 0);
  if (!(day >= 1 && day <= days && hour <= 23 && minute <= 59 && second < 61)) return Number.NaN;
  // Days of the years before this one, counted from the year 0, in which 1970 begins on day 719528.
  const before = year - 1;
  const yearDays =
    365 * year + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) + 1;
  const dayOfYear = DAYS_BEFORE[month - 1] + (leap && month > 2 ? 1 : 0) + day - 1;
  return (yearDays + dayOfYear - 719_528) * 86_400 + hour * 3600 + minute * 60 + second;
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const DAYS_BEFORE = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/** {@link clockSeconds} of `YYYY-MM-DDTHH:MM:SS`, the form that most files have, several times as fast; NaN for any other. */
function plainClockS(text: string): number {
  if (text.length !== 19) return Number.NaN;
  const separators =
    text.charCodeAt(4) === DASH &&
    text.charCodeAt(7) === DASH &&
    (text.charCodeAt(10) === T || text.charCodeAt(10) === BLANK) &&
    text.charCodeAt(13) === COLON &&
    text.charCodeAt(16) === COLON;
  if (!separators) return Number.NaN;
  return clockSeconds(
    100 * twoDigits(text, 0) + twoDigits(text, 2),
    twoDigits(text, 5),
    twoDigits(text, 8),
    twoDigits(text, 11),
    twoDigits(text, 14),
    twoDigits(text, 17),
  );
}

const [DASH, T, BLANK, COLON, ZERO] = [0x2d, 0x54, 0x20, 0x3a, 0x30];

function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? 10 * tens + ones : Number.NaN;
}

/** `Z`, `+01`, `+01:30` or `+0130`. */
function offsetSeconds(text: string): number {
  if (text === 'Z' || text === 'z') return 0;
  const digits = text.slice(1).replace(':', '').padEnd(4, '0');
  const seconds = Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2)) * 60;
  return text.startsWith('-') ? -seconds : seconds;
}
