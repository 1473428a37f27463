import type { Prepared, RecommenderSystem } from '../recommend/system.ts';
import { OrderBatches } from './batches.ts';
import { type FoodEncoding, type FoodGraph, foodGraph } from './graph.ts';
import { foodNetwork } from './network.ts';
import { type FoodSettings, foodSettingInfos, parseFoodSettings } from './settings.ts';

export interface PreparedFood extends Prepared {
  readonly graph: FoodGraph;
  readonly orders: OrderBatches;
}

/** Uber Eats (2019): embeddings of users, dishes and restaurants from who ordered what, see `foodNetwork`. */
export const foodSystem: RecommenderSystem<FoodSettings, PreparedFood> = {
  id: 'food',
  prefers: { edges: 'ordered', split: 'time' },
  asks: ['at', 'place', 'withinMinutes', 'tasteOfTenMinutes'],
  settings: foodSettingInfos,
  docs: {
    share: 'Weight of each edge, divided by the sum of those of all edges that enter its node.',
    offered: '1 for an item that a restaurant offers, else 0.',
    userNodes: 'Node of each user in the graph of users and items.',
    itemNodes: 'Node of each item.',
    guestNodes: 'Node of each user in the graph of users and restaurants.',
    restaurantNodes: 'Node of the restaurant that offers each item.',
    ...Object.fromEntries(
      ['user', 'item', 'guest', 'restaurant'].flatMap((kind) => [
        [`x/${kind}`, `Encoded features of each ${kind}.`],
        [`row/${kind}`, `Row among the features of each ${kind} of every node that is one, 0 of others.`],
        [`is/${kind}`, `1 for every node that is a ${kind}, else 0.`],
      ]),
    ),
  },
  parseSettings: parseFoodSettings,
  prepare(known, type, settings, kept) {
    const graph = foodGraph(known, type, settings, kept as FoodEncoding | undefined);
    const [users, items] = graph.kinds;
    const [dishes] = graph.graphs;
    return {
      graph,
      orders: new OrderBatches(graph, settings),
      feed: graph.feed,
      kept: graph.encoding,
      features: {
        users: { input: 'x/user', columns: users.matrix.names },
        items: { input: 'x/item', columns: items.matrix.names },
      },
      edgeEnds(edge) {
        const pair = graph.adjacency.edges[edge] % graph.pairs;
        return pair < dishes.user.length ? { user: dishes.user[pair], item: dishes.item[pair] } : undefined;
      },
    };
  },
  network: ({ graph }, settings) => foodNetwork(graph.kinds, settings),
  batches: ({ orders }, _settings, draw) => orders.epoch(draw),
  batchesPerEpoch: ({ orders }) => orders.perEpoch,
  validatedBy: 'auc',
};
