import { create } from 'zustand';
import { api } from '../api/connection.ts';
import { type Problem, toProblem } from '../api/errors.ts';
import type { ApiRunComparison, ApiRunInfo } from '../api/types.ts';

export interface Pair {
  a: number;
  /** A run, or the name of a baseline. */
  b: number | string;
}

interface CompareState {
  /** What was chosen; null: the two newest evaluated runs, or the newest and its best baseline. */
  chosen: Pair | null;
  answer: ApiRunComparison | null;
  loading: { since: number } | null;
  problem: Problem | null;
  choose(pair: Pair): void;
  load(pair: Pair): Promise<void>;
  reset(): void;
}

const fresh = { chosen: null, answer: null, loading: null, problem: null };

export const useCompare = create<CompareState>((set, get) => ({
  ...fresh,
  choose: (chosen) => set({ chosen }),
  async load(pair) {
    const since = Date.now();
    set({ loading: { since }, problem: null });
    try {
      const answer = await api().runs.compare(pair);
      if (get().loading?.since === since) set({ answer, loading: null });
    } catch (thrown) {
      if (get().loading?.since === since) set({ answer: null, loading: null, problem: toProblem(thrown) });
    }
  },
  reset: () => set(fresh),
}));

export const isEvaluated = (run: ApiRunInfo): boolean => (run.evaluation ?? run.speeds?.evaluation) != null;

/** What a run's newest evaluation says of it and of its baselines, at the first horizon where there are several. */
export interface JudgedRun {
  mae: number;
  unit: 's' | 'km/h';
  /** Of speeds: how far ahead. */
  minutes: number | null;
  /** MAE by id, from the plainest to the strongest. */
  baselines: Record<string, number>;
}

export function judgedRun({ evaluation, speeds }: ApiRunInfo): JudgedRun | null {
  if (evaluation) {
    const baselines = mapValues(evaluation.baselines, ({ maeS }) => maeS);
    return { mae: evaluation.metrics.maeS, unit: 's', minutes: null, baselines };
  }
  const [first] = speeds?.evaluation?.horizons ?? [];
  if (!first) return null;
  const baselines = mapValues(first.baselines, ({ maeKmh }) => maeKmh);
  return { mae: first.metrics.maeKmh, unit: 'km/h', minutes: first.minutes, baselines };
}

function mapValues<In, Out>(from: Record<string, In>, to: (value: In) => Out): Record<string, Out> {
  return Object.fromEntries(Object.entries(from).map(([key, value]) => [key, to(value)]));
}

/** The chosen pair where both are still there, else the natural one; null where there is nothing to compare. */
export function pairOf(runs: readonly ApiRunInfo[], chosen: Pair | null): Pair | null {
  const evaluated = runs.filter(isEvaluated);
  const known = (id: number) => evaluated.find((run) => run.id === id);
  const first = chosen && known(chosen.a);
  if (first) {
    const isThere =
      typeof chosen.b === 'number' ? known(chosen.b) : Object.hasOwn(judgedRun(first)!.baselines, chosen.b);
    if (isThere) return chosen;
  }
  const newest = first ?? evaluated.at(-1);
  const other = newest && naturalOther(evaluated, newest);
  return other === undefined ? null : { a: newest!.id, b: other };
}

/** The newest other run that predicts the same, else the best baseline. */
function naturalOther(evaluated: readonly ApiRunInfo[], run: ApiRunInfo): number | string | undefined {
  const isAlike = ({ speeds }: ApiRunInfo) => (speeds === null) === (run.speeds === null);
  const other = evaluated.findLast((candidate) => candidate.id !== run.id && isAlike(candidate));
  const baselines = Object.entries(judgedRun(run)!.baselines).sort(([, x], [, y]) => x - y);
  return other?.id ?? baselines[0]?.[0];
}
