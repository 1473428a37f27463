import type { RunConfig, TrainContext } from '@etalon/core/app/model';
import { onDevice } from '@etalon/core/device';
import type { ProjectStore } from '@etalon/core/project';
import { recordEpoch } from '../recordEpoch.ts';
import { bestCheckpoint, latestCheckpoint, readLatest } from './checkpoint.ts';
import { prepareSpeeds } from './prepare.ts';
import { parseSpeedSettings } from './settings.ts';
import { trainSpeeds } from './training.ts';

/** Trains a run of the project from its config, or goes on from its latest checkpoint. */
export async function trainRun(store: ProjectStore, runId: number, context: TrainContext): Promise<void> {
  const config = store.run(runId).config as RunConfig;
  const settings = parseSpeedSettings(config.settings);
  const note = (stage: string) => context.report({ stage, done: 0 });
  note('Laying out the observations');
  const checkpoint = store.loadCheckpoint(runId, 'latest');
  const earlier = checkpoint && readLatest(checkpoint);
  const data = prepareSpeeds(store, config, settings, earlier ?? undefined);
  let snapshot = earlier?.snapshot ?? null;
  await onDevice(context.device, note, async (device) => {
    store.updateRun(runId, { device: device.description });
    await trainSpeeds({ data, settings, seed: config.seed, device }, snapshot, context, (epoch) => {
      const { snapshot: reached, calibration } = epoch;
      recordEpoch(store, runId, epoch, {
        best: () =>
          bestCheckpoint({ ...data, parameters: reached.arrays.average, calibration }, reached.epoch),
        latest: () => latestCheckpoint(data, reached),
      });
      snapshot = reached;
    });
  });
}
