import type { OpenModel, RunConfig, SegmentForecast } from '@etalon/core/app/model';
import type { TaskContext } from '@etalon/core/base';
import { openDevice } from '@etalon/core/device';
import type { ProjectStore } from '@etalon/core/project';
import { SpeedBatches } from './batch.ts';
import { readTrained } from './checkpoint.ts';
import { bounds } from './evaluate.ts';
import { type Forecasts, forecast, LEAST_KMH } from './forecast.ts';
import { speedNetwork } from './network.ts';
import { openSource } from './openSource.ts';
import { horizonMinutes, parseSpeedSettings } from './settings.ts';
import { lastDeviation } from './windows.ts';

/** What is said of one moment: now, and at each horizon. */
interface Moment extends Forecasts {
  localS: number;
  /** [n] the newest known speed, or the history. */
  nowKmh: Float32Array;
}

/**
 * Loads a trained run for questions about observed segments; of others it says nothing. Between two horizons a speed lies on the line
 * between their forecasts, before the first on that from the newest known speed; after the last it stays.
 */
export async function openRun(store: ProjectStore, runId: number, context: TaskContext): Promise<OpenModel> {
  const settings = parseSpeedSettings((store.run(runId).config as RunConfig).settings);
  const trained = readTrained(store, runId);
  context.report({ stage: 'Opening the model', done: 0 });
  const device = await openDevice('cpu');
  const forward = await device.compile(speedNetwork(trained.shape, settings).forward);
  const { segmentCount, speedLimitKmh, lengthM } = store.readRoads();
  const horizonS = horizonMinutes(settings).map((minutes) => 60 * minutes);
  const n = trained.segments.length;
  let last: Moment | undefined;

  const at = async (localS: number): Promise<Moment> => {
    if (last?.localS === localS) return last;
    const { source, row } = openSource(store, trained, settings, localS);
    const nowKmh = Float32Array.from({ length: n }, (_, i) =>
      Math.max(LEAST_KMH, source.expectedKmh[row * n + i] + lastDeviation(source, row, i).kmh),
    );
    const batches = new SpeedBatches(source, trained.shape);
    last = { localS, nowKmh, ...(await forecast(forward, batches, [row], trained.parameters, 1)) };
    return last;
  };

  const kmhAhead = ({ nowKmh, speedKmh }: Moment, i: number, aheadS: number): number => {
    const { h, share } = between(horizonS, aheadS);
    const from = h === 0 ? nowKmh[i] : speedKmh[i * horizonS.length + h - 1];
    return from + share * (speedKmh[i * horizonS.length + h] - from);
  };

  const unknown = () => new Float32Array(segmentCount).fill(Number.NaN);
  /** The interval is as wide as at the horizon that ends the stretch in which the time ahead lies. */
  const forecastAhead = (moment: Moment, aheadS: number): SegmentForecast => {
    const { h } = between(horizonS, aheadS);
    const [seconds, lowS, highS] = [unknown(), unknown(), unknown()];
    for (const [i, segment] of trained.segments.entries()) {
      const kmh = kmhAhead(moment, i, aheadS);
      const [lowKmh, highKmh] = bounds(trained, kmh, moment.logSigma[i * horizonS.length + h], h);
      seconds[segment] = (3.6 * lengthM[segment]) / kmh;
      lowS[segment] = (3.6 * lengthM[segment]) / highKmh;
      highS[segment] = (3.6 * lengthM[segment]) / Math.max(LEAST_KMH, lowKmh);
    }
    return { seconds, lowS, highS };
  };

  return {
    speeds: async (localS, _segments, aheadS = 0) => {
      const moment = await at(localS);
      const ratios = unknown();
      for (const [i, segment] of trained.segments.entries())
        ratios[segment] = kmhAhead(moment, i, aheadS) / speedLimitKmh[segment];
      return ratios;
    },
    forecast: async (localS, horizonsS) => {
      const moment = await at(localS);
      return horizonsS.map((aheadS) => forecastAhead(moment, aheadS));
    },
    uncertainty: async (localS) => {
      const { speedKmh, logSigma } = await at(localS);
      const values = unknown();
      for (const [i, segment] of trained.segments.entries()) {
        const k = i * horizonS.length;
        const [low, high] = bounds(trained, speedKmh[k], logSigma[k], 0);
        values[segment] = (high - low) / speedKmh[k];
      }
      return { values, note: `Of the speed ${horizonS[0] / 60} minutes ahead.` };
    },
    dispose: () => device.dispose(),
  };
}

/** The horizon that ends the stretch in which a time ahead lies, and how far along the stretch it is. */
function between(horizonS: readonly number[], aheadS: number): { h: number; share: number } {
  const found = horizonS.findIndex((end) => aheadS <= end);
  if (found < 0) return { h: horizonS.length - 1, share: 1 };
  const begin = found === 0 ? 0 : horizonS[found - 1];
  return { h: found, share: (aheadS - begin) / (horizonS[found] - begin) };
}
