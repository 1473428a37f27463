import type { Knowledge, RecommenderConfig } from '@etalon/core/app/model';
import type { TaskContext } from '@etalon/core/base';
import { type Device, openDevice } from '@etalon/core/device';
import type { HeldOutData, InteractionData } from '@etalon/core/interactions';
import type { ProjectStore } from '@etalon/core/project';
import { type LoadedRun, loadOver } from '../recommend/open.ts';
import { allOf, heldOutOf } from '../recommend/run.ts';
import type { Outputs } from '../recommend/system.ts';
import { type CandidateOptions, FoodCity } from './city.ts';
import { FoodRanker, judgedOrders, type RankerLessons } from './ranker.ts';
import type { FoodSettings } from './settings.ts';
import { foodSystem, type PreparedFood } from './system.ts';

/** A trained run laid over one city. */
export interface LoadedCity {
  readonly loaded: LoadedRun<PreparedFood, FoodSettings>;
  readonly states: Outputs;
  readonly city: FoodCity;
}

/** A trained run with its ranker. */
export interface LoadedFood extends LoadedCity {
  readonly heldOut: HeldOutData;
  /** What the ranker learned from: orders that the embeddings did not see. */
  readonly lessons: RankerLessons;
  readonly ranker: FoodRanker;
  readonly options: CandidateOptions;
  readonly seed: number;
}

/** The run's embeddings over the data, and the ranker fitted to the orders between what trained them and what judges them. */
export async function loadFood(
  store: ProjectStore,
  runId: number,
  knowledge: Knowledge,
  context: TaskContext,
): Promise<LoadedFood> {
  context.report({ stage: 'Loading the recommender', done: 0 });
  const config = store.run(runId).config as RecommenderConfig;
  const settings = foodSystem.parseSettings(config.settings);
  const heldOut = heldOutOf(foodSystem, store, config, settings);
  const device = await openDevice('cpu');
  try {
    const over = (data: InteractionData) => loadCity(store, runId, data, device, context);
    const { city: before } = await over(heldOut.train);
    const reachKm = settings.reachKm > 0 ? settings.reachKm : before.usualReachKm();
    const { seed } = config;
    const lessons = await judgedOrders(
      before,
      heldOut.heldOut.validation,
      { ...settings, reachKm, seed },
      context,
    );
    const ranker = await FoodRanker.fit(lessons, 'all', seed, context);
    const asked = await over(knowledge === 'known' ? heldOut.known : allOf(foodSystem, store, config));
    return {
      ...asked,
      heldOut,
      lessons,
      ranker,
      seed,
      options: { candidates: settings.candidates, reachKm },
    };
  } finally {
    await device.dispose();
  }
}

/** The embeddings of a city, which need not be the one that trained them: nothing of single users or dishes was learned. */
export async function loadCity(
  store: ProjectStore,
  runId: number,
  data: InteractionData,
  device: Device,
  context: TaskContext,
): Promise<LoadedCity> {
  const loaded = await loadOver(foodSystem, store, runId, data, context);
  const { prepared, network, parameters, settings } = loaded;
  const forward = await device.compile(network.forward);
  const states = await forward.run({ ...prepared.feed, parameters });
  await forward.dispose();
  return { loaded, states, city: new FoodCity(data, prepared.graph.menu, states, settings.width) };
}
