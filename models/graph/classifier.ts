import type { Knowledge, OpenRecommender, RecommenderConfig, TrainContext } from '@etalon/core/app/model';
import { recommendFor } from '@etalon/core/app/recommend';
import { EtalonError, type TaskContext } from '@etalon/core/base';
import { openDevice } from '@etalon/core/device';
import type { InteractionData } from '@etalon/core/interactions';
import type { ProjectStore } from '@etalon/core/project';
import { accuracy, likeliestClass, type Validation } from '@etalon/core/train';
import { readTrained, trainedShape, weightsFor } from '../recommend/checkpoint.ts';
import { earlierTraining, trainWithCheckpoints } from '../recommend/run.ts';
import { trainNetwork } from '../recommend/training.ts';
import { type ClassFeeds, classFeeds } from './classFeeds.ts';
import { type ClassNetwork, classNetwork } from './classNetwork.ts';
import { classReasons } from './classReasons.ts';
import {
  asInteractions,
  type ClassRows,
  classRows,
  IS,
  type KeptClasses,
  partsOf,
  type RowParts,
} from './classRows.ts';
import { type GraphSettings, parseGraphSettings } from './settings.ts';

/** What a run of the tasks nodes and graphs learns from and is asked. */
export interface ClassRun {
  readonly data: InteractionData;
  readonly settings: GraphSettings;
  readonly seed: number;
  readonly rows: ClassRows;
  readonly parts: RowParts;
  readonly feeds: ClassFeeds;
  readonly network: ClassNetwork;
}

export function classRun(store: ProjectStore, runId: number, kept?: KeptClasses): ClassRun {
  const { interactions, seed, settings: given } = store.run(runId).config as RecommenderConfig;
  const settings = parseGraphSettings(given);
  if (settings.task === 'graphs' && settings.states === 'learned')
    throw new EtalonError(
      'usage',
      'Nodes of graphs have no learned rows: a graph is told by what it is made of.',
      {
        where: { field: 'states' },
        remedy: 'Leave --set states=features.',
      },
    );
  const data = store.readInteractions(interactions.data);
  const rows = classRows(data, interactions.edges, settings, kept);
  const parts = partsOf(rows, interactions, settings);
  const { attributed, classes } = rows;
  const shape = {
    columns: attributed.columns.length,
    nodes: attributed.nodes.name,
    count: attributed.nodes.count,
    classes: classes.length,
  };
  return {
    data,
    settings,
    seed,
    rows,
    parts,
    feeds: classFeeds(rows, parts, settings),
    network: classNetwork(shape, settings),
  };
}

/** Trains a run of the project from its config, or goes on from its latest checkpoint. */
export async function trainClasses(store: ProjectStore, runId: number, context: TrainContext): Promise<void> {
  context.report({ stage: 'Laying out the graph', done: 0 });
  const earlier = earlierTraining(store, runId);
  const run = classRun(store, runId, earlier?.kept as KeptClasses | undefined);
  const { network, rows, parts, feeds, settings, seed } = run;
  const shape = trainedShape(rows.kept, network.layout, network.nodeRows, run.data);
  const { batchesPerEpoch } = feeds;
  await trainWithCheckpoints(
    store,
    runId,
    { shape, start: earlier?.snapshot ?? null, context },
    (device, start, onEpoch) =>
      trainNetwork(
        {
          network,
          settings,
          seed,
          device,
          batchesPerEpoch,
          batches: (epoch) => feeds.batches({ seed, epoch }),
          ...(parts.validation.length > 0 && {
            validate: async (parameters, forward) => {
              const { probabilities } = await forward.run({ ...feeds.whole, parameters });
              return validationOf(rows, parts.validation, probabilities);
            },
          }),
        },
        start,
        context,
        onEpoch,
      ),
  );
}

function validationOf(rows: ClassRows, asked: Int32Array, probabilities: Float32Array): Validation {
  const classes = rows.classes.length;
  const loss = asked.reduce(
    (sum, row) => sum - Math.log(Math.max(1e-7, probabilities[row * classes + rows.labels[row]])),
    0,
  );
  const said = likeliestClass(probabilities, classes);
  const right = accuracy(
    Array.from(asked, (row) => said[row]),
    Array.from(asked, (row) => rows.labels[row]),
  );
  const logLoss = loss / asked.length;
  return { score: logLoss, metrics: { 'val logLoss': logLoss, 'val accuracy': right } };
}

/** A trained run with its weights. */
export interface LoadedClasses extends ClassRun {
  readonly parameters: Float32Array;
}

export function loadClasses(store: ProjectStore, runId: number): LoadedClasses {
  const trained = readTrained(store, runId);
  const run = classRun(store, runId, trained.kept as KeptClasses);
  const { layout, nodeRows } = run.network;
  return { ...run, parameters: weightsFor(trained, layout, nodeRows, run.data) };
}

/** Answers with the classes of a node or a graph and their probabilities. A graph may be asked by any of its nodes. */
export async function openClasses(
  store: ProjectStore,
  runId: number,
  _knowledge: Knowledge,
  context: TaskContext,
): Promise<OpenRecommender> {
  context.report({ stage: 'Loading the classifier', done: 0 });
  const loaded = loadClasses(store, runId);
  const { rows, network, feeds, parameters } = loaded;
  const device = await openDevice('cpu');
  const forward = await device.compile(network.forward);
  const { probabilities, states } = await forward.run({ ...feeds.whole, parameters });
  const classes = rows.classes.length;
  let explaining: Promise<OpenRecommender['explain']> | undefined;
  const explain: OpenRecommender['explain'] = async (row, label, asked) => {
    explaining ??= classReasons(device, loaded);
    return (await explaining)(row, label, asked);
  };
  const opened: OpenRecommender = {
    data: asInteractions(rows),
    edges: IS,
    scorer: (asked) => {
      const scores = new Float32Array(asked.length * classes);
      asked.forEach((row, i) => {
        scores.set(probabilities.subarray(row * classes, (row + 1) * classes), i * classes);
      });
      return scores;
    },
    offersKnown: true,
    embeddings: [
      { nodes: rows.called, ids: rows.ids, width: states.length / rows.ids.length, values: states },
    ],
    explain,
    dispose: () => device.dispose(),
  };
  const { rowOfNode, attributed } = rows;
  if (!rowOfNode) return opened;
  const graphs = opened.data.nodes(rows.called);
  const graphOf = (id: string) => {
    if (graphs.rowOf(id) !== undefined) return id;
    return rows.ids[rowOfNode[attributed.nodes.row(id)]];
  };
  return {
    ...opened,
    answer: (question, asked) =>
      recommendFor(opened, { ...question, users: question.users.map(graphOf) }, asked),
  };
}
