import type { RecommenderConfig, TrainContext } from '@etalon/core/app/model';
import { assertHeldOut } from '@etalon/core/app/recommend';
import type { InteractionData } from '@etalon/core/interactions';
import type { ProjectStore } from '@etalon/core/project';
import { trainedShape } from '../recommend/checkpoint.ts';
import { earlierTraining, trainWithCheckpoints } from '../recommend/run.ts';
import { storyNetwork } from './network.ts';
import { parseStorySettings, type StorySettings } from './settings.ts';
import { type Kept, type StoryData, storyData } from './snapshots.ts';
import { trainPairs } from './training.ts';

/** Trains a run of the project from its config, or goes on from its latest checkpoint. */
export async function trainRun(store: ProjectStore, runId: number, context: TrainContext): Promise<void> {
  context.report({ stage: 'Laying out who watched whom', done: 0 });
  const earlier = earlierTraining(store, runId);
  const {
    interactions,
    settings,
    seed,
    questions: data,
  } = runData(store, runId, earlier?.kept as Kept | undefined);
  const network = storyNetwork(data.kept.scales, settings);
  const shape = trainedShape(data.kept, network.layout, [], interactions);
  await trainWithCheckpoints(
    store,
    runId,
    { shape, start: earlier?.snapshot ?? null, context },
    (device, start, onEpoch) =>
      trainPairs({ network, data, settings, seed, device }, start, context, onEpoch),
  );
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
