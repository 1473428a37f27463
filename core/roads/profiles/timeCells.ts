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

/** [24] the band of each hour, where band b begins at `starts[b]` and hours before the first belong to the last. */
export function bandOfHours(starts: readonly number[]): Uint8Array {
  return Uint8Array.from({ length: HOURS }, (_, hour) => {
    const band = starts.findLastIndex((start) => start <= hour);
    return band < 0 ? starts.length - 1 : band;
  });
}
