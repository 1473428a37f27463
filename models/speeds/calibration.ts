/** Of one horizon: 10 % and 90 % quantiles of (observed − predicted) ÷ σ on the validation days. */
export interface HorizonCalibration {
  lowQuantile: number;
  highQuantile: number;
}

/** The Gaussian's own 80 %, where nothing was observed. */
const UNCALIBRATED: HorizonCalibration = { lowQuantile: -1.2816, highQuantile: 1.2816 };

/** The quantiles by rank (split conformal prediction, Papadopoulos et al. 2002), of scaled errors in any order. */
export function calibrateHorizon(scores: readonly number[]): HorizonCalibration {
  const count = scores.length;
  if (count === 0) return UNCALIBRATED;
  const sorted = Float64Array.from(scores).sort();
  const quantile = (share: number) =>
    sorted[Math.min(count - 1, Math.max(0, Math.round(share * (count + 1)) - 1))];
  return { lowQuantile: Math.min(quantile(0.1), 0), highQuantile: Math.max(quantile(0.9), 0) };
}
