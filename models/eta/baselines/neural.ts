import { Random, type TaskContext } from '@etalon/core/base';
import { createCpuDevice, type Feed } from '@etalon/core/device';
import {
  bindParameters,
  l1,
  linear,
  lstm,
  mlp,
  ParameterLayout,
  type Weights,
  weightedMean,
} from '@etalon/core/gnn';
import { ResidualInterval, type TripSet } from '@etalon/core/roads';
import { concat, type Program, slice, sub, type Tensor, Trace } from '@etalon/core/tensor';
import { cosineDecay, type Estimates, trainLoss } from '@etalon/core/train';
import { heldOutDays } from './heldOutDays.ts';
import type { RouteInputs, RouteTask } from './routeInputs.ts';
import { type Scaling, scaled, scalingOf } from './scaling.ts';

const BATCH_TRIPS = 128;
const EPOCHS = 12;
const PATIENCE = 3;
const LEARNING_RATE = 0.003;
const HIDDEN = 32;
/** Steps of the recurrent network; a longer path has neighbouring segments averaged. */
const STEPS = 64;
const SEED = 1;

/** Which inputs a network takes, and how it comes from these to [trips, 1] log(observed ÷ expected). */
interface Architecture {
  declare(
    layout: ParameterLayout,
    widths: { trip: number; segment: number },
  ): (trace: Trace, weights: Weights) => Tensor;
  feed(source: Source, trips: readonly number[]): Feed;
}

/** Inputs of trips, scaled. */
interface Source {
  trips: TripSet;
  tripRows: Float32Array;
  tripWidth: number;
  segmentRows: Float32Array;
  segmentWidth: number;
}

const PERCEPTRON: Architecture = {
  declare(layout, { trip }) {
    const hidden = mlp(layout, 'hidden', trip, [2 * HIDDEN, HIDDEN]);
    const head = linear(layout, 'head', HIDDEN, 1, { start: 'zeros' });
    return (trace, weights) => head(weights, hidden(weights, trace.input('trip', ['trips', trip])));
  },
  feed: (source, trips) => ({ trip: tripFeed(source, trips) }),
};

/** A token is one segment, or several averaged, and says of how many it is. */
const SEQUENCE: Architecture = {
  declare(layout, { trip, segment }) {
    const width = segment + 1;
    const recurrent = lstm(layout, 'lstm', width, HIDDEN);
    const hidden = mlp(layout, 'hidden', HIDDEN + trip, [HIDDEN]);
    const head = linear(layout, 'head', HIDDEN, 1, { start: 'zeros' });
    return (trace, weights) => {
      const tokens = trace.input('tokens', ['trips', STEPS * width]);
      const present = trace.input('present', ['trips', STEPS]);
      const steps = Array.from({ length: STEPS }, (_, t) => ({
        x: slice(tokens, t * width, (t + 1) * width),
        present: slice(present, t, t + 1),
      }));
      const last = recurrent(weights, steps);
      return head(weights, hidden(weights, concat([last, trace.input('trip', ['trips', trip])])));
    };
  },
  feed: (source, trips) => ({ trip: tripFeed(source, trips), ...tokenFeed(source, trips) }),
};

/** A perceptron on the same aggregates of the route as the boosted trees. */
export const mlpEstimates = (task: RouteTask, context: TaskContext): Promise<Estimates> =>
  networkEstimates(PERCEPTRON, task, context);

/** A recurrent network over the segments in driving order, with the aggregates beside its last state. */
export const lstmEstimates = (task: RouteTask, context: TaskContext): Promise<Estimates> =>
  networkEstimates(SEQUENCE, task, context);

