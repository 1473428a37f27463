import { create } from 'zustand';
import { api } from '../api/connection.ts';
import { type Problem, toProblem } from '../api/errors.ts';
import type { ApiRouteAnswer, Point } from '../api/types.ts';
import { localDateTime, position } from '../format/format.ts';
import { useMap } from './map.ts';

export interface Place {
  point: Point;
  label: string;
}

export type Timing = 'depart' | 'arrive';

interface RouteState {
  a: Place | null;
  b: Place | null;
  /** What the map's time is: when the drive begins, or when it is to have ended. */
  timing: Timing;
  /** The end that the next click on the map sets. */
  placing: 'a' | 'b' | null;
  answer: ApiRouteAnswer | null;
  answerFor: { runId: number; timing: Timing; at: string; computedAt: number } | null;
  loading: { since: number } | null;
  problem: Problem | null;
  /** Distance along the route that chart and map show together, in metres. */
  hoverM: number | null;
  place(end: 'a' | 'b', place: Place | null): void;
  startPlacing(end: 'a' | 'b' | null): void;
  clickAt(point: Point): boolean;
  swap(): void;
  choose(timing: Timing): void;
  clear(): void;
  hover(metres: number | null): void;
  compute(): Promise<void>;
}

export const placeAt = (point: Point): Place => ({ point, label: position(point[0], point[1]) });

export const useRoute = create<RouteState>((set, get) => ({
  a: null,
  b: null,
  timing: 'depart',
  placing: null,
  answer: null,
  answerFor: null,
  loading: null,
  problem: null,
  hoverM: null,
  place(end, place) {
    set(end === 'a' ? { a: place } : { b: place });
    set({ placing: null });
    if (!get().a || !get().b) set({ answer: null, answerFor: null, problem: null });
    else void get().compute();
  },
  startPlacing: (placing) => set({ placing }),
  clickAt(point) {
    const { placing } = get();
    if (!placing) return false;
    get().place(placing, placeAt(point));
    if (placing === 'a' && !get().b) set({ placing: 'b' });
    return true;
  },
  swap() {
    const { a, b } = get();
    set({ a: b, b: a });
    if (a && b) void get().compute();
  },
  choose(timing) {
    if (timing === get().timing) return;
    set({ timing });
    if (get().a && get().b) void get().compute();
  },
  clear: () =>
    set({ a: null, b: null, placing: null, answer: null, answerFor: null, problem: null, hoverM: null }),
  hover: (hoverM) => set({ hoverM }),
  async compute() {
    const { a, b, timing } = get();
    const { runId, day, minute } = useMap.getState();
    if (!a || !b || runId === null || !day) return;
    const at = localDateTime(day, minute);
    const since = Date.now();
    set({ loading: { since }, problem: null });
    try {
      const answer = await api().predict.route({ runId, from: a.point, to: b.point, [timing]: at });
      if (get().loading?.since !== since) return;
      set({ answer, answerFor: { runId, timing, at, computedAt: Date.now() }, loading: null, hoverM: null });
    } catch (thrown) {
      if (get().loading?.since === since) set({ problem: toProblem(thrown), answer: null, loading: null });
    }
  },
}));

/** Whether the answer was computed for another run or time than the map now shows. */
export function isStale(
  answerFor: RouteState['answerFor'],
  now: { runId: number | null; day: string | null; minute: number },
): boolean {
  if (!answerFor || !now.day) return false;
  return answerFor.runId !== now.runId || answerFor.at !== localDateTime(now.day, now.minute);
}
