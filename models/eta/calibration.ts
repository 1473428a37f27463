/**
 * What validation days teach beside the weights: one factor on the predicted time (a loss on relative errors pulls
 * predictions low), and the quantiles of the scaled log error that make an interval hold 80 %.
 */
export interface Calibration {
  factor: number;
  /** 10 % and 90 % quantiles of log(observed ÷ predicted) ÷ σ. */
  lowQuantile: number;
  highQuantile: number;
}

/** Before any validation: the Gaussian's own 80 %. */
export const UNCALIBRATED: Calibration = { factor: 1, lowQuantile: -1.2816, highQuantile: 1.2816 };

/**
 * Chooses the factor by the mean of |error| / observed^ρ: by absolute errors for ρ = 0, relative ones for ρ = 1, as the loss does.
 * Then the quantiles by rank (split conformal prediction).
 */
export function calibrate(
  predictedS: ArrayLike<number>,
  logSigma: ArrayLike<number>,
  observedS: ArrayLike<number>,
  relativeExponent = 0,
): Calibration {
  const count = observedS.length;
  if (count === 0) return UNCALIBRATED;
  const weights = Float64Array.from(observedS, (seconds) => seconds ** -relativeExponent);
  let factor = 1;
  let least = Number.POSITIVE_INFINITY;
  for (let step = -40; step <= 40; step++) {
    const candidate = 1 + step * 0.0025;
    let error = 0;
    for (let i = 0; i < count; i++) error += Math.abs(predictedS[i] * candidate - observedS[i]) * weights[i];
    if (error < least) {
      least = error;
      factor = candidate;
    }
  }
  const scores = Float64Array.from(
    { length: count },
    (_, i) => Math.log(observedS[i] / (predictedS[i] * factor)) / Math.exp(logSigma[i]),
  ).sort();
  const quantile = (share: number) =>
    scores[Math.min(count - 1, Math.max(0, Math.round(share * (count + 1)) - 1))];
  return { factor, lowQuantile: Math.min(quantile(0.1), 0), highQuantile: Math.max(quantile(0.9), 0) };
}

export interface TripPrediction {
  seconds: number;
  lowS: number;
  highS: number;
}

export function calibrated(calibration: Calibration, totalS: number, logSigma: number): TripPrediction {
  const seconds = totalS * calibration.factor;
  const sigma = Math.exp(logSigma);
  return {
    seconds,
    lowS: seconds * Math.exp(calibration.lowQuantile * sigma),
    highS: seconds * Math.exp(calibration.highQuantile * sigma),
  };
}
