import { type Random, randomStream } from '@etalon/core/base';
import {
  type Adjacency,
  adjacencyOf,
  gatherRows,
  KnownPairs,
  largestFlow,
  NeighbourSampler,
} from '@etalon/core/graph';
import { type BatchField, type BatchSlot, flowFields, type MakeBatch, writeFlow } from '@etalon/core/train';

/** What producers make batches of; arrays may lie in shared memory. Friendships are each way, the second half the first turned round. */
export interface BatchInput {
  readonly nodes: number;
  /** [friendships · 2] */
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** [nodes, columns] */
  readonly x: Float32Array;
  readonly columns: number;
  /** [nodes] the part of the index that each user is found in. */
  readonly regions: Int32Array;
  readonly fanouts: readonly number[];
  readonly batchPairs: number;
  readonly negatives: number;
  /** Share of the friendships that supervise, the last ones or drawn anew for each epoch; the others carry messages. */
  readonly supervisionShare: number;
  readonly supervision: 'latest' | 'drawn';
  /** Whether the others carry any: without, users are told by their own features. */
  readonly messages: boolean;
  readonly seed: number;
}

/** Batches of an epoch: pairs that supervise, each way. */
export function batchesPerEpoch({
  from,
  batchPairs,
  supervisionShare,
}: Pick<BatchInput, 'from' | 'batchPairs' | 'supervisionShare'>): number {
  return Math.max(1, Math.round(supervisedOf(from.length / 2, supervisionShare) / (batchPairs / 2)));
}

function supervisedOf(friendships: number, share: number): number {
  return Math.max(1, Math.round(friendships * share));
}

/** The arrays of a batch, at their largest. */
export function batchFields({ nodes, columns, fanouts, batchPairs, negatives }: BatchInput): BatchField[] {
  const pairs = 2 * batchPairs;
  const largest = largestFlow(nodes, 2 * pairs + negatives, fanouts);
  return [
    ...flowFields(largest),
    { name: 'x', type: 'f32', capacity: largest.nodes[0] * columns },
    { name: 'asked', type: 'i32', capacity: pairs },
    { name: 'friends', type: 'i32', capacity: pairs },
    { name: 'negatives', type: 'i32', capacity: negatives },
    { name: 'hits', type: 'f32', capacity: pairs * negatives },
  ];
}

/**
 * Transductive link prediction: in each epoch some friendships supervise and the others carry messages, so that no pair is told by its
 * own edge. A batch is of one region, or of two, as the index is asked: negatives of a pair are the other friends of the batch and
 * drawn users, of the region of who asks.
 */
export class FriendBatches {
  readonly #input: BatchInput;
  readonly #known: KnownPairs;
  readonly #perEpoch: number;
  readonly #members: Map<number, Int32Array>;
  #epoch: Epoch | null = null;

  constructor(input: BatchInput) {
    this.#input = input;
    this.#known = new KnownPairs(input.nodes, input.from, input.to);
    this.#perEpoch = batchesPerEpoch(input);
    const rows = Int32Array.from({ length: input.nodes }, (_, row) => row);
    this.#members = new Map(
      [...Map.groupBy(rows, (row) => input.regions[row])].map(([region, own]) => [
        region,
        Int32Array.from(own),
      ]),
    );
  }

  /** The same for the same number, whatever was asked before. */
  make: MakeBatch = (batch, slot) => {
    const epoch = Math.floor(batch / this.#perEpoch);
    if (this.#epoch?.number !== epoch) this.#epoch = this.#begin(epoch);
    const { sampler, batches } = this.#epoch;
    this.#write(slot, sampler, batches[batch % this.#perEpoch], batch);
  };

  #write(slot: BatchSlot, sampler: NeighbourSampler, pairs: Int32Array, batch: number): void {
    const { from, to, x, columns, negatives, seed, regions } = this.#input;
    const random = randomStream(seed, 2, batch);
    const asked = pairs.map((pair) => from[pair]);
    const friends = pairs.map((pair) => to[pair]);
    const others = Int32Array.from({ length: negatives }, (_, i) => {
      // Every other one is another's friend: who has many friends is drawn often.
      if (i % 2 === 0) return friends[random.int(friends.length)];
      const members = this.#members.get(regions[asked[random.int(asked.length)]])!;
      return members[random.int(members.length)];
    });
    const flow = sampler.sample(Int32Array.of(...asked, ...friends, ...others), random);
    writeFlow(flow, slot);
    gatherRows(x, columns, flow.nodes, slot.float32('x', flow.nodes.length * columns));
    const rows = flow.seedRows;
    slot.int32('asked', asked.length).set(rows.subarray(0, asked.length));
    slot.int32('friends', friends.length).set(rows.subarray(asked.length, 2 * asked.length));
    slot.int32('negatives', others.length).set(rows.subarray(2 * asked.length));
    const hits = slot.float32('hits', asked.length * others.length);
    asked.forEach((user, i) => {
      others.forEach((other, j) => {
        const isNegative =
          other !== user && regions[other] === regions[user] && !this.#known.has(user, other);
        hits[i * others.length + j] = isNegative ? 0 : 1;
      });
    });
  }

  #begin(number: number): Epoch {
    const { nodes, from, to, fanouts, supervision, supervisionShare, seed, regions } = this.#input;
    const { messages: isCarrying } = this.#input;
    const friendships = from.length / 2;
    const random = randomStream(seed, 1, number);
    const order = Int32Array.from({ length: friendships }, (_, pair) => pair);
    if (supervision === 'drawn') random.shuffle(order);
    const carrying = friendships - supervisedOf(friendships, supervisionShare);
    const messages = order.subarray(0, isCarrying ? carrying : 0);
    const supervised = random.shuffle(order.slice(carrying));
    const ends = (first: Int32Array, second: Int32Array) =>
      Int32Array.from([...messages.map((pair) => first[pair]), ...messages.map((pair) => second[pair])]);
    const adjacency: Adjacency = adjacencyOf({
      rows: nodes,
      columns: nodes,
      from: ends(to, from),
      to: ends(from, to),
    });
    const eachWay = [...supervised, ...supervised.map((pair) => pair + friendships)];
    return {
      number,
      sampler: new NeighbourSampler(adjacency, fanouts),
      batches: cut(eachWay, (pair) => regions[from[pair]], this.#perEpoch, random),
    };
  }
}

interface Epoch {
  number: number;
  sampler: NeighbourSampler;
  batches: readonly Int32Array[];
}

/** So many batches of about one size, in random order, each of as few regions as can be. */
function cut(
  pairs: readonly number[],
  regionOf: (pair: number) => number,
  count: number,
  random: Random,
): Int32Array[] {
  const byRegion = Int32Array.from(random.shuffle([...pairs]).sort((a, b) => regionOf(a) - regionOf(b)));
  const ends = Array.from({ length: count + 1 }, (_, at) => Math.round((at * byRegion.length) / count));
  return random.shuffle(Array.from({ length: count }, (_, at) => byRegion.slice(ends[at], ends[at + 1])));
}
