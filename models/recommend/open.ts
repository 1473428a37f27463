import type { Embeddings, Knowledge, OpenRecommender, RecommenderConfig } from '@etalon/core/app/model';
import type { TaskContext } from '@etalon/core/base';
import { type Device, openDevice } from '@etalon/core/device';
import type { InteractionData } from '@etalon/core/interactions';
import type { ProjectStore } from '@etalon/core/project';
import { readTrained, weightsFor } from './checkpoint.ts';
import { ScoreExplainer } from './reasons.ts';
import { allOf, heldOutOf } from './run.ts';
import { dotScorer } from './scorer.ts';
import type { TrainingSettings } from './settings.ts';
import type { Outputs, Prepared, RecommenderNetwork, RecommenderSystem } from './system.ts';

/** A trained run laid over the data that it is to speak of. */
export interface LoadedRun<P extends Prepared, S extends TrainingSettings = TrainingSettings> {
  readonly settings: S;
  readonly data: InteractionData;
  readonly edges: string;
  readonly prepared: P;
  readonly network: RecommenderNetwork;
  readonly parameters: Float32Array;
}

export async function loadRun<S extends TrainingSettings, P extends Prepared>(
  system: RecommenderSystem<S, P>,
  store: ProjectStore,
  runId: number,
  knowledge: Knowledge,
  context: TaskContext,
): Promise<LoadedRun<P, S>> {
  const config = store.run(runId).config as RecommenderConfig;
  const settings = system.parseSettings(config.settings);
  const data =
    knowledge === 'known' ? heldOutOf(system, store, config, settings).known : allOf(system, store, config);
  return loadOver(system, store, runId, data, context);
}

/** The same over other data with edges of the run's type. */
export async function loadOver<S extends TrainingSettings, P extends Prepared>(
  system: RecommenderSystem<S, P>,
  store: ProjectStore,
  runId: number,
  data: InteractionData,
  context: TaskContext,
): Promise<LoadedRun<P, S>> {
  const config = store.run(runId).config as RecommenderConfig;
  const { edges } = config.interactions;
  const settings = system.parseSettings(config.settings);
  const trained = readTrained(store, runId);
  const begun = system.prepare(data, edges, settings, trained.kept);
  const prepared = (await system.complete?.(begun, settings, context)) ?? begun;
  const network = system.network(prepared, settings);
  const parameters = weightsFor(trained, network.layout, network.nodeRows, data);
  return { data, edges, prepared, network, parameters, settings };
}

export async function openRun<S extends TrainingSettings, P extends Prepared>(
  system: RecommenderSystem<S, P>,
  store: ProjectStore,
  runId: number,
  knowledge: Knowledge,
  context: TaskContext,
): Promise<OpenRecommender> {
  context.report({ stage: 'Loading the recommender', done: 0 });
  return openLoaded(system, await loadRun(system, store, runId, knowledge, context), context);
}

export async function openLoaded<S extends TrainingSettings, P extends Prepared>(
  system: RecommenderSystem<S, P>,
  loaded: LoadedRun<P, S>,
  context: TaskContext,
): Promise<OpenRecommender> {
  const { data, edges } = loaded;
  const { from, to } = data.edges(edges);
  const device = await openDevice('cpu');
  const states = await statesOf(system, loaded, device, context);
  let explaining: Promise<OpenRecommender['explain']> | undefined;
  const explain: OpenRecommender['explain'] = async (user, item, asked) => {
    explaining ??= system.explainer?.(loaded, states, device) ?? scoreExplainer(loaded, device);
    return (await explaining)(user, item, asked);
  };
  const items = embeddingsOf(data, to, states.items);
  return {
    data,
    edges,
    scorer: dotScorer(states, data.nodes(to).count),
    ...(system.groupOf && { groupOf: (id: string) => system.groupOf!(loaded, id) }),
    embeddings: from === to ? [items] : [embeddingsOf(data, from, states.users), items],
    explain,
    dispose: () => device.dispose(),
  };
}

async function statesOf<S extends TrainingSettings, P extends Prepared>(
  system: RecommenderSystem<S, P>,
  { prepared, settings, network, parameters }: LoadedRun<P, S>,
  device: Device,
  context: TaskContext,
): Promise<Outputs> {
  if (system.states) return system.states(prepared, settings, parameters, device, context);
  const forward = await device.compile(network.forward);
  return forward.run({ ...prepared.feed, parameters });
}

async function scoreExplainer<S extends TrainingSettings, P extends Prepared>(
  { network, prepared, data, edges, parameters }: LoadedRun<P, S>,
  device: Device,
): Promise<OpenRecommender['explain']> {
  const explainer = await ScoreExplainer.compile(device, network, prepared, data, edges);
  return (user, item) => explainer.explain({ ...prepared.feed, parameters }, user, item);
}

function embeddingsOf(data: InteractionData, nodes: string, values: Float32Array): Embeddings {
  const { ids } = data.nodes(nodes);
  return { nodes, ids, width: values.length / ids.length, values };
}
