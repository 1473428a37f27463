import { type Random, randomStream } from '@etalon/core/base';
import type { Feed } from '@etalon/core/device';
import { hardNegatives, KnownPairs, NegativeSampler } from '@etalon/core/graph';
import type { InteractionData } from '@etalon/core/interactions';
import { ExactIndex, vectorsOf } from '@etalon/core/retrieval';
import type { Outputs } from '../recommend/system.ts';
import { documentFeed, queryFeed, type SearchInputs } from './inputs.ts';
import { membersOf, memberWeights } from './network.ts';
import type { SearchSettings } from './settings.ts';
import { foundByWords } from './terms.ts';

/** Clicks for which offline hard negatives are mined in an epoch (ours). */
const MINED_CLICKS = 4000;

interface Ties {
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** [documents] */
  readonly logShare: Float32Array;
}

/** Clicks in a new order each epoch, with random documents for a batch to share, mined ones, and ties. */
export class ClickBatches {
  readonly #inputs: SearchInputs;
  readonly #query: Int32Array;
  readonly #document: Int32Array;
  readonly #weight: Float32Array;
  readonly #known: KnownPairs;
  readonly #sampler: NegativeSampler;
  readonly #ties: Ties | null;

  constructor(data: InteractionData, type: string, inputs: SearchInputs, settings: SearchSettings) {
    const { fromRows, toRows } = data.edges(type);
    const found = foundByWords(inputs.corpus);
    this.#inputs = inputs;
    this.#query = fromRows;
    this.#document = toRows;
    this.#weight = Float32Array.from(fromRows, (query, click) =>
      found(query, toRows[click]) ? 1 : 1 + settings.hardPositives,
    );
    this.#known = new KnownPairs(data.nodes(inputs.corpus.queryType).count, fromRows, toRows);
    this.#sampler = new NegativeSampler(inputs.documents);
    this.#ties = settings.social === 'yes' ? tiesOf(data, inputs) : null;
  }

  count({ batchPairs }: SearchSettings): number {
    return Math.ceil(this.#query.length / batchPairs);
  }

  *epoch(
    settings: SearchSettings,
    { seed, epoch, outputs }: { seed: number; epoch: number; outputs?: Outputs },
  ): Generator<Feed> {
    const random = randomStream(seed, epoch);
    const order = random.shuffle(Int32Array.from(this.#query.keys()));
    const mined = outputs
      ? this.#mine(outputs, settings, order.subarray(0, MINED_CLICKS), random)
      : new Map();
    random.shuffle(order);
    const batches = this.count(settings);
    for (let batch = 0; batch < batches; batch++) {
      const [begin, end] = [batch, batch + 1].map((at) => Math.round((at * order.length) / batches));
      yield this.#batch(order.subarray(begin, end), mined, settings, epoch, random);
    }
  }

  #batch(
    clicks: Int32Array,
    mined: ReadonlyMap<number, number>,
    { easyToHard, offlineHard, hardEpochs, members, batchTies }: SearchSettings,
    epoch: number,
    random: Random,
  ): Feed {
    const listed = new Map<number, number>();
    const place = (document: number) => {
      if (!listed.has(document)) listed.set(document, listed.size);
      return listed.get(document)!;
    };
    const clicked = clicks.map((click) => this.#document[click]);
    const pool = this.#sampler.draw(easyToHard, random);
    const offline = clicks.map((click) => mined.get(click) ?? -1);
    const at = {
      clicked: clicked.map(place),
      pool: pool.map(place),
      offline: offline.map((document) => (document < 0 ? 0 : place(document))),
    };
    return {
      ...queryFeed(
        this.#inputs,
        clicks.map((click) => this.#query[click]),
      ),
      ...documentFeed(this.#inputs, Int32Array.from(listed.keys())),
      clicked: at.clicked,
      pool: at.pool,
      clickedId: Float32Array.from(clicked),
      poolId: Float32Array.from(pool),
      weight: Float32Array.from(clicks, (click) => this.#weight[click]),
      ...(members !== 'random' && { mixed: Float32Array.of(epoch < hardEpochs ? 0 : 1) }),
      ...(members !== 'random' &&
        offlineHard > 0 && {
          offline: at.offline,
          offlineKnown: Float32Array.from(offline, (document) => (document < 0 ? 0 : 1)),
        }),
      ...(this.#ties && this.#tieFeed(this.#ties, batchTies, random)),
    };
  }

  #tieFeed({ from, to, logShare }: Ties, count: number, random: Random): Feed {
    const ends = Array.from({ length: count }, () => {
      const tie = random.int(from.length);
      return random.int(2) === 0 ? [from[tie], to[tie]] : [to[tie], from[tie]];
    });
    const tieTo = Int32Array.from(ends, ([, b]) => b);
    return {
      tieFrom: Int32Array.from(ends, ([a]) => a),
      tieTo,
      tieId: Float32Array.from(tieTo),
      tieLogQ: Float32Array.from(tieTo, (document) => logShare[document]),
      tieWeight: new Float32Array(count).fill(1),
    };
  }

  /** By click: a document among the ranks that hard negatives are drawn from, as the hard member ranks now. */
  #mine(
    { users, items }: Outputs,
    settings: SearchSettings,
    clicks: Int32Array,
    random: Random,
  ): Map<number, number> {
    const { offlineFrom, offlineTo } = settings;
    const [queries, documents] = [users, items].map((rows) => memberVectors(rows, 'hard', settings));
    const index = new ExactIndex(vectorsOf(documents, settings.width, 'innerProduct'));
    const mined = new Map<number, number>();
    for (const click of clicks) {
      const row = this.#query[click];
      const vector = queries.subarray(row * settings.width, (row + 1) * settings.width);
      const { ids } = index.nearest(vector, offlineTo);
      const [drawn] = hardNegatives(
        Int32Array.from(ids),
        { row, from: offlineFrom - 1, to: offlineTo, count: 1, known: this.#known },
        random,
      );
      if (drawn !== undefined) mined.set(click, drawn);
    }
    return mined;
  }
}

/** [rows · width] of one member of the ensemble, of length 1. */
export function memberVectors(
  rows: Float32Array,
  member: 'random' | 'hard',
  settings: SearchSettings,
): Float32Array {
  const members = membersOf(settings);
  const at = members.indexOf(member);
  const { width } = settings;
  const scale = 1 / Math.sqrt(memberWeights(settings)[at]);
  const stride = members.length * width;
  const own = new Float32Array((rows.length / stride) * width);
  for (let row = 0, to = 0; to < own.length; row++)
    for (let k = 0; k < width; k++, to++) own[to] = rows[row * stride + at * width + k] * scale;
  return own;
}

function tiesOf(data: InteractionData, { corpus, documents }: SearchInputs): Ties | null {
  const tables = corpus.ties.map((tie) => data.edges(tie));
  const from = Int32Array.from(tables.flatMap(({ fromRows }) => [...fromRows]));
  const to = Int32Array.from(tables.flatMap(({ toRows }) => [...toRows]));
  if (from.length === 0) return null;
  const degree = new Float64Array(documents);
  for (const rows of [from, to]) for (const row of rows) degree[row]++;
  return {
    from,
    to,
    logShare: Float32Array.from(degree, (d) => Math.log(Math.max(d, 1) / (2 * from.length))),
  };
}
