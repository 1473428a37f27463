import type { TaskContext } from '@etalon/core/base';
import { openDevice } from '@etalon/core/device';
import type { TripSet } from '@etalon/core/roads';
import type { IntervalEstimates } from '@etalon/core/train';
import type { PreparedEta } from '../checkpoint.ts';
import { type TrainedWeights, trainInPasses } from '../passes.ts';
import { type KnownTraffic, predictTrips } from '../predictor.ts';
import { prepareTraining, type TrainingData } from '../prepare.ts';
import type { EtaSettings } from '../settings.ts';

/** The run that is stood beside. */
export interface TrainedRun {
  models: PreparedEta['models'];
  settings: EtaSettings;
  seed: number;
}

/**
 * The network of a run without its edges (Zaheer et al. 2017), trained on the same days by the same settings and seed, on the CPU: the
 * run's lead over it is what segments say to each other along the path. Throws `cancelled`.
 */
export async function deepSetsEstimates(
  data: TrainingData,
  { models, settings: given, seed }: TrainedRun,
  test: TripSet,
  known: KnownTraffic,
  context: TaskContext,
): Promise<IntervalEstimates> {
  const settings: EtaSettings = { ...given, edges: 'off' };
  const named = {
    signal: context.signal,
    stop: new AbortController().signal,
    report: (progress: Parameters<TaskContext['report']>[0]) =>
      context.report({ ...progress, stage: `DeepSets: ${progress.stage}` }),
  };
  const prepared = await prepareTraining(data, settings, seed, named, { models });
  const device = await openDevice('cpu');
  let best: TrainedWeights;
  try {
    await trainInPasses({ data, ...prepared, settings, seed, device }, null, named, {
      best(weights) {
        best = weights;
      },
      kept: () => best,
      epoch() {},
    });
  } finally {
    await device.dispose();
  }
  return (await predictTrips(data.network, { ...prepared, ...best! }, settings, test, known, named)).trips;
}
