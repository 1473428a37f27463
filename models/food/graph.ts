import type { Feed } from '@etalon/core/device';
import { type Adjacency, adjacencyOf, gatherRows } from '@etalon/core/graph';
import {
  beside,
  type FeatureEncoding,
  type FeatureMatrix,
  featureMatrix,
  fitFeatures,
  type InteractionData,
  type NodeTable,
  sharedTexts,
  textMatrix,
} from '@etalon/core/interactions';
import { type Menu, menuOf, portableFeatures } from './menu.ts';
import { meanRating, orderWeights } from './orders.ts';
import type { FoodSettings } from './settings.ts';

const TEXT_SEED = 1;

/** How features become numbers, as training fitted it; the same in every city. */
export interface FoodEncoding {
  readonly user: FeatureEncoding;
  readonly item: FeatureEncoding;
  readonly restaurant: FeatureEncoding;
  /** Features that are texts of which something can be learned. */
  readonly texts: { readonly item: readonly string[]; readonly restaurant: readonly string[] };
  readonly meanRating: number;
}

/** Nodes of one kind: a run of numbers among all nodes. */
export interface NodeKind {
  readonly name: 'user' | 'item' | 'guest' | 'restaurant';
  readonly first: number;
  readonly count: number;
  readonly matrix: FeatureMatrix;
}

/** One of the bipartite graphs: who ordered what how much. */
export interface OrderGraph {
  readonly users: NodeKind;
  readonly items: NodeKind;
  /** [pairs] each once, by rows of its kinds. */
  readonly user: Int32Array;
  readonly item: Int32Array;
  /** [pairs] */
  readonly weight: Float32Array;
}

/** The user–dish graph and, where it is known who offers what, the user–restaurant graph, side by side in one numbering of nodes. */
export interface FoodGraph {
  readonly menu: Menu;
  readonly encoding: FoodEncoding;
  readonly kinds: readonly NodeKind[];
  readonly graphs: readonly OrderGraph[];
  readonly nodes: number;
  /** Both directions of every pair, those from user to item first; pair p is edges p and p + pairs. */
  readonly adjacency: Adjacency;
  readonly pairs: number;
  /** Of the whole graph, for the states of all nodes. */
  readonly feed: Feed;
}

export function foodGraph(
  data: InteractionData,
  type: string,
  settings: FoodSettings,
  kept?: FoodEncoding,
): FoodGraph {
  const menu = menuOf(data, type);
  const orders = data.edges(type);
  const encoding = kept ?? fitEncoding(data, menu);
  const kinds = kindsOf(data, menu, encoding, settings);
  const weights = orderWeights(orders, encoding.meanRating, settings.ratingPower);
  const offered = orders.toRows.map((item) => menu.restaurantOf[item]);
  const graphs = [
    orderGraph(kinds[0], kinds[1], orders.fromRows, orders.toRows, weights),
    ...(kinds.length > 2 ? [orderGraph(kinds[2], kinds[3], orders.fromRows, offered, weights)] : []),
  ];
  const last = kinds[kinds.length - 1];
  const nodes = last.first + last.count;
  const columns = (side: 'user' | 'item') =>
    graphs.flatMap((graph) => Array.from(graph[side], (row) => graph[`${side}s`].first + row));
  const [users, items] = [columns('user'), columns('item')];
  const pairWeights = graphs.flatMap(({ weight }) => [...weight]);
  const adjacency = adjacencyOf({
    rows: nodes,
    columns: nodes,
    from: Int32Array.from([...users, ...items]),
    to: Int32Array.from([...items, ...users]),
    weights: Float32Array.from([...pairWeights, ...pairWeights]),
  });
  return {
    menu,
    encoding,
    kinds,
    graphs,
    nodes,
    adjacency,
    pairs: users.length,
    feed: wholeFeed(menu, kinds, adjacency),
  };
}

/** α of messages with these weights to these receivers: weights that sum to 1 over each. */
export function sharesOf(weights: Float32Array, receivers: Int32Array, nodes: number): Float32Array {
  const sums = new Float64Array(nodes);
  for (let i = 0; i < weights.length; i++) sums[receivers[i]] += weights[i];
  return weights.map((weight, i) => (weight > 0 ? weight / sums[receivers[i]] : 0));
}

/** Of some nodes, each once: the features of each kind's, and which node is of which kind and has which row among those. */
export function featureFeed(kinds: readonly NodeKind[], nodes: Int32Array): Feed {
  const feed: Record<string, Feed[string]> = {};
  for (const { name, first, count, matrix } of kinds) {
    const width = matrix.names.length;
    const own = nodes.filter((node) => node >= first && node < first + count);
    // A kind without nodes has a row that none asks for.
    const x = new Float32Array(Math.max(1, own.length) * width);
    gatherRows(
      matrix.values,
      width,
      own.map((node) => node - first),
      x,
    );
    const [row, is] = [new Int32Array(nodes.length), new Float32Array(nodes.length)];
    let rows = 0;
    nodes.forEach((node, at) => {
      if (node < first || node >= first + count) return;
      row[at] = rows++;
      is[at] = 1;
    });
    feed[`x/${name}`] = x;
    feed[`row/${name}`] = row;
    feed[`is/${name}`] = is;
  }
  return feed;
}

