import { breathe, EtalonError, randomStream, type TaskContext, throwIfCancelled } from '@etalon/core/base';
import type { EdgeTable, Scorer } from '@etalon/core/interactions';
import { type JudgedLists, TreeRanker } from '../recommend/treeRanker.ts';
import type { CandidateOptions, FoodCity } from './city.ts';
import type { Known } from './evidence.ts';
import { occasionsOf } from './orders.ts';
import type { Asked } from './popularity.ts';
import type { FoodSettings } from './settings.ts';

const NEGATIVES_STREAM = 9;
/** Orders between two breaths. */
const AT_ONCE = 50;
/** Above every similarity: candidates stand before what is none. */
const FOUND = 10;

/** The question that each order answered. */
export function askedBy(city: FoodCity, orders: EdgeTable): Asked[] {
  const occasionOf = occasionsOf(orders, city.menu.homes);
  return Array.from(orders.fromRows, (user, order) => ({ user, occasion: occasionOf(order) }));
}

/**
 * What was ordered by people of whom the city knows no more than before, beside drawn dishes within reach that were not. None are
 * chosen by their similarity: the ranker would learn that what is similar is not ordered. Throws `conflict` for no orders, `cancelled`.
 */
export async function judgedOrders(
  city: FoodCity,
  orders: EdgeTable,
  {
    rankerNegatives,
    reachKm,
    seed,
  }: Pick<FoodSettings, 'rankerNegatives'> & { reachKm: number; seed: number },
  context: TaskContext,
): Promise<RankerLessons> {
  if (orders.count === 0)
    throw new EtalonError('conflict', 'No order was kept for the ranker.', {
      remedy: 'Train with more orders, or a larger --set validationShare.',
    });
  const columns: number[][] = [];
  const relevant: number[] = [];
  const list: number[] = [];
  for (const [order, asked] of askedBy(city, orders).entries()) {
    if (order % AT_ONCE === 0) {
      context.report({
        stage: 'Collecting what the ranker learns from',
        done: order,
        total: orders.count,
        unit: 'orders',
      });
      throwIfCancelled(context.signal);
      await breathe();
    }
    const random = randomStream(seed, NEGATIVES_STREAM, order);
    const ordered = orders.toRows[order];
    const others = city.within(asked, reachKm).filter((item) => item !== ordered);
    const items = Int32Array.of(ordered, ...random.shuffle(others).subarray(0, rankerNegatives));
    city.columns(asked, items).forEach((values, i) => {
      columns[i] ??= [];
      for (const value of values) columns[i].push(value);
    });
    for (const item of items) {
      relevant.push(Number(item === ordered));
      list.push(order);
    }
  }
  const lists = {
    columns: columns.map((values) => Float64Array.from(values)),
    relevant: Float64Array.from(relevant),
    list: Int32Array.from(list),
  };
  return { lists, kinds: city.kinds };
}

/** By name, what a ranker looks at. */
export const RANKINGS = {
  all: ['context', 'habits', 'similarity'],
  withoutSimilarity: ['context', 'habits'],
  contextAndSimilarity: ['context', 'similarity'],
  context: ['context'],
} as const satisfies Record<string, readonly Known[]>;
export type Ranking = keyof typeof RANKINGS;

/** What was collected of orders, and what each of its columns is of. */
export interface RankerLessons {
  readonly lists: JudgedLists;
  readonly kinds: readonly Known[];
}

/** Ranks dishes for a question by some of what is known. */
export class FoodRanker {
  readonly #trees: TreeRanker;
  readonly #known: readonly Known[];

  private constructor(trees: TreeRanker, known: readonly Known[]) {
    this.#trees = trees;
    this.#known = known;
  }

  static async fit(
    { lists, kinds }: RankerLessons,
    ranking: Ranking,
    seed: number,
    context: TaskContext,
  ): Promise<FoodRanker> {
    const known = RANKINGS[ranking];
    const columns = columnsOf(lists.columns, kinds, known);
    return new FoodRanker(await TreeRanker.fit({ ...lists, columns }, seed, context), known);
  }

  scores(city: FoodCity, asked: Asked, items: Int32Array): Float64Array {
    return this.#trees.scores(columnsOf(city.columns(asked, items), city.kinds, this.#known));
  }
}

function columnsOf<T>(columns: readonly T[], kinds: readonly Known[], known: readonly Known[]): T[] {
  return columns.filter((_, i) => known.includes(kinds[i]));
}

/** Scores of all dishes for numbered questions: candidates by the ranker, then the others by their similarity. */
export function questionScorer(
  city: FoodCity,
  ranker: FoodRanker,
  questions: readonly Asked[],
  options: CandidateOptions,
): Scorer {
  return (numbers) => {
    const scores = new Float32Array(numbers.length * city.items);
    numbers.forEach((number, i) => {
      const asked = questions[number];
      const own = scores.subarray(i * city.items, (i + 1) * city.items);
      own.set(city.similarity(asked.user));
      const items = city.candidates(asked, options);
      const ranked = ranker.scores(city, asked, items);
      items.forEach((item, k) => {
        own[item] = FOUND + ranked[k];
      });
    });
    return scores;
  };
}
