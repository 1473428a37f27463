import { describe, expect, it } from 'vitest';
import { Random } from '../../../core/base/index.ts';
import { calibrate, calibrated, endsAt, UNCALIBRATED } from '../../../models/eta/calibration.ts';
import { judgeValidation } from '../../../models/eta/validation.ts';

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

describe('calibration of predicted ends', () => {
  /** Of trips of two kinds the log error is uniform over −0.1 … 0.3 or −0.4 … 0.2; the ends are right but for a bias. */
  function uniform(count: number, seed: number) {
    const random = new Random(seed);
    const kinds = Array.from({ length: count }, () => random.int(2));
    const range = (kind: number) => (kind === 0 ? [-0.1, 0.3] : [-0.4, 0.2]);
    const predictedS = kinds.map(() => 300 + 500 * random.uniform());
    const at = (kind: number, share: number) => range(kind)[0] + share * (range(kind)[1] - range(kind)[0]);
    return {
      kinds,
      predictedS,
      observedS: kinds.map((kind, i) => predictedS[i] * Math.exp(at(kind, random.uniform()))),
      ends: {
        logLow: kinds.map((kind) => at(kind, 0.1) + 0.04),
        logHigh: kinds.map((kind) => at(kind, 0.9) - 0.03),
      },
    };
  }
  const known = uniform(6000, 1);
  const sigmas = known.kinds.map(() => Math.log(0.2));
  const calibration = calibrate(known.predictedS, sigmas, known.observedS, 0, known.ends);

  it('makes each end leave 10 % outside, of trips of either kind', () => {
    const fresh = uniform(8000, 2);
    for (const kind of [0, 1]) {
      const trips = [...fresh.kinds.keys()].filter((trip) => fresh.kinds[trip] === kind);
      const predictions = trips.map((trip) =>
        calibrated(calibration, fresh.predictedS[trip], Math.log(0.2), endsAt(fresh.ends, trip)),
      );
      const share = (outside: (trip: number, i: number) => boolean) =>
        trips.filter(outside).length / trips.length;
      expect(share((trip, i) => fresh.observedS[trip] < predictions[i].lowS)).toBeCloseTo(0.1, 1);
      expect(share((trip, i) => fresh.observedS[trip] > predictions[i].highS)).toBeCloseTo(0.1, 1);
      const inside = share(
        (trip, i) =>
          fresh.observedS[trip] >= predictions[i].lowS && fresh.observedS[trip] <= predictions[i].highS,
      );
      expect(Math.abs(inside - 0.8)).toBeLessThan(0.025);
    }
  });

  it('moves each end by its own mistake', () => {
    const centre = Math.log(calibration.factor);
    expect(calibration.lowQuantile).toBeCloseTo(-0.04 - centre, 2);
    expect(calibration.highQuantile).toBeCloseTo(0.03 - centre, 2);
  });

  it('keeps the prediction inside, and falls back on σ where the ends are not given', () => {
    const shifted = { factor: 1, lowQuantile: 0.5, highQuantile: -0.5, ends: 'predicted' } as const;
    expect(calibrated(shifted, 100, 0, { logLow: -0.1, logHigh: 0.1 })).toEqual({
      seconds: 100,
      lowS: 100,
      highS: 100,
    });
    const { lowS, highS } = calibrated({ ...shifted, lowQuantile: 0, highQuantile: 0 }, 100, Math.log(0.1));
    expect(lowS).toBeCloseTo(100 * Math.exp(-0.12816), 9);
    expect(highS).toBeCloseTo(100 * Math.exp(0.12816), 9);
  });
});

describe('figures of validation days', () => {
  const sizes = [40, 60, 100];
  const dayOf = sizes.flatMap((size, day) => Array<number>(size).fill(day));
  // Day 2 runs 20 % slower than predicted; the others are right but for noise.
  const random = new Random(3);
  const observedS = dayOf.map((day) => 600 * (day === 2 ? 1.2 : 1) * Math.exp(0.1 * random.normal()));
  const predicted = {
    totalS: new Float32Array(200).fill(600),
    logSigma: new Float32Array(200).fill(Math.log(0.1)),
  };

  it('calibrate each day by the others', () => {
    const { score, metrics } = judgeValidation(predicted, observedS, dayOf);
    let error = 0;
    let inside = 0;
    for (const day of [0, 1, 2]) {
      const rest = observedS.filter((_, trip) => dayOf[trip] !== day);
      const calibration = calibrate(
        Array(rest.length).fill(600),
        Array(rest.length).fill(Math.log(0.1)),
        rest,
      );
      const { seconds, lowS, highS } = calibrated(calibration, 600, Math.log(0.1));
      for (const [trip, observed] of observedS.entries()) {
        if (dayOf[trip] !== day) continue;
        error += Math.abs(seconds - observed);
        if (observed >= lowS && observed <= highS) inside++;
      }
    }
    expect(score).toBeCloseTo(error / 200, 3);
    expect(metrics.valMae).toBe(score);
    expect(metrics.valCoverage80).toBeCloseTo(inside / 200, 6);
  });

  it('say that an interval does not hold on a day unlike the others, which calibration by itself hides', () => {
    const byDays = judgeValidation(predicted, observedS, dayOf).metrics.valCoverage80;
    const byItself = judgeValidation(predicted, observedS, Array(200).fill(0)).metrics.valCoverage80;
    expect(byItself).toBeCloseTo(0.8, 1);
    expect(byDays).toBeLessThan(0.7);
  });
});
