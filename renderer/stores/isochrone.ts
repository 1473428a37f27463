import { create } from 'zustand';
import { api } from '../api/connection.ts';
import { type Problem, toProblem } from '../api/errors.ts';
import type { ApiIsochrone } from '../api/types.ts';
import { localDateTime } from '../format/format.ts';
import { useMap } from './map.ts';
import { type Place, placeAt, useRoute } from './route.ts';

/** Minutes of the three bands. */
export const BAND_CHOICES = [
  [5, 10, 15],
  [10, 20, 30],
  [15, 30, 45],
] as const;
export type Bands = (typeof BAND_CHOICES)[number];

interface IsochroneState {
  from: Place | null;
  bands: Bands;
  answer: ApiIsochrone | null;
  answerFor: { runId: number | null; at: string } | null;
  loading: { since: number } | null;
  problem: Problem | null;
  /** What is reached from a place at the map's time, by the map's run. */
  show(from: Place): Promise<void>;
  chooseBands(bands: Bands): void;
  recompute(): Promise<void>;
  clear(): void;
}

const nothing = { from: null, answer: null, answerFor: null, loading: null, problem: null };

export const useIsochrone = create<IsochroneState>((set, get) => ({
  ...nothing,
  bands: BAND_CHOICES[0],
  async show(from) {
    set({ ...nothing, from });
    await get().recompute();
  },
  chooseBands(bands) {
    set({ bands });
    void get().recompute();
  },
  async recompute() {
    const { from, bands } = get();
    const { runId, day, minute } = useMap.getState();
    if (!from || !day) return;
    const at = localDateTime(day, minute);
    const since = Date.now();
    set({ loading: { since }, problem: null });
    try {
      const answer = await api().predict.isochrone({
        runId,
        from: from.point,
        depart: at,
        minutes: [...bands],
      });
      if (get().loading?.since === since) set({ answer, answerFor: { runId, at }, loading: null });
    } catch (thrown) {
      if (get().loading?.since === since) set({ problem: toProblem(thrown), answer: null, loading: null });
    }
  },
  clear: () => set(nothing),
}));

/** Here: the route's start, or where the pointer or the middle of the view is. */
export function isochroneStart(): Place | null {
  const { a } = useRoute.getState();
  const { cursor } = useMap.getState();
  if (a) return a;
  return cursor && placeAt(cursor);
}
