import type { RecommenderConfig, TrainContext } from '@etalon/core/app/model';
import { assertHeldOut } from '@etalon/core/app/recommend';
import { onDevice } from '@etalon/core/device';
import type { InteractionData } from '@etalon/core/interactions';
import type { ProjectStore } from '@etalon/core/project';
import { bestCheckpoint, latestCheckpoint, readLatest, trainedShape } from '../recommend/checkpoint.ts';
import { recordEpoch } from '../recordEpoch.ts';
import { storyNetwork } from './network.ts';
import { parseStorySettings, type StorySettings } from './settings.ts';
import { type Kept, type StoryData, storyData } from './snapshots.ts';
import { trainNetwork } from './training.ts';

/** Trains a run of the project from its config, or goes on from its latest checkpoint. */
export async function trainRun(store: ProjectStore, runId: number, context: TrainContext): Promise<void> {
  const note = (stage: string) => context.report({ stage, done: 0 });
  note('Laying out who watched whom');
  const checkpoint = store.loadCheckpoint(runId, 'latest');
  const earlier = checkpoint && readLatest(checkpoint);
  const { interactions, settings, seed, questions } = runData(
    store,
    runId,
    earlier?.kept as Kept | undefined,
  );
  const network = storyNetwork(questions.kept.scales, settings);
  const shape = trainedShape(questions.kept, network.layout, [], interactions);
  let snapshot = earlier?.snapshot ?? null;
  await onDevice(context.device, note, async (device) => {
    store.updateRun(runId, { device: device.description });
    await trainNetwork({ network, data: questions, settings, seed, device }, snapshot, context, (epoch) => {
      recordEpoch(store, runId, epoch, {
        best: () => bestCheckpoint(shape, epoch.snapshot),
        latest: () => latestCheckpoint(shape, epoch.snapshot),
      });
      snapshot = epoch.snapshot;
    });
  });
}

export interface RunData {
  readonly interactions: InteractionData;
  readonly edges: string;
  readonly settings: StorySettings;
  readonly seed: number;
  readonly questions: StoryData;
}

/** What a run learns from and is asked; scaled as in its training, where that is over. */
export function runData(store: ProjectStore, runId: number, kept?: Kept): RunData {
  const config = store.run(runId).config as RecommenderConfig;
  const { data, edges, holdOut } = config.interactions;
  const settings = parseStorySettings(config.settings);
  const interactions = store.readInteractions(data);
  const questions = storyData(interactions, edges, settings, holdOut, kept);
  return { interactions, edges, settings, seed: config.seed, questions };
}

/** Throws `conflict` where nothing was held out. */
export function testPairs({ parts: { test } }: StoryData): StoryData['parts']['test'] {
  return assertHeldOut(test.length > 0 ? test : null);
}
