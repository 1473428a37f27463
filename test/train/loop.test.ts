import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Progress, quietContext, Random } from '../../core/base/index.ts';
import { type Device, type Executable, openDevice } from '../../core/device/index.ts';
import { Draws, dropout, ParameterLayout } from '../../core/gnn/index.ts';
import { mean, mul, square, Trace } from '../../core/tensor/index.ts';
import {
  ADAM_DEFAULTS,
  cosineSchedule,
  type EpochReport,
  initialTrainingState,
  runTraining,
  type TrainingSnapshot,
  type TrainingTask,
  trainingProgram,
} from '../../core/train/index.ts';
import { regression, regressionBatches } from './regression.ts';

const EPOCHS = 6;
const BATCHES = 5;
const ADAM = { ...ADAM_DEFAULTS, averageDecay: 0.9, weightDecay: 0.01 };
const { layout, forward } = regression();
const program = trainingProgram(forward, ADAM);

let device: Device;
let executable: Executable;
beforeAll(async () => {
  device = await openDevice('cpu');
  executable = await device.compile(program);
});
afterAll(() => device.dispose());

describe('early stopping', () => {
  const run = async (scores: number[], patience: number) => {
    const { reports } = await train({ epochs: scores.length, patience, scores });
    return { epochs: reports.length, best: reports.filter(({ isBest }) => isBest).map(epochOf) };
  };

  it('waits as many epochs as it has patience since the best', async () => {
    expect(await run([5, 4, 6, 3, 7, 8, 1], 2)).toEqual({ epochs: 6, best: [1, 2, 4] });
    expect(await run([5, 4, 6, 3, 7, 8, 1], 3)).toEqual({ epochs: 7, best: [1, 2, 4, 7] });
  });

  it('does not take an equal score, or none, for a better one', async () => {
    expect(await run([5, 5, 5, 5], 2)).toEqual({ epochs: 3, best: [1] });
    expect(await run([5, Number.NaN, 4], 5)).toEqual({ epochs: 3, best: [1, 3] });
  });

  it('is not begun anew by a resume', async () => {
    const scores = [5, 4, 6, 7, 8, 9];
    const { reports } = await train({ epochs: 6, patience: 3, scores });
    expect(reports.map(epochOf)).toEqual([1, 2, 3, 4, 5]);
    const resumed = await train({ epochs: 6, patience: 3, scores, from: reports[3].snapshot });
    expect(resumed.reports.map(epochOf)).toEqual([5]);
    expect((await train({ epochs: 6, patience: 3, scores, from: reports[4].snapshot })).reports).toEqual([]);
  });
});

