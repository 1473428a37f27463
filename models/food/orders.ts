import type { EdgeTable, FeatureColumn } from '@etalon/core/interactions';
import { type Places, placeAt } from './menu.ts';

/** When and where to something is ordered; what is not known is NaN, or null. */
export interface Occasion {
  /** Local hour, 0 … 23. */
  readonly hour: number;
  /** 0 for Monday. */
  readonly weekday: number;
  /** [longitude, latitude] */
  readonly place: readonly [number, number] | null;
}

const RATINGS = ['rating', 'stars', 'score', 'ordered rating'];
const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
/** No order weighs less than this share of an unrated one. */
const LEAST_WEIGHT = 0.05;
const [HOUR_S, DAY_S] = [3600, 86_400];

/**
 * What is known of each order: by its features `hour`, `weekday` and `place`; without the first two by its time (UTC), without a place by
 * the user's home.
 */
export function occasionsOf(orders: EdgeTable, homes: Places | null): (edge: number) => Occasion {
  const { features, timesS, fromRows } = orders;
  const hour = numbersOf(features.hour);
  const weekday = weekdaysOf(features.weekday);
  const place = Object.values(features).find((column) => column.kind === 'coordinates');
  const time = (edge: number) => timesS?.[edge] ?? Number.NaN;
  return (edge) => ({
    hour: hour ? hour[edge] : Math.floor((time(edge) % DAY_S) / HOUR_S),
    // 1 January 1970 was a Thursday.
    weekday: weekday ? weekday(edge) : (Math.floor(time(edge) / DAY_S) + 3) % 7,
    place: (place?.kind === 'coordinates' ? placeAt(place, edge) : null) ?? placeAt(homes, fromRows[edge]),
  });
}

/** At a local time, `YYYY-MM-DDTHH:MM`. */
export function occasionAt(at: string, place: Occasion['place']): Occasion {
  const date = new Date(`${at}Z`);
  return { hour: date.getUTCHours(), weekday: (date.getUTCDay() + 6) % 7, place };
}

/** Ratings of orders, NaN where nobody rated; null where the data have none. */
export function ratingsOf({ features }: EdgeTable): Float64Array | null {
  const name = Object.keys(features).find((feature) => RATINGS.includes(feature.toLowerCase()));
  return name === undefined ? null : numbersOf(features[name]);
}

export function meanRating(orders: EdgeTable): number {
  const known = ratingsOf(orders)?.filter((rating) => !Number.isNaN(rating)) ?? [];
  const sum = Array.from(known).reduce((total, rating) => total + rating, 0);
  return sum > 0 ? sum / known.length : 1;
}

/** [orders] what each adds to the weight of its edge: 1, or (rating ÷ mean rating) to the power where it was rated. */
export function orderWeights(orders: EdgeTable, mean: number, power: number): Float64Array {
  const ratings = ratingsOf(orders);
  return Float64Array.from({ length: orders.count }, (_, edge) => {
    const rating = ratings?.[edge] ?? Number.NaN;
    const rated = Number.isNaN(rating) ? 1 : Math.max(LEAST_WEIGHT, (Math.max(0, rating) / mean) ** power);
    return (orders.weights?.[edge] ?? 1) * rated;
  });
}

function numbersOf(column: FeatureColumn | undefined): Float64Array | null {
  return column?.kind === 'numeric' ? column.values : null;
}

/** By English names, or numbers from 0 for Monday. */
function weekdaysOf(column: FeatureColumn | undefined): ((edge: number) => number) | null {
  if (column?.kind === 'numeric') return (edge) => column.values[edge];
  if (column?.kind !== 'categorical') return null;
  const days = column.categories.map((name) => WEEKDAYS.indexOf(name.toLowerCase()));
  return (edge) => days[column.codes[edge]] ?? Number.NaN;
}
