import { describe, expect, it } from 'vitest';
import { EtalonError, quietContext } from '../../../core/base/index.ts';
import { crossFit, localDay, NO_OBSERVATIONS, type TripSet } from '../../../core/roads/index.ts';
import type { TrainingData } from '../../../models/eta/prepare.ts';
import { teacherOf } from '../../../models/eta/teacher.ts';
import { gridNetwork } from '../../support/gridNetwork.ts';
import { changingTraffic } from '../../support/smallCity.ts';

const network = gridNetwork(5, 4);
const trips = changingTraffic(network, { days: 7, perDay: 60, seed: 4 });
const models = await crossFit(network, trips, {}, quietContext);
const settings = { teacherShare: 0.5, relativeExponent: 1 };

const dataOf = (all: TripSet, trainTrips: number[]): TrainingData => ({
  network,
  trips: all,
  observations: NO_OBSERVATIONS,
  trainTrips,
  validationTrips: [],
});
const days = [...new Set(Array.from(trips.localDepartS, localDay))];
const until = (count: number) =>
  [...trips.departS.keys()].filter((trip) => days.indexOf(localDay(trips.localDepartS[trip])) < count);

describe('a teacher of training trips', () => {
  it('speaks of the training trips alone, near what was observed', async () => {
    const trainTrips = until(6);
    const teacher = (await teacherOf({ data: dataOf(trips, trainTrips), models, settings }, quietContext))!;
    expect(teacher.share).toBe(0.5);
    const known = new Set(trainTrips);
    for (let trip = 0; trip < trips.count; trip++)
      expect(Number.isNaN(teacher.seconds[trip])).toBe(!known.has(trip));
    const meanError = (said: (trip: number) => number) =>
      trainTrips.reduce((sum, trip) => sum + Math.abs(Math.log(said(trip) / trips.totalS[trip])), 0) /
      trainTrips.length;
    const meanS = trainTrips.reduce((sum, trip) => sum + trips.totalS[trip], 0) / trainTrips.length;
    expect(meanError((trip) => teacher.seconds[trip])).toBeLessThan(0.5 * meanError(() => meanS));
  });

  it('has not seen the times of the day that it speaks of', async () => {
    const trainTrips = until(6);
    const others = { ...trips, totalS: trips.totalS.slice() };
    // Day by day the models of paces are given, and the residuals of other trips are of days that nobody changes.
    const changed = trainTrips.filter((trip) => localDay(trips.localDepartS[trip]) === days[5]);
    for (const trip of changed) others.totalS[trip] *= 3;
    const before = (await teacherOf({ data: dataOf(trips, trainTrips), models, settings }, quietContext))!;
    const after = (await teacherOf({ data: dataOf(others, trainTrips), models, settings }, quietContext))!;
    const first = changed[0];
    expect(after.seconds[first]).toBe(before.seconds[first]);
    expect(trainTrips.some((trip) => after.seconds[trip] !== before.seconds[trip])).toBe(true);
  });

  it('is none without a share of it, and asks for three days', async () => {
    const none = { ...settings, teacherShare: 0 };
    expect(await teacherOf({ data: dataOf(trips, until(2)), models, settings: none }, quietContext)).toBe(
      undefined,
    );
    const few = teacherOf({ data: dataOf(trips, until(2)), models, settings }, quietContext);
    await expect(few).rejects.toThrow(EtalonError);
    await expect(few).rejects.toThrow('A teacher needs 3 training days; there are 2.');
  });
});
