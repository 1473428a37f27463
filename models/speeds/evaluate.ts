import type { SpeedBlock, SpeedEvaluation, SpeedMetrics } from '@etalon/core/api/contract';
import type { EvaluateContext, EvaluatedRun, RunConfig } from '@etalon/core/app/model';
import { blockBootstrap, breathe, EtalonError, Random, throwIfCancelled } from '@etalon/core/base';
import { openDevice } from '@etalon/core/device';
import type { ProjectStore } from '@etalon/core/project';
import { localDay } from '@etalon/core/roads';
import { speedBaselines } from './baselines.ts';
import { SpeedBatches } from './batch.ts';
import { readTrained, type TrainedSpeeds } from './checkpoint.ts';
import { forecast } from './forecast.ts';
import { rowStartS, speedMatrix } from './matrix.ts';
import { speedNetwork } from './network.ts';
import { prepareSpeeds } from './prepare.ts';
import { horizonMinutes, parseSpeedSettings } from './settings.ts';
import { inDays, type SpeedSource, speedSource, windowRows } from './windows.ts';

/** The intervals of an evaluation are the same whenever it is made. */
const SEED = 1;
/** With fewer days, hours are resampled. */
const LEAST_DAYS = 5;
const MODEL = 'model';
/** Windows that are asked and judged at a time. */
const CHUNK = 64;

/**
 * Judges a run on the observations of a period, beside baselines that know the same. Windows reach back before the period, as what was
 * observed then is known; every speed that is forecast lies in it. Missing observations count nowhere.
 */
export async function evaluateRun(
  store: ProjectStore,
  runId: number,
  period: { from?: string; until?: string },
  context: EvaluateContext,
): Promise<EvaluatedRun> {
  const config = store.run(runId).config as RunConfig;
  const settings = parseSpeedSettings(config.settings);
  const trained = readTrained(store, runId);
  context.report({ stage: 'Laying out the observations', done: 0 });
  const data = prepareSpeeds(store, config, settings, trained);
  const { network, graph } = data.source;
  const all = speedMatrix(store.readObservations(), trained.segments, trained.stepS);
  const source = speedSource(network, all, graph, trained.history, settings);
  const days = daysOf(source, period);
  const rows = windowRows(source, days);
  if (rows.length === 0)
    throw new EtalonError(
      'input',
      `There is nothing to forecast from ${period.from ?? 'the start'} to ${period.until ?? 'the end'}.`,
      { remedy: 'Choose a period that the imported observations cover; `etalon info` shows it.' },
    );
  const made = new Map<SpeedSource, SpeedBatches>();
  const batches = (of: SpeedSource): SpeedBatches => {
    const known = made.get(of) ?? new SpeedBatches(of, trained.shape);
    made.set(of, known);
    return known;
  };
  const baselines = speedBaselines(data, batches, config.seed);
  const unit = days.size < LEAST_DAYS ? 'hour' : 'day';
  const minutes = horizonMinutes(settings);
  const tallies = new Tallies(source, unit);

  const device = await openDevice('cpu');
  try {
    const forward = await device.compile(speedNetwork(trained.shape, settings).forward);
    const n = trained.segments.length;
    for (let begin = 0; begin < rows.length; begin += CHUNK) {
      throwIfCancelled(context.signal);
      context.report({ stage: 'Forecasting', done: begin, total: rows.length, unit: 'moments' });
      const chunk = rows.slice(begin, begin + CHUNK);
      const said = await forecast(forward, batches(source), chunk, trained.parameters, settings.batchWindows);
      let at = 0;
      for (const row of chunk) {
        for (let i = 0; i < n; i++)
          for (const [h, ahead] of source.horizonRows.entries()) {
            const k = at++;
            if (!inDays(all, row + ahead, days)) continue;
            const observed = all.speedKmh[(row + ahead) * n + i];
            if (Number.isNaN(observed)) continue;
            const [low, high] = bounds(trained, said.speedKmh[k], said.logSigma[k], h);
            tallies.add(MODEL, h, row + ahead, observed, said.speedKmh[k], [low, high]);
            for (const [id, says] of Object.entries(baselines))
              tallies.add(id, h, row + ahead, observed, says(source, row, i, h), null);
          }
        await breathe();
      }
    }
  } finally {
    await device.dispose();
  }
  const result: SpeedEvaluation = {
    kind: 'speeds',
    runId,
    from: period.from ?? null,
    until: period.until ?? null,
    resampled: unit,
    horizons: minutes.map((ahead, h) => ({
      minutes: ahead,
      metrics: tallies.metrics(MODEL, h, true),
      baselines: Object.fromEntries(Object.keys(baselines).map((id) => [id, tallies.metrics(id, h, false)])),
      gains: Object.keys(baselines).map((id) => ({ baseline: id, ...tallies.gain(id, MODEL, h) })),
    })),
  };
  return { result: { ...result, blocks: tallies.blocks(MODEL, minutes) } };
}

