import { z } from 'zod';

/** What Etalon says of how good forecasts of segment speeds are. */

/** The figures of one predictor over the observations at one horizon; errors are predicted − observed. */
export const speedMetrics = z.object({
  maeKmh: z.number(),
  rmseKmh: z.number(),
  /** Mean |error| ÷ observed, a fraction. */
  mape: z.number(),
  /** Share of observations inside the 80 % interval; null where the predictor gives none. */
  coverage80: z.number().nullable(),
  /** Mean width of that interval. */
  width80Kmh: z.number().nullable(),
  n: z.number(),
});

export const speedEvaluation = z.object({
  kind: z.literal('speeds'),
  runId: z.number(),
  from: z.string().nullable(),
  until: z.string().nullable(),
  /** What the 95 % intervals resample; hours, where there are fewer than five days, make them too narrow. */
  resampled: z.enum(['day', 'hour']),
  horizons: z.array(
    z.object({
      minutes: z.number(),
      metrics: speedMetrics,
      /** By id, from the plainest to the strongest: `lastValue`, `historical`, `blend`, `ridge`. */
      baselines: z.record(z.string(), speedMetrics),
      /** MAE of each baseline − MAE of the model, km/h, with a 95 % interval. */
      gains: z.array(z.object({ baseline: z.string(), kmh: z.number(), low: z.number(), high: z.number() })),
    }),
  ),
});

/** Sums over the observations of a day or an hour at one horizon: what runs are compared by. */
export const speedBlock = z.object({
  minutes: z.number(),
  /** Local day, or hour, since 1970-01-01T00:00. */
  block: z.number(),
  n: z.number(),
  /** Tells whether two runs were tested on the same observations. */
  observedKmh: z.number(),
  absolute: z.number(),
  squared: z.number(),
  relative: z.number(),
  inside: z.number(),
});

/** As the project keeps it. */
export const storedSpeedEvaluation = speedEvaluation.extend({ blocks: z.array(speedBlock) });

export type SpeedMetrics = z.infer<typeof speedMetrics>;
export type SpeedEvaluation = z.infer<typeof speedEvaluation>;
export type SpeedBlock = z.infer<typeof speedBlock>;
export type StoredSpeedEvaluation = z.infer<typeof storedSpeedEvaluation>;
