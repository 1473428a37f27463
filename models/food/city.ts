import type { InteractionData } from '@etalon/core/interactions';
import type { Outputs } from '../recommend/system.ts';
import { FoodEvidence, type Known } from './evidence.ts';
import type { Menu } from './menu.ts';
import { type Occasion, occasionsOf } from './orders.ts';
import type { Asked } from './popularity.ts';

/** The two similarities of a user and a dish: of the dish, and of its restaurant where there is such a graph. */
export interface Similarities {
  readonly names: readonly string[];
  /** [parts][items] */
  readonly parts: readonly Float32Array[];
}

/** How many similar candidates there are, and how far they may be. */
export interface CandidateOptions {
  readonly candidates: number;
  readonly reachKm: number;
}

/** Share of the known orders that come from within reach. */
const REACHED = 0.99;
const NAMES = ['similarity of the dish', 'similarity of the restaurant'];

/** A city with the states of its users and dishes: whom a question finds, and what is known of them. */
export class FoodCity {
  readonly data: InteractionData;
  readonly menu: Menu;
  readonly evidence: FoodEvidence;
  readonly items: number;
  readonly #states: Outputs;
  readonly #widths: readonly number[];
  readonly #occasionOf: (order: number) => Occasion;
  #ends: { all: number; byUser: Int32Array } | undefined;
  #last: { user: number; similarities: Similarities } | undefined;

  /** @param width of the states of one graph. */
  constructor(data: InteractionData, menu: Menu, states: Outputs, width: number) {
    this.data = data;
    this.menu = menu;
    this.evidence = new FoodEvidence(data, menu);
    this.#occasionOf = occasionsOf(data.edges(menu.type), menu.homes);
    this.items = data.nodes(menu.itemType).count;
    this.#states = states;
    this.#widths = new Array<number>(states.items.length / this.items / width).fill(width);
  }

  /** z_u · z_v of each graph. */
  similarities(user: number): Similarities {
    if (this.#last?.user === user) return this.#last.similarities;
    const { users, items } = this.#states;
    const total = this.#widths.reduce((a, b) => a + b);
    let begin = 0;
    const parts = this.#widths.map((width) => {
      const scores = new Float32Array(this.items);
      for (let item = 0; item < this.items; item++)
        for (let k = begin; k < begin + width; k++)
          scores[item] += users[user * total + k] * items[item * total + k];
      begin += width;
      return scores;
    });
    const similarities = { names: NAMES.slice(0, parts.length), parts };
    this.#last = { user, similarities };
    return similarities;
  }

  /** Sum of both. */
  similarity(user: number): Float32Array {
    const [first, ...others] = this.similarities(user).parts;
    return first.map((value, item) => others.reduce((sum, part) => sum + part[item], value));
  }

  /** How far 99 of 100 known orders came, in km; infinity where it is not known. */
  usualReachKm(): number {
    const orders = this.data.edges(this.menu.type);
    const occasionOf = this.#occasionOf;
    const km = Float64Array.from(orders.toRows, (item, order) =>
      this.evidence.kmTo(occasionOf(order).place, item),
    )
      .filter((value) => !Number.isNaN(value))
      .sort();
    return km.length > 0 ? km[Math.ceil(REACHED * km.length) - 1] : Number.POSITIVE_INFINITY;
  }

  /** `YYYY-MM-DDTHH:MM` of the last known order, at its local hour; null where times are not known. */
  get lastMoment(): string | null {
    const { all } = this.#lastOrders();
    const { timesS } = this.data.edges(this.menu.type);
    if (all < 0 || !timesS) return null;
    const day = new Date(timesS[all] * 1000).toISOString().slice(0, 10);
    return `${day}T${String(this.#occasionOf(all).hour).padStart(2, '0')}:00`;
  }

  /** Where a user last ordered to. */
  lastPlace(user: number): Occasion['place'] {
    const order = this.#lastOrders().byUser[user];
    return order < 0 ? null : this.#occasionOf(order).place;
  }

  /** Numbers of the last orders, by time where it is known; −1 for none. */
  #lastOrders(): { all: number; byUser: Int32Array } {
    if (this.#ends) return this.#ends;
    const { timesS, fromRows } = this.data.edges(this.menu.type);
    const byUser = new Int32Array(this.data.nodes(this.menu.userType).count).fill(-1);
    let all = -1;
    const isLater = (order: number, than: number) =>
      than < 0 || !timesS || timesS[order] >= timesS[than] || Number.isNaN(timesS[than]);
    fromRows.forEach((user, order) => {
      if (isLater(order, byUser[user])) byUser[user] = order;
      if (!Number.isNaN(timesS?.[order] ?? Number.NaN) && isLater(order, all)) all = order;
    });
    this.#ends = { all, byUser };
    return this.#ends;
  }

  /** Dishes from within reach of a place, and those of which nobody knows where they come from. */
  within({ occasion: { place } }: Asked, reachKm: number): Int32Array {
    const all = Int32Array.from({ length: this.items }, (_, item) => item);
    return place ? all.filter((item) => !(this.evidence.kmTo(place, item) > reachKm)) : all;
  }

  /** Candidates by place and by relevance: of the dishes within reach what the user had before, and the most similar ones. */
  candidates(asked: Asked, { candidates, reachKm }: CandidateOptions): Int32Array {
    return this.mostRelevant(asked, this.within(asked, reachKm), candidates);
  }

  /** Of some dishes those that the user had before, and the most similar ones; ascending. */
  mostRelevant({ user }: Asked, among: Int32Array, count: number): Int32Array {
    const similarity = this.similarity(user);
    const had = this.evidence.had(user);
    const similar = among.toSorted((a, b) => similarity[b] - similarity[a] || a - b).subarray(0, count);
    return Int32Array.from(new Set([...similar, ...among.filter((item) => had.has(item))])).sort();
  }

  /** [columns][items] similarities first, then the other evidence. */
  columns(asked: Asked, items: Int32Array): Float64Array[] {
    const { parts } = this.similarities(asked.user);
    return [
      ...parts.map((values) => Float64Array.from(items, (item) => values[item])),
      ...this.evidence.of(asked, items),
    ];
  }

  /** What each column is of. */
  get kinds(): Known[] {
    return [...this.#widths.map(() => 'similarity' as const), ...this.evidence.kinds];
  }
}
