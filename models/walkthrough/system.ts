import type { Prepared, RecommenderSystem } from '../recommend/system.ts';
import { PairBatches } from './batches.ts';
import { type BipartiteGraph, bipartiteGraph, type Encodings, edgeEnds } from './graph.ts';
import { walkthroughNetwork } from './network.ts';
import { parseWalkthroughSettings, type WalkthroughSettings, walkthroughSettingInfos } from './settings.ts';

interface PreparedWalkthrough extends Prepared {
  graph: BipartiteGraph;
  pairs: PairBatches;
}

/**
 * The user–item system from scratch: users and items with their features are one bipartite graph; the states of neighbours are fetched and
 * averaged, h′ = ReLU(W₁ · mean + W₂ · h) for each layer (GraphSAGE: Hamilton et al. 2017), or spread as LightGCN, GCN, GAT or Edge
 * GNN do; similarity of two states; max-margin or BPR loss with sampled negatives.
 */
export const walkthroughSystem: RecommenderSystem<WalkthroughSettings, PreparedWalkthrough> = {
  id: 'walkthrough',
  settings: walkthroughSettingInfos,
  parseSettings: parseWalkthroughSettings,
  docs: {
    edgeScale: '1 / √(neighbours of the one end · neighbours of the other), LightGCN alone.',
    nodeScale: '1 / √(1 + neighbours) of each node, GCN alone.',
    channels:
      'Channels of each edge, Edge GNN alone: 1, then the log of 1 + its weight for each type of edges.',
    userFeatures: 'Encoded features of each user; columns in the metadata "userFeatures".',
    itemFeatures: 'Encoded features of each item; columns in the metadata "itemFeatures".',
  },
  prepare(known, type, settings, kept) {
    const graph = bipartiteGraph(known, type, settings, kept as Encodings | undefined);
    const hasFeatures = settings.features === 'yes';
    const columnsOf = (input: string, columns: readonly string[]) =>
      hasFeatures && columns.length > 0 ? { input, columns } : null;
    const { userFeatures, itemFeatures, ...structure } = graph.feed;
    return {
      graph,
      pairs: new PairBatches(graph, settings),
      feed: hasFeatures ? graph.feed : structure,
      kept: graph.encodings,
      features: {
        users: columnsOf('userFeatures', graph.userColumns),
        items: columnsOf('itemFeatures', graph.itemColumns),
      },
      edgeEnds: (edge) => edgeEnds(graph, edge),
    };
  },
  network: ({ graph }, settings) => walkthroughNetwork(graph, settings),
  batches: ({ pairs }, settings, draw) => pairs.epoch(settings, draw),
  batchesPerEpoch: ({ pairs }, { batchPairs }) => pairs.count(batchPairs),
};
