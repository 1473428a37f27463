import { breathe, type TaskContext, throwIfCancelled } from '@etalon/core/base';
import type { Executable } from '@etalon/core/device';
import { RunsAhead } from '@etalon/core/train';
import type { SpeedBatches } from './batch.ts';

/** What the network says of windows, before calibration: row by row, segment by segment, horizon by horizon. */
export interface Forecasts {
  /** [rows · n · H] km/h. */
  speedKmh: Float32Array;
  /** [rows · n · H] log standard deviation of the error, in the shape's `scaleKmh`. */
  logSigma: Float32Array;
}

/** Speeds under this are not forecast: a road that stands still has no travel time. */
export const LEAST_KMH = 1;

/** Runs the forward program over windows, `batchWindows` at a time, with the given weights if they are not fixed. */
export async function forecast(
  forward: Executable,
  batches: SpeedBatches,
  rows: readonly number[],
  parameters: Float32Array | undefined,
  batchWindows: number,
  context?: TaskContext,
): Promise<Forecasts> {
  const speeds: Float32Array[] = [];
  const sigmas: Float32Array[] = [];
  const runs = new RunsAhead(forward);
  for (let begin = 0; begin < rows.length; begin += batchWindows) {
    const feed = batches.forward(rows.slice(begin, begin + batchWindows));
    await runs.start({ ...feed, ...(parameters && { parameters }) }, (out) => {
      speeds.push(out.speed);
      sigmas.push(out.logSigma);
    });
    if (!context) continue;
    throwIfCancelled(context.signal);
    context.report({ stage: 'Forecasting', done: begin, total: rows.length, unit: 'moments' });
    await breathe();
  }
  await runs.end();
  return {
    speedKmh: joined(speeds).map((kmh) => Math.max(LEAST_KMH, kmh)),
    logSigma: joined(sigmas),
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
