import { Random, type TaskContext } from '@etalon/core/base';
import { createCpuDevice } from '@etalon/core/device';
import { binaryCrossEntropy, bindParameters, linear, mlp, ParameterLayout } from '@etalon/core/gnn';
import type { RankingTask, Scorer } from '@etalon/core/interactions';
import { mean, type Tensor, Trace } from '@etalon/core/tensor';
import { ADAM_DEFAULTS, cosineDecay, trainLoss } from '@etalon/core/train';
import { boostTrees } from '@etalon/core/trees';
import type { GrafrankSettings } from '../settings.ts';
import type { PreparedHistory } from '../system.ts';
import { type LabelledPairs, labelledPairs, type PairRows, pairScorer } from './pairs.ts';

const BATCH = 512;
/** Tenth of the pairs that says when to stop. */
const HELD_OUT = 10;
const EPOCHS = 12;
const PATIENCE = 3;

/** Usual values; when to stop is said by held-out pairs. */
const SETTINGS = {
  logistic: { learningRate: 0.01, weightDecay: 0.01, hidden: [] as number[] },
  mlp: { learningRate: 0.003, weightDecay: 0.01, hidden: [64, 32] },
  trees: {
    trees: 150,
    patience: 20,
    learningRate: 0.1,
    leaves: 15,
    leafWeight: 40,
    ridge: 5,
    columnShare: 0.25,
  },
};

/** The paper's feature-based baselines, told the features of both users, all learned from the same pairs. */
export async function pointwiseScorers(
  prepared: PreparedHistory,
  settings: GrafrankSettings,
  task: RankingTask,
  seed: number,
  context: TaskContext,
): Promise<{ scorers: Record<'logistic' | 'mlp' | 'trees', Scorer>; dispose(): Promise<void> }> {
  const pairs = labelledPairs(prepared, settings, seed);
  const device = await createCpuDevice({ threads: 1 });
  const network = (kind: 'logistic' | 'mlp') => networkPrediction(kind, device, pairs, seed, context);
  const predictions = {
    logistic: await network('logistic'),
    mlp: await network('mlp'),
    trees: await treesPrediction(pairs, seed, context),
  };
  return {
    scorers: {
      logistic: pairScorer(prepared, task, predictions.logistic),
      mlp: pairScorer(prepared, task, predictions.mlp),
      trees: pairScorer(prepared, task, predictions.trees),
    },
    dispose: () => device.dispose(),
  };
}

type Predict = (rows: PairRows) => Promise<ArrayLike<number>>;

async function networkPrediction(
  kind: 'logistic' | 'mlp',
  device: Awaited<ReturnType<typeof createCpuDevice>>,
  { width, values, label }: LabelledPairs,
  seed: number,
  context: TaskContext,
): Promise<Predict> {
  const { learningRate, weightDecay, hidden } = SETTINGS[kind];
  const layout = new ParameterLayout();
  const body = hidden.length > 0 ? mlp(layout, 'hidden', width, hidden) : undefined;
  const head = linear(layout, 'head', hidden.at(-1) ?? width, 1, { start: 'zeros' });
  const logits = (trace: Trace): Tensor => {
    const weights = bindParameters(trace, layout);
    const rows = trace.input('rows', ['pairs', width]);
    return head(weights, body ? body(weights, rows) : rows);
  };
  const trace = new Trace();
  const z = logits(trace);
  const loss = trace.program({ loss: mean(binaryCrossEntropy(z, trace.input('label', ['pairs', 1]))) });
  const feedOf = (chosen: readonly number[]) => {
    const rows = new Float32Array(chosen.length * width);
    chosen.forEach((pair, i) => {
      rows.set(values.subarray(pair * width, (pair + 1) * width), i * width);
    });
    return { rows, label: Float32Array.from(chosen, (pair) => label[pair]) };
  };
  const all = [...label.keys()];
  const learned = all.filter((pair) => pair % HELD_OUT > 0);
  const judged = all.filter((pair) => pair % HELD_OUT === 0);
  const { parameters } = await trainLoss({
    device,
    layout,
    random: new Random(seed),
    loss,
    batches: function* (epoch) {
      const order = new Random(seed * 7919 + epoch).shuffle([...learned]);
      for (let at = 0; at < order.length; at += BATCH) yield feedOf(order.slice(at, at + BATCH));
    },
    epochs: EPOCHS,
    patience: PATIENCE,
    learningRate: cosineDecay(learningRate, { steps: EPOCHS * Math.ceil(learned.length / BATCH) }),
    validation: [feedOf(judged)],
    options: { ...ADAM_DEFAULTS, weightDecay },
    context,
  });
  const asking = new Trace();
  const forward = await device.compile(asking.program({ z: logits(asking) }));
  return async ({ values: rows }) => (await forward.run({ rows, parameters })).z;
}

async function treesPrediction(
  { width, values, label }: LabelledPairs,
  seed: number,
  context: TaskContext,
): Promise<Predict> {
  const heldOut = label.map((_, pair) => Number(pair % HELD_OUT === 0));
  const data = { columns: columnsOf({ width, values }), target: label, heldOut };
  const trees = await boostTrees(data, SETTINGS.trees, new Random(seed), context);
  return async (rows) => trees.predictRows(rows.values, rows.width);
}

function columnsOf({ width, values }: PairRows): Float32Array[] {
  const rows = values.length / width;
  return Array.from({ length: width }, (_, k) =>
    Float32Array.from({ length: rows }, (_, row) => values[row * width + k]),
  );
}
