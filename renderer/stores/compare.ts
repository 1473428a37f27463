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

export const evaluatedRuns = (runs: readonly ApiRunInfo[]): ApiRunInfo[] =>
  runs.filter((run) => run.evaluation !== null);

/** The chosen pair where both are still there, else the natural one; null where there is nothing to compare. */
export function pairOf(runs: readonly ApiRunInfo[], chosen: Pair | null): Pair | null {
  const evaluated = evaluatedRuns(runs);
  const has = (id: number) => evaluated.some((run) => run.id === id);
  if (chosen && has(chosen.a)) {
    const { baselines } = evaluated.find((run) => run.id === chosen.a)!.evaluation!;
    if (typeof chosen.b === 'number' ? has(chosen.b) : Object.hasOwn(baselines, chosen.b)) return chosen;
  }
  const [second, first] =
    evaluated.slice(-2).length === 2 ? evaluated.slice(-2) : [undefined, evaluated.at(-1)];
  if (!first) return null;
  if (second) return { a: first.id, b: second.id };
  const best = Object.entries(first.evaluation!.baselines).sort((x, y) => x[1].maeS - y[1].maeS)[0];
  return best ? { a: first.id, b: best[0] } : null;
}
