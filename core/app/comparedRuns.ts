import type { RunComparison } from '../api/contract.ts';
import { EtalonError } from '../base/index.ts';
import type { RunRecord, StoredEvaluation } from '../project/index.ts';
import type { RunConfig } from './model.ts';

/** Throws `conflict` where there is none. */
export function newestEvaluation({ name, evaluations }: RunRecord): StoredEvaluation {
  const newest = evaluations.at(-1);
  if (newest) return newest;
  throw new EtalonError('conflict', `Run “${name}” was not evaluated yet.`, {
    remedy: 'Evaluate it on the test days, then compare.',
  });
}

/** The newest evaluations of two runs over one period, or, where there is none of both, the newest of each. Throws `conflict`. */
export function chosenEvaluations(a: RunRecord, b: RunRecord): [StoredEvaluation, StoredEvaluation] {
  const [newestA, newestB] = [a, b].map(newestEvaluation);
  for (const evaluation of a.evaluations.toReversed()) {
    const match = b.evaluations.findLast(
      ({ from, until }) => from === evaluation.from && until === evaluation.until,
    );
    if (match) return [evaluation, match];
  }
  return [newestA, newestB];
}

/** Besides the model's settings: seed and training period. */
export function changedSettings(a: RunRecord, b: RunRecord): RunComparison['settings'] {
  const flat = ({ config }: RunRecord): Record<string, unknown> => {
    const { settings, ...others } = config as RunConfig;
    return { ...others, ...settings };
  };
  const [left, right] = [flat(a), flat(b)];
  const text = (value: unknown) => (value === undefined ? '–' : String(value));
  return [...new Set([...Object.keys(left), ...Object.keys(right)])]
    .map((key) => ({ key, a: text(left[key]), b: text(right[key]) }))
    .filter((row) => row.a !== row.b);
}
