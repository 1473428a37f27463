import type { EdgeTable, InteractionData } from '@etalon/core/interactions';
import type { Menu } from './menu.ts';
import { type Occasion, ratingsOf } from './orders.ts';

/** Who asks, when and from where. */
export interface Asked {
  readonly user: number;
  readonly occasion: Occasion;
}

/** Of a question, then of a dish. */
export type Column = (asked: Asked) => (item: number) => number;

/** What columns are made from. */
export interface Facts {
  data: InteractionData;
  menu: Menu;
  orders: EdgeTable;
  occasionOf: (order: number) => Occasion;
  sellerOf: Int32Array;
  sellers: number;
  users: number;
}

/** Hours at which parts of the day begin: night, morning, noon, evening, late. */
const DAY_PARTS = [0, 5, 11, 15, 21];
/** How far around a place orders count as made there, and how long ago as made lately. */
const NEARBY_KM = 1;
const LATELY_S = 28 * 86_400;
/** Counts are drawn towards the usual as if so many more orders had been seen with it. */
const PRIOR = 10;

/** How popular dishes and restaurants are: in all, lately, at that time of the day, around that place. */
export function popularities({
  menu,
  orders,
  occasionOf,
  sellerOf,
  sellers,
  data,
}: Facts): [string, Column][] {
  const items = data.nodes(menu.itemType).count;
  const [ofItem, ofSeller, lately] = [items, sellers, items].map((count) => new Float64Array(count));
  const parts = DAY_PARTS.length;
  const [itemThen, kindThen, all] = [items * parts, menu.kinds * parts, parts].map(
    (count) => new Float64Array(count),
  );
  const untilS = lastS(orders);
  const there = new CellCounts();
  for (let order = 0; order < orders.count; order++) {
    const item = orders.toRows[order];
    const { hour, place } = occasionOf(order);
    const part = dayPart(hour);
    ofItem[item]++;
    if (sellerOf[item] >= 0) ofSeller[sellerOf[item]]++;
    if (untilS !== null && orders.timesS![order] > untilS - LATELY_S) lately[item]++;
    if (part >= 0) {
      all[part]++;
      itemThen[item * parts + part]++;
      if (menu.kindOf[item] >= 0) kindThen[menu.kindOf[item] * parts + part]++;
    }
    if (place && sellerOf[item] >= 0) there.add(place, sellerOf[item]);
  }
  const total = all.reduce((a, b) => a + b, 0);
  /** How much more is ordered of it in this part of the day than at any time, as a logarithm; drawn towards 0. */
  const lift = (then: Float64Array, row: number, part: number) => {
    if (part < 0 || row < 0) return Number.NaN;
    const whole = then.subarray(row * parts, (row + 1) * parts).reduce((a, b) => a + b, 0);
    const share = all[part] / total;
    return Math.log((then[row * parts + part] + PRIOR * share) / ((whole + PRIOR) * share));
  };
  const columns: [string, Column][] = [
    ['orders', () => (item) => ofItem[item]],
    ['orders in the last 28 days', () => (item) => lately[item]],
    [
      'then more than usual',
      ({ occasion: { hour } }) =>
        (item) =>
          lift(itemThen, item, dayPart(hour)),
    ],
  ];
  if (menu.restaurantType !== null)
    columns.push(['orders of the restaurant', () => (item) => ofSeller[sellerOf[item]] ?? Number.NaN]);
  if (menu.places)
    columns.push([
      'orders to places nearby',
      ({ occasion: { place } }) => {
        const counts = place ? there.around(place) : null;
        return (item) => (counts ? (counts.get(sellerOf[item]) ?? 0) : Number.NaN);
      },
    ]);
  if (menu.kinds > 0)
    columns.push([
      'its kind then more than usual',
      ({ occasion: { hour } }) =>
        (item) =>
          lift(kindThen, menu.kindOf[item], dayPart(hour)),
    ]);
  return columns;
}

/** Mean rating of each item, drawn towards that of its seller, and that towards the mean of all. */
export function meanRatings({ menu, orders, sellerOf, sellers, data }: Facts): [string, Column] {
  const ratings = ratingsOf(orders)!;
  const rated = Array.from(ratings.keys()).filter((order) => !Number.isNaN(ratings[order]));
  const drawn = (rows: number, rowOf: (order: number) => number, towards: (row: number) => number) => {
    const [sums, counts] = [new Float64Array(rows), new Float64Array(rows)];
    for (const order of rated) {
      const row = rowOf(order);
      if (row < 0) continue;
      sums[row] += ratings[order];
      counts[row]++;
    }
    return sums.map((sum, row) => (sum + PRIOR * towards(row)) / (counts[row] + PRIOR));
  };
  const mean = rated.reduce((sum, order) => sum + ratings[order], 0) / Math.max(1, rated.length);
  const ofSeller = drawn(
    sellers,
    (order) => sellerOf[orders.toRows[order]],
    () => mean,
  );
  const ofItem = drawn(
    data.nodes(menu.itemType).count,
    (order) => orders.toRows[order],
    (item) => ofSeller[sellerOf[item]] ?? mean,
  );
  return ['mean rating', () => (item) => ofItem[item]];
}

/** −1 where the hour is not known. */
function dayPart(hour: number): number {
  return Number.isNaN(hour) ? -1 : DAY_PARTS.findLastIndex((begin) => hour >= begin);
}

/** How often things were done in cells of about a kilometre. */
class CellCounts {
  readonly #cells = new Map<string, Map<number, number>>();

  add(place: readonly [number, number], of: number): void {
    const key = cellOf(place).join();
    const counts = this.#cells.get(key) ?? new Map<number, number>();
    counts.set(of, (counts.get(of) ?? 0) + 1);
    this.#cells.set(key, counts);
  }

  /** Of the cell of a place and the eight around it. */
  around(place: readonly [number, number]): ReadonlyMap<number, number> {
    const [column, row] = cellOf(place);
    const sums = new Map<number, number>();
    for (let dx = -1; dx <= 1; dx++)
      for (let dy = -1; dy <= 1; dy++)
        for (const [of, count] of this.#cells.get([column + dx, row + dy].join()) ?? [])
          sums.set(of, (sums.get(of) ?? 0) + count);
    return sums;
  }
}

function cellOf([longitude, latitude]: readonly [number, number]): [number, number] {
  const row = Math.floor(latitude / KM_DEGREES);
  // All cells of a row are as wide as those at its southern edge.
  return [Math.floor((longitude * Math.cos((row * KM_DEGREES * Math.PI) / 180)) / KM_DEGREES), row];
}
const KM_DEGREES = NEARBY_KM / 111.2;

/** When the last order was made; null where times are not known. */
export function lastS({ timesS }: EdgeTable): number | null {
  const last =
    timesS?.reduce((most, time) => (time > most ? time : most), Number.NEGATIVE_INFINITY) ?? Number.NaN;
  return Number.isFinite(last) ? last : null;
}
