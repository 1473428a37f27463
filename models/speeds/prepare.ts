import type { RunConfig } from '@etalon/core/app/model';
import { EtalonError, Random } from '@etalon/core/base';
import type { ProjectStore } from '@etalon/core/project';
import { fitNormalisation } from '../normalisation.ts';
import { validationDays } from '../validationDays.ts';
import { SpeedBatches } from './batch.ts';
import { speedGraph } from './graph.ts';
import { commonInterval, observedSegments, speedMatrix } from './matrix.ts';
import type { SpeedShape } from './network.ts';
import { type ProfileSums, profileSums } from './profile.ts';
import { horizonMinutes, type SpeedSettings } from './settings.ts';
import {
  EDGE_COLUMNS,
  GRAPH_COLUMNS,
  inDays,
  lastDeviation,
  nodeColumns,
  rowDay,
  type SpeedSource,
  speedSource,
  windowRows,
} from './windows.ts';

/** One day trains, one is its history, one validates. */
const LEAST_DAYS = 3;
/** Windows whose inputs settle the normalisation and the persistence. */
const SAMPLE_WINDOWS = 300;

/** What is made of the observations before training. */
export interface PreparedSpeeds {
  segments: Int32Array;
  stepS: number;
  history: ProfileSums;
  shape: SpeedShape;
}

export interface SpeedData extends PreparedSpeeds {
  source: SpeedSource;
  trainDays: ReadonlySet<number>;
  validationDays: ReadonlySet<number>;
}

/**
 * Lays out the observations of the training period, split by whole days. `given` is what an earlier start has prepared. Throws
 * `conflict` where there is too little to learn from, `usage` where a horizon is no whole number of steps.
 */
export function prepareSpeeds(
  store: ProjectStore,
  { from, until, seed }: RunConfig,
  settings: SpeedSettings,
  given?: PreparedSpeeds,
): SpeedData {
  const observations = store.readObservations({ ...(from && { from }), ...(until && { until }) });
  if (observations.count === 0)
    throw new EtalonError('conflict', 'The training period has no observations of segments.', {
      remedy: 'Import speeds of segments or detectors, or widen the period with --from and --until.',
    });
  const stepS = given?.stepS ?? (settings.stepMinutes * 60 || commonInterval(observations));
  checkHorizons(settings, stepS);
  const segments = given?.segments ?? observedSegments(observations);
  const matrix = speedMatrix(observations, segments, stepS);
  const days = [...new Set(Array.from({ length: matrix.steps }, (_, row) => rowDay(matrix, row)))];
  if (days.length < LEAST_DAYS)
    throw new EtalonError('conflict', `The training period has observations of ${days.length} days only.`, {
      remedy: `Import at least ${LEAST_DAYS} days: some are the others' history, and the last validate.`,
    });
  const held = validationDays(days, Math.max(1, Math.round(days.length * settings.validationShare)));
  const trainDays = new Set(days.filter((day) => !held.has(day)));
  const history = given?.history ?? profileSums(matrix);
  const network = store.readRoads();
  const source = speedSource(
    network,
    matrix,
    speedGraph(network, segments, settings.neighbours),
    history,
    settings,
  );
  const shape = given?.shape ?? fitShape(source, trainDays, new Random(seed));
  return { segments, stepS, history, shape, source, trainDays, validationDays: held };
}

function checkHorizons(settings: SpeedSettings, stepS: number): void {
  const wrong = horizonMinutes(settings).find((minutes) => (minutes * 60) % stepS !== 0);
  if (wrong === undefined) return;
  throw new EtalonError(
    'usage',
    `A horizon of ${wrong} minutes is no whole number of steps of ${stepS / 60} minutes.`,
    {
      where: { field: 'horizons' },
      remedy: 'Set stepMinutes to a number that divides every horizon, or choose other horizons.',
    },
  );
}

function fitShape(source: SpeedSource, days: ReadonlySet<number>, random: Random): SpeedShape {
  const rows = random
    .shuffle(windowRows(source, days))
    .slice(0, SAMPLE_WINDOWS)
    .sort((a, b) => a - b);
  if (rows.length === 0)
    throw new EtalonError('conflict', 'No training day has a window with a speed to forecast after it.', {
      remedy: 'Import days without gaps, or set a shorter historyMinutes.',
    });
  const batches = new SpeedBatches(source);
  const { nodeFeatures, edgeFeatures, graphFeatures } = batches.forward(rows) as Record<string, Float32Array>;
  const deviations = batches.deviations(rows);
  const square = deviations.reduce((sum, kmh) => sum + kmh * kmh, 0) / Math.max(1, deviations.length);
  return {
    segments: source.matrix.segments.length,
    nodes: fitNormalisation(nodeFeatures, nodeColumns(source)),
    edges: fitNormalisation(edgeFeatures, EDGE_COLUMNS),
    graphs: fitNormalisation(graphFeatures, GRAPH_COLUMNS),
    persistence: source.horizonRows.map((ahead) => fitPersistence(source, rows, ahead, days)),
    scaleKmh: Math.max(1, Math.sqrt(square)),
  };
}

/** The share w in 0 … 1, by steps of 0.02, with the least Σ |observed − history − w · last deviation|. */
export function fitPersistence(
  source: SpeedSource,
  rows: readonly number[],
  ahead: number,
  days: ReadonlySet<number>,
): number {
  const { matrix, expectedKmh } = source;
  const n = matrix.segments.length;
  const pairs: [last: number, later: number][] = [];
  for (const row of rows) {
    if (!inDays(matrix, row + ahead, days)) continue;
    for (let i = 0; i < n; i++) {
      const at = (row + ahead) * n + i;
      const later = matrix.speedKmh[at] - expectedKmh[at];
      if (!Number.isNaN(later)) pairs.push([lastDeviation(source, row, i).kmh, later]);
    }
  }
  const shares = Array.from({ length: 51 }, (_, step) => step / 50);
  const errors = shares.map((share) =>
    pairs.reduce((sum, [last, later]) => sum + Math.abs(later - share * last), 0),
  );
  return shares[errors.indexOf(Math.min(...errors))];
}
