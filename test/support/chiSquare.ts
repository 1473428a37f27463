/**
 * Whether counts fit what was expected of them: Pearson's χ² lies below the quantile that one in 10,000 samples
 * exceeds (by Wilson & Hilferty's approximation). Cells with less than 5 expected must be joined by the caller.
 */
export function fitsExpected(counts: ArrayLike<number>, expected: ArrayLike<number>): boolean {
  let statistic = 0;
  for (let i = 0; i < counts.length; i++) {
    if (expected[i] < 5) throw new Error(`cell ${i} expects only ${expected[i]}`);
    statistic += (counts[i] - expected[i]) ** 2 / expected[i];
  }
  const freedom = counts.length - 1;
  const spread = 2 / (9 * freedom);
  return statistic < freedom * (1 - spread + 3.719 * Math.sqrt(spread)) ** 3;
}
