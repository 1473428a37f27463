import { type Random, randomStream } from '@etalon/core/base';
import {
  type Adjacency,
  adjacencyOf,
  gatherRows,
  hardNegatives,
  KnownPairs,
  type MessageFlow,
  NegativeSampler,
  NeighbourSampler,
  PersonalisedPageRank,
} from '@etalon/core/graph';
import {
  type BatchField,
  type BatchSlot,
  flowFields,
  type MakeBatch,
  ShuffledEpochs,
  writeFlow,
} from '@etalon/core/train';
import type { PinPairs } from './graph.ts';
import type { PinsSettings } from './settings.ts';

/** What batches are made of; arrays may lie in shared memory. */
export interface PinBatchInput {
  /** Neighbourhoods of pins, with shares. */
  neighbours: Adjacency;
  /** Both legs of a step of a walk, for PageRank. */
  path: readonly [Adjacency, Adjacency];
  /** [pins · width] */
  features: Float32Array;
  width: number;
  pairs: PinPairs;
  seed: number;
  settings: PinsSettings;
}

/** Hard negatives of a query are drawn once for all epochs, so that PageRank is computed once (ours). */
const HARD_CANDIDATES = 64;
/** Not in the paper: the restart, and how much may be left unsaid for as many pins to be ranked as are asked for (ours). */
const RESTART = 0.15;
const toleranceFor = (ranks: number) => 0.02 / ranks;

/**
 * Makes batches by their numbers: pairs in a new order each epoch, negatives that all of them share, for each pair one hard negative more
 * each epoch (§ 3.3: n − 1 in epoch n), and the localized convolutions of all of these pins, built on the fly (§ 3.3).
 */
export function pinBatches(input: PinBatchInput): MakeBatch {
  const { neighbours, pairs, settings, seed } = input;
  const { batchPairs, negatives, layers } = settings;
  const epochs = pairEpochs(pairs, batchPairs, seed);
  const sampler = new NeighbourSampler(neighbours, new Array(layers).fill(Number.POSITIVE_INFINITY));
  const shared = new NegativeSampler(neighbours.rows);
  const hard = new HardNegatives(input);
  return (batch, slot) => {
    const random = randomStream(seed, 1, batch);
    const chosen = epochs.batch(batch);
    const [query, positive] = [pairs.query, pairs.positive].map((rows) => chosen.map((pair) => rows[pair]));
    const negative = shared.draw(negatives, random);
    const count = hardCount(settings, Math.floor(batch / epochs.batchesPerEpoch));
    const drawn = hard.draw(query, count, random);
    const seeds = joined([query, positive, negative, drawn.pins]);
    const flow = sampler.sample(seeds, random);
    writePinFlow(flow, input, slot);
    let at = 0;
    for (const [name, rows] of Object.entries({ query, positive, negative, hard: drawn.pins })) {
      slot.int32(name, rows.length).set(flow.seedRows.subarray(at, at + rows.length));
      at += rows.length;
    }
    slot.int32('hardPair', drawn.pairs.length).set(drawn.pairs);
    slot.float32('hardWeight', drawn.weights.length).set(drawn.weights);
  };
}

export function pairEpochs({ query }: PinPairs, batchPairs: number, seed: number): ShuffledEpochs {
  return new ShuffledEpochs(Int32Array.from(query.keys()), batchPairs, seed);
}

/** n − 1 in epoch n, which is counted from 0 here. */
const hardCount = ({ hardMost }: PinsSettings, epoch: number) => Math.min(epoch, hardMost);

/** Room for any batch of these settings. */
export function pinFields({ neighbours, width, settings }: PinBatchInput): BatchField[] {
  const { batchPairs, negatives, hardMost, layers } = settings;
  const hards = Math.max(1, batchPairs * hardMost);
  const sizes = flowBounds(neighbours, 2 * batchPairs + negatives + hards, layers);
  const indices = {
    query: batchPairs,
    positive: batchPairs,
    negative: negatives,
    hard: hards,
    hardPair: hards,
  };
  return [
    ...flowFields(sizes),
    ...sizes.edges.map((capacity, layer) => ({ name: `share${layer}`, type: 'f32' as const, capacity })),
    { name: 'x', type: 'f32', capacity: sizes.nodes[0] * width },
    ...Object.entries(indices).map(([name, capacity]) => ({ name, type: 'i32' as const, capacity })),
    { name: 'hardWeight', type: 'f32', capacity: hards },
  ];
}

