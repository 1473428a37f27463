import type { RecommenderConfig, TrainContext } from '@etalon/core/app/model';
import { onDevice } from '@etalon/core/device';
import { type HeldOutData, holdOut } from '@etalon/core/interactions';
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
  const heldBack = heldOutOf(store, config, settings);
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
  store: ProjectStore,
  { interactions: { data, edges, holdOut: how } }: RecommenderConfig,
  { validationShare }: TrainingSettings,
): HeldOutData {
  return holdOut(store.readInteractions(data), edges, { ...how, validation: validationShare });
}
