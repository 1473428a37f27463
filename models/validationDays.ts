import { DAY_S, dayType } from '@etalon/core/roads';

/** `count` of the days, shared among day types by largest remainder. */
export function validationDays(days: readonly number[], count: number): Set<number> {
  const byType = new Map<number, number[]>();
  for (const day of days) {
    const type = dayType(day * DAY_S);
    byType.set(type, [...(byType.get(type) ?? []), day]);
  }
  const quotas = [...byType.values()].map((ofType) => {
    const exact = (ofType.length / days.length) * count;
    return { ofType, taken: Math.floor(exact), remainder: exact - Math.floor(exact) };
  });
  quotas.sort((a, b) => b.remainder - a.remainder);
  let left = count - quotas.reduce((sum, { taken }) => sum + taken, 0);
  for (const quota of quotas) if (left-- > 0) quota.taken++;
  return new Set(quotas.flatMap(({ ofType, taken }) => ofType.slice(ofType.length - taken)));
}
