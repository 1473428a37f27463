import { EtalonError, plural } from '@etalon/core/base';
import type { Feed } from '@etalon/core/device';
import { type Graph, gcnScale, groupBy, oneGraph, withSelfLoops } from '@etalon/core/graph';
import {
  type EdgeTable,
  type FeatureEncoding,
  featureMatrix,
  fitFeatures,
  type InteractionData,
  sameEnds,
} from '@etalon/core/interactions';
import type { Convolution, WalkthroughSettings } from './settings.ts';

/** Users and items as one graph: users are its first nodes, then items; every pair of them is an edge each way. */
export interface BipartiteGraph {
  readonly users: number;
  readonly items: number;
  /** Different pairs, by user. */
  readonly pairs: Pairs;
  /** Types of its nodes. */
  readonly userType: string;
  readonly itemType: string;
  /** Names of the columns of features. */
  readonly userColumns: readonly string[];
  readonly itemColumns: readonly string[];
  readonly channels: number;
  readonly encodings: Encodings;
  /** The inputs that are the same in every batch. */
  readonly feed: Feed;
}

export interface Pairs {
  readonly user: Int32Array;
  readonly item: Int32Array;
  /** Weight of the pair in the loss. */
  readonly weight: Float32Array;
  /** When it was taken last, in seconds since 1970-01-01T00:00Z; NaN where it is not known. */
  readonly timeS: Float64Array;
}

export interface Encodings {
  readonly users: FeatureEncoding;
  readonly items: FeatureEncoding;
}

type GraphSettings = Pick<WalkthroughSettings, 'convolution' | 'halfLife' | 'lossHalfLife'>;

/**
 * The graph of what is known: of all edges of the type that is predicted and of other types between the same nodes. Features are
 * encoded as they were when the run was trained, where `encodings` are given. Throws `input` where both ends are of one type.
 */
export function bipartiteGraph(
  data: InteractionData,
  type: string,
  { convolution, halfLife, lossHalfLife }: GraphSettings,
  encodings?: Encodings,
): BipartiteGraph {
  const edges = data.edges(type);
  if (edges.from === edges.to)
    throw new EtalonError('input', `Edges of "${type}" join ${plural(edges.from)} with each other.`, {
      remedy: 'The walkthrough needs edges from users to items; choose another type with --edges.',
    });
  const [users, items] = [data.nodes(edges.from), data.nodes(edges.to)];
  const fitted = encodings ?? { users: fitFeatures(users.features), items: fitFeatures(items.features) };
  const userMatrix = featureMatrix(fitted.users, users.features, users.count);
  const itemMatrix = featureMatrix(fitted.items, items.features, items.count);
  const { channels, ...pairs } = mergedPairs([edges, ...sameEnds(data, edges)], items.count);
  const strength = recency(pairs, users.count, halfLife);
  const asked = recency(pairs, users.count, lossHalfLife);
  const graph = bothWays(users.count, items.count, pairs);
  return {
    users: users.count,
    items: items.count,
    pairs: { ...pairs, weight: pairs.weight.map((weight, pair) => weight * asked[pair]) },
    userType: edges.from,
    itemType: edges.to,
    userColumns: userMatrix.names,
    itemColumns: itemMatrix.names,
    channels: channels.length / pairs.user.length,
    encodings: fitted,
    feed: {
      ...structureOf(graph, convolution, joined(channels, channels), joined(strength, strength)),
      ...(userMatrix.names.length > 0 && { userFeatures: userMatrix.values }),
      ...(itemMatrix.names.length > 0 && { itemFeatures: itemMatrix.values }),
    },
  };
}

/**
 * Each pair once. Its weight is the sum over types of √(edges of the most frequent type ÷ edges of this one): purchases are rarer than
 * clicks, and say more. Its channels [pairs, 1 + types], for convolutions that look at edges: 1, and for each type the log of 1 + the
 * weights of its edges.
 */
