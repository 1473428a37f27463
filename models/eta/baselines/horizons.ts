import type { EtaEvaluation } from '@etalon/core/api/contract';
import type { TripSet } from '@etalon/core/roads';

const BOUNDS_MIN = [0, 2, 5, 10, 15, 20, 30, 45, 60];

/**
 * Mean absolute error of single segments by how long after departure the trip entered them; empty where no seconds of segments
 * are known. A segment after a gap in a trip's seconds was entered nobody knows when, and is left out.
 * @param modelS [M] predicted seconds of each traversal
 * @param anchorS [M] the same by the segment model
 */
export function horizonErrors(
  { count, offsets, segmentS }: TripSet,
  modelS: Float32Array,
  anchorS: Float32Array,
): EtaEvaluation['horizons'] {
  if (!segmentS) return [];
  const rows = BOUNDS_MIN.map((fromMin, i) => ({
    fromMin,
    toMin: BOUNDS_MIN[i + 1] ?? null,
    modelS: 0,
    anchorS: 0,
    n: 0,
  }));
  for (let trip = 0; trip < count; trip++) {
    let enteredS = 0;
    for (let k = offsets[trip]; k < offsets[trip + 1]; k++) {
      const observed = segmentS[k];
      if (Number.isNaN(observed)) break;
      const row = rows[BOUNDS_MIN.findLastIndex((minutes) => minutes * 60 <= enteredS)];
      row.modelS += Math.abs(modelS[k] - observed);
      row.anchorS += Math.abs(anchorS[k] - observed);
      row.n++;
      enteredS += observed;
    }
  }
  return rows
    .filter(({ n }) => n > 0)
    .map((row) => ({ ...row, modelS: row.modelS / row.n, anchorS: row.anchorS / row.n }));
}
