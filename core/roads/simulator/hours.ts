import type { DayKind } from './days.ts';

export const PURPOSES = ['toWork', 'toHome', 'other'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** Journeys that set out in each hour of the day, as shares of an ordinary weekday's journeys, by purpose. */
const HOURLY: Record<DayKind, Record<Purpose, readonly number[]>> = {
  weekday: {
    toWork: scaled(
      0.31,
      [1, 1, 1, 2, 7, 25, 85, 215, 230, 110, 50, 30, 30, 40, 30, 20, 15, 12, 10, 8, 6, 8, 5, 2],
    ),
    toHome: scaled(
      0.36,
      [6, 3, 2, 1, 1, 3, 8, 10, 12, 12, 18, 28, 50, 52, 60, 100, 205, 245, 150, 70, 45, 38, 30, 15],
    ),
    other: scaled(
      0.38,
      [5, 3, 2, 2, 3, 8, 20, 45, 60, 75, 90, 95, 90, 85, 90, 95, 100, 105, 95, 75, 50, 35, 20, 10],
    ),
  },
  friday: {
    toWork: scaled(
      0.29,
      [1, 1, 1, 2, 7, 25, 85, 205, 215, 105, 50, 30, 30, 40, 30, 20, 15, 12, 12, 12, 10, 8, 5, 2],
    ),
    toHome: scaled(
      0.32,
      [6, 3, 2, 1, 1, 3, 10, 12, 14, 15, 25, 50, 95, 125, 150, 180, 185, 165, 110, 70, 50, 45, 45, 28],
    ),
    other: scaled(
      0.43,
      [5, 3, 2, 2, 3, 8, 20, 40, 60, 75, 90, 100, 95, 95, 105, 110, 115, 115, 110, 95, 70, 50, 40, 25],
    ),
  },
  saturday: {
    toWork: scaled(
      0.06,
      [1, 1, 1, 2, 7, 20, 50, 80, 90, 60, 40, 40, 40, 40, 30, 25, 20, 20, 15, 10, 6, 8, 5, 2],
    ),
    toHome: scaled(
      0.1,
      [25, 20, 15, 8, 5, 4, 6, 8, 12, 18, 30, 50, 70, 75, 70, 70, 75, 75, 65, 50, 40, 40, 45, 40],
    ),
    other: scaled(
      0.62,
      [20, 15, 10, 6, 5, 8, 15, 30, 60, 95, 125, 135, 130, 125, 120, 115, 105, 95, 85, 75, 60, 50, 45, 35],
    ),
  },
  sunday: {
    toWork: scaled(
      0.03,
      [1, 1, 1, 2, 7, 20, 40, 50, 50, 45, 40, 40, 40, 40, 30, 25, 20, 20, 15, 10, 6, 8, 5, 2],
    ),
    toHome: scaled(
      0.09,
      [30, 25, 20, 10, 5, 4, 5, 6, 8, 12, 20, 35, 45, 50, 60, 75, 90, 95, 85, 65, 45, 35, 25, 15],
    ),
    other: scaled(
      0.46,
      [20, 15, 10, 6, 4, 5, 8, 15, 30, 60, 90, 110, 105, 110, 125, 130, 120, 105, 90, 65, 45, 30, 20, 12],
    ),
  },
};

/** Journeys an hour at an hour of the day, as a share of a weekday's: in a straight line between the middles of hours. */
export function hourlyShare(kind: DayKind, purpose: Purpose, hour: number): number {
  const hourly = HOURLY[kind][purpose];
  const at = (hour - 0.5 + 24) % 24;
  const before = Math.floor(at);
  return hourly[before] + (hourly[(before + 1) % 24] - hourly[before]) * (at - before);
}

function scaled(total: number, hourly: readonly number[]): readonly number[] {
  const sum = hourly.reduce((a, b) => a + b, 0);
  return hourly.map((value) => (value / sum) * total);
}