function mergedPairs(tables: readonly EdgeTable[], items: number): Pairs & { channels: Float32Array } {
  const counts = new Map<number, Float32Array>();
  const lastS = new Map<number, number>();
  tables.forEach(({ fromRows, toRows, weights, timesS, count }, type) => {
    for (let edge = 0; edge < count; edge++) {
      const key = fromRows[edge] * items + toRows[edge];
      const own = counts.get(key) ?? new Float32Array(tables.length);
      own[type] += weights?.[edge] ?? 1;
      counts.set(key, own);
      const timeS = timesS?.[edge] ?? Number.NaN;
      if (!(lastS.get(key)! >= timeS)) lastS.set(key, timeS);
    }
  });
  const most = Math.max(...tables.map(({ count }) => count));
  const typeWeights = tables.map(({ count }) => Math.sqrt(most / Math.max(1, count)));
  const keys = Float64Array.from(counts.keys()).sort();
  const ofType = (key: number) => counts.get(key)!;
  return {
    user: Int32Array.from(keys, (key) => Math.floor(key / items)),
    item: Int32Array.from(keys, (key) => key % items),
    weight: Float32Array.from(keys, (key) =>
      typeWeights.reduce((sum, weight, type) => sum + (ofType(key)[type] > 0 ? weight : 0), 0),
    ),
    timeS: Float64Array.from(keys, (key) => lastS.get(key)!),
    channels: Float32Array.from(
      Array.from(keys, (key) => [1, ...Array.from(ofType(key), (weight) => Math.log1p(weight))]).flat(),
    ),
  };
}

function bothWays(users: number, items: number, { user, item }: Pairs): Graph {
  const itemNodes = item.map((row) => users + row);
  return oneGraph(users + items, joined(user, itemNodes), joined(itemNodes, user));
}

/** The user and the item that an edge joins; undefined for the loops of attention. */
export function edgeEnds(
  { pairs }: BipartiteGraph,
  edge: number,
): { user: number; item: number } | undefined {
  const count = pairs.user.length;
  return edge < 2 * count ? { user: pairs.user[edge % count], item: pairs.item[edge % count] } : undefined;
}

function joined<A extends Int32Array | Float32Array>(first: A, second: A): A {
  const both = new (first.constructor as new (length: number) => A)(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** What each convolution wants to know of the graph. */
function structureOf(
  graph: Graph,
  convolution: Convolution,
  channels: Float32Array,
  strength: Float32Array,
): Feed {
  const { senders, receivers } = graph;
  switch (convolution) {
    case 'lightgcn':
      return { senders, receivers, edgeScale: symmetricScale(graph, strength) };
    case 'gcn':
      return { senders, receivers, nodeScale: gcnScale(graph) };
    case 'gat': {
      const looped = withSelfLoops(graph);
      return { senders: looped.senders, receivers: looped.receivers };
    }
    case 'sage':
      return { senders, receivers };
    case 'edge':
      return { senders, receivers, channels };
    default:
      throw new EtalonError('internal', `internal: unknown convolution ${convolution satisfies never}`);
  }
}

/** [edges] w / √(Σ w of the one end · Σ w of the other); of weights that are all 1: He et al. 2020, eq. 3. */
export function symmetricScale(
  { nodeCount, senders, receivers }: Graph,
  weights: Float32Array,
): Float32Array {
  const degree = new Float64Array(nodeCount);
  for (let edge = 0; edge < receivers.length; edge++) degree[receivers[edge]] += weights[edge];
  return weights.map((weight, edge) => weight / Math.sqrt(degree[senders[edge]] * degree[receivers[edge]]));
}

/** [pairs] ½^(items that the user took since ÷ half-life); 1 where times are not known, and of a half-life of 0. */
export function recency({ user, timeS }: Pairs, users: number, halfLife: number): Float32Array {
  const { offsets, entries } = groupBy(user, users);
  const strength = new Float32Array(user.length).fill(1);
  if (halfLife === 0) return strength;
  for (let row = 0; row < users; row++) {
    const own = entries.slice(offsets[row], offsets[row + 1]).filter((pair) => !Number.isNaN(timeS[pair]));
    own.sort((a, b) => timeS[b] - timeS[a] || a - b);
    own.forEach((pair, since) => {
      strength[pair] = 0.5 ** (since / halfLife);
    });
  }
  return strength;
}