function fitEncoding(
  data: InteractionData,
  { userType, itemType, restaurantType, type }: Menu,
): FoodEncoding {
  const restaurants = restaurantType === null ? {} : data.nodes(restaurantType).features;
  const fit = (features: NodeTable['features']) => fitFeatures(portableFeatures(features));
  const items = data.nodes(itemType).features;
  return {
    user: fit(data.nodes(userType).features),
    item: fit(items),
    restaurant: fit(restaurants),
    texts: { item: sharedTexts(items), restaurant: sharedTexts(restaurants) },
    meanRating: meanRating(data.edges(type)),
  };
}

function kindsOf(
  data: InteractionData,
  { userType, itemType, restaurantType }: Menu,
  encoding: FoodEncoding,
  settings: FoodSettings,
): NodeKind[] {
  const [users, items] = [data.nodes(userType), data.nodes(itemType)];
  const userMatrix = matrixOf(users, encoding.user, [], settings);
  const kinds: NodeKind[] = [];
  const add = (name: NodeKind['name'], { count }: NodeTable, matrix: FeatureMatrix) => {
    const before = kinds.at(-1);
    kinds.push({ name, first: before ? before.first + before.count : 0, count, matrix });
  };
  add('user', users, userMatrix);
  add('item', items, matrixOf(items, encoding.item, encoding.texts.item, settings));
  if (restaurantType === null) return kinds;
  const restaurants = data.nodes(restaurantType);
  add('guest', users, userMatrix);
  add(
    'restaurant',
    restaurants,
    matrixOf(restaurants, encoding.restaurant, encoding.texts.restaurant, settings),
  );
  return kinds;
}

/** Features and words of texts; of nodes without any, a 1 for their kind. */
function matrixOf(
  { features, count }: NodeTable,
  encoding: FeatureEncoding,
  texts: readonly string[],
  { textBuckets }: FoodSettings,
): FeatureMatrix {
  const options = { letters: [], words: 1, buckets: textBuckets, seed: TEXT_SEED };
  const written = texts.flatMap((name) => {
    const column = features[name];
    if (textBuckets === 0) return [];
    const values = column?.kind === 'text' ? column.values : new Array<null>(count).fill(null);
    return [textMatrix(name, values, options)];
  });
  const matrix = beside([featureMatrix(encoding, features, count), ...written], count);
  return matrix.names.length > 0
    ? matrix
    : { names: ['the same for all'], values: new Float32Array(count).fill(1) };
}

/** Each pair once, with the sum of the weights of its orders, by user and then by item; orders from nobody (−1) left out. */
function orderGraph(
  users: NodeKind,
  items: NodeKind,
  fromRows: Int32Array,
  toRows: Int32Array,
  weights: Float64Array,
): OrderGraph {
  const sums = new Map<number, number>();
  toRows.forEach((item, order) => {
    if (item < 0) return;
    const key = fromRows[order] * items.count + item;
    sums.set(key, (sums.get(key) ?? 0) + weights[order]);
  });
  const keys = Float64Array.from(sums.keys()).sort();
  return {
    users,
    items,
    user: Int32Array.from(keys, (key) => Math.floor(key / items.count)),
    item: Int32Array.from(keys, (key) => key % items.count),
    weight: Float32Array.from(keys, (key) => sums.get(key)!),
  };
}

function wholeFeed({ restaurantOf }: Menu, kinds: readonly NodeKind[], adjacency: Adjacency): Feed {
  const { rows, offsets, neighbours, weights } = adjacency;
  const receivers = new Int32Array(neighbours.length);
  for (let row = 0; row < rows; row++) receivers.fill(row, offsets[row], offsets[row + 1]);
  const numbers = ({ first, count }: NodeKind) => Int32Array.from({ length: count }, (_, row) => first + row);
  const [users, items, guests, restaurants] = kinds;
  return {
    senders: neighbours,
    receivers,
    share: sharesOf(weights!, receivers, rows),
    ...featureFeed(
      kinds,
      Int32Array.from({ length: rows }, (_, node) => node),
    ),
    userNodes: numbers(users),
    itemNodes: numbers(items),
    ...(guests && {
      guestNodes: numbers(guests),
      // What nobody offers stands with the first restaurant, and its part is taken out.
      restaurantNodes: restaurantOf.map((restaurant) => restaurants.first + Math.max(0, restaurant)),
      offered: Float32Array.from(restaurantOf, (restaurant) => Number(restaurant >= 0)),
    }),
  };
}
