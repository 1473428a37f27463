import type { RankingFigures, ReportTable, StoredRanking } from '@etalon/core/api/contract';
import { assertHeldOut } from '@etalon/core/app/recommend';
import { type BoundedFigure, Random, type TaskContext } from '@etalon/core/base';
import { type Device, openDevice } from '@etalon/core/device';
import { gatherRows, propagateLabels } from '@etalon/core/graph';
import type { ProjectStore } from '@etalon/core/project';
import {
  type ClassificationEvaluation,
  compareClassifications,
  compareDetections,
  type DetectionEvaluation,
  evaluateClassification,
  evaluateDetection,
  likeliestClass,
  softmaxRegression,
} from '@etalon/core/train';
import { type LoadedClasses, loadClasses } from './classifier.ts';
import type { ClassRows } from './classRows.ts';

export const CLASS_BASELINES = {
  majority: 'Shares of the classes',
  logistic: 'Logistic regression on features',
  propagation: 'Label propagation',
};

/** λ of the regression: the one with the least loss on validation is taken. */
const PENALTIES = [1e-3, 1e-4, 1e-2, 1e-1];

/** [rows · classes] */
type Probabilities = ArrayLike<number>;

/** Judges predicted classes of rows that training never knew the class of, beside baselines that know the same. */
export async function evaluateClasses(
  store: ProjectStore,
  runId: number,
  context: TaskContext,
): Promise<StoredRanking> {
  const loaded = loadClasses(store, runId);
  const { rows, parts, seed, settings } = loaded;
  const test = assertHeldOut(parts.test.length > 0 ? parts.test : null);
  const judge = (probabilities: Probabilities) => judged(rows, test, probabilities, seed);
  const device = await openDevice('cpu');
  try {
    const { all, withoutEdges } = await predicted(loaded, device);
    const own = judge(all);
    const baselines: Record<string, Judged> = {
      majority: judge(classShares(loaded)),
      logistic: judge(await regression(loaded, device, context)),
      ...(settings.task === 'nodes' && { propagation: judge(propagation(loaded)) }),
    };
    const ofEach = <T>(value: (each: Judged) => T) =>
      Object.fromEntries(Object.entries(baselines).map(([name, each]) => [name, value(each)]));
    return {
      kind: 'ranking',
      runId,
      from: null,
      until: null,
      users: test.length,
      items: rows.classes.length,
      judgedBy: 'accuracy',
      note: `“${rows.label}” of ${test.length} held out at random; ${parts.train.length + parts.validation.length} known`,
      ...figuresOf(own),
      baselines: ofEach(figuresOf),
      gains: ofEach((each) => gainsOf(own, each)),
      byActivity: [],
      byPopularity: [],
      reports: [classTable(rows, test, all), edgesTable(own, judge(withoutEdges))],
    };
  } finally {
    await device.dispose();
  }
}

/** Of two classes AUC too, of the second. */
interface Judged {
  readonly classes: ClassificationEvaluation;
  readonly second: DetectionEvaluation | null;
}

function judged(rows: ClassRows, test: Int32Array, all: Probabilities, seed: number): Judged {
  const classes = rows.classes.length;
  const labels = test.map((row) => rows.labels[row]);
  const probabilities = new Float64Array(test.length * classes);
  test.forEach((row, i) => {
    for (let c = 0; c < classes; c++) probabilities[i * classes + c] = all[row * classes + c];
  });
  const hasBoth = labels.includes(0) && labels.includes(1);
  const scores = Float64Array.from(labels, (_, i) => probabilities[i * classes + 1]);
  return {
    classes: evaluateClassification({ probabilities, labels, classes }, seed),
    second: classes === 2 && hasBoth ? evaluateDetection({ scores, labels }, seed) : null,
  };
}

function figuresOf({ classes, second }: Judged): RankingFigures {
  const auc = second && { auc: second.figures.auc };
  return { figures: { ...classes.figures, ...auc }, coverage: {}, gini: {} };
}

function gainsOf(own: Judged, other: Judged): Record<string, BoundedFigure> {
  const ofClasses = compareClassifications(own.classes, other.classes);
  if (!own.second || !other.second) return ofClasses;
  return { ...ofClasses, auc: compareDetections(own.second, other.second).auc };
}

