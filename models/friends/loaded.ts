import type { Knowledge, RecommenderConfig } from '@etalon/core/app/model';
import { EtalonError, type TaskContext } from '@etalon/core/base';
import type { Device } from '@etalon/core/device';
import type { InteractionData } from '@etalon/core/interactions';
import type { ProjectStore } from '@etalon/core/project';
import type { Normalisation } from '../normalisation.ts';
import { readTrained } from '../recommend/checkpoint.ts';
import { allOf, heldOutOf } from '../recommend/run.ts';
import { type FriendGraph, friendGraph, type KeptFriends } from './graph.ts';
import { FriendsEncoder } from './network.ts';
import { RankerScores } from './ranker.ts';
import { FriendSearch } from './search.ts';
import { type FriendsSettings, parseFriendsSettings } from './settings.ts';
import { embed, MUTUAL } from './train.ts';

/** A trained run with its weights, laid over the data that it is to speak of. */
export interface LoadedFriends {
  readonly settings: FriendsSettings;
  readonly seed: number;
  readonly data: InteractionData;
  readonly type: string;
  readonly graph: FriendGraph;
  readonly encoder: FriendsEncoder;
  /** Weights of the encoder, and of the ranker. */
  readonly parameters: Float32Array;
  readonly ranker: Float32Array;
  readonly scaling: Normalisation;
}

/** Throws `conflict` for a run whose training has not come to its end. */
export function loadFriends(store: ProjectStore, runId: number, knowledge: Knowledge): LoadedFriends {
  const { config, name } = store.run(runId);
  const { interactions, seed, settings: given } = config as RecommenderConfig;
  const settings = parseFriendsSettings(given);
  const { kept, parameters } = readTrained(store, runId);
  const { arrays, json } = store.loadCheckpoint(runId, 'best')!;
  if (!arrays.ranker)
    throw new EtalonError('conflict', `The ranker of run ${name} was not trained yet.`, {
      remedy: 'Resume its training, or choose another run.',
    });
  const data =
    knowledge === 'known'
      ? heldOutOf(MUTUAL, store, config as RecommenderConfig, settings).known
      : allOf(MUTUAL, store, config as RecommenderConfig);
  const graph = friendGraph(data, interactions.edges, settings, kept as KeptFriends);
  return {
    settings,
    seed,
    data,
    type: interactions.edges,
    graph,
    encoder: new FriendsEncoder(graph.columns.length, settings),
    parameters,
    ranker: arrays.ranker,
    scaling: (json as { scaling: Normalisation }).scaling,
  };
}

/** Weights of encoder and ranker as one, see `wholeProgram`. */
export function allWeights({ parameters, ranker }: LoadedFriends): Float32Array {
  return Float32Array.of(...parameters, ...ranker);
}

/** The parts of an opened run. */
export interface FriendsAtWork {
  readonly loaded: LoadedFriends;
  readonly search: FriendSearch;
  readonly ranker: RankerScores;
}

export async function friendsAtWork(
  loaded: LoadedFriends,
  device: Device,
  context: TaskContext,
): Promise<FriendsAtWork> {
  const { graph, encoder, parameters, settings, seed, ranker, scaling } = loaded;
  const z = await embed(graph, encoder, parameters, device, context);
  const search = await FriendSearch.build(graph, z, settings, seed, context);
  const scores = await RankerScores.open(device, search, { parameters: ranker, scaling }, settings);
  return { loaded, search, ranker: scores };
}
