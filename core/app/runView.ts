import {
  type ApiRunInfo,
  type EtaEvaluation,
  etaEvaluation,
  type SpeedEvaluation,
  speedEvaluation,
} from '../api/contract.ts';
import { rankingEvaluation } from '../api/recommenders.ts';
import { type ErrorCode, EtalonError } from '../base/index.ts';
import type { EvaluationRecord, MetricPoint, ProjectStore, RunRecord } from '../project/index.ts';
import { VALIDATION_METRICS } from './model.ts';
import { type ModelKinds, predictedBy } from './models.ts';

/** A run as clients see it. */
export function runView(models: ModelKinds, store: ProjectStore, run: RunRecord): ApiRunInfo {
  return {
    id: run.id,
    name: run.name,
    model: run.model,
    predicts: predictedBy(models, run),
    status: run.status,
    createdAt: run.createdAt,
    finishedAt: run.finishedAt,
    seconds: run.seconds,
    device: run.device,
    config: run.config,
    ...figuresOf(models, store, run),
    error: run.error && { ...run.error, code: run.error.code as ErrorCode },
  };
}

function figuresOf(
  models: ModelKinds,
  store: ProjectStore,
  run: RunRecord,
): Pick<ApiRunInfo, 'evaluation' | 'validation' | 'speeds' | 'ranking'> {
  const newest = run.evaluations.at(-1);
  const predicts = predictedBy(models, run);
  if (predicts === 'items') {
    const ranking = newest ? rankingEvaluation.parse(newest.result) : null;
    return { evaluation: null, validation: null, speeds: null, ranking };
  }
  const points = newest ? [] : store.metrics(run.id);
  if (predicts === 'speeds') {
    const best = bestValidation(points, VALIDATION_METRICS.speeds);
    const validation = best && { epoch: best.epoch, maeKmh: best.mae, mape: best.mape };
    const evaluation = newest ? speedEvaluation.parse(newest.result) : null;
    return { evaluation: null, validation: null, speeds: { evaluation, validation }, ranking: null };
  }
  const best = bestValidation(points, VALIDATION_METRICS.travelTimes);
  return {
    evaluation: newest ? readEvaluation(newest) : null,
    validation: best && { epoch: best.epoch, maeS: best.mae, mape: best.mape },
    speeds: null,
    ranking: null,
  };
}

/** What an older Etalon did not compute stands at its default. */
export function readEvaluation({ result }: EvaluationRecord): EtaEvaluation {
  return etaEvaluation.parse(result);
}

/** Throws `internal` for an evaluation of speeds. */
export function travelTimes(evaluation: EtaEvaluation | SpeedEvaluation): EtaEvaluation {
  if ('kind' in evaluation)
    throw new EtalonError('internal', 'internal: travel times were expected, and speeds evaluated');
  return evaluation;
}

interface BestValidation {
  epoch: number;
  mae: number;
  mape: number;
}

/** The epoch with the least validation error. */
function bestValidation(
  points: readonly MetricPoint[],
  names: { readonly mae: string; readonly mape: string },
): BestValidation | null {
  const epochs = new Map<number, Partial<BestValidation>>();
  for (const { epoch, name, value } of points) {
    const figures = epochs.get(epoch) ?? {};
    if (name === names.mae) figures.mae = value;
    else if (name === names.mape) figures.mape = value;
    else continue;
    epochs.set(epoch, figures);
  }
  let best: BestValidation | null = null;
  for (const [epoch, { mae, mape }] of epochs)
    if (mae !== undefined && mape !== undefined && (!best || mae < best.mae)) best = { epoch, mae, mape };
  return best;
}