/** Trained on the absolute error of the log, stopped and bounded by days held out. */
async function networkEstimates(
  architecture: Architecture,
  { train, known, test, asked }: RouteTask,
  context: TaskContext,
): Promise<Estimates> {
  const heldOut = heldOutDays(train);
  const positions = [...heldOut.keys()];
  const learned = positions.filter((trip) => !heldOut[trip]);
  const judged = positions.filter((trip) => heldOut[trip]);
  const scaling = {
    trip: scalingOf(known.trips, known.tripNames.length),
    // A perceptron is told nothing of single segments.
    segment: scalingOf(known.segments, Math.max(1, known.segmentNames.length)),
  };
  const source = sourceOf(train, known, scaling);
  const logRatio = Float32Array.from(train.totalS, (seconds, trip) =>
    Math.log(seconds / known.expectedS[trip]),
  );
  const layout = new ParameterLayout();
  const predict = architecture.declare(layout, {
    trip: scaling.trip.kept.length,
    segment: scaling.segment.kept.length,
  });
  const loss = lossProgram(layout, predict);
  const feeds = (trips: readonly number[]) =>
    batches(trips).map((batch) => ({
      ...architecture.feed(source, batch),
      logRatio: Float32Array.from(batch, (trip) => logRatio[trip]),
      weight: new Float32Array(batch.length).fill(1),
    }));
  // A batch this small is as fast on one thread as on two, and leaves the other cores alone.
  const device = await createCpuDevice({ threads: 1 });
  try {
    const validation = feeds(judged.length > 0 ? judged : learned);
    const { parameters } = await trainLoss({
      device,
      layout,
      random: new Random(SEED),
      loss,
      batches: function* (epoch) {
        const order = new Random(SEED * 7919 + epoch).shuffle([...learned]);
        for (const batch of batches(order)) yield feeds(batch)[0];
      },
      epochs: EPOCHS,
      patience: PATIENCE,
      learningRate: cosineDecay(LEARNING_RATE, {
        steps: EPOCHS * Math.ceil(learned.length / BATCH_TRIPS),
      }),
      validation,
      context,
    });
    const forward = await device.compile(forwardProgram(layout, predict));
    const seconds = async (of: Source, { expectedS }: RouteInputs): Promise<Float32Array> => {
      const result = new Float32Array(of.trips.count);
      for (const batch of batches([...result.keys()])) {
        const { logRatio } = await forward.run({ ...architecture.feed(of, batch), parameters });
        batch.forEach((trip, i) => {
          result[trip] = expectedS[trip] * Math.exp(logRatio[i]);
        });
      }
      return result;
    };
    const estimated = await seconds(source, known);
    const bounding = judged.length > 0 ? judged : learned;
    const interval = new ResidualInterval(
      bounding.map((trip) => estimated[trip]),
      bounding.map((trip) => train.totalS[trip]),
    );
    return interval.around(await seconds(sourceOf(test, asked, scaling), asked));
  } finally {
    await device.dispose();
  }
}

function forwardProgram(layout: ParameterLayout, predict: ReturnType<Architecture['declare']>): Program {
  const trace = new Trace();
  return trace.program({ logRatio: predict(trace, bindParameters(trace, layout)) });
}

function lossProgram(layout: ParameterLayout, predict: ReturnType<Architecture['declare']>): Program {
  const trace = new Trace();
  const error = sub(predict(trace, bindParameters(trace, layout)), trace.input('logRatio', ['trips', 1]));
  return trace.program({ loss: weightedMean(l1(error), trace.input('weight', ['trips', 1])) });
}

function sourceOf(
  trips: TripSet,
  inputs: RouteInputs,
  { trip, segment }: { trip: Scaling; segment: Scaling },
): Source {
  return {
    trips,
    tripRows: scaled(inputs.trips, trip),
    tripWidth: trip.kept.length,
    segmentRows: scaled(inputs.segments, segment),
    segmentWidth: segment.kept.length,
  };
}

function batches(trips: readonly number[]): number[][] {
  return Array.from({ length: Math.ceil(trips.length / BATCH_TRIPS) }, (_, i) =>
    trips.slice(i * BATCH_TRIPS, (i + 1) * BATCH_TRIPS),
  );
}

function tripFeed({ tripRows, tripWidth }: Source, trips: readonly number[]): Float32Array {
  const values = new Float32Array(trips.length * tripWidth);
  trips.forEach((trip, i) => {
    values.set(tripRows.subarray(trip * tripWidth, (trip + 1) * tripWidth), i * tripWidth);
  });
  return values;
}

function tokenFeed({ trips, segmentRows, segmentWidth }: Source, chosen: readonly number[]) {
  const width = segmentWidth + 1;
  const tokens = new Float32Array(chosen.length * STEPS * width);
  const present = new Float32Array(chosen.length * STEPS);
  chosen.forEach((trip, row) => {
    const begin = trips.offsets[trip];
    const count = trips.offsets[trip + 1] - begin;
    const used = Math.min(count, STEPS);
    for (let t = 0; t < used; t++) {
      const [from, to] = [t, t + 1].map((step) => begin + Math.floor((step * count) / used));
      const token = tokens.subarray((row * STEPS + t) * width, (row * STEPS + t + 1) * width);
      for (let k = from; k < to; k++)
        for (let i = 0; i < segmentWidth; i++) token[i] += segmentRows[k * segmentWidth + i] / (to - from);
      token[segmentWidth] = to - from - 1;
      present[row * STEPS + t] = 1;
    }
  });
  return { tokens, present };
}
