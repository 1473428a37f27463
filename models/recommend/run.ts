import type { RecommenderConfig, TrainContext } from '@etalon/core/app/model';
import { EtalonError } from '@etalon/core/base';
import { type Device, onDevice } from '@etalon/core/device';
import { type HeldOutData, holdOut, type InteractionData, withFriendships } from '@etalon/core/interactions';
import type { ProjectStore } from '@etalon/core/project';
import type { EpochReport, TrainingSnapshot } from '@etalon/core/train';
import { recordEpoch } from '../recordEpoch.ts';
import {
  bestCheckpoint,
  latestCheckpoint,
  readLatest,
  type TrainedShape,
  trainedShape,
} from './checkpoint.ts';
import type { TrainingSettings } from './settings.ts';
import type { Prepared, RecommenderSystem } from './system.ts';
import { trainSystem } from './training.ts';

/** Trains a run of the project from its config, or goes on from its latest checkpoint. */
export async function trainRun<S extends TrainingSettings, P extends Prepared>(
  system: RecommenderSystem<S, P>,
  store: ProjectStore,
  runId: number,
  context: TrainContext,
): Promise<void> {
  const config = store.run(runId).config as RecommenderConfig;
  const settings = system.parseSettings(config.settings);
  context.report({ stage: 'Laying out the interactions', done: 0 });
  const heldBack = heldOutOf(system, store, config, settings);
  const { train } = heldBack;
  const earlier = earlierTraining(store, runId);
  const { edges } = config.interactions;
  const begun = system.prepare(train, edges, settings, earlier?.kept);
  const prepared = (await system.complete?.(begun, settings, context)) ?? begun;
  const network = system.network(prepared, settings);
  const shape = trainedShape(prepared.kept, network.layout, network.nodeRows, train);
  await trainWithCheckpoints(
    store,
    runId,
    { shape, start: earlier?.snapshot ?? null, context },
    (device, start, onEpoch) =>
      trainSystem(
        { system, network, prepared, settings, seed: config.seed, device, heldBack },
        start,
        context,
        onEpoch,
      ),
  );
}

/** What an interrupted training of the run left; null before its first epoch. */
export function earlierTraining(store: ProjectStore, runId: number): ReturnType<typeof readLatest> | null {
  const checkpoint = store.loadCheckpoint(runId, 'latest');
  return checkpoint && readLatest(checkpoint);
}

/** Trains on the device that was chosen, each epoch into the project; after the loss of a device from the last one on. */
export async function trainWithCheckpoints(
  store: ProjectStore,
  runId: number,
  { shape, start, context }: { shape: TrainedShape; start: TrainingSnapshot | null; context: TrainContext },
  train: (
    device: Device,
    start: TrainingSnapshot | null,
    onEpoch: (epoch: EpochReport) => void,
  ) => Promise<void>,
): Promise<void> {
  let snapshot = start;
  await onDevice(
    context.device,
    (stage) => context.report({ stage, done: 0 }),
    async (device) => {
      store.updateRun(runId, { device: device.description });
      await train(device, snapshot, (epoch) => {
        recordEpoch(store, runId, epoch, {
          best: () => bestCheckpoint(shape, epoch.snapshot),
          latest: () => latestCheckpoint(shape, epoch.snapshot),
        });
        snapshot = epoch.snapshot;
      });
    },
  );
}

/** The run's data as its training and its evaluation see them. */
export function heldOutOf(
  system: Pick<RecommenderSystem<TrainingSettings, Prepared>, 'mutual' | 'questions'>,
  store: ProjectStore,
  config: RecommenderConfig,
  { validationShare }: Pick<TrainingSettings, 'validationShare'>,
): HeldOutData {
  const { edges, holdOut: how } = config.interactions;
  if (system.mutual && how.way !== 'time' && how.way !== 'random')
    throw new EtalonError(
      'usage',
      `"${edges}" cannot be held out by user: who is asked about would tell of who asks.`,
      {
        remedy: 'Hold them out by one cut in time or at random: --split time, or --split random.',
      },
    );
  const data = allOf(system, store, config);
  return holdOut(data, edges, { ...how, validation: validationShare }, system.questions?.(data, edges));
}

/** All that the project has of the run's data. */
export function allOf(
  { mutual }: Pick<RecommenderSystem<TrainingSettings, Prepared>, 'mutual'>,
  store: ProjectStore,
  { interactions: { data, edges } }: RecommenderConfig,
): InteractionData {
  const read = store.readInteractions(data);
  return mutual ? withFriendships(read, edges) : read;
}
