/**
 * Quantile of at least one score by rank among n + 1: one more, not seen, falls below with that share (split conformal prediction,
 * Papadopoulos et al. 2002). `ascending` are the scores in order.
 */
export function conformalQuantile(ascending: Float64Array, share: number): number {
  const rank = Math.round(share * (ascending.length + 1)) - 1;
  return ascending[Math.min(ascending.length - 1, Math.max(0, rank))];
}
