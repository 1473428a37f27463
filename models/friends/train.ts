import type { RecommenderConfig, TrainContext } from '@etalon/core/app/model';
import { EtalonError, type TaskContext } from '@etalon/core/base';
import type { Device } from '@etalon/core/device';
import {
  evaluateRanking,
  type HeldOutData,
  holdOut,
  type InteractionData,
  type RankingTask,
} from '@etalon/core/interactions';
import type { ProjectStore } from '@etalon/core/project';
import {
  type EpochReport,
  inferLayerwise,
  Producers,
  shareColumns,
  type TrainingSnapshot,
  type Validation,
} from '@etalon/core/train';
import { trainedShape } from '../recommend/checkpoint.ts';
import { earlierTraining, heldOutOf, trainWithCheckpoints } from '../recommend/run.ts';
import { trainWeights } from '../recommend/training.ts';
import { type BatchInput, batchesPerEpoch, batchFields } from './batches.ts';
import { type FriendGraph, friendGraph, type KeptFriends } from './graph.ts';
import { FriendsEncoder } from './network.ts';
import { trainRanker } from './ranker.ts';
import { similarityScorer } from './scorers.ts';
import { FriendSearch } from './search.ts';
import { type FriendsSettings, parseFriendsSettings } from './settings.ts';

/** Epochs until the learning rate has risen, and batches that wait for the device at most. */
const WARM_UP_EPOCHS = 1;
const SLOTS = 4;
const JUDGED_BY = 'recall@100';

export const MUTUAL = { mutual: true } as const;

/** What the embeddings learn from, and what the ranker does: candidates of the same moment, and who became friends after it. */
export interface FriendsData {
  readonly before: InteractionData;
  readonly after: RankingTask;
}

/** The last friendships are the ranker's, by time or, where none is known, drawn. Throws `input` where too few are left. */
export function rankersShare(
  data: InteractionData,
  type: string,
  { rankerShare }: Pick<FriendsSettings, 'rankerShare'>,
  seed: number,
): FriendsData {
  const way = data.edges(type).timesS ? 'time' : 'random';
  const { known, test } = holdOut(data, type, { way, test: rankerShare, validation: 0, seed });
  if (!test)
    throw new EtalonError('input', `There are too few edges "${type}" for a ranker to learn from.`, {
      remedy: 'Import more, or raise the setting rankerShare.',
    });
  return { before: known, after: test };
}

/** Trains a run of the project from its config, or goes on from its latest checkpoint: embeddings first, then the ranker. */
export async function trainFriends(store: ProjectStore, runId: number, context: TrainContext): Promise<void> {
  const config = store.run(runId).config as RecommenderConfig;
  const settings = parseFriendsSettings(config.settings);
  const { seed } = config;
  context.report({ stage: 'Laying out the friendships', done: 0 });
  const { edges } = config.interactions;
  const heldBack = heldOutOf(MUTUAL, store, config, settings);
  const { before, after } = rankersShare(heldBack.train, edges, settings, seed);
  const earlier = earlierTraining(store, runId);
  const graph = friendGraph(before, edges, settings, earlier?.kept as KeptFriends | undefined);
  const encoder = new FriendsEncoder(graph.columns.length, settings);
  const shape = trainedShape(graph.kept, encoder.layout, [], before);
  await trainWithCheckpoints(
    store,
    runId,
    { shape, start: earlier?.snapshot ?? null, context },
    async (device, start, onEpoch) => {
      const training = { graph, encoder, settings, seed, device, heldBack };
      await trainEncoder(training, start, context, onEpoch);
      const best = store.loadCheckpoint(runId, 'best');
      if (!best) return;
      const { parameters } = best.arrays;
      const z = await embed(graph, encoder, parameters, device, context);
      const search = await FriendSearch.build(graph, z, settings, seed, context);
      const ranker = await trainRanker({ device, search, task: after, settings, seed }, context);
      store.saveCheckpoint(runId, 'best', {
        ...best,
        arrays: { parameters, ranker: ranker.parameters },
        json: { ...(best.json as object), scaling: ranker.scaling },
      });
    },
  );
}

export interface EncoderTraining {
  readonly graph: FriendGraph;
  readonly encoder: FriendsEncoder;
  readonly settings: FriendsSettings;
  readonly seed: number;
  readonly device: Device;
  readonly heldBack: HeldOutData;
  /** Whether users hear of their friends; without them their own features alone speak. */
  readonly messages?: boolean;
}

/** Trains from a snapshot, or from the start; see `runTraining` for how it ends. */
export async function trainEncoder(
  { graph, encoder, settings, seed, device, heldBack, messages = true }: EncoderTraining,
  start: TrainingSnapshot | null,
  context: TaskContext & { stop: AbortSignal },
  onEpoch: (epoch: EpochReport) => void,
): Promise<void> {
  const { epochs, threads } = settings;
  const input = batchInput(graph, settings, seed, messages);
  const perEpoch = batchesPerEpoch(input);
  const { validation } = heldBack;
  const judge = async (task: RankingTask, parameters: Float32Array): Promise<Validation> => {
    const asked = friendGraph(heldBack.train, graph.type, settings, graph.kept);
    const z = await embed(asked, encoder, parameters, device, context);
    const { figures } = await evaluateRanking(similarityScorer(asked, z, settings.width), task, {
      ks: [100],
    });
    return {
      score: -figures[JUDGED_BY].value,
      metrics: { [`val ${JUDGED_BY}`]: figures[JUDGED_BY].value },
    };
  };
  const producers = new Producers({
    module: new URL('./producer.ts', import.meta.url),
    input,
    threads,
    slots: SLOTS,
    fields: batchFields(input),
    first: (start?.epoch ?? 0) * perEpoch,
    end: epochs * perEpoch,
    signal: context.signal,
  });
  try {
    await trainWeights(
      {
        network: { layout: encoder.layout, loss: encoder.loss() },
        settings,
        seed,
        device,
        batchesPerEpoch: perEpoch,
        warmUpEpochs: WARM_UP_EPOCHS,
        batches: () => producers.take(perEpoch),
        ...(validation && { validate: (average: Float32Array) => judge(validation, average) }),
      },
      start,
      context,
      onEpoch,
    );
  } finally {
    await producers.close();
  }
}

function batchInput(
  graph: FriendGraph,
  settings: FriendsSettings,
  seed: number,
  messages: boolean,
): BatchInput {
  const { batchPairs, negatives, supervision, supervisionShare, fanout } = settings;
  const { from, to, x, regions } = graph;
  return {
    ...shareColumns({ from, to, x, regions }),
    nodes: graph.count,
    columns: graph.columns.length,
    fanouts: [fanout, fanout],
    batchPairs,
    negatives,
    supervision,
    supervisionShare,
    messages,
    seed,
  };
}

/** [users, width] of the whole graph, layer by layer, each user once for each layer. */
export async function embed(
  graph: FriendGraph,
  encoder: FriendsEncoder,
  parameters: Float32Array,
  device: Device,
  context: TaskContext,
): Promise<Float32Array> {
  const { adjacency, x } = graph;
  return inferLayerwise(device, { adjacency, x, layers: encoder.layers(parameters) }, context);
}
