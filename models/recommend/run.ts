import type { RecommenderConfig, TrainContext } from '@etalon/core/app/model';
import { EtalonError } from '@etalon/core/base';
import { onDevice } from '@etalon/core/device';
import { type HeldOutData, holdOut, type InteractionData, withFriendships } from '@etalon/core/interactions';
import type { ProjectStore } from '@etalon/core/project';
import { recordEpoch } from '../recordEpoch.ts';
import { bestCheckpoint, latestCheckpoint, readLatest, trainedShape } from './checkpoint.ts';
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
  const note = (stage: string) => context.report({ stage, done: 0 });
  note('Laying out the interactions');
  const heldBack = heldOutOf(system, store, config, settings);
  const { train } = heldBack;
  const checkpoint = store.loadCheckpoint(runId, 'latest');
  const earlier = checkpoint && readLatest(checkpoint);
  const { edges } = config.interactions;
  const begun = system.prepare(train, edges, settings, earlier?.kept);
  const prepared = (await system.complete?.(begun, settings, context)) ?? begun;
  const network = system.network(prepared, settings);
  const shape = trainedShape(prepared.kept, network.layout, network.nodeRows, train);
  let snapshot = earlier?.snapshot ?? null;
  await onDevice(context.device, note, async (device) => {
    store.updateRun(runId, { device: device.description });
    const training = { system, network, prepared, settings, seed: config.seed, device, heldBack };
    await trainSystem(training, snapshot, context, (epoch) => {
      recordEpoch(store, runId, epoch, {
        best: () => bestCheckpoint(shape, epoch.snapshot),
        latest: () => latestCheckpoint(shape, epoch.snapshot),
      });
      snapshot = epoch.snapshot;
    });
  });
}

/** The run's data as its training and its evaluation see them. */
export function heldOutOf(
  system: Pick<RecommenderSystem<TrainingSettings, Prepared>, 'mutual'>,
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
  return holdOut(allOf(system, store, config), edges, { ...how, validation: validationShare });
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
