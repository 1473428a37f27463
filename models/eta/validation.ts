import { etaMetrics, groupPositions } from '@etalon/core/train';
import { type Calibration, calibrate, calibrated, endsAt } from './calibration.ts';
import type { StretchPredictions } from './predictRoutes.ts';

/**
 * Figures of validation trips, where each day is calibrated by what the other validation days teach: calibrated by
 * itself, a day's interval would hold 80 % whatever the network says. A single day has no other.
 */
export function judgeValidation(
  { totalS, logSigma, ends }: Pick<StretchPredictions, 'totalS' | 'logSigma' | 'ends'>,
  observedS: readonly number[],
  dayOf: readonly number[],
  relativeExponent = 0,
): { score: number; metrics: Record<string, number> } {
  const count = observedS.length;
  const medianS = new Float64Array(count);
  const low80S = new Float64Array(count);
  const high80S = new Float64Array(count);
  const days = groupPositions(count, (trip) => dayOf[trip]);
  for (const [day, positions] of days) {
    const teachers = days.length > 1 ? others(day) : positions;
    const calibration = calibrateOn(teachers);
    for (const trip of positions) {
      const prediction = calibrated(calibration, totalS[trip], logSigma[trip], endsAt(ends, trip));
      medianS[trip] = prediction.seconds;
      low80S[trip] = prediction.lowS;
      high80S[trip] = prediction.highS;
    }
  }
  const metrics = etaMetrics({ medianS, low80S, high80S }, observedS);
  const score = relativeScore(medianS, observedS, relativeExponent);
  return {
    score,
    metrics: {
      valScore: score,
      valMae: metrics.maeS,
      valMape: metrics.mape,
      valRmse: metrics.rmseS,
      valBias: metrics.biasS,
      valCoverage80: metrics.coverage80 ?? Number.NaN,
    },
  };

  function others(day: number): number[] {
    return days.flatMap(([other, positions]) => (other === day ? [] : positions));
  }

  function calibrateOn(positions: readonly number[]): Calibration {
    const of = (values: ArrayLike<number>) => positions.map((trip) => values[trip]);
    const ownEnds = ends && { logLow: of(ends.logLow), logHigh: of(ends.logHigh) };
    return calibrate(of(totalS), of(logSigma), of(observedS), relativeExponent, ownEnds);
  }
}

/** What training is judged by: the mean of |error| / observed^ρ, in seconds of the mean trip. The MAE for ρ = 0. */
function relativeScore(medianS: Float64Array, observedS: readonly number[], exponent: number): number {
  const meanS = observedS.reduce((sum, seconds) => sum + seconds, 0) / observedS.length;
  const total = observedS.reduce(
    (sum, seconds, i) => sum + Math.abs(medianS[i] - seconds) * (meanS / seconds) ** exponent,
    0,
  );
  return total / observedS.length;
}
