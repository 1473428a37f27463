import { create } from 'zustand';
import { api } from '../api/connection.ts';
import { toProblem } from '../api/errors.ts';
import type { ApiObservationMapping, ObservationPreview } from '../api/types.ts';
import { given, machineZone, type Previewed, previewing, type Step } from './previewing.ts';
import { useProject } from './project.ts';

export type ObservationChoices = {
  [Field in keyof ApiObservationMapping]?: ApiObservationMapping[Field] | undefined;
};

interface ObservationImportState extends Previewed<ObservationPreview> {
  step: Step;
  path: string | null;
  /** What a person has set. */
  choices: ObservationChoices;
  timeZone: string;
  jobId: string | null;
  choose(path: string): Promise<void>;
  change(choices: ObservationChoices): void;
  setTimeZone(zone: string): void;
  go(step: Step): void;
  start(): Promise<void>;
  clear(): void;
}

export const useObservationImport = create<ObservationImportState>((set, get) => {
  const fresh = {
    step: 'File' as Step,
    path: null,
    choices: {},
    timeZone: machineZone(),
    preview: null,
    loading: null,
    problem: null,
    jobId: null,
  };
  const { read, readSoon } = previewing<ObservationPreview>(() => {
    const { path, choices, timeZone } = get();
    return path ? api().observations.preview({ path, mapping: given(choices), timeZone }) : null;
  }, set);
  return {
    ...fresh,
    async choose(path) {
      set({ ...fresh, path, timeZone: useProject.getState().project?.timeZone ?? machineZone() });
      await read();
      if (get().preview) set({ step: 'Columns' });
    },
    change(choices) {
      set({ choices: { ...get().choices, ...choices } });
      readSoon();
    },
    setTimeZone(timeZone) {
      set({ timeZone });
      readSoon();
    },
    go: (step) => set({ step }),
    async start() {
      const { path, preview, timeZone } = get();
      const mapping = preview && completed(preview);
      if (!path || !mapping) return;
      set({ problem: null });
      try {
        const { jobId } = await api().observations.import({ path, timeZone, mapping });
        set({ jobId });
      } catch (thrown) {
        set({ problem: toProblem(thrown) });
      }
    },
    clear: () => set(fresh),
  };
});

/** The mapping as the preview has filled it up, or null while something is missing. */
function completed({ suggested, missing }: ObservationPreview): ApiObservationMapping | null {
  const { layout, stepS, unit, maxDistanceM } = suggested;
  if (missing.length > 0 || !layout || !stepS || !unit || maxDistanceM === undefined) return null;
  return {
    layout,
    stepS,
    unit,
    maxDistanceM,
    time: suggested.time ?? null,
    segment: suggested.segment ?? null,
    way: suggested.way ?? null,
    direction: suggested.direction ?? null,
    speed: suggested.speed ?? null,
    seconds: suggested.seconds ?? null,
    count: suggested.count ?? null,
    start: suggested.start ?? null,
    positions: suggested.positions ?? null,
    adjacency: suggested.adjacency ?? null,
  };
}
