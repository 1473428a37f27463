import type { RoadNetwork } from '../../core/roads/index.ts';
import type { MatchedPath } from '../../core/roads/matching/index.ts';

/** Metres of a trip that was driven and of the paths it was matched to. */
export interface Agreement {
  drivenM: number;
  matchedM: number;
  /** Common to both in driving order. Of a path's first and last segment only the part between its ends counts. */
  commonM: number;
}

/**
 * The longest common subsequence of driven and matched segments, by length: what was matched counts as right where the
 * same segment was driven, in the same order, as often.
 */
export function agreement(
  network: RoadNetwork,
  driven: ArrayLike<number>,
  paths: readonly MatchedPath[],
): Agreement {
  const { lengthM } = network;
  let drivenM = 0;
  for (let i = 0; i < driven.length; i++) drivenM += lengthM[driven[i]];
  const matched = paths.flatMap((path) =>
    path.segments.map((segment, i) => {
      const begin = i === 0 ? path.startM : 0;
      const end = i === path.segments.length - 1 ? path.endM : lengthM[segment];
      return { segment, coveredM: Math.max(0, end - begin) };
    }),
  );
  let above = new Float64Array(matched.length + 1);
  for (let i = 0; i < driven.length; i++) {
    const row = new Float64Array(matched.length + 1);
    matched.forEach(({ segment, coveredM }, j) => {
      row[j + 1] = Math.max(above[j + 1], row[j], segment === driven[i] ? above[j] + coveredM : 0);
    });
    above = row;
  }
  return {
    drivenM,
    matchedM: matched.reduce((sum, { coveredM }) => sum + coveredM, 0),
    commonM: above[matched.length],
  };
}
