import { Random, type TaskContext } from '@etalon/core/base';
import type { Device, Feed } from '@etalon/core/device';
import {
  ADAM_DEFAULTS,
  cosineSchedule,
  type EpochReport,
  firstSnapshot,
  runTraining,
  type StepOptions,
  type TrainingSnapshot,
  trainingProgram,
  type Validation,
} from '@etalon/core/train';
import { SpeedBatches } from './batch.ts';
import { calibrateHorizon, type HorizonCalibration } from './calibration.ts';
import { type Forecasts, forecast } from './forecast.ts';
import { speedNetwork } from './network.ts';
import type { SpeedData } from './prepare.ts';
import type { SpeedSettings } from './settings.ts';
import { inDays, windowRows } from './windows.ts';

export interface SpeedEpoch extends EpochReport {
  /** [H] fitted to this epoch's validation forecasts. */
  calibration: HorizonCalibration[];
}

/** Trains from a snapshot, or from the start; see `runTraining` for how it ends. */
export async function trainSpeeds(
  {
    data,
    settings,
    seed,
    device,
  }: { data: SpeedData; settings: SpeedSettings; seed: number; device: Device },
  start: TrainingSnapshot | null,
  context: TaskContext & { stop: AbortSignal },
  onEpoch: (epoch: SpeedEpoch) => void,
): Promise<void> {
  const { source, trainDays, validationDays, shape } = data;
  const network = speedNetwork(shape, settings);
  const batches = new SpeedBatches(source, shape);
  const { weightDecay, clipNorm, averageDecay, batchWindows } = settings;
  const options: StepOptions = { ...ADAM_DEFAULTS, weightDecay, clipNorm, averageDecay };
  const windows = windowRows(source, trainDays);
  const drawn = Math.max(1, Math.round(windows.length * settings.windowShare));
  const batchesPerEpoch = Math.ceil(drawn / batchWindows);
  const steps = settings.epochs * batchesPerEpoch;
  const step = await device.compile(trainingProgram(network.loss, options));
  const forward = await device.compile(network.forward);
  const judged = windowRows(source, validationDays);
  try {
    let calibration: HorizonCalibration[] = [];
    await runTraining(
      {
        executable: step,
        options,
        epochs: settings.epochs,
        patience: settings.patience,
        learningRate: cosineSchedule(settings.learningRate, {
          steps,
          warmUp: Math.min(settings.warmUpSteps, batchesPerEpoch),
        }),
        batchesPerEpoch,
        batches: epochBatches,
        validate: async (average) => {
          const forecasts = await forecast(forward, batches, judged, average, batchWindows);
          const validation = judge(data, judged, forecasts);
          calibration = validation.calibration;
          return validation;
        },
        onEpoch: (report) => onEpoch({ ...report, calibration }),
      },
      start ?? firstSnapshot(network.layout, new Random(seed), options),
      context,
    );
  } finally {
    await step.dispose();
    await forward.dispose();
  }

  /** The same windows in the same order for the same seed and epoch, wherever training was resumed. */
  function* epochBatches(epoch: number): Generator<Feed> {
    const rows = new Random(seed * 7919 + epoch + 1).shuffle([...windows]).slice(0, drawn);
    for (let begin = 0; begin < drawn; begin += batchWindows)
      yield batches.labelled(rows.slice(begin, begin + batchWindows), trainDays);
  }
}

/** The mean absolute error over all horizons is what training lowers; each horizon has its own beside it. */
function judge(
  { source, shape, validationDays }: SpeedData,
  rows: readonly number[],
  { speedKmh, logSigma }: Forecasts,
): Validation & { calibration: HorizonCalibration[] } {
  const { matrix, horizonRows } = source;
  const n = matrix.segments.length;
  const absolute = horizonRows.map(() => 0);
  const relative = horizonRows.map(() => 0);
  const scores = horizonRows.map(() => [] as number[]);
  let k = 0;
  for (const row of rows)
    for (let i = 0; i < n; i++)
      for (const [h, ahead] of horizonRows.entries()) {
        const predicted = k++;
        if (!inDays(matrix, row + ahead, validationDays)) continue;
        const observed = matrix.speedKmh[(row + ahead) * n + i];
        if (Number.isNaN(observed)) continue;
        const error = observed - speedKmh[predicted];
        absolute[h] += Math.abs(error);
        relative[h] += Math.abs(error) / observed;
        scores[h].push(error / (Math.exp(logSigma[predicted]) * shape.scaleKmh));
      }
  const count = scores.reduce((sum, { length }) => sum + length, 0);
  const mean = (sums: readonly number[]) => sums.reduce((a, b) => a + b, 0) / count;
  const minutes = (h: number) => (horizonRows[h] * matrix.stepS) / 60;
  return {
    score: mean(absolute),
    metrics: {
      valMaeKmh: mean(absolute),
      valMape: mean(relative),
      ...Object.fromEntries(absolute.map((sum, h) => [`valMaeKmh.${minutes(h)}`, sum / scores[h].length])),
    },
    calibration: scores.map(calibrateHorizon),
  };
}
