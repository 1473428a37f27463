import { drivenShare, type Way } from '@etalon/core/roads';

/** What of a path's prediction counts where its first and last segment are driven in part. */
export interface DrivenParts {
  /** Driven ÷ whole seconds of the path. */
  share: number;
  /** Seconds of each driven part, in driving order; they add up to the driven seconds of the path. */
  partS: Float32Array;
}

/** @param seconds of the whole path; @param traversalS of each of its segments. */
export function drivenParts(way: Way, seconds: number, traversalS: Float32Array): DrivenParts {
  const partS = traversalS.map((traversal, i) => traversal * drivenShare(way, i));
  const undrivenS = sum(traversalS) - sum(partS);
  const share = Math.max(0.05, (seconds - undrivenS) / seconds);
  // What the model expects of a trip besides its segments is spread over them, so that the parts add up.
  const scale = (seconds * share) / sum(partS);
  return { share, partS: partS.map((part) => part * scale) };
}

function sum(values: Float32Array): number {
  return values.reduce((total, value) => total + value, 0);
}
