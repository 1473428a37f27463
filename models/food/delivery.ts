import type { TravelTimes } from '@etalon/core/app/model';
import type { TaskContext } from '@etalon/core/base';
import type { FoodCity } from './city.ts';
import { placeAt } from './menu.ts';
import type { Asked } from './popularity.ts';
import type { FoodSettings } from './settings.ts';

/** How long it takes from each dish's restaurant to the place asked about. */
export interface Minutes {
  /** NaN where it is not known. */
  of(item: number): number;
  /** What tells it: "run eta-1", "free flow", "straight distance at 20 km/h". */
  readonly by: string;
}

/**
 * Driving minutes at the moment asked about, from what the project knows of its roads; straight distances at a speed where it has no roads there. Null
 * where the place asked about or those of the dishes are not known. Throws `cancelled`.
 */
export async function minutesOf(
  city: FoodCity,
  { occasion: { place } }: Asked,
  at: string | null,
  items: Int32Array,
  travel: TravelTimes,
  { straightKmh }: Pick<FoodSettings, 'straightKmh'>,
  context: TaskContext,
): Promise<Minutes | null> {
  const { places } = city.menu;
  if (!place || !places) return null;
  const from = new Map<string, [number, number]>();
  const keys = new Map<number, string>();
  for (const item of items) {
    const own = placeAt(places, item);
    if (!own) continue;
    keys.set(item, own.join());
    from.set(own.join(), own);
  }
  const driven = at === null ? null : await travel.minutesTo([...from.values()], place, at, context);
  if (!driven)
    return {
      of: (item) => (city.evidence.kmTo(place, item) / straightKmh) * 60,
      by: `straight distance at ${straightKmh} km/h`,
    };
  const byPlace = new Map([...from.keys()].map((key, i) => [key, driven.minutes[i]]));
  return { of: (item) => byPlace.get(keys.get(item) ?? '') ?? Number.NaN, by: driven.by };
}
