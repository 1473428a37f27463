import { availableParallelism } from 'node:os';
import { EtalonError, Random, type TaskContext } from '@etalon/core/base';
import type { Feed } from '@etalon/core/device';
import {
  type Adjacency,
  adjacencyOf,
  gatherRows,
  importanceNeighbours,
  type MessageFlow,
  NeighbourSampler,
  reachedNeighbours,
} from '@etalon/core/graph';
import type { FeatureMatrix, InteractionData } from '@etalon/core/interactions';
import { flowFeed, Producers, shareColumns } from '@etalon/core/train';
import type { BatchRange, Prepared } from '../recommend/system.ts';
import { type PinBatchInput, pinFields } from './batches.ts';
import { fitPins, type PinEncoding, pinFeatures } from './features.ts';
import { type PinGraph, pinGraph } from './graph.ts';
import { PRODUCER_URL } from './producerUrl.ts';
import type { PinsSettings } from './settings.ts';

export interface PreparedPins extends Prepared {
  readonly graph: PinGraph;
  readonly matrix: FeatureMatrix;
  readonly kept: PinEncoding;
  /** Whose messages a pin takes; null until {@link findNeighbours}. */
  readonly neighbours: Adjacency | null;
}

/** Neighbourhoods are the same in training and whenever the run is opened. */
const NEIGHBOUR_SEED = 1;
const SLOTS = 3;
/** Batches are made on one thread fewer than there are cores: training takes the rest. */
const MOST_THREADS = 4;

export function preparePins(
  known: InteractionData,
  type: string,
  settings: PinsSettings,
  kept: unknown,
): PreparedPins {
  const graph = pinGraph(known, type);
  const pins = known.nodes(graph.pinType);
  const encoding = (kept as PinEncoding | undefined) ?? fitPins(pins, graph.path[0]);
  const matrix = pinFeatures(encoding, pins, graph.path[0], settings);
  return {
    graph,
    matrix,
    kept: encoding,
    neighbours: null,
    feed: {},
    features: { users: null, items: null },
    edgeEnds: () => undefined,
  };
}

/** The neighbourhoods of all pins. */
export async function findNeighbours(
  prepared: PreparedPins,
  settings: PinsSettings,
  context: TaskContext,
): Promise<PreparedPins> {
  const found = await neighbourhoods(prepared.graph, settings, context);
  const isWeighed = settings.pooling === 'importance';
  return { ...prepared, neighbours: isWeighed ? found : allAlike(found) };
}

async function neighbourhoods(
  { path, pins }: PinGraph,
  { neighbourhood, neighbours: top, walks, walkSteps, restart }: PinsSettings,
  context: TaskContext,
): Promise<Adjacency> {
  const none = new Int32Array();
  switch (neighbourhood) {
    case 'walks':
      return importanceNeighbours(
        path,
        { top, seed: NEIGHBOUR_SEED, walks, steps: walkSteps, restart },
        context,
      );
    case 'hops':
      return reachedNeighbours(path, { top, seed: NEIGHBOUR_SEED, hops: 1 }, context);
    case 'none':
      return adjacencyOf({ rows: pins, columns: pins, from: none, to: none, weights: new Float32Array() });
    default:
      throw neighbourhood satisfies never;
  }
}

/** Every neighbour of a pin with the same share: mean pooling. */
function allAlike(lists: Adjacency): Adjacency {
  const weights = new Float32Array(lists.neighbours.length);
  for (let row = 0; row < lists.rows; row++) {
    const [begin, end] = [lists.offsets[row], lists.offsets[row + 1]];
    weights.fill(1 / (end - begin), begin, end);
  }
  return { ...lists, weights };
}

/** Threads that make the batches of a training. */
export function pinProducers(
  { graph, matrix, neighbours }: PreparedPins,
  settings: PinsSettings,
  { seed, ...range }: BatchRange,
): Producers {
  if (graph.pairs.query.length === 0)
    throw new EtalonError(
      'input',
      `No ${graph.pinType} is known to follow another: there is nothing to learn.`,
      {
        remedy: 'Hold out less, or import pairs of them, or boards with several each.',
      },
    );
  const input: PinBatchInput = {
    neighbours: shareColumns(neighbours!),
    path: [shareColumns(graph.path[0]), shareColumns(graph.path[1])],
    ...shareColumns({ features: matrix.values }),
    width: matrix.names.length,
    pairs: shareColumns(graph.pairs),
    seed,
    settings,
  };
  return new Producers({
    module: PRODUCER_URL,
    input,
    threads: Math.max(1, Math.min(MOST_THREADS, availableParallelism() - 1)),
    slots: SLOTS,
    fields: pinFields(input),
    ...range,
  });
}

const NOTHING_IS_DRAWN = new Random(0);

export interface PinsFeed {
  flow: MessageFlow;
  feed: Feed;
}

/** What the network is fed to compute the states of some pins, with all neighbours that they need. */
export function feedOfPins(
  { matrix, neighbours }: PreparedPins,
  { layers }: PinsSettings,
  pins: Int32Array,
): PinsFeed {
  const sampler = new NeighbourSampler(neighbours!, new Array(layers).fill(Number.POSITIVE_INFINITY));
  const flow = sampler.sample(pins, NOTHING_IS_DRAWN);
  const width = matrix.names.length;
  const x = new Float32Array(flow.nodes.length * width);
  gatherRows(matrix.values, width, flow.nodes, x);
  const shares = flow.blocks.map(({ entries }, layer) => [
    `share${layer}`,
    Float32Array.from(entries, (entry) => neighbours!.weights![entry]),
  ]);
  return { flow, feed: { ...flowFeed(flow.blocks), ...Object.fromEntries(shares), x } };
}
