import type { BarMark } from '../charts/BarChart.tsx';
import { clock, dayOfMonth } from '../format/format.ts';

/** Marks the first, the middle and the last of the days (`YYYY-MM-DD`) below their bars, each once. */
export function dayMarks(days: readonly string[]): BarMark[] {
  const last = days.length - 1;
  const marked = new Set(days.length === 0 ? [] : [0, Math.floor(days.length / 2), last]);
  return [...marked].map((i) => ({
    at: i === 0 ? 0 : i === last ? days.length : i + 0.5,
    text: dayOfMonth(days[i]!),
  }));
}

/** Marks every sixth of 24 hours. */
export const HOUR_MARKS: readonly BarMark[] = [0, 6, 12, 18, 24].map((hour) => ({
  at: hour,
  text: hour === 24 ? '24:00' : clock(hour * 60),
}));