/** The 80 % interval of a forecast at a horizon's place, km/h. */
export function bounds(
  { calibration, shape }: Pick<TrainedSpeeds, 'calibration' | 'shape'>,
  speedKmh: number,
  logSigma: number,
  h: number,
): [low: number, high: number] {
  const sigmaKmh = Math.exp(logSigma) * shape.scaleKmh;
  const { lowQuantile, highQuantile } = calibration[h];
  return [Math.max(0, speedKmh + lowQuantile * sigmaKmh), speedKmh + highQuantile * sigmaKmh];
}

/** The local days of a period that the matrix has. */
function daysOf({ matrix }: SpeedSource, { from, until }: { from?: string; until?: string }): Set<number> {
  const dayOf = (date: string) => Date.parse(`${date}T00:00:00Z`) / 86_400_000;
  const first = Math.max(from ? dayOf(from) : -Infinity, localDay(rowStartS(matrix, 0)));
  const last = Math.min(
    until ? dayOf(until) - 1 : Infinity,
    localDay(rowStartS(matrix, Math.max(0, matrix.steps - 1))),
  );
  return new Set(Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => first + k));
}

type Sums = Omit<SpeedBlock, 'minutes' | 'block'> & { width: number };

/** Adds up errors by predictor, horizon and day or hour. */
class Tallies {
  readonly #source: SpeedSource;
  readonly #blockS: number;
  readonly #sums = new Map<string, Map<number, Sums>>();

  constructor(source: SpeedSource, unit: 'day' | 'hour') {
    this.#source = source;
    this.#blockS = unit === 'day' ? 86_400 : 3600;
  }

  add(
    predictor: string,
    h: number,
    row: number,
    observed: number,
    predicted: number,
    interval: [number, number] | null,
  ): void {
    const block = Math.floor(rowStartS(this.#source.matrix, row) / this.#blockS);
    const key = `${predictor} ${h}`;
    let blocks = this.#sums.get(key);
    if (!blocks) {
      blocks = new Map();
      this.#sums.set(key, blocks);
    }
    let sums = blocks.get(block);
    if (!sums) {
      sums = { n: 0, observedKmh: 0, absolute: 0, squared: 0, relative: 0, inside: 0, width: 0 };
      blocks.set(block, sums);
    }
    const error = predicted - observed;
    sums.n++;
    sums.observedKmh += observed;
    sums.absolute += Math.abs(error);
    sums.squared += error * error;
    sums.relative += Math.abs(error) / observed;
    if (!interval) return;
    sums.inside += Number(interval[0] <= observed && observed <= interval[1]);
    sums.width += interval[1] - interval[0];
  }

  metrics(predictor: string, h: number, hasInterval: boolean): SpeedMetrics {
    const all = this.#of(predictor, h);
    const total = (of: (sums: Sums) => number) => all.reduce((sum, [, sums]) => sum + of(sums), 0);
    const n = total((sums) => sums.n);
    return {
      maeKmh: total((sums) => sums.absolute) / n,
      rmseKmh: Math.sqrt(total((sums) => sums.squared) / n),
      mape: total((sums) => sums.relative) / n,
      coverage80: hasInterval ? total((sums) => sums.inside) / n : null,
      width80Kmh: hasInterval ? total((sums) => sums.width) / n : null,
      n,
    };
  }

  /** By how much less one predictor is off than another, with a 95 % interval over blocks. */
  gain(baseline: string, model: string, h: number): { kmh: number; low: number; high: number } {
    const [theirs, ours] = [this.#of(baseline, h), this.#of(model, h)];
    const column = (of: (k: number) => number) => Float64Array.from(ours, (_, k) => of(k));
    const [{ value, low, high }] = blockBootstrap(
      column((k) => k),
      [column((k) => theirs[k][1].absolute - ours[k][1].absolute), column((k) => ours[k][1].n)],
      [([difference, n]) => difference / n],
      new Random(SEED),
    );
    return { kmh: value, low, high };
  }

  blocks(predictor: string, minutes: readonly number[]): SpeedBlock[] {
    return minutes.flatMap((ahead, h) =>
      this.#of(predictor, h).map(([block, { width: _, ...sums }]) => ({ minutes: ahead, block, ...sums })),
    );
  }

  /** In order of time. */
  #of(predictor: string, h: number): [number, Sums][] {
    return [...(this.#sums.get(`${predictor} ${h}`) ?? [])].sort(([a], [b]) => a - b);
  }
}
