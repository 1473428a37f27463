import { describe, expect, it } from 'vitest';
import { Random } from '../../../core/base/index.ts';
import { calibrate, calibrated, UNCALIBRATED } from '../../../models/eta/calibration.ts';

/** Trips whose log error is skewed and of different width from trip to trip; predictions are `bias` times the median. */
function sample(count: number, bias: number, seed: number) {
  const random = new Random(seed);
  const trips = Array.from({ length: count }, () => {
    const medianS = 200 + random.uniform() * 800;
    const sigma = 0.1 + 0.3 * random.uniform();
    const noise = random.normal() + 0.5 * (random.exponential(1) - Math.LN2);
    return {
      predictedS: bias * medianS,
      logSigma: Math.log(sigma),
      observedS: medianS * Math.exp(sigma * noise),
    };
  });
  return {
    predictedS: trips.map((trip) => trip.predictedS),
    logSigma: trips.map((trip) => trip.logSigma),
    observedS: trips.map((trip) => trip.observedS),
  };
}

describe('calibration', () => {
  const known = sample(3000, 0.95, 1);
  const calibration = calibrate(known.predictedS, known.logSigma, known.observedS);

  it('makes intervals hold 80 % of trips that it has not seen', () => {
    const fresh = sample(4000, 0.95, 2);
    const inside = fresh.observedS.filter((observedS, i) => {
      const { lowS, highS } = calibrated(calibration, fresh.predictedS[i], fresh.logSigma[i]);
      return lowS <= observedS && observedS <= highS;
    }).length;
    expect(Math.abs(inside / 4000 - 0.8)).toBeLessThan(0.025);
  });

  it('takes the factor of least mean absolute error', () => {
    const errorAt = (factor: number) =>
      known.predictedS.reduce((sum, s, i) => sum + Math.abs(s * factor - known.observedS[i]), 0);
    expect(calibration.factor).not.toBe(1);
    for (const other of [0.95, 1, calibration.factor - 0.01, calibration.factor + 0.01])
      expect(errorAt(calibration.factor)).toBeLessThanOrEqual(errorAt(other));
  });

  it('keeps low ≤ seconds ≤ high, wider where σ is', () => {
    const narrow = calibrated(calibration, 500, Math.log(0.1));
    const wide = calibrated(calibration, 500, Math.log(0.3));
    expect(narrow.seconds).toBe(wide.seconds);
    expect(narrow.seconds).toBeCloseTo(500 * calibration.factor, 9);
    expect(wide.lowS).toBeLessThan(narrow.lowS);
    expect(narrow.lowS).toBeLessThan(narrow.seconds);
    expect(narrow.seconds).toBeLessThan(narrow.highS);
    expect(narrow.highS).toBeLessThan(wide.highS);
  });

  it('of nothing is the Gaussian’s; of trips all too slow still has its prediction within its range', () => {
    expect(calibrate([], [], [])).toEqual(UNCALIBRATED);
    const { lowS, seconds, highS } = calibrated(calibrate([100, 100], [-1, -1], [300, 310]), 100, -1);
    expect(lowS).toBeLessThanOrEqual(seconds);
    expect(highS).toBeGreaterThan(250);
  });
});
