import { EtalonError, type TaskContext } from '@etalon/core/base';
import {
  type CrossFit,
  LiveIndex,
  localDay,
  selectTrips,
  splitByBlock,
  type TripSet,
} from '@etalon/core/roads';
import { sampled } from './baselines/index.ts';
import { routeInputs, selectRoutes } from './baselines/routeInputs.ts';
import { relativeTreesEstimates, treesEstimates } from './baselines/trees.ts';
import type { Teacher } from './batch.ts';
import type { TrainingData } from './prepare.ts';
import type { EtaSettings } from './settings.ts';

/** Parts that the training days are dealt into: trees that learned from the others speak of each. */
const PARTS = 6;
/** With fewer, trees would learn from a day or none. */
const LEAST_DAYS = 3;

interface Pupil {
  data: TrainingData;
  models: CrossFit;
  settings: Pick<EtaSettings, 'teacherShare' | 'relativeExponent'>;
}

/**
 * Knowledge distillation (Hinton et al. 2015): boosted trees say of each training trip what they learned from other days. A
 * trip's own time is one draw of many; mixed with theirs it says the same of its route with less noise.
 * None where `teacherShare` is 0. Throws `usage` with too few days, and `cancelled`.
 */
export async function teacherOf(
  { data: { network, trips, trainTrips }, models, settings }: Pupil,
  context: TaskContext,
): Promise<Teacher | undefined> {
  const { teacherShare: share, relativeExponent } = settings;
  if (share === 0) return undefined;
  const positions = sampled(selectTrips(trips, trainTrips)).map((i) => trainTrips[i]);
  const chosen = selectTrips(trips, positions);
  const partOfDay = dealtDays(chosen);
  const parts = Math.min(PARTS, partOfDay.size);
  const live = new LiveIndex(network, trips, models);
  const known = await routeInputs(network, models, live, chosen, { perSegment: false }, context);
  const estimate = relativeExponent >= 0.5 ? relativeTreesEstimates : treesEstimates;
  const seconds = new Float32Array(trips.count).fill(Number.NaN);
  for (let part = 0; part < parts; part++) {
    const { own: asked, others } = splitByBlock(chosen, partOfDay, part);
    const { medianS } = await estimate(
      {
        train: selectTrips(chosen, others),
        known: selectRoutes(known, others),
        test: selectTrips(chosen, asked),
        asked: selectRoutes(known, asked),
      },
      {
        signal: context.signal,
        report: (progress) => context.report({ ...progress, stage: `Teacher ${part + 1} of ${parts}` }),
      },
    );
    asked.forEach((trip, i) => {
      seconds[positions[trip]] = medianS[i];
    });
  }
  return { share, seconds };
}

/** Part of each local day: every sixth goes to the same, so that each part holds days of all the period. */
function dealtDays({ localDepartS }: TripSet): Map<number, number> {
  const days = [...new Set(Array.from(localDepartS, localDay))].sort((a, b) => a - b);
  if (days.length < LEAST_DAYS)
    throw new EtalonError('usage', `A teacher needs ${LEAST_DAYS} training days; there are ${days.length}.`, {
      remedy: 'Set teacherShare=0, or widen the period with --from and --until.',
    });
  return new Map(days.map((day, i) => [day, i % PARTS]));
}
