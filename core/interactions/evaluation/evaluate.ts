import {
  type BoundedFigure,
  blockBootstrap,
  breathe,
  EtalonError,
  quietContext,
  Random,
  randomStream,
  type TaskContext,
  throwIfCancelled,
} from '../../base/index.ts';
import { rowOf } from '../pairs.ts';
import { type Bucket, bucketsBy } from './buckets.ts';
import { figureNames, gini, userFigures } from './metrics.ts';
import { Ranker, type UserRanks } from './ranks.ts';
import type { RankingTask, Scorer } from './task.ts';

const KS: readonly number[] = [10, 20];
const BUCKETS = 4;
const RESAMPLES = 1000;
/** Scores held at a time: 16 MB. */
const BLOCK_SCORES = 1 << 22;
const MAX_BLOCK_USERS = 256;

export interface EvaluationOptions {
  /** Lengths of the lists that are judged; 10 and 20. */
  readonly ks?: readonly number[];
  /** Of the order of ties, the intervals, and sampled candidates; 1. */
  readonly seed?: number;
  /**
   * Ranks the relevant items among so many others only, drawn for each user. Such figures favour other models than a full
   * ranking does (Krichene & Rendle 2020): without it every item is ranked.
   */
  readonly sampled?: number;
  readonly context?: TaskContext;
}

export interface BucketFigures extends Bucket {
  /** Users of the bucket, or pairs of a user and a relevant item of it. */
  readonly count: number;
  readonly figures: Readonly<Record<string, number>>;
}

export interface RankingEvaluation {
  readonly users: number;
  /** Of full rankings null, else how many others each relevant item was ranked among. */
  readonly sampled: number | null;
  /** Means over users with 95 % intervals: `recall@10`, `precision@10`, `hit@10`, `ndcg@10`, …, `mrr`, `map`, `auc`. */
  readonly figures: Readonly<Record<string, BoundedFigure>>;
  /** By k: share of the items that stand in anybody's list, and Gini coefficient of how often each does. */
  readonly coverage: Readonly<Record<string, number>>;
  readonly gini: Readonly<Record<string, number>>;
  /** Means over users who knew about as many items, from the fewest up; as many users in each as ties allow. */
  readonly byActivity: readonly BucketFigures[];
  /** Share of the relevant items that stand in the list, by popularity: as many known interactions in each as ties allow. */
  readonly byPopularity: readonly BucketFigures[];
  /** [users of the task] what the means are of: two scorers are compared user by user with {@link compareScorers}. */
  readonly perUser: Readonly<Record<string, Float64Array>>;
}

/** Asks a scorer about every user of a task and judges the rankings. Throws `internal` for scores that are not numbers. */
export async function evaluateRanking(
  scorer: Scorer,
  task: RankingTask,
  { ks = KS, seed = 1, sampled, context = quietContext }: EvaluationOptions = {},
): Promise<RankingEvaluation> {
  const names = figureNames(ks);
  const perUser = names.map(() => new Float64Array(task.users.length));
  const lists = new ListCounts(task.items, ks);
  const popularity = new PopularityHits(task, ks);
  await eachUser(scorer, task, { depth: Math.max(...ks), seed, sampled, context }, (place, ranks) => {
    userFigures(ranks, ks).forEach((figure, i) => {
      perUser[i][place] = figure;
    });
    lists.add(ranks.top);
    popularity.add(ranks);
  });
  return {
    users: task.users.length,
    sampled: sampled ?? null,
    figures: meanFigures(names, perUser, seed),
    coverage: lists.coverage(),
    gini: lists.gini(),
    byActivity: byActivity(task, names, perUser),
    byPopularity: popularity.figures(),
    perUser: Object.fromEntries(names.map((name, i) => [name, perUser[i]])),
  };
}

/** By how much the first of two scorers is ahead, with 95 % intervals of the same users resampled for both. */
export function compareScorers(
  first: RankingEvaluation,
  second: RankingEvaluation,
  seed = 1,
): Record<string, BoundedFigure> {
  const names = Object.keys(first.perUser);
  const differences = names.map((name) => {
    const others = second.perUser[name];
    if (others?.length !== first.users)
      throw new EtalonError('internal', 'internal: the scorers were asked about different users');
    return first.perUser[name].map((value, user) => value - others[user]);
  });
  return meanFigures(names, differences, seed);
}

/** Means over users with their intervals; users for whom a figure does not exist (NaN) do not count in it. */
function meanFigures(
  names: readonly string[],
  perUser: readonly Float64Array[],
  seed: number,
): Record<string, BoundedFigure> {
  const sums = perUser.map((values) => values.map((value) => (Number.isNaN(value) ? 0 : value)));
  const counts = perUser.map((values) => values.map((value) => (Number.isNaN(value) ? 0 : 1)));
  const bounded = blockBootstrap(
    [...perUser[0].keys()],
    [...sums, ...counts],
    names.map((_, i) => (means) => means[i] / means[names.length + i]),
    new Random(seed),
    RESAMPLES,
  );
  return Object.fromEntries(names.map((name, i) => [name, bounded[i]]));
}

