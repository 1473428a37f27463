import { localDay, type TripSet } from '../trips.ts';

/** Block of each local day: consecutive days, about the same number of trips each, and no more blocks than days. */
export function blocksOfDays(trips: TripSet, blocks: number): Map<number, number> {
  const tripsOfDay = new Map<number, number>();
  for (const localS of trips.localDepartS) {
    const day = localDay(localS);
    tripsOfDay.set(day, (tripsOfDay.get(day) ?? 0) + 1);
  }
  const days = [...tripsOfDay.keys()].sort((a, b) => a - b);
  const count = Math.min(blocks, days.length);
  const blockOf = new Map<number, number>();
  let before = 0;
  let block = 0;
  days.forEach((day, i) => {
    const daysLeft = days.length - i;
    const inBlock = before >= (trips.count * (block + 1)) / count || daysLeft < count - block;
    if (inBlock && block < count - 1 && i > 0) block++;
    blockOf.set(day, block);
    before += tripsOfDay.get(day)!;
  });
  return blockOf;
}

/** Positions of the trips that departed in a block, and of all others. */
export function splitByBlock(
  trips: TripSet,
  blockOfDay: ReadonlyMap<number, number>,
  block: number,
): { own: number[]; others: number[] } {
  const own: number[] = [];
  const others: number[] = [];
  for (let trip = 0; trip < trips.count; trip++)
    (blockOfDay.get(localDay(trips.localDepartS[trip])) === block ? own : others).push(trip);
  return { own, others };
}
