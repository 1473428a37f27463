import type { Knowledge, OpenRecommender } from '@etalon/core/app/model';
import type { TaskContext } from '@etalon/core/base';
import { openDevice } from '@etalon/core/device';
import type { InteractionData, Scorer } from '@etalon/core/interactions';
import type { ProjectStore } from '@etalon/core/project';
import { readTrained } from '../recommend/checkpoint.ts';
import { type PairNetwork, storyNetwork } from './network.ts';
import { contextGraph } from './pairs.ts';
import { AffinityExplainer } from './reasons.ts';
import { runData } from './run.ts';
import { type Asked, type Kept, type Snapshot, snapshotAt, windowOptions } from './snapshots.ts';
import { PairPredictor } from './training.ts';
import { latestMoment } from './windows.ts';

/** A trained run over the friendships of a moment, asked about every friend of every viewer who may have a story. */
export interface LoadedStories {
  readonly data: InteractionData;
  readonly edges: string;
  readonly network: PairNetwork;
  readonly parameters: Float32Array;
  readonly kept: Kept;
  readonly asked: Asked;
}

/** `known`: at the moment before the pairs that it is judged by; `everything`: at the latest. */
export function loadStories(store: ProjectStore, runId: number, knowledge: Knowledge): LoadedStories {
  const trained = readTrained(store, runId);
  const kept = trained.kept as Kept;
  const { interactions: data, edges, settings, questions } = runData(store, runId, kept);
  const [firstTest] = questions.parts.test;
  const untilS =
    knowledge === 'known' && firstTest
      ? firstTest.snapshot.untilS
      : latestMoment(data, edges, windowOptions(settings));
  const snapshot = snapshotAt(data, edges, settings, kept, {
    untilS,
    pairs: candidates(data, edges, untilS),
  });
  return {
    data,
    edges,
    network: storyNetwork(kept.scales, settings),
    parameters: trained.parameters,
    kept,
    asked: { snapshot, places: Int32Array.from(snapshot.asked.keys()) },
  };
}

export async function openStories(
  store: ProjectStore,
  runId: number,
  knowledge: Knowledge,
  context: TaskContext,
): Promise<OpenRecommender> {
  context.report({ stage: 'Loading the recommender', done: 0 });
  const { data, edges, network, parameters, kept, asked } = loadStories(store, runId, knowledge);
  const device = await openDevice('cpu');
  const predictor = await PairPredictor.compile(device, network, kept);
  context.report({ stage: 'Predicting affinities', done: 0 });
  const affinities = await predictor.predict([asked], parameters);
  const states = await predictor.states(asked.snapshot, parameters);
  const { name, ids } = data.nodes(data.edges(edges).from);
  let explainer: AffinityExplainer | undefined;
  return {
    data,
    edges,
    scorer: affinityScorer(asked.snapshot, affinities),
    offersKnown: true,
    embeddings: [{ nodes: name, ids, width: states.length / ids.length, values: states }],
    explain: async (viewer, author, explaining) => {
      explainer ??= await AffinityExplainer.compile(device, network, kept);
      return explainer.explain(asked.snapshot, { viewer, author, ids, parameters }, explaining);
    },
    dispose: () => device.dispose(),
  };
}

/** Every friend of every user, of whom stories are known; of data in which they are not told apart, every friend. */
function candidates(data: InteractionData, type: string, untilS: number): [number, number][] {
  const edges = data.edges(type);
  const { senders, receivers } = contextGraph(data, edges, untilS, []);
  const authors = new Set(edges.toRows);
  return Array.from(senders, (viewer, edge): [number, number] => [viewer, receivers[edge]]).filter(
    ([, author]) => authors.has(author),
  );
}

/** The affinity to each candidate, −Infinity to everybody else. */
function affinityScorer({ pairs, asked }: Snapshot, affinities: Float64Array): Scorer {
  const { users, senders, receivers } = pairs;
  const byViewer = new Map<number, [author: number, affinity: number][]>();
  asked.forEach((edge, place) => {
    const own = byViewer.get(senders[edge]) ?? [];
    byViewer.set(senders[edge], own);
    own.push([receivers[edge], affinities[place]]);
  });
  return (viewers) => {
    const scores = new Float32Array(viewers.length * users).fill(Number.NEGATIVE_INFINITY);
    viewers.forEach((viewer, i) => {
      for (const [author, affinity] of byViewer.get(viewer) ?? []) scores[i * users + author] = affinity;
    });
    return scores;
  };
}
