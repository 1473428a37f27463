import { create } from 'zustand';
import { api } from '../api/connection.ts';
import { type Problem, toProblem } from '../api/errors.ts';
import type { ApiTripMapping, TripPreview } from '../api/types.ts';
import { useProject } from './project.ts';

export type TripMapping = { [Field in keyof ApiTripMapping]?: ApiTripMapping[Field] | undefined };
export const STEPS = ['File', 'Columns', 'Check', 'Import'] as const;
export type Step = (typeof STEPS)[number];

interface TripImportState {
  step: Step;
  path: string | null;
  mapping: TripMapping;
  timeZone: string;
  preview: TripPreview | null;
  loading: { since: number } | null;
  problem: Problem | null;
  jobId: string | null;
  choose(path: string): Promise<void>;
  setMapping(change: TripMapping): void;
  setTimeZone(zone: string): void;
  go(step: Step): void;
  start(): Promise<void>;
  clear(): void;
}

const machineZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
const SETTLE_MS = 250;

export const useTripImport = create<TripImportState>((set, get) => {
  const fresh = {
    step: 'File' as Step,
    path: null,
    mapping: {},
    timeZone: machineZone(),
    preview: null,
    loading: null,
    problem: null,
    jobId: null,
  };

  /** Reads the first rows again under the mapping; an answer to an older question is dropped. */
  const read = async () => {
    const { path, mapping, timeZone } = get();
    if (!path) return;
    const since = Date.now();
    set({ loading: { since }, problem: null });
    try {
      const preview = await api().trips.preview({ path, mapping: given(mapping), timeZone });
      if (get().loading?.since === since) set({ preview, mapping: { ...preview.suggested, ...mapping } });
    } catch (thrown) {
      if (get().loading?.since === since) set({ problem: toProblem(thrown) });
    } finally {
      if (get().loading?.since === since) set({ loading: null });
    }
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const readSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void read(), SETTLE_MS);
  };

  return {
    ...fresh,
    async choose(path) {
      const zone = useProject.getState().project?.timeZone ?? machineZone();
      set({ ...fresh, path, timeZone: zone });
      await read();
      if (get().preview) set({ step: 'Columns' });
    },
    setMapping(change) {
      set({ mapping: { ...get().mapping, ...change } });
      readSoon();
    },
    setTimeZone(timeZone) {
      set({ timeZone });
      readSoon();
    },
    go: (step) => set({ step }),
    async start() {
      const { path, mapping, timeZone } = get();
      if (!path || mapping.totalSeconds === undefined || mapping.segments === undefined) return;
      set({ problem: null });
      try {
        const { jobId } = await api().trips.import({
          path,
          timeZone,
          mapping: {
            id: mapping.id ?? null,
            departure: mapping.departure ?? null,
            dayOfYear: mapping.dayOfYear ?? null,
            minuteOfDay: mapping.minuteOfDay ?? null,
            year: mapping.year ?? null,
            totalSeconds: mapping.totalSeconds,
            segments: mapping.segments,
            segmentSeconds: mapping.segmentSeconds ?? null,
          },
        });
        set({ jobId });
      } catch (thrown) {
        set({ problem: toProblem(thrown) });
      }
    },
    clear: () => set(fresh),
  };
});

/** The contract tells an absent field (guess it) from null (not in the file); undefined is neither. */
function given(mapping: TripMapping): Partial<ApiTripMapping> {
  return Object.fromEntries(Object.entries(mapping).filter(([, value]) => value !== undefined));
}