describe('what an epoch tells', () => {
  it('lowers the loss, and gives means over its batches', async () => {
    const { reports } = await train({ epochs: EPOCHS });
    const [first, last] = [reports[0].training, reports.at(-1)!.training];
    expect(Object.keys(first).sort()).toEqual(['gradientNorm', 'learningRate', 'loss']);
    expect(last.loss).toBeLessThan(first.loss);
    expect(reports.map(({ snapshot }) => snapshot.step)).toEqual([5, 10, 15, 20, 25, 30]);
  });

  it('is judged by the average of the weights, not by the weights', async () => {
    const { reports, judged } = await train({ epochs: 2 });
    expect(judged[1]).toEqual(reports[1].snapshot.arrays.average);
    expect(judged[1]).not.toEqual(reports[1].snapshot.arrays.parameters);
  });

  it('counts batches on to the last', async () => {
    const { progress } = await train({ epochs: 2 });
    expect(progress.map(({ done }) => done)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(progress.every(({ total, unit }) => total === 10 && unit === 'batches')).toBe(true);
  });
});

it('ends with a reason once the loss is no number', async () => {
  const broken = {
    ...task(),
    *batches(epoch: number) {
      for (const batch of regressionBatches(epoch, BATCHES))
        yield epoch === 1 ? { ...batch, y: batch.y.map(() => Number.NaN) } : batch;
    },
  };
  const reports: EpochReport[] = [];
  const training = runTraining(
    { ...broken, onEpoch: (report) => void reports.push(report) },
    firstSnapshot(),
    { ...quietContext, stop: new AbortController().signal },
  );
  await expect(training).rejects.toMatchObject({
    code: 'input',
    message: 'Training diverged in epoch 2: the loss of step 6 is no number.',
  });
  expect(reports.map(epochOf)).toEqual([1]);
});

it('without a judge lets every epoch be the best, and does not end before the last', async () => {
  const reports: EpochReport[] = [];
  const { validate: _, ...unjudged } = task();
  const stages = new Set<string>();
  await runTraining(
    { ...unjudged, patience: 1, stage: 'Learning', onEpoch: (report) => void reports.push(report) },
    firstSnapshot(),
    {
      signal: new AbortController().signal,
      stop: new AbortController().signal,
      report: ({ stage }) => void stages.add(stage),
    },
  );
  expect(reports.map(epochOf)).toEqual([1, 2, 3, 4, 5, 6].slice(0, EPOCHS));
  expect(reports.every(({ isBest, snapshot }) => isBest && snapshot.bestEpoch === snapshot.epoch)).toBe(true);
  expect([...stages][0]).toBe(`Learning, epoch 1 of ${EPOCHS}`);
});

describe('interruption', () => {
  it('by cancel throws after the batch under way, and keeps the epochs done', async () => {
    const cancel = new AbortController();
    const reports: EpochReport[] = [];
    const progress: Progress[] = [];
    const training = runTraining(
      { ...task(), onEpoch: (report) => void reports.push(report) },
      firstSnapshot(),
      {
        signal: cancel.signal,
        stop: new AbortController().signal,
        report(at) {
          progress.push(at);
          if (at.done === 2 * BATCHES + 2) cancel.abort();
        },
      },
    );
    await expect(training).rejects.toMatchObject({ code: 'cancelled' });
    expect(reports.map(epochOf)).toEqual([1, 2]);
    expect(progress.at(-1)?.done).toBe(2 * BATCHES + 2);
  });

  it('by stop returns, without an epoch that is not whole', async () => {
    const stop = new AbortController();
    const reports: EpochReport[] = [];
    await runTraining({ ...task(), onEpoch: (report) => void reports.push(report) }, firstSnapshot(), {
      signal: new AbortController().signal,
      stop: stop.signal,
      report(at) {
        if (at.done === 3 * BATCHES + 1) stop.abort();
      },
    });
    expect(reports.map(epochOf)).toEqual([1, 2, 3]);
  });

  it.each([1, 3, 5])('after epoch %i changes no bit of where training ends', async (epoch) => {
    const whole = await train({ epochs: EPOCHS });
    const snapshot = structuredClone(whole.reports[epoch - 1].snapshot);
    // Another executable, as in another process: nothing may be left over from the first.
    const other = await device.compile(program);
    const resumed = await train({ epochs: EPOCHS, from: snapshot, on: other });
    expect(resumed.reports.map(epochOf)).toEqual(
      Array.from({ length: EPOCHS - epoch }, (_, i) => epoch + 1 + i),
    );
    expect(resumed.reports).toEqual(whole.reports.slice(epoch));
    await other.dispose();
  });
});

describe('batches', () => {
  it('may come as they are made ahead', async () => {
    async function* later(epoch: number) {
      for (const batch of regressionBatches(epoch, BATCHES)) {
        await new Promise((resolve) => setImmediate(resolve));
        yield batch;
      }
    }
    const at = await train({ epochs: 2 });
    const ahead = await train({ epochs: 2, batches: later });
    expect(ahead.reports).toEqual(at.reports);
  });

  it('of a network that drops values draw anew at each step, and the same after a resume', async () => {
    const seeds: number[] = [];
    const trace = new Trace();
    const x = trace.input('x', ['rows', 1]);
    const weights = trace.input('parameters', [1]);
    const dropped = dropout(mul(x, weights), 0.5, new Draws(trace));
    const dropping = trainingProgram(trace.program({ loss: mean(square(dropped)) }), ADAM);
    const compiled = await device.compile(dropping);
    const spy: Executable = {
      ...compiled,
      program: dropping,
      run(feed) {
        seeds.push(feed.seed[0]);
        return compiled.run(feed);
      },
      setState: (name, values) => compiled.setState(name, values),
      getState: (name) => compiled.getState(name),
      dispose: () => compiled.dispose(),
    };
    const own = new ParameterLayout();
    own.declare('w', [1], 'ones');
    const begun = { ...firstSnapshot(), arrays: initialTrainingState(own, Float32Array.of(1)) };
    const batches = () => [{ x: new Float32Array(64).fill(1) }, { x: new Float32Array(64).fill(1) }];
    const { reports } = await train({ epochs: 2, on: spy, from: begun, batches });
    expect(seeds).toEqual([1, 2, 3, 4]);
    seeds.length = 0;
    const snapshot = structuredClone(reports[0].snapshot);
    const resumed = await train({ epochs: 2, on: spy, from: snapshot, batches });
    expect(seeds).toEqual([3, 4]);
    expect(resumed.reports).toEqual(reports.slice(1));
    await spy.dispose();
  });
});

const epochOf = ({ snapshot }: EpochReport) => snapshot.epoch;

function firstSnapshot(): TrainingSnapshot {
  return {
    epoch: 0,
    step: 0,
    bestScore: Number.POSITIVE_INFINITY,
    bestEpoch: 0,
    arrays: initialTrainingState(layout, layout.initialise(new Random(1))),
  };
}

function task(): TrainingTask {
  return {
    executable,
    options: ADAM,
    epochs: EPOCHS,
    patience: EPOCHS,
    learningRate: cosineSchedule(0.05, { steps: EPOCHS * BATCHES, warmUp: BATCHES }),
    batchesPerEpoch: BATCHES,
    batches: (epoch) => regressionBatches(epoch, BATCHES),
    validate: async (average) => squares(average),
    onEpoch() {},
  };
}

function squares(average: Float32Array) {
  return { score: average.reduce((sum, w) => sum + w ** 2, 0), metrics: {} };
}

/** Trains to the end; with `scores`, validation gives those by epoch. */
async function train({
  scores,
  from = firstSnapshot(),
  on = executable,
  ...change
}: {
  epochs: number;
  patience?: number;
  scores?: number[];
  from?: TrainingSnapshot;
  on?: Executable;
  batches?: TrainingTask['batches'];
}) {
  const reports: EpochReport[] = [];
  const judged: Float32Array[] = [];
  const progress: Progress[] = [];
  await runTraining(
    {
      ...task(),
      ...change,
      executable: on,
      validate: async (average) => {
        judged.push(average.slice());
        const score = scores?.[from.epoch + judged.length - 1];
        return score === undefined ? squares(average) : { score, metrics: {} };
      },
      onEpoch: (report) => void reports.push(report),
    },
    from,
    {
      signal: new AbortController().signal,
      stop: new AbortController().signal,
      report: (at) => void progress.push(at),
    },
  );
  return { reports, judged, progress };
}