async function eachUser(
  scorer: Scorer,
  task: RankingTask,
  {
    depth,
    seed,
    sampled,
    context,
  }: { depth: number; seed: number; sampled: number | undefined; context: TaskContext },
  take: (place: number, ranks: UserRanks) => void,
): Promise<void> {
  const { users, items } = task;
  const ranker = new Ranker(new Random(seed).shuffle(Int32Array.from({ length: items }, (_, i) => i)), depth);
  const candidates = new Candidates(task);
  const blockUsers = Math.max(1, Math.min(MAX_BLOCK_USERS, Math.floor(BLOCK_SCORES / items)));
  for (let begin = 0; begin < users.length; begin += blockUsers) {
    const block = users.subarray(begin, begin + blockUsers);
    const scores = await scorer(block);
    if (scores.length !== block.length * items)
      throw new EtalonError('internal', `internal: ${scores.length} scores for ${block.length} × ${items}`);
    block.forEach((user, i) => {
      const own = scores.subarray(i * items, (i + 1) * items);
      const relevant = rowOf(task.relevant, user);
      const ranked =
        sampled === undefined
          ? candidates.all(user)
          : candidates.drawn(user, sampled, randomStream(seed, user));
      take(begin + i, ranker.rank(own, relevant, ranked));
    });
    context.report({ stage: 'Ranking', done: begin + block.length, total: users.length, unit: 'users' });
    throwIfCancelled(context.signal);
    await breathe();
  }
}

/** The items that are ranked for a user: all of the task's candidates but the known ones, or the relevant ones and some of the others. */
class Candidates {
  readonly #task: RankingTask;
  readonly #buffer: Int32Array;

  constructor(task: RankingTask) {
    this.#task = task;
    this.#buffer = new Int32Array(task.items);
  }

  /** A view that the next call overwrites. */
  all(user: number): Int32Array {
    const known = rowOf(this.#task.known, user);
    let next = 0;
    let count = 0;
    const { items, candidates } = this.#task;
    const own = candidates && rowOf(candidates, user);
    const total = own ? own.length : items;
    for (let i = 0; i < total; i++) {
      const item = own ? own[i] : i;
      while (known[next] < item) next++;
      if (known[next] !== item) this.#buffer[count++] = item;
    }
    return this.#buffer.subarray(0, count);
  }

  drawn(user: number, count: number, random: Random): Int32Array {
    const relevant = rowOf(this.#task.relevant, user);
    const isRelevant = new Set(relevant);
    const others = this.all(user).filter((item) => !isRelevant.has(item));
    return Int32Array.of(...relevant, ...random.shuffle(others).subarray(0, count));
  }
}

/** How often each item stands in a list, by its length. */
class ListCounts {
  readonly #ks: readonly number[];
  readonly #shown: readonly Uint32Array[];

  constructor(items: number, ks: readonly number[]) {
    this.#ks = ks;
    this.#shown = ks.map(() => new Uint32Array(items));
  }

  add(top: Int32Array): void {
    this.#ks.forEach((k, i) => {
      for (const item of top.subarray(0, k)) this.#shown[i][item]++;
    });
  }

  coverage(): Record<string, number> {
    return this.#by((shown) => shown.filter((count) => count > 0).length / shown.length);
  }

  gini(): Record<string, number> {
    return this.#by(gini);
  }

  #by(figure: (shown: Uint32Array) => number): Record<string, number> {
    return Object.fromEntries(this.#ks.map((k, i) => [`@${k}`, figure(this.#shown[i])]));
  }
}

class PopularityHits {
  readonly #ks: readonly number[];
  readonly #buckets: readonly Bucket[];
  readonly #bucketOf: Int32Array;
  readonly #pairs: Float64Array;
  readonly #hits: readonly Float64Array[];

  constructor({ popularity }: RankingTask, ks: readonly number[]) {
    const { buckets, bucketOf } = bucketsBy(popularity, (item) => popularity[item], BUCKETS);
    this.#ks = ks;
    this.#buckets = buckets;
    this.#bucketOf = bucketOf;
    this.#pairs = new Float64Array(buckets.length);
    this.#hits = ks.map(() => new Float64Array(buckets.length));
  }

  add({ items, ranks }: UserRanks): void {
    items.forEach((item, i) => {
      const bucket = this.#bucketOf[item];
      this.#pairs[bucket]++;
      this.#ks.forEach((k, at) => {
        if (ranks[i] <= k) this.#hits[at][bucket]++;
      });
    });
  }

  figures(): BucketFigures[] {
    return this.#buckets.map((bucket, b) => ({
      ...bucket,
      count: this.#pairs[b],
      figures: Object.fromEntries(
        this.#ks.map((k, at) => [`recall@${k}`, this.#hits[at][b] / this.#pairs[b]]),
      ),
    }));
  }
}

function byActivity(
  { users, known }: RankingTask,
  names: readonly string[],
  perUser: readonly Float64Array[],
): BucketFigures[] {
  const activity = Uint32Array.from(users, (user) => rowOf(known, user).length);
  const { buckets, bucketOf } = bucketsBy(activity, () => 1, BUCKETS);
  return buckets.map((bucket, b) => {
    const own = Int32Array.from(bucketOf.keys()).filter((place) => bucketOf[place] === b);
    const mean = (values: Float64Array) => {
      const known = Float64Array.from(own, (place) => values[place]).filter((value) => !Number.isNaN(value));
      return known.reduce((sum, value) => sum + value, 0) / known.length;
    };
    return {
      ...bucket,
      count: own.length,
      figures: Object.fromEntries(names.map((name, i) => [name, mean(perUser[i])])),
    };
  });
}
