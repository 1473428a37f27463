import { z } from 'zod';

/** What Etalon says of how good a run's predictions are: figures of one run, and of two side by side. */

/** The figures of one predictor over a set of trips; errors are predicted − observed. */
export const etaMetrics = z.object({
  maeS: z.number(),
  rmseS: z.number(),
  /** A fraction: 0.152. */
  mape: z.number(),
  biasS: z.number(),
  /** Share of bad ETAs: off by more than both 60 s and 20 % of the observed time. */
  badShare: z.number(),
  /** Share of trips inside the 80 % interval; null where the predictor gives none. */
  coverage80: z.number().nullable(),
  width80S: z.number().nullable(),
  n: z.number(),
});

/** What trips are grouped by: departure, length, the class that most of the length is of, observed ÷ free-flow time. */
export const sliceBy = z.enum(['hour', 'weekday', 'length', 'class', 'congestion']);

/** Share of observed times inside the central interval that is meant to hold `nominal` of them. */
const covered = z.object({ nominal: z.number(), covered: z.number() });

/** How well a predictor's whole distribution fits: by its median and 80 % interval, Gaussian in the log on either side. */
export const distributionFigures = z.object({
  /** Mean pinball loss of the 10 %, 50 % and 90 % quantiles, seconds. */
  pinballS: z.object({ q10: z.number(), q50: z.number(), q90: z.number() }),
  /** Mean interval score of the 80 % interval, seconds (Gneiting & Raftery 2007, eq. 43). */
  intervalScoreS: z.number(),
  /** Mean continuous ranked probability score, seconds. */
  crpsS: z.number(),
  calibration: z.array(covered),
});

export const etaEvaluation = z.object({
  runId: z.number(),
  from: z.string().nullable(),
  until: z.string().nullable(),
  metrics: etaMetrics,
  /** By id, from the plainest to the strongest: `freeFlow`, `historical`, `live`, `blend`, … */
  baselines: z.record(z.string(), etaMetrics),
  /** By which share the model gives fewer bad ETAs than each baseline, with a 95 % interval over days. */
  badReduction: z
    .array(z.object({ baseline: z.string(), share: z.number(), low: z.number(), high: z.number() }))
    .default([]),
  /** Figures of groups of trips in order; groups without a trip are left out. */
  slices: z.array(z.object({ by: sliceBy, label: z.string(), metrics: etaMetrics })).default([]),
  /**
   * Errors of single segments by when the trip enters them, where their seconds are known; `modelS` and `anchorS` are the mean
   * absolute errors of the model and of the segment model that it corrects.
   */
  horizons: z
    .array(
      z.object({
        fromMin: z.number(),
        toMin: z.number().nullable(),
        modelS: z.number(),
        anchorS: z.number(),
        n: z.number(),
      }),
    )
    .default([]),
  distribution: distributionFigures.nullable().default(null),
});

/** Two runs on the same trips, pair by pair. Differences are b − a; `low` and `high` bound them in 95 % of resampled days. */
export const runComparison = z.object({
  a: z.object({ runId: z.number(), name: z.string() }),
  /** `runId` null: a baseline, of which single trips are not kept, so that differences have no interval. */
  b: z.object({ runId: z.number().nullable(), name: z.string() }),
  /** Both were tested on exactly the same trips; otherwise only the trips of both are compared. */
  sameTrips: z.boolean(),
  /** What makes the comparison less than it looks, as sentences for a person. */
  warnings: z.array(z.string()),
  /** Settings in which the runs differ, as text; – where a run has none. */
  settings: z.array(z.object({ key: z.string(), a: z.string(), b: z.string() })),
  metrics: z.array(
    z.object({
      /** MAE, RMSE, MAPE, Bad ETAs, 80 % coverage. */
      name: z.string(),
      unit: z.enum(['s', '%', 'km/h']),
      a: z.number(),
      b: z.number(),
      /** a − b, with a 95 % interval. */
      difference: z.number(),
      low: z.number().nullable(),
      high: z.number().nullable(),
      /** `nominal`: the nearer to 80 %, the better. */
      betterWhen: z.enum(['lower', 'nominal']),
    }),
  ),
  /** MAE in seconds by group. */
  slices: z.array(
    z.object({
      by: sliceBy,
      label: z.string(),
      n: z.number(),
      a: z.number(),
      b: z.number(),
      /** a − b, with a 95 % interval. */
      difference: z.number(),
      low: z.number().nullable(),
      high: z.number().nullable(),
    }),
  ),
  /** Covered shares of both; empty where one gives no interval. */
  calibration: z.array(z.object({ nominal: z.number(), a: z.number(), b: z.number() })),
  /** MAE of single segments in seconds by when the trip enters them, where both evaluations know it. */
  errorByHorizon: z
    .array(
      z.object({
        fromMin: z.number(),
        toMin: z.number().nullable(),
        n: z.number(),
        a: z.number(),
        b: z.number(),
      }),
    )
    .optional(),
  /** Of two that forecast speeds: MAE in km/h by how far ahead, and what share the 80 % intervals hold. */
  speedsByHorizon: z
    .array(
      z.object({
        minutes: z.number(),
        n: z.number(),
        a: z.number(),
        b: z.number(),
        difference: z.number(),
        low: z.number().nullable(),
        high: z.number().nullable(),
        /** Fractions; null where there is no interval. */
        coverageA: z.number().nullable(),
        coverageB: z.number().nullable(),
        /** MAE of each baseline of the first run's evaluation; none where the two were not tested on the same. */
        baselines: z.record(z.string(), z.number()),
      }),
    )
    .optional(),
});

/** A figure over several windows. */
const spread = z.object({ mean: z.number(), deviation: z.number() });

/** The same settings trained on expanding windows, each judged on the days that follow it. */
export const rollingResult = z.object({
  runId: z.number(),
  name: z.string(),
  windows: z.array(
    z.object({
      runId: z.number(),
      name: z.string(),
      /** Test days; training saw all days before. */
      from: z.string(),
      until: z.string(),
      metrics: etaMetrics,
      baselines: z.record(z.string(), etaMetrics),
    }),
  ),
  /** Means and standard deviations over the windows: each baseline by its id, `model` last. */
  summary: z.array(
    z.object({ predictor: z.string(), maeS: spread, rmseS: spread, mape: spread, badShare: spread }),
  ),
});

export type EtaMetrics = z.infer<typeof etaMetrics>;
export type EtaEvaluation = z.infer<typeof etaEvaluation>;
export type SliceBy = z.infer<typeof sliceBy>;
export type RollingResult = z.infer<typeof rollingResult>;
export type RunComparison = z.infer<typeof runComparison>;
