import { IANAZone } from 'luxon';
import { EtalonError } from '../../base/index.ts';

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
    const text = given.trim();
    if (UNIX_TIME.test(text)) {
      const value = Number(text);
      return this.fromUtc(value >= MILLISECONDS_FROM ? value / 1000 : value);
    }
    const match = DATE_TIME.exec(text);
    if (!match) return null;
    const [year, month, day, hour, minute] = match.slice(1, 6).map(Number);
    const second = Number(match[6] ?? 0);
    const midnight = new Date(Date.UTC(year, month - 1, day));
    if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return null;
    if (hour > 23 || minute > 59 || second >= 61) return null;
    const clockS = midnight.getTime() / 1000 + hour * 3600 + minute * 60 + second;
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
      offset = this.#zone.offset(step * OFFSET_STEP_S * 1000) * 60;
      this.#offsets.set(step, offset);
    }
    return offset;
  }
}

/** `Z`, `+01`, `+01:30` or `+0130`. */
function offsetSeconds(text: string): number {
  if (text === 'Z' || text === 'z') return 0;
  const digits = text.slice(1).replace(':', '').padEnd(4, '0');
  const seconds = Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2)) * 60;
  return text.startsWith('-') ? -seconds : seconds;
}
