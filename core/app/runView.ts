import { type ApiRunInfo, type EtaEvaluation, etaEvaluation } from '../api/contract.ts';
import type { ErrorCode } from '../base/index.ts';
import type { EvaluationRecord, MetricPoint, ProjectStore, RunRecord } from '../project/index.ts';
import { VALIDATION_METRICS } from './model.ts';

/** A run as clients see it. */
export function runView(store: ProjectStore, run: RunRecord): ApiRunInfo {
  const evaluation = newestEvaluation(run);
  return {
    id: run.id,
    name: run.name,
    model: run.model,
    status: run.status,
    createdAt: run.createdAt,
    finishedAt: run.finishedAt,
    seconds: run.seconds,
    device: run.device,
    config: run.config,
    evaluation,
    validation: evaluation ? null : bestValidation(store.metrics(run.id)),
    error: run.error && { ...run.error, code: run.error.code as ErrorCode },
  };
}

function newestEvaluation(run: RunRecord): EtaEvaluation | null {
  const newest = run.evaluations.at(-1);
  return newest ? readEvaluation(newest) : null;
}

/** What an older Etalon did not compute stands at its default. */
export function readEvaluation({ result }: EvaluationRecord): EtaEvaluation {
  return etaEvaluation.parse(result);
}

/** The epoch with the least validation error. */
function bestValidation(points: readonly MetricPoint[]): ApiRunInfo['validation'] {
  const epochs = new Map<number, { epoch: number; maeS?: number; mape?: number }>();
  for (const { epoch, name, value } of points) {
    const figures = epochs.get(epoch) ?? { epoch };
    if (name === VALIDATION_METRICS.maeS) figures.maeS = value;
    else if (name === VALIDATION_METRICS.mape) figures.mape = value;
    else continue;
    epochs.set(epoch, figures);
  }
  let best: ApiRunInfo['validation'] = null;
  for (const { epoch, maeS, mape } of epochs.values())
    if (maeS !== undefined && mape !== undefined && (!best || maeS < best.maeS)) best = { epoch, maeS, mape };
  return best;
}
