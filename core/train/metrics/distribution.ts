import { EtalonError } from '../../base/index.ts';
import type { Estimates } from './travelTime.ts';

/** Estimates that have an interval. */
export type IntervalEstimates = Required<Estimates>;

/** Nominal shares at which coverage is measured. */
export const NOMINAL_SHARES: readonly number[] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
/** Levels between which the score's integral is summed by mid-points. */
const CRPS_LEVELS = 100;
const Z90 = normalQuantile(0.9);

export interface DistributionFigures {
  pinballS: { q10: number; q50: number; q90: number };
  intervalScoreS: number;
  crpsS: number;
  calibration: { nominal: number; covered: number }[];
}

/**
 * How well whole distributions fit. A predictor gives a median and an 80 % interval; the quantiles between and beyond are
 * taken from a Gaussian of the log on either side, whose scale is the interval's: log q_τ = log median + z_τ / z_0.9 ·
 * log(bound ÷ median). A bound on the wrong side of the median counts as the median. Throws `internal` where there is no trip, or
 * a time is not above 0.
 */
export function distributionFigures(
  estimates: IntervalEstimates,
  observedS: ArrayLike<number>,
): DistributionFigures {
  const n = observedS.length;
  if (n === 0) throw new EtalonError('internal', 'internal: a distribution is judged on no trip');
  const levels = Array.from({ length: CRPS_LEVELS }, (_, i) => normalQuantile((i + 0.5) / CRPS_LEVELS) / Z90);
  const reach = NOMINAL_SHARES.map((share) => normalQuantile((1 + share) / 2) / Z90);
  const inside = NOMINAL_SHARES.map(() => 0);
  const total = { q10: 0, q50: 0, q90: 0, interval: 0, crps: 0 };
  for (let trip = 0; trip < n; trip++) {
    const median = estimates.medianS[trip];
    const low = estimates.low80S[trip];
    const high = estimates.high80S[trip];
    const y = observedS[trip];
    if (!(low > 0 && median > 0 && high > 0))
      throw new EtalonError(
        'internal',
        `internal: trip ${trip} is predicted to take ${median} s, ${low}–${high} s`,
      );
    const [down, up] = [Math.max(0, Math.log(median / low)), Math.max(0, Math.log(high / median))];
    total.q10 += pinball(0.1, low, y);
    total.q50 += pinball(0.5, median, y);
    total.q90 += pinball(0.9, high, y);
    total.interval += intervalScore(0.2, low, high, y);
    for (let i = 0; i < CRPS_LEVELS; i++) {
      const z = levels[i];
      total.crps += pinball((i + 0.5) / CRPS_LEVELS, median * Math.exp(z * (z < 0 ? down : up)), y);
    }
    reach.forEach((z, i) => {
      if (median * Math.exp(-z * down) <= y && y <= median * Math.exp(z * up)) inside[i]++;
    });
  }
  return {
    pinballS: { q10: total.q10 / n, q50: total.q50 / n, q90: total.q90 / n },
    intervalScoreS: total.interval / n,
    crpsS: (2 * total.crps) / (n * CRPS_LEVELS),
    calibration: NOMINAL_SHARES.map((nominal, i) => ({ nominal, covered: inside[i] / n })),
  };
}

/** (τ − [y < q]) (y − q), whose mean is least where q is the τ quantile (Koenker & Bassett 1978). Half the CRPS's integrand. */
export function pinball(level: number, quantile: number, observed: number): number {
  return observed >= quantile ? level * (observed - quantile) : (1 - level) * (quantile - observed);
}

/** Width, and 2/α times what the observation lies outside of a central 1 − α interval (Gneiting & Raftery 2007, eq. 43). */
export function intervalScore(alpha: number, low: number, high: number, observed: number): number {
  return high - low + (2 / alpha) * (Math.max(0, low - observed) + Math.max(0, observed - high));
}

/** z with Φ(z) = p for 0 < p < 1, to 1e-9 (Acklam's rational approximation). */
export function normalQuantile(p: number): number {
  if (p < 0.5) return -normalQuantile(1 - p);
  if (p <= 0.97575) {
    const q = p - 0.5;
    const r = q * q;
    return (
      (polynomial(
        [
          -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
          2.506628277459239,
        ],
        r,
      ) *
        q) /
      polynomial(
        [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1],
        r,
      )
    );
  }
  const q = Math.sqrt(-2 * Math.log(1 - p));
  return (
    -polynomial(
      [
        -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
        2.938163982698783,
      ],
      q,
    ) / polynomial([0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1], q)
  );
}

/** Highest power first. */
function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((value, coefficient) => value * x + coefficient, 0);
}
