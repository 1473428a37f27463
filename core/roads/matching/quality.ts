import type { PointFate, TraceMatch } from './matcher.ts';
import { DEFAULT_MATCH_SETTINGS, type MatchSettings } from './settings.ts';

/** How well GPS points agree with the roads that they were matched to. */
export interface MatchQuality {
  points: number;
  /** Share of the points that lie on a matched way, those of a standing vehicle included. */
  matchedShare: number;
  /** Points left out because no vehicle drives so fast, or no way leads there. */
  outliers: number;
  /** Points with no road within reach. */
  far: number;
  /** Where a trace was split, besides the stops. */
  breaks: number;
  /** From the matched points to the road, metres; NaN without any. */
  medianDistanceM: number;
  /** Of the matched ways, and of the straight lines between their points. */
  lengthM: number;
  straightM: number;
  /** Mean probability of the matched places; NaN without any. */
  confidence: number;
}

const BIN_M = 0.25;
const BINS = 2000;

/** Sums up any number of matches in little memory. */
export class QualityTally {
  readonly fates: Record<PointFate, number> = {
    lone: 0,
    matched: 0,
    thinned: 0,
    far: 0,
    fast: 0,
    unreachable: 0,
  };
  readonly #distances = new Float64Array(BINS);
  #breaks = 0;
  #lengthM = 0;
  #straightM = 0;
  #confidence = 0;

  add(match: TraceMatch): void {
    for (const fate of Object.keys(this.fates) as PointFate[]) this.fates[fate] += match.fates[fate];
    for (const metres of match.distancesM) this.#distances[Math.min(BINS - 1, Math.floor(metres / BIN_M))]++;
    const { time, space, unreachable } = match.breaks;
    this.#breaks += time + space + unreachable;
    this.#straightM += match.straightM;
    for (const path of match.paths) {
      this.#lengthM += path.lengthM;
      this.#confidence += path.confidence * path.points;
    }
  }

  figures(): MatchQuality {
    const { matched, thinned, far, fast, unreachable } = this.fates;
    const points = Object.values(this.fates).reduce((sum, count) => sum + count, 0);
    return {
      points,
      matchedShare: points === 0 ? 0 : (matched + thinned) / points,
      outliers: fast + unreachable,
      far,
      breaks: this.#breaks,
      medianDistanceM: this.#medianM(matched),
      lengthM: this.#lengthM,
      straightM: this.#straightM,
      confidence: this.#confidence / matched,
    };
  }

  /** To a quarter of a metre. */
  #medianM(count: number): number {
    let below = 0;
    for (let bin = 0; bin < BINS; bin++) {
      below += this.#distances[bin];
      if (below > 0 && 2 * below >= count) return (bin + 0.5) * BIN_M;
    }
    return Number.NaN;
  }
}

const SIGMA_RANGE_M = [3, 50] as const;
/** Straight roads, where all ways are alike, keep the median low: less says nothing of the others. */
const BETA_RANGE_M = [5, 200] as const;
/** Roads are looked for within so many σ. */
const RADIUS_SIGMAS = 5;
/** Too few points say nothing of their noise. */
const LEAST_POINTS = 50;

/**
 * σ and β from a first match of some traces, as Newson & Krumm 2009 estimate them: σ = 1.4826 · median distance from the
 * road (the median absolute deviation of a normal distribution), β = median |driven − straight| ÷ ln 2 (that of an
 * exponential one). The radius follows σ. Empty where there are too few points.
 */
export function estimateNoise(
  matches: readonly TraceMatch[],
): Pick<MatchSettings, 'sigmaM' | 'betaM' | 'radiusM'> | undefined {
  const distancesM = matches.flatMap((match) => match.distancesM);
  const detoursM = matches.flatMap((match) => match.detoursM);
  if (detoursM.length < LEAST_POINTS) return undefined;
  const sigmaM = clamped(1.4826 * median(distancesM), SIGMA_RANGE_M);
  return {
    sigmaM,
    betaM: clamped(median(detoursM) / Math.LN2, BETA_RANGE_M),
    radiusM: Math.max(DEFAULT_MATCH_SETTINGS.radiusM, RADIUS_SIGMAS * sigmaM),
  };
}

function clamped(value: number, [low, high]: readonly [number, number]): number {
  return Math.min(high, Math.max(low, value));
}

function median(values: readonly number[]): number {
  return Float64Array.from(values).sort()[values.length >> 1];
}
