import { answerOf } from '@etalon/core/api/client';
import { create } from 'zustand';
import { api } from '../api/connection.ts';
import { type Problem, toProblem } from '../api/errors.ts';
import { type PendingCall, pendingNow } from '../api/pending.ts';
import type {
  ApiSupersegmentCatalogue,
  ApiSupersegmentDetail,
  ApiSupersegmentQuestion,
} from '../api/types.ts';
import { type ShownLayer, shownLayer } from '../map/layers.ts';
import { remember, remembered } from './memory.ts';

interface SupersegmentsState {
  question: ApiSupersegmentQuestion;
  catalogue: ApiSupersegmentCatalogue | null;
  /** How many of them hold each segment, as a layer of a map. */
  shown: ShownLayer | null;
  /** The question that the catalogue answers. */
  answered: ApiSupersegmentQuestion | null;
  /** Whether any was drawn, or is being, since the project was opened. */
  asked: boolean;
  selected: number | null;
  detail: ApiSupersegmentDetail | null;
  loading: PendingCall | null;
  problem: Problem | null;
  /** Another project or other trips: nothing that was known holds. */
  reset(): void;
  ask(change: Partial<ApiSupersegmentQuestion>): void;
  draw(): Promise<void>;
  cancel(): void;
  select(id: number | null): Promise<void>;
  step(by: 1 | -1): void;
}

const nothing = {
  catalogue: null,
  shown: null,
  answered: null,
  asked: false,
  selected: null,
  detail: null,
  loading: null,
  problem: null,
};

const MEMORY = 'supersegments';
const usual: ApiSupersegmentQuestion = { runId: null, length: 20, count: 2000, seed: 1, neighbours: 1 };

export const useSupersegments = create<SupersegmentsState>((set, get) => {
  let running: AbortController | null = null;
  return {
    ...nothing,
    question: { ...usual, ...remembered<Partial<ApiSupersegmentQuestion>>(MEMORY, {}), runId: null },
    reset() {
      running?.abort();
      set({ ...nothing, question: { ...get().question, runId: null } });
    },
    ask(change) {
      const question = { ...get().question, ...change };
      remember(MEMORY, question);
      set({ question });
    },
    async draw() {
      running?.abort();
      const own = new AbortController();
      running = own;
      const { question } = get();
      const loading = pendingNow();
      set({ asked: true, loading, problem: null });
      try {
        const { signal } = own;
        const catalogue = await answerOf(api().supersegments.catalogue(question, { signal }), (told) => {
          if (running === own) set({ loading: { ...loading, told } });
        });
        const shown = await shownLayer(
          { layer: 'coverage', speed: 'predicted', horizonMinutes: 0 },
          await api().supersegments.coverage(question, { signal }),
        );
        if (running !== own) return;
        set({ catalogue, shown, answered: question, selected: null, detail: null });
      } catch (thrown) {
        if (!own.signal.aborted) set({ problem: toProblem(thrown) });
      } finally {
        if (running === own) set({ loading: null });
      }
    },
    cancel() {
      running?.abort();
      running = null;
      set({ loading: null });
    },
    async select(selected) {
      const { answered } = get();
      set({ selected, ...(selected === null && { detail: null }) });
      if (selected === null || !answered) return;
      try {
        const detail = await api().supersegments.one({ ...answered, id: selected });
        if (get().selected === selected && get().answered === answered) set({ detail });
      } catch (thrown) {
        set({ problem: toProblem(thrown) });
      }
    },
    step(by) {
      const { catalogue, selected } = get();
      const count = catalogue?.rows.length ?? 0;
      if (count === 0) return;
      const next = selected === null ? (by === 1 ? 0 : count - 1) : (selected + by + count) % count;
      void get().select(next);
    },
  };
});
