import { Random, randomStream, type TaskContext, throwIfCancelled } from '@etalon/core/base';
import type { Device, Executable, Feed } from '@etalon/core/device';
import { type RankingTask, rowOf } from '@etalon/core/interactions';
import { ADAM_DEFAULTS, trainLoss } from '@etalon/core/train';
import { fitNormalisation, type Normalisation } from '../normalisation.ts';
import { FriendsRanker } from './network.ts';
import { PairFeatures } from './pairs.ts';
import type { FriendSearch } from './search.ts';
import type { FriendsSettings } from './settings.ts';

const BATCH = 512;
const LEARNING_RATE = 0.01;
/** Users between two reports. */
const REPORT_EVERY = 64;

export interface TrainedRanker {
  readonly scaling: Normalisation;
  /** Of the layout of a `FriendsRanker` of this scaling. */
  readonly parameters: Float32Array;
}

export interface RankerTraining {
  readonly device: Device;
  /** Of the graph before the friendships to learn from were made, */
  readonly search: FriendSearch;
  /** and those friendships. */
  readonly task: RankingTask;
  readonly settings: FriendsSettings;
  readonly seed: number;
}

/**
 * Learns to rank from what became of past candidates: of those that either source would have offered, new friends stand above others
 * drawn from the same user's candidates. Throws `cancelled`.
 */
export async function trainRanker(training: RankerTraining, context: TaskContext): Promise<TrainedRanker> {
  const { device, search, settings, seed } = training;
  const features = new PairFeatures(search);
  const outcomes = await pastOutcomes(training, features, context);
  const all = Float32Array.from([...outcomes.friend, ...outcomes.others].flatMap((row) => [...row]));
  const scaling = fitNormalisation(
    all,
    features.names.map((name) => ({ name })),
  );
  const kept = scaling.names.map((name) => features.names.indexOf(name));
  const narrow = (row: Float32Array) => kept.map((column) => row[column]);
  const ranker = new FriendsRanker(scaling, settings);
  const pairs = outcomes.friend.length;
  const { rankerNegatives } = settings;
  const { parameters } = await trainLoss({
    device,
    layout: ranker.layout,
    random: new Random(seed),
    loss: ranker.loss(),
    epochs: settings.rankerEpochs,
    learningRate: LEARNING_RATE,
    options: { ...ADAM_DEFAULTS, averageDecay: 0.99 },
    context,
    *batches(epoch): Generator<Feed> {
      const order = randomStream(seed, 3, epoch).shuffle(Int32Array.from({ length: pairs }, (_, i) => i));
      for (let begin = 0; begin < pairs; begin += BATCH) {
        const chosen = order.subarray(begin, begin + BATCH);
        yield {
          friend: Float32Array.from([...chosen].flatMap((pair) => narrow(outcomes.friend[pair]))),
          others: Float32Array.from(
            [...chosen].flatMap((pair) =>
              outcomes.others
                .slice(pair * rankerNegatives, (pair + 1) * rankerNegatives)
                .flatMap((row) => narrow(row)),
            ),
          ),
        };
      }
    },
  });
  return { scaling, parameters };
}

interface Outcomes {
  /** Features of candidates that became friends. */
  readonly friend: Float32Array[];
  /** For each of them, one after another, `rankerNegatives` that did not. */
  readonly others: Float32Array[];
}

async function pastOutcomes(
  { search, task, settings, seed }: RankerTraining,
  features: PairFeatures,
  context: TaskContext,
): Promise<Outcomes> {
  const outcomes: Outcomes = { friend: [], others: [] };
  const random = randomStream(seed, 4);
  const width = features.names.length;
  for (const [place, user] of task.users.entries()) {
    if (place % REPORT_EVERY === 0) {
      context.report({
        stage: 'Looking at past candidates',
        done: place,
        total: task.users.length,
        unit: 'users',
      });
      throwIfCancelled(context.signal);
    }
    const { all } = await search.candidates(user);
    const became = new Set(rowOf(task.relevant, user));
    const friends = all.filter((candidate) => became.has(candidate));
    const others = all.filter((candidate) => !became.has(candidate));
    if (friends.length === 0 || others.length === 0) continue;
    const drawn = Int32Array.from(
      { length: friends.length * settings.rankerNegatives },
      () => others[random.int(others.length)],
    );
    const rows = await features.rows(user, Int32Array.of(...friends, ...drawn));
    const row = (i: number) => rows.slice(i * width, (i + 1) * width);
    friends.forEach((_, i) => {
      outcomes.friend.push(row(i));
    });
    drawn.forEach((_, i) => {
      outcomes.others.push(row(friends.length + i));
    });
  }
  return outcomes;
}

/** A trained ranker, ready to score. */
export class RankerScores {
  readonly features: PairFeatures;
  readonly #executable: Executable;
  readonly #parameters: Float32Array;

  static async open(
    device: Device,
    search: FriendSearch,
    { scaling, parameters }: TrainedRanker,
    settings: FriendsSettings,
  ): Promise<RankerScores> {
    const executable = await device.compile(new FriendsRanker(scaling, settings).program());
    return new RankerScores(new PairFeatures(search, scaling.names), executable, parameters);
  }

  private constructor(features: PairFeatures, executable: Executable, parameters: Float32Array) {
    this.features = features;
    this.#executable = executable;
    this.#parameters = parameters;
  }

  /** [candidates] */
  async of(user: number, candidates: Int32Array): Promise<Float32Array> {
    if (candidates.length === 0) return new Float32Array();
    const pairs = await this.features.rows(user, candidates);
    return (await this.#executable.run({ pairs, parameters: this.#parameters })).score;
  }

  dispose(): Promise<void> {
    return this.#executable.dispose();
  }
}