/** Probabilities of all rows, and what the same weights say where no message arrives. */
async function predicted({ network, feeds, parameters }: LoadedClasses, device: Device) {
  const forward = await device.compile(network.forward);
  const none = { senders: new Int32Array(), receivers: new Int32Array() };
  return {
    all: (await forward.run({ ...feeds.whole, parameters })).probabilities,
    withoutEdges: (await forward.run({ ...feeds.whole, ...none, parameters })).probabilities,
  };
}

/** How often each class is known. */
function classShares({ rows: { labels, classes }, parts }: LoadedClasses): Probabilities {
  const known = [...parts.train, ...parts.validation];
  const shares = classes.map((_, c) => known.filter((row) => labels[row] === c).length / known.length);
  return Float64Array.from({ length: labels.length * classes.length }, (_, i) => shares[i % classes.length]);
}

function propagation({ rows: { attributed, labels, classes }, parts }: LoadedClasses): Probabilities {
  const known = new Int32Array(labels.length).fill(-1);
  for (const row of [...parts.train, ...parts.validation]) known[row] = labels[row];
  return propagateLabels(attributed.neighbours, known, classes.length);
}

/** On the features of nodes, or on their sums over each graph, scaled alike. */
async function regression(
  { rows, parts, seed }: LoadedClasses,
  device: Device,
  context: TaskContext,
): Promise<Probabilities> {
  context.report({ stage: 'Fitting the logistic regression', done: 0 });
  const { labels, classes, attributed } = rows;
  const width = attributed.columns.length;
  const values = rows.rowOfNode ? scaledSums(rows, rows.rowOfNode) : attributed.x;
  const part = (chosen: Int32Array) => {
    const taken = new Float32Array(chosen.length * width);
    gatherRows(values, width, chosen, taken);
    return { values: taken, labels: chosen.map((row) => labels[row]) };
  };
  const model = await softmaxRegression(part(parts.train), {
    device,
    classes: classes.length,
    penalties: PENALTIES,
    ...(parts.validation.length > 0 && { validation: part(parts.validation) }),
    random: new Random(seed),
    context,
  });
  return model.probabilities(values);
}

/** [graphs · columns] in deviations from the mean graph. */
function scaledSums({ attributed: { x, columns }, ids }: ClassRows, rowOfNode: Int32Array): Float32Array {
  const width = columns.length;
  const sums = new Float32Array(ids.length * width);
  x.forEach((value, i) => {
    sums[rowOfNode[Math.floor(i / width)] * width + (i % width)] += value;
  });
  for (let k = 0; k < width; k++) {
    const own = ids.map((_, row) => sums[row * width + k]);
    const mean = own.reduce((a, b) => a + b, 0) / own.length;
    const deviation = Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length);
    ids.forEach((_, row) => {
      sums[row * width + k] = deviation > 0 ? (own[row] - mean) / deviation : 0;
    });
  }
  return sums;
}

function classTable({ classes, labels }: ClassRows, test: Int32Array, all: Probabilities): ReportTable {
  const said = likeliestClass(all, classes.length);
  const count = (of: (row: number) => boolean) => test.filter(of).length;
  return {
    title: 'Classes',
    note: 'How many of the test are of each class, how many were said to be, and the shares of these that are right.',
    columns: ['', 'there', 'said', 'precision', 'recall'],
    rows: classes.map((name, c) => {
      const [there, found] = [count((row) => labels[row] === c), count((row) => said[row] === c)];
      const right = count((row) => labels[row] === c && said[row] === c);
      return [name, there, found, found > 0 ? right / found : null, there > 0 ? right / there : null];
    }),
  };
}

function edgesTable(own: Judged, without: Judged): ReportTable {
  const row = (name: string, { classes: { figures } }: Judged) => [
    name,
    figures.accuracy.value,
    figures.logLoss.value,
  ];
  return {
    title: 'Messages',
    note: 'The trained weights with and without the messages along edges; nothing is trained anew.',
    columns: ['', 'accuracy', 'logLoss'],
    rows: [row('with messages', own), row('without', without)],
  };
}
