import { answerOf } from '@etalon/core/api/client';
import { create } from 'zustand';
import { api } from '../api/connection.ts';
import { type Problem, toProblem } from '../api/errors.ts';
import { type PendingCall, pendingNow } from '../api/pending.ts';
import type { ApiExplanation, ApiRouteAnswer } from '../api/types.ts';
import { useRoute } from './route.ts';

interface ExplainState {
  /** Whether the route is shown with its reasons. */
  open: boolean;
  explanation: ApiExplanation | null;
  /** The answer that it explains. */
  explains: ApiRouteAnswer | null;
  loading: PendingCall | null;
  problem: Problem | null;
  /** The segment that the pointer is on, on the map. */
  pointed: number | null;
  show(): void;
  close(): void;
  point(segment: number | null): void;
}

let asked: AbortController | undefined;

export const useExplain = create<ExplainState>((set, get) => ({
  open: false,
  explanation: null,
  explains: null,
  loading: null,
  problem: null,
  pointed: null,
  show() {
    set({ open: true });
    void explain();
  },
  close() {
    asked?.abort();
    set({ open: false, loading: null, problem: null, pointed: null });
  },
  point(pointed) {
    if (pointed !== get().pointed) set({ pointed });
  },
}));

/** Asks why the route's answer is what it is, unless that is known; what was asked before is not waited for. */
async function explain(): Promise<void> {
  const { answer, answerFor, a, b } = useRoute.getState();
  const { explains, explanation } = useExplain.getState();
  if (!answer || !answerFor || !a || !b || (explanation && explains === answer)) return;
  asked?.abort();
  const mine = new AbortController();
  asked = mine;
  const loading = pendingNow();
  useExplain.setState({ loading, problem: null, explanation: null, explains: null });
  try {
    const question = {
      runId: answerFor.runId,
      segments: answer.segments,
      from: a.point,
      to: b.point,
      depart: answer.depart,
    };
    const found = await answerOf(api().predict.explain(question, { signal: mine.signal }), (told) => {
      if (!mine.signal.aborted) useExplain.setState({ loading: { ...loading, told } });
    });
    if (!mine.signal.aborted) useExplain.setState({ explanation: found, explains: answer, loading: null });
  } catch (thrown) {
    if (!mine.signal.aborted) useExplain.setState({ problem: toProblem(thrown), loading: null });
  }
}

useRoute.subscribe(({ answer }, before) => {
  if (answer === before.answer) return;
  if (answer === null) {
    asked?.abort();
    useExplain.setState({ explanation: null, explains: null, loading: null, problem: null });
  } else if (useExplain.getState().open) void explain();
});
