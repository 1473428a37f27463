import type { RankingFigures, ReportTable, StoredRanking } from '@etalon/core/api/contract';
import type { TaskContext } from '@etalon/core/base';
import { type Device, openDevice } from '@etalon/core/device';
import type { ProjectStore } from '@etalon/core/project';
import { compareRegressions, evaluateRegression, type RegressionEvaluation } from '@etalon/core/train';
import { readTrained } from '../recommend/checkpoint.ts';
import { fitBaseline, STORY_BASELINES, type StoryBaseline, targetsOf } from './baselines.ts';
import { type PairNetwork, RELATIONS, type Relation, storyNetwork } from './network.ts';
import { type RunData, runData, testPairs } from './run.ts';
import { type Asked, type Kept, type Snapshot, viewersOf } from './snapshots.ts';
import { PairPredictor, within } from './training.ts';

const BUCKETS = [3, 6, 12];

/** Judges a run on the pairs that it never saw, beside baselines that were fitted to the same pairs with the same features. */
export async function evaluateStories(
  store: ProjectStore,
  runId: number,
  context: TaskContext,
): Promise<StoredRanking> {
  const { kept, parameters } = readTrained(store, runId);
  const run = runData(store, runId, kept as Kept);
  const test = testPairs(run.questions);
  const device = await openDevice('cpu');
  try {
    const network = storyNetwork(run.questions.kept.scales, run.settings);
    const predictor = await PairPredictor.compile(device, network, run.questions.kept);
    const own = judged(run, test, await predictor.predict(test, parameters));
    const baselines: Record<string, RegressionEvaluation> = {};
    for (const id of Object.keys(STORY_BASELINES) as StoryBaseline[]) {
      context.report({ stage: `Fitting ${STORY_BASELINES[id]}`, done: 0 });
      const predict = await fitBaseline(id, { ...run, data: run.questions, device, context });
      baselines[id] = judged(run, test, await predict(test));
    }
    const byName = <T>(of: (evaluation: RegressionEvaluation) => T) =>
      Object.fromEntries(Object.entries(baselines).map(([id, each]) => [id, of(each)]));
    return {
      kind: 'ranking',
      runId,
      from: null,
      until: null,
      users: new Set(viewersOf(test)).size,
      items: own.group.length,
      judgedBy: 'mse',
      note: noteOf(run, test),
      ...figuresOf(own),
      baselines: byName(figuresOf),
      gains: byName((each) => compareRegressions(own, each)),
      byActivity: errorsByFriends(own, test),
      byPopularity: [],
      reports: [await withoutRelations(device, network, run, test, parameters, own)],
    };
  } finally {
    await device.dispose();
  }
}

function judged({ questions: { kept } }: RunData, asked: readonly Asked[], predicted: Float64Array) {
  return evaluateRegression({
    predicted: predicted.map((value) => within(value, kept.range)),
    observed: targetsOf(asked),
    group: viewersOf(asked),
  });
}

function figuresOf({ figures }: RegressionEvaluation): RankingFigures {
  return { figures: { ...figures }, coverage: {}, gini: {} };
}

function noteOf({ questions: { kept } }: RunData, test: readonly Asked[]): string {
  const windows = test.length === 1 ? 'one window of time' : `${test.length} windows of time`;
  return `Predicted “${kept.target}” of pairs in ${windows}, from what was known before; ndcg@10 is of each viewer’s friends, with that as gain.`;
}

/** What each relation does for the weights as they are: errors when its links are taken away. Nothing is trained anew. */
async function withoutRelations(
  device: Device,
  network: PairNetwork,
  run: RunData,
  test: readonly Asked[],
  parameters: Float32Array,
  own: RegressionEvaluation,
): Promise<ReportTable> {
  const predictor = await PairPredictor.compile(device, network, run.questions.kept);
  const rows: (string | number)[][] = [['all relations', own.figures.mse.value, own.figures.mae.value]];
  const used = RELATIONS.filter((relation) =>
    relation === 'between' ? run.settings.interEgo !== 'none' : run.settings.intraEgo !== 'none',
  );
  for (const relation of used) {
    const { mse, mae } = await predictor.errors(
      test.map((asked) => without(relation, asked)),
      parameters,
    );
    rows.push([`without ${RELATION_NAMES[relation]}`, mse, mae]);
  }
  await predictor.dispose();
  return {
    title: 'Relations',
    note: 'Errors of the trained weights when the links of a relation are taken away; nothing is trained anew.',
    columns: ['', 'mse', 'mae'],
    rows,
  };
}

export const RELATION_NAMES: Readonly<Record<Relation, string>> = {
  fromFirst: 'viewer → other friends',
  toSecond: 'other friends → author',
  between: 'friends → friends',
};

function without(relation: Relation, { snapshot, places }: Asked): Asked {
  const none = { pair: new Int32Array(), edge: new Int32Array() };
  const bare: Snapshot = { ...snapshot, context: { ...snapshot.context, [relation]: none } };
  return { snapshot: bare, places };
}

/** Errors of viewers with few and with many friends. */
function errorsByFriends(
  { parts, group }: RegressionEvaluation,
  test: readonly Asked[],
): StoredRanking['byActivity'] {
  const friends = Int32Array.from(
    test.flatMap(({ snapshot: { pairs, asked }, places }) => {
      const counts = new Int32Array(pairs.users);
      for (const sender of pairs.senders) counts[sender]++;
      return Array.from(places, (place) => counts[pairs.senders[asked[place]]]);
    }),
  );
  const bounds = [0, ...BUCKETS, Number.POSITIVE_INFINITY];
  return bounds.slice(1).flatMap((below, b) => {
    const rows = Array.from(friends.keys()).filter(
      (row) => friends[row] >= bounds[b] && friends[row] < below,
    );
    if (rows.length === 0) return [];
    const own = rows.map((row) => friends[row]);
    const mean = (values: Float64Array) => rows.reduce((sum, row) => sum + values[row], 0) / rows.length;
    return [
      {
        least: Math.min(...own),
        most: Math.max(...own),
        count: new Set(rows.map((row) => group[row])).size,
        figures: { mse: mean(parts.mse.value), mae: mean(parts.mae.value) },
      },
    ];
  });
}
