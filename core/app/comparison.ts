import type { RunComparison } from '../api/contract.ts';
import { EtalonError } from '../base/index.ts';
import type { ProjectStore, RunRecord } from '../project/index.ts';
import { compareWithBaseline } from './compareBaseline.ts';
import { compareRuns } from './compareRuns.ts';
import { compareSpeedRuns, compareSpeedsWithBaseline } from './compareSpeeds.ts';
import type { ModelDefinition } from './model.ts';
import { type ModelKinds, predictedBy } from './models.ts';

type Predicted = ModelDefinition['predicts'];

const COMPARE: Readonly<
  Record<
    Predicted,
    {
      runs(store: ProjectStore, a: number, b: number): RunComparison;
      baseline(store: ProjectStore, run: number, baseline: string): RunComparison;
    }
  >
> = {
  travelTimes: { runs: compareRuns, baseline: compareWithBaseline },
  speeds: { runs: compareSpeedRuns, baseline: compareSpeedsWithBaseline },
};

/** Two runs that predict the same, or a run and a baseline of its evaluation. Throws `conflict` where they cannot be compared, `not-found`. */
export function comparison(
  models: ModelKinds,
  store: ProjectStore,
  a: number,
  b: number | string,
): RunComparison {
  const run = store.run(a);
  const predicts = trafficOf(models, run);
  if (typeof b === 'string') return COMPARE[predicts].baseline(store, a, b);
  const other = store.run(b);
  const otherPredicts = trafficOf(models, other);
  if (predicts !== otherPredicts) throw unlike([run, predicts], [other, otherPredicts]);
  return COMPARE[predicts].runs(store, a, b);
}

/** What a run predicts of traffic. Throws `conflict` for one that recommends items. */
function trafficOf(models: ModelKinds, run: RunRecord): Predicted {
  const predicts = predictedBy(models, run);
  if (predicts !== 'items') return predicts;
  throw new EtalonError(
    'conflict',
    `Run “${run.name}” recommends items: runs like it are not compared yet.`,
    {
      remedy: 'Its own evaluation holds its lead over each baseline, with intervals.',
    },
  );
}

const WORDS: Readonly<Record<Predicted, string>> = {
  travelTimes: 'how many seconds trips take',
  speeds: 'how fast segments are driven some minutes ahead, in km/h',
};

function unlike(...sides: readonly [RunRecord, Predicted][]): EtalonError {
  const [a, b] = sides.map(([{ name }, predicts]) => `“${name}” predicts ${WORDS[predicts]}`);
  return new EtalonError(
    'conflict',
    `These two cannot be compared: ${a}; ${b}. They were tested on different things, and have no error in common.`,
    { remedy: 'Choose two runs of one model, or a run and one of its baselines.' },
  );
}
