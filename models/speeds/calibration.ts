import { conformalQuantile } from '../conformalQuantile.ts';

/** Of one horizon: 10 % and 90 % quantiles of (observed − predicted) ÷ σ on the validation days. */
export interface HorizonCalibration {
  lowQuantile: number;
  highQuantile: number;
}

/** The Gaussian's own 80 %, where nothing was observed. */
const UNCALIBRATED: HorizonCalibration = { lowQuantile: -1.2816, highQuantile: 1.2816 };

/** By {@link conformalQuantile}, of scaled errors in any order. */
export function calibrateHorizon(scores: readonly number[]): HorizonCalibration {
  const count = scores.length;
  if (count === 0) return UNCALIBRATED;
  const sorted = Float64Array.from(scores).sort();
  return {
    lowQuantile: Math.min(conformalQuantile(sorted, 0.1), 0),
    highQuantile: Math.max(conformalQuantile(sorted, 0.9), 0),
  };
}
