import { describe, expect, it } from 'vitest';
import { DAY_S, localDay, weekday } from '../../../core/roads/index.ts';
import { splitByDays } from '../../../models/eta/prepare.ts';
import { packTrips } from '../../support/gridNetwork.ts';
import { FIRST_DAY_S } from '../../support/smallCity.ts';

/** Three trips on each of the days, counted from a Monday. */
function tripsOn(days: readonly number[]) {
  return packTrips(
    days.flatMap((day) =>
      [6, 12, 23.9].map((hour) => ({
        localDepartS: FIRST_DAY_S + day * DAY_S + hour * 3600,
        segments: [0],
        totalS: 60,
      })),
    ),
  );
}

function heldDays(days: readonly number[], share: number) {
  const trips = tripsOn(days);
  const { trainTrips, validationTrips } = splitByDays(trips, share);
  expect([...trainTrips, ...validationTrips].sort((a, b) => a - b)).toEqual([...Array(trips.count).keys()]);
  const day = (trip: number) => localDay(trips.localDepartS[trip] - FIRST_DAY_S);
  const held = [...new Set(validationTrips.map(day))].sort((a, b) => a - b);
  // Whole days: none is on both sides.
  expect(trainTrips.filter((trip) => held.includes(day(trip)))).toEqual([]);
  return held;
}

const weeks = (count: number) => Array.from({ length: 7 * count }, (_, day) => day);

describe('the days that validate', () => {
  it('are the latest of each day type, in its proportion', () => {
    // 5 weekdays, 1 Saturday and 1 Sunday a week: of 7 days 5, 1 and 1.
    expect(heldDays(weeks(4), 0.25)).toEqual([21, 22, 23, 24, 25, 26, 27]);
    expect(heldDays(weeks(10), 0.1)).toEqual([63, 64, 65, 66, 67, 68, 69]);
  });

  it('are weekdays first where only few are held', () => {
    const held = heldDays(weeks(3), 0.1);
    expect(held).toHaveLength(2);
    expect(held).toContain(18);
    expect(held.filter((day) => weekday(FIRST_DAY_S + day * DAY_S) < 5).length).toBeGreaterThanOrEqual(1);
  });

  it('are the last where all days are of one type, and at least one', () => {
    expect(heldDays([0, 1, 2, 3, 4], 0.4)).toEqual([3, 4]);
    expect(heldDays([0, 1], 0.02)).toEqual([1]);
  });

  it('leave days to train on', () => {
    for (const days of [[0, 1], [4, 5, 6], weeks(1), weeks(2)])
      for (const share of [0.02, 0.15, 0.5]) expect(heldDays(days, share).length).toBeLessThan(days.length);
  });

  it('cannot be taken from a single day', () => {
    expect(() => splitByDays(tripsOn([3]), 0.2)).toThrow('All 3 trips are of one day.');
  });
});
