import { secondOfDay, weekday } from '../trips.ts';

export const DAY_TYPES = ['weekday', 'saturday', 'sunday'] as const;
export const HOURS = 24;
/** A time cell is an hour of a day type: index dayType · 24 + hour. */
export const TIME_CELLS = DAY_TYPES.length * HOURS;

/** Index into {@link DAY_TYPES} of a wall-clock time. */
export function dayType(localS: number): number {
  return Math.max(0, weekday(localS) - 4);
}

/** 0 … {@link TIME_CELLS} − 1. */
export function timeCell(localS: number): number {
  return dayType(localS) * HOURS + hourOfDay(localS);
}

/** 0 … 23. */
export function hourOfDay(localS: number): number {
  return Math.floor(secondOfDay(localS) / 3600);
}

/** First hours of the bands of a weekday and of a day at the weekend. */
export interface BandHours {
  weekday: readonly number[];
  weekend: readonly number[];
}

/** [TIME_CELLS] the band of each time cell: a day's hours before its first band belong to its last. */
export function bandOfCells({ weekday, weekend }: BandHours): Uint8Array {
  return Uint8Array.from({ length: TIME_CELLS }, (_, cell) => {
    const starts = cell < HOURS ? weekday : weekend;
    const band = starts.findLastIndex((start) => start <= cell % HOURS);
    return (cell < HOURS ? 0 : weekday.length) + (band < 0 ? starts.length - 1 : band);
  });
}
