import type { EdgeTable, InteractionData } from '@etalon/core/interactions';
import { distanceM } from '@etalon/core/roads';
import { type Menu, placeAt } from './menu.ts';
import { type Occasion, occasionsOf, ratingsOf } from './orders.ts';
import { type Asked, type Column, type Facts, lastS, meanRatings, popularities } from './popularity.ts';

/** What a ranker may look at. */
export type Known = 'context' | 'habits' | 'similarity';

/** Orders of a user, of a pair, and when the last one was. */
interface Had {
  count: number;
  lastS: number;
}

/**
 * What speaks for an order beside its embedding, as columns of a ranker: the moment, how far, how dear, how popular there and then, and what
 * the user had before, all as known from the orders of `data`. A value that is not known is NaN.
 */
export class FoodEvidence {
  readonly names: readonly string[];
  /** [names] what each is of: the dish, moment and place, or what the user had before. */
  readonly kinds: readonly Known[];
  readonly menu: Menu;
  readonly #columns: readonly Column[];
  /** [items] who sells each: its restaurant, or the item itself. */
  readonly #sellerOf: Int32Array;
  readonly #had: readonly Map<number, Had>[];

  constructor(data: InteractionData, menu: Menu) {
    const orders = data.edges(menu.type);
    this.menu = menu;
    const sells = menu.restaurantType !== null;
    const { restaurantOf } = menu;
    this.#sellerOf = sells ? restaurantOf : Int32Array.from(restaurantOf.keys());
    const sellers = data.nodes(sells ? menu.restaurantType! : menu.itemType).count;
    const users = data.nodes(menu.userType).count;
    this.#had = hadBy(orders, users, (order) => orders.toRows[order]);
    const facts: Facts = {
      data,
      menu,
      orders,
      occasionOf: occasionsOf(orders, menu.homes),
      sellerOf: this.#sellerOf,
      sellers,
      users,
    };
    const context: [string, Column][] = [
      [
        'hour',
        ({ occasion: { hour } }) =>
          () =>
            hour,
      ],
      [
        'weekday',
        ({ occasion: { weekday } }) =>
          () =>
            weekday,
      ],
      ['km away', (asked) => (item) => this.kmTo(asked.occasion.place, item)],
      ...prices(facts),
      ...popularities(facts),
      ...(ratingsOf(orders) ? [meanRatings(facts)] : []),
    ];
    const habits = [...usualPrices(facts), ...this.#habits(facts)];
    const named = [...context, ...habits];
    this.names = named.map(([name]) => name);
    this.kinds = named.map((_, i) => (i < context.length ? 'context' : 'habits'));
    this.#columns = named.map(([, column]) => column);
  }

  /** [columns][items] */
  of(asked: Asked, items: Int32Array): Float64Array[] {
    return this.#columns.map((column) => Float64Array.from(items, column(asked)));
  }

  /** As the crow flies. */
  kmTo(place: Occasion['place'], item: number): number {
    const from = placeAt(this.menu.places, item);
    return place && from ? distanceM(place[0], place[1], from[0], from[1]) / 1000 : Number.NaN;
  }

  /** Items that a user had before, and how often. */
  had(user: number): ReadonlyMap<number, Had> {
    return this.#had[user];
  }

  #habits({ data, menu, orders, sellerOf, users }: Facts): [string, Column][] {
    const bySeller = hadBy(orders, users, (order) => sellerOf[orders.toRows[order]]);
    const byKind = hadBy(orders, users, (order) => menu.kindOf[orders.toRows[order]]);
    const untilS = lastS(orders);
    const total = data.degrees(menu.type, 'out');
    const count = (of: ReadonlyMap<number, Had> | undefined, key: number) => of?.get(key)?.count ?? 0;
    const columns: [string, Column][] = [
      [
        'orders of the user',
        ({ user }) =>
          () =>
            total[user],
      ],
      [
        'times ordered before',
        ({ user }) =>
          (item) =>
            count(this.#had[user], item),
      ],
    ];
    if (menu.restaurantType !== null)
      columns.push([
        'orders there before',
        ({ user }) =>
          (item) =>
            count(bySeller[user], sellerOf[item]),
      ]);
    if (menu.kinds > 0)
      columns.push([
        'share of its kind before',
        ({ user }) =>
          (item) =>
            total[user] > 0 ? count(byKind[user], menu.kindOf[item]) / total[user] : Number.NaN,
      ]);
    if (untilS !== null)
      columns.push([
        'days since ordered',
        ({ user }) =>
          (item) =>
            (untilS - (this.#had[user].get(item)?.lastS ?? Number.NaN)) / 86_400,
      ]);
    return columns;
  }
}

function prices({ data, menu, sellerOf }: Facts): [string, Column][] {
  const own = numericColumns(data, menu.itemType).map(([name, values]): [string, Column] => [
    name,
    () => (item) => values[item],
  ]);
  if (menu.restaurantType === null) return own;
  const sellers = numericColumns(data, menu.restaurantType).map(([name, values]): [string, Column] => [
    `${menu.restaurantType} ${name}`,
    () => (item) => values[sellerOf[item]] ?? Number.NaN,
  ]);
  return [...own, ...sellers];
}

/** How far numbers of a dish are above those of what the user usually takes. */
function usualPrices({ data, menu, orders, users }: Facts): [string, Column][] {
  return numericColumns(data, menu.itemType).map(([name, values]) => {
    const usual = meansBy(orders.fromRows, users, (order) => values[orders.toRows[order]]);
    return [
      `${name} above the usual`,
      ({ user }) =>
        (item) =>
          values[item] - usual[user],
    ];
  });
}

function hadBy(orders: EdgeTable, users: number, keyOf: (order: number) => number): Map<number, Had>[] {
  const had = Array.from({ length: users }, () => new Map<number, Had>());
  orders.fromRows.forEach((user, order) => {
    const known = had[user].get(keyOf(order)) ?? { count: 0, lastS: Number.NaN };
    const timeS = orders.timesS?.[order] ?? Number.NaN;
    known.count++;
    if (!(known.lastS >= timeS)) known.lastS = timeS;
    had[user].set(keyOf(order), known);
  });
  return had;
}

function numericColumns(data: InteractionData, type: string): [string, Float64Array][] {
  return Object.entries(data.nodes(type).features).flatMap(([name, column]): [string, Float64Array][] =>
    column.kind === 'numeric' ? [[name, column.values]] : [],
  );
}

/** Means of what is known by row; NaN for one without any. */
function meansBy(rows: Int32Array, count: number, valueAt: (order: number) => number): Float64Array {
  const [sums, counts] = [new Float64Array(count), new Float64Array(count)];
  rows.forEach((row, order) => {
    const value = valueAt(order);
    if (Number.isNaN(value)) return;
    sums[row] += value;
    counts[row]++;
  });
  return sums.map((sum, row) => sum / counts[row]);
}
