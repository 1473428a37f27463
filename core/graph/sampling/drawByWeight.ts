import type { Random } from '../../base/index.ts';

/** One of the candidates in proportion to its weight, in O(candidates): where one draw is not worth an alias table. */
export function drawByWeight(
  candidates: Int32Array,
  weightOf: (candidate: number) => number,
  random: Random,
): number {
  let total = 0;
  for (const candidate of candidates) total += weightOf(candidate);
  let left = random.uniform() * total;
  for (const candidate of candidates) {
    left -= weightOf(candidate);
    if (left < 0) return candidate;
  }
  return candidates[candidates.length - 1];
}
