import { conformalQuantile } from '../conformalQuantile.ts';

/** The Gaussian's 90 % quantile: ± so many σ hold 80 %. */
export const GAUSSIAN_80 = 1.2816;

/**
 * What validation days teach beside the weights: one factor on the predicted time (a loss on relative errors pulls
 * predictions low), and the two quantiles that make an interval hold 80 %.
 */
export interface Calibration {
  factor: number;
  /**
   * 10 % and 90 % quantiles of log(observed ÷ predicted) ÷ σ; where the network predicts the ends of the interval, of what log(observed ÷
   * predicted) is above each end.
   */
  lowQuantile: number;
  highQuantile: number;
  ends?: 'predicted';
}

/** Log of the ends of an 80 % interval over the predicted time, as the network's quantile heads have them. */
export interface LogEnds<Values> {
  logLow: Values;
  logHigh: Values;
}

export function endsAt(ends: LogEnds<ArrayLike<number>> | undefined, i: number): LogEnds<number> | undefined {
  return ends && { logLow: ends.logLow[i], logHigh: ends.logHigh[i] };
}

/** Before any validation: the Gaussian's own 80 %. */
export const UNCALIBRATED: Calibration = { factor: 1, lowQuantile: -GAUSSIAN_80, highQuantile: GAUSSIAN_80 };

/**
 * Chooses the factor by the mean of |error| / observed^ρ: by absolute errors for ρ = 0, relative ones for ρ = 1, as the loss does. Then the
 * quantiles by rank: split conformal prediction, by which σ is scaled, or with `ends` conformalised quantile regression (Romano et al.
 * 2019, theorem 2), by which each end is moved. Both treat the two ends apart.
 */
export function calibrate(
  predictedS: ArrayLike<number>,
  logSigma: ArrayLike<number>,
  observedS: ArrayLike<number>,
  relativeExponent = 0,
  ends?: LogEnds<ArrayLike<number>>,
): Calibration {
  const count = observedS.length;
  if (count === 0)
    return ends ? { factor: 1, lowQuantile: 0, highQuantile: 0, ends: 'predicted' } : UNCALIBRATED;
  const factor = bestFactor(predictedS, observedS, relativeExponent);
  const logRatio = Float64Array.from({ length: count }, (_, i) =>
    Math.log(observedS[i] / (predictedS[i] * factor)),
  );
  if (ends)
    return {
      factor,
      lowQuantile: conformalQuantile(logRatio.map((r, i) => r - ends.logLow[i]).sort(), 0.1),
      highQuantile: conformalQuantile(logRatio.map((r, i) => r - ends.logHigh[i]).sort(), 0.9),
      ends: 'predicted',
    };
  const scores = logRatio.map((r, i) => r / Math.exp(logSigma[i])).sort();
  return {
    factor,
    lowQuantile: Math.min(conformalQuantile(scores, 0.1), 0),
    highQuantile: Math.max(conformalQuantile(scores, 0.9), 0),
  };
}

/** Of 0.9 … 1.1 in steps of 0.0025, the factor of least error. */
function bestFactor(
  predictedS: ArrayLike<number>,
  observedS: ArrayLike<number>,
  relativeExponent: number,
): number {
  const weights = Float64Array.from(observedS, (seconds) => seconds ** -relativeExponent);
  let factor = 1;
  let least = Number.POSITIVE_INFINITY;
  for (let step = -40; step <= 40; step++) {
    const candidate = 1 + step * 0.0025;
    let error = 0;
    for (let i = 0; i < weights.length; i++)
      error += Math.abs(predictedS[i] * candidate - observedS[i]) * weights[i];
    if (error < least) {
      least = error;
      factor = candidate;
    }
  }
  return factor;
}

export interface TripPrediction {
  seconds: number;
  lowS: number;
  highS: number;
}

/** The answer for a path. Of a network with quantile heads `ends` is what they say; without it they are taken from σ. */
export function calibrated(
  calibration: Calibration,
  totalS: number,
  logSigma: number,
  ends?: LogEnds<number>,
): TripPrediction {
  const seconds = totalS * calibration.factor;
  const { logLow, logHigh } = calibratedEnds(calibration, Math.exp(logSigma), ends);
  return { seconds, lowS: seconds * Math.exp(logLow), highS: seconds * Math.exp(logHigh) };
}

function calibratedEnds(
  { lowQuantile, highQuantile, ends: kind }: Calibration,
  sigma: number,
  ends: LogEnds<number> = { logLow: -GAUSSIAN_80 * sigma, logHigh: GAUSSIAN_80 * sigma },
): LogEnds<number> {
  if (kind !== 'predicted') return { logLow: lowQuantile * sigma, logHigh: highQuantile * sigma };
  // Moved inwards they could pass the prediction.
  return {
    logLow: Math.min(ends.logLow + lowQuantile, 0),
    logHigh: Math.max(ends.logHigh + highQuantile, 0),
  };
}
