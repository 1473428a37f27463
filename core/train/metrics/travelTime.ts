import { EtalonError } from '../../base/index.ts';

/** Travel times that a predictor gives, in seconds, one per trip. */
export interface Estimates {
  readonly medianS: ArrayLike<number>;
  /** Bounds of the interval that should hold 80 % of the observed times; both or neither. */
  readonly low80S?: ArrayLike<number>;
  readonly high80S?: ArrayLike<number>;
}

/** Figures of one predictor over a set of trips. An error is predicted − observed. */
export interface EtaMetrics {
  maeS: number;
  rmseS: number;
  /** Mean |error| ÷ observed, a fraction. */
  mape: number;
  biasS: number;
  /** Share of bad ETAs; see {@link isBadEta}. */
  badShare: number;
  /** Share of observed times inside the 80 % interval, bounds included; null where there is none. */
  coverage80: number | null;
  /** Mean width of that interval. */
  width80S: number | null;
  n: number;
}

const BAD_SHARE_OF_TIME = 0.2;
const BAD_LEAST_S = 60;

/**
 * Whether an ETA is off so far that a traveller is misled: by more than 20 % of the observed time and by more than a minute, in
 * the spirit of the share of bad ETAs by which Derrow-Pinion et al. (2021, §5) judge; the paper does not give its threshold.
 */
export function isBadEta(predictedS: number, observedS: number): boolean {
  return Math.abs(predictedS - observedS) > Math.max(BAD_LEAST_S, BAD_SHARE_OF_TIME * observedS);
}

/**
 * Compares estimates with observed seconds, over all trips or those at `positions`. Throws `input` where there is
 * no trip, `internal` where an estimate is not a number: a figure that leaves such trips out would flatter.
 */
export function etaMetrics(
  estimates: Estimates,
  observedS: ArrayLike<number>,
  positions?: ArrayLike<number>,
): EtaMetrics {
  const n = positions ? positions.length : observedS.length;
  if (n === 0)
    throw new EtalonError('input', 'There is no trip to evaluate.', { remedy: 'Choose another period.' });
  const { medianS, low80S, high80S } = estimates;
  let absolute = 0;
  let squared = 0;
  let relative = 0;
  let signed = 0;
  let bad = 0;
  let inside = 0;
  let width = 0;
  for (let i = 0; i < n; i++) {
    const trip = positions ? positions[i] : i;
    const observed = observedS[trip];
    const error = medianS[trip] - observed;
    if (!Number.isFinite(error) || !(observed > 0))
      throw new EtalonError(
        'internal',
        `Trip ${trip} was observed to take ${observed} s and predicted to take ${medianS[trip]} s.`,
      );
    const size = Math.abs(error);
    absolute += size;
    squared += error * error;
    relative += size / observed;
    signed += error;
    if (isBadEta(medianS[trip], observed)) bad++;
    if (low80S && high80S) {
      width += high80S[trip] - low80S[trip];
      if (low80S[trip] <= observed && observed <= high80S[trip]) inside++;
    }
  }
  const hasInterval = low80S !== undefined && high80S !== undefined;
  return {
    maeS: absolute / n,
    rmseS: Math.sqrt(squared / n),
    mape: relative / n,
    biasS: signed / n,
    badShare: bad / n,
    coverage80: hasInterval ? inside / n : null,
    width80S: hasInterval ? width / n : null,
    n,
  };
}

/** Positions 0 … count − 1 by group, groups in ascending order. */
export function groupPositions(count: number, groupOf: (position: number) => number): [number, number[]][] {
  const groups = new Map<number, number[]>();
  for (let i = 0; i < count; i++) {
    const group = groupOf(i);
    const positions = groups.get(group);
    if (positions) positions.push(i);
    else groups.set(group, [i]);
  }
  return [...groups].sort(([a], [b]) => a - b);
}
