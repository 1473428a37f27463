import { existsSync, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { EtalonError, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import type { ProjectStore } from '../../project/index.ts';
import { freeFlowS, type RoadNetwork } from '../../roads/index.ts';
import type { ModelDefinition, Models, SegmentForecast } from '../model.ts';
import { runModel } from '../models.ts';
import { localSeconds } from '../predictor.ts';
import { type ForecastRows, forecastFormat, writeForecast } from './forecastFile.ts';

export interface ForecastRequest {
  runId: number;
  /** Local time, YYYY-MM-DDTHH:MM[:SS], of what is known of traffic. */
  at: string;
  /** Minutes after `at` at which segments are entered. */
  horizonMinutes: readonly number[];
  /** Name.csv or name.parquet. */
  path: string;
}

export interface ForecastReport {
  path: string;
  bytes: number;
  rows: number;
  /** Segments with a prediction, and all. */
  segments: number;
  ofSegments: number;
  /** Mean speed of the segments with a prediction, each by its length, and that ÷ free flow. */
  horizons: { minutes: number; meanKmh: number; ofFreeFlow: number }[];
}

/**
 * Predicts every segment at several horizons into a file; segments without a prediction have no rows. Nothing stands at `path` before
 * all is written. Throws `usage` for a file of another kind, `conflict` for a run without weights, `cancelled`.
 */
export async function forecastSegments(
  models: Models,
  store: ProjectStore,
  { runId, at, horizonMinutes, path }: ForecastRequest,
  context: TaskContext,
): Promise<ForecastReport> {
  const format = forecastFormat(path);
  if (!existsSync(dirname(path)))
    throw new EtalonError('not-found', 'The folder to write to does not exist.', {
      where: { file: path },
      remedy: 'Make it first, or choose another.',
    });
  const network = store.readRoads();
  const atS = localSeconds(at);
  const forecasts = await predicted(models, store, runId, context, (model) =>
    model.forecast(
      atS,
      horizonMinutes.map((minutes) => 60 * minutes),
      context,
    ),
  );
  throwIfCancelled(context.signal);
  const rows: ForecastRows = { network, atS, horizonMinutes, forecasts };
  const part = `${path}.part`;
  try {
    const written = await writeForecast(format, part, rows, context);
    await rename(part, path);
    return { path, bytes: statSync(path).size, ...written, ...figures(rows) };
  } finally {
    await rm(part, { force: true });
  }
}

async function predicted<T>(
  models: Models,
  store: ProjectStore,
  runId: number,
  context: TaskContext,
  ask: (model: Awaited<ReturnType<ModelDefinition['open']>>) => Promise<T>,
): Promise<T> {
  const model = await runModel(models, store, runId).open(store, runId, context);
  try {
    return await ask(model);
  } finally {
    await model.dispose();
  }
}

function figures({
  network,
  horizonMinutes,
  forecasts,
}: ForecastRows): Pick<ForecastReport, 'segments' | 'ofSegments' | 'horizons'> {
  return {
    segments: forecasts[0].seconds.filter((seconds) => seconds > 0).length,
    ofSegments: network.segmentCount,
    horizons: forecasts.map((forecast, h) => ({ minutes: horizonMinutes[h], ...means(network, forecast) })),
  };
}

function means(network: RoadNetwork, { seconds }: SegmentForecast): { meanKmh: number; ofFreeFlow: number } {
  let [lengthM, drivenS, freeS] = [0, 0, 0];
  seconds.forEach((value, segment) => {
    if (!(value > 0)) return;
    lengthM += network.lengthM[segment];
    drivenS += value;
    freeS += freeFlowS(network, segment);
  });
  return { meanKmh: (3.6 * lengthM) / drivenS, ofFreeFlow: freeS / drivenS };
}
