import { create } from 'zustand';
import { api } from '../api/connection.ts';
import { toProblem } from '../api/errors.ts';
import type { ApiTripMapping, TripPreview } from '../api/types.ts';
import { given, machineZone, type Previewed, previewing, type Step } from './previewing.ts';
import { useProject } from './project.ts';

export type TripMapping = { [Field in keyof ApiTripMapping]?: ApiTripMapping[Field] | undefined };

interface TripImportState extends Previewed<TripPreview> {
  step: Step;
  path: string | null;
  mapping: TripMapping;
  timeZone: string;
  jobId: string | null;
  choose(path: string): Promise<void>;
  setMapping(change: TripMapping): void;
  setTimeZone(zone: string): void;
  go(step: Step): void;
  start(): Promise<void>;
  clear(): void;
}

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

  const { read, readSoon } = previewing<TripPreview>(
    () => {
      const { path, mapping, timeZone } = get();
      return path ? api().trips.preview({ path, mapping: given(mapping), timeZone }) : null;
    },
    (change) =>
      set(
        change.preview ? { ...change, mapping: { ...change.preview.suggested, ...get().mapping } } : change,
      ),
  );

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