/** The most nodes and edges by layer: no pin is listed twice. */
function flowBounds({ rows, offsets }: Adjacency, seeds: number, layers: number) {
  let most = 1;
  for (let row = 0; row < rows; row++) most = Math.max(most, offsets[row + 1] - offsets[row]);
  const nodes = [Math.min(seeds, rows)];
  const edges: number[] = [];
  for (let layer = 0; layer < layers; layer++) {
    edges.unshift(Math.min(offsets[rows], nodes[0] * most));
    nodes.unshift(Math.min(rows, nodes[0] * (1 + most)));
  }
  return { nodes, edges };
}

/** The localized convolutions of a flow, with what enters them. */
export function writePinFlow(
  flow: MessageFlow,
  { neighbours, features, width }: Pick<PinBatchInput, 'neighbours' | 'features' | 'width'>,
  slot: BatchSlot,
): void {
  writeFlow(flow, slot);
  gatherRows(features, width, flow.nodes, slot.float32('x', flow.nodes.length * width));
  flow.blocks.forEach(({ entries }, layer) => {
    const shares = slot.float32(`share${layer}`, entries.length);
    for (let edge = 0; edge < entries.length; edge++) shares[edge] = neighbours.weights![entries[edge]];
  });
}

/**
 * Pins that are near to a query, though not as near as what is saved next: of ranks `hardFrom` … `hardTo` by personalised PageRank from the
 * query over pins and boards.
 */
class HardNegatives {
  readonly #input: PinBatchInput;
  readonly #known: KnownPairs;
  readonly #candidates = new Map<number, Int32Array>();
  #pageRank: PersonalisedPageRank | undefined;

  constructor(input: PinBatchInput) {
    const { query, positive } = input.pairs;
    this.#input = input;
    this.#known = new KnownPairs(input.neighbours.rows, query, positive);
  }

  /** For each query `count` pins, fewer where it has fewer; where there are none at all, one pin without weight. */
  draw(queries: Int32Array, count: number, random: Random) {
    const pins: number[] = [];
    const pairs: number[] = [];
    queries.forEach((query, pair) => {
      const candidates = count > 0 ? this.#candidatesOf(query) : EMPTY;
      for (let i = 0; i < Math.min(count, candidates.length); i++) {
        pins.push(candidates[random.int(candidates.length)]);
        pairs.push(pair);
      }
    });
    const isEmpty = pins.length === 0;
    return {
      pins: Int32Array.from(isEmpty ? [queries[0]] : pins),
      pairs: Int32Array.from(isEmpty ? [0] : pairs),
      weights: isEmpty ? Float32Array.of(0) : new Float32Array(pins.length).fill(1),
    };
  }

  #candidatesOf(query: number): Int32Array {
    const { settings, neighbours, seed } = this.#input;
    let candidates = this.#candidates.get(query);
    if (!candidates) {
      this.#pageRank ??= new PersonalisedPageRank(bothKinds(this.#input.path), {
        restart: RESTART,
        tolerance: toleranceFor(settings.hardTo),
      });
      const ranking = this.#pageRank.rank(query).nodes.filter((node) => node < neighbours.rows);
      const range = { row: query, from: settings.hardFrom, to: settings.hardTo, known: this.#known };
      candidates = hardNegatives(ranking, { ...range, count: HARD_CANDIDATES }, randomStream(seed, 2, query));
      this.#candidates.set(query, candidates);
    }
    return candidates;
  }
}

const EMPTY = new Int32Array();

/** Pins, then boards, as nodes of one graph with every save an edge each way. */
function bothKinds([boardsOf, pinsOf]: readonly [Adjacency, Adjacency]): Adjacency {
  const pins = boardsOf.rows;
  const from = joined([rowsOfEntries(boardsOf), rowsOfEntries(pinsOf).map((board) => pins + board)]);
  const to = joined([boardsOf.neighbours.map((board) => pins + board), pinsOf.neighbours]);
  const rows = pins + pinsOf.rows;
  const weights = boardsOf.weights && pinsOf.weights && joined([boardsOf.weights, pinsOf.weights]);
  return adjacencyOf({ rows, columns: rows, from, to, weights });
}

function rowsOfEntries({ rows, offsets, neighbours }: Adjacency): Int32Array {
  const own = new Int32Array(neighbours.length);
  for (let row = 0; row < rows; row++) own.fill(row, offsets[row], offsets[row + 1]);
  return own;
}

function joined<A extends Int32Array | Float32Array>(parts: readonly A[]): A {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const all = new (parts[0].constructor as new (length: number) => A)(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
