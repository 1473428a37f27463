import { describe, expect, test } from 'vitest';
import { quietContext } from '../../../core/base/progress.ts';
import { ROAD_CLASSES } from '../../../core/roads/network.ts';
import { calibrate, type SimulationSettings, simulate } from '../../../core/roads/simulator/index.ts';
import { selectTrips } from '../../../core/roads/trips.ts';
import { gridCity } from '../../support/network.ts';

const network = gridCity({ rows: 13, columns: 13, spacingM: 200 });
const PRIMARY = ROAD_CLASSES.indexOf('primary');
const RESIDENTIAL = ROAD_CLASSES.indexOf('residential');

/** A world whose factors and demand are known; only whole trips' times are kept, as real data have them. */
async function realTrips(speedFactors: number[], demand: number) {
  const settings: SimulationSettings = {
    firstDay: '2025-03-24',
    days: 1,
    timeZone: 'Europe/Berlin',
    demand,
    incidentsPerDay: 0,
    rain: 0,
    probeShare: 1,
    seed: 99,
    speedFactors,
  };
  const { segmentS: _, ...trips } = (await simulate(network, settings, quietContext)).trips;
  return trips;
}

describe('calibration', () => {
  test('finds known factors of the free speed and makes the error small', async () => {
    const factors = ROAD_CLASSES.map(() => 1);
    factors[PRIMARY] = 0.75;
    factors[RESIDENTIAL] = 0.85;
    const trips = await realTrips(factors, 1);
    const found = await calibrate(network, trips, { seed: 1, demand: 1 }, quietContext);
    expect(Math.abs(found.speedFactors[PRIMARY] / 0.75 - 1)).toBeLessThan(0.06);
    expect(Math.abs(found.speedFactors[RESIDENTIAL] / 0.85 - 1)).toBeLessThan(0.06);
    expect(found.after.speedError).toBeLessThan(0.7 * found.before.speedError);
    expect(found.after.mape).toBeLessThan(0.8 * found.before.mape);
    for (const roadClass of ['motorway', 'service'] as const)
      expect(found.speedFactors[ROAD_CLASSES.indexOf(roadClass)]).toBeCloseTo(1, 2);
  });

  test('moves the demand towards the truth where rush hours are slower than simulated', async () => {
    const trips = await realTrips([], 1.4);
    const found = await calibrate(network, trips, { seed: 1, demand: 0.6 }, quietContext);
    expect(found.demand).toBeGreaterThan(0.9);
    expect(found.after.speedError).toBeLessThan(found.before.speedError);
  });

  test('refuses too few trips on working days', async () => {
    const few = selectTrips(await realTrips([], 0.5), [...Array(50).keys()]);
    await expect(calibrate(network, few, { seed: 1, demand: 1 }, quietContext)).rejects.toMatchObject({
      code: 'conflict',
    });
  });
});
