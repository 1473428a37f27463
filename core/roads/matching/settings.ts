/** How GPS points are matched to roads. Symbols are those of Newson & Krumm 2009. */
export interface MatchSettings {
  /** σ_z: standard deviation of a point's distance from the road that was driven, metres. */
  sigmaM: number;
  /** β: mean of |driven distance − straight distance| between two points, metres. */
  betaM: number;
  /** How far from a point the roads that may have been driven are looked for, metres. */
  radiusM: number;
  /** At most so many places are considered for each point, the nearest ones. */
  maxCandidates: number;
  /** A trace is split where no point was recorded for longer than this. */
  maxGapS: number;
  /** A trace is split where two points lie further apart than this. */
  maxGapM: number;
  /** A trace is split where the vehicle stood for longer than this: the trip was over. */
  maxStopS: number;
  /** No vehicle drives faster, however it comes from one point to the next. */
  maxSpeedKmh: number;
  /** A way from one point to the next may be so much longer than the straight one. */
  maxDetourM: number;
  /** Metres that a U-turn counts as. */
  uTurnM: number;
}

export const DEFAULT_SIGMA_M = 10;

/** What holds for an ordinary receiver in a city; see {@link estimateNoise} for σ and β from the data. */
export const DEFAULT_MATCH_SETTINGS: MatchSettings = {
  sigmaM: DEFAULT_SIGMA_M,
  betaM: 15,
  radiusM: 50,
  maxCandidates: 24,
  maxGapS: 180,
  maxGapM: 3000,
  maxStopS: 300,
  maxSpeedKmh: 180,
  maxDetourM: 1500,
  uTurnM: 150,
};
