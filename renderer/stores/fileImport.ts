import { create } from 'zustand';
import { type Problem, toProblem } from '../api/errors.ts';
import { useProject } from './project.ts';

export const STEPS = ['File', 'Columns', 'Check', 'Import'] as const;
export type Step = (typeof STEPS)[number];

/** The importing of one kind of file, step by step. */
export interface FileImport<Mapping, Preview> {
  step: Step;
  path: string | null;
  /** What a person has set. */
  choices: Mapping;
  /** The same, filled up by what the preview suggests. */
  mapping: Mapping;
  timeZone: string;
  preview: Preview | null;
  loading: { since: number } | null;
  problem: Problem | null;
  /** The choice to leave out rows that cannot be read; without it they stop the import. */
  skipMalformed: boolean;
  jobId: string | null;
  choose(path: string): Promise<void>;
  setMapping(change: Mapping): void;
  setTimeZone(zone: string): void;
  setSkipMalformed(skip: boolean): void;
  go(step: Step): void;
  start(): Promise<void>;
  /** Starts again, after a job that met rows that cannot be read. */
  startWithoutMalformed(): Promise<void>;
  /** Back to the columns, after a job that failed. */
  retry(): void;
  clear(): void;
}

interface Asked<Mapping> {
  path: string;
  mapping: Mapping;
  timeZone: string;
}

/** What is asked of the API for a kind of file; `start` does nothing while the mapping lacks a field. */
interface FileSource<Mapping, Preview> {
  none: Mapping;
  /** Asked with the choices of a person. */
  preview(asked: Asked<Mapping>): Promise<Preview>;
  /** Asked with the whole mapping, and what was previewed of it. */
  start(
    asked: Asked<Mapping> & { preview: Preview; skipMalformed: boolean },
  ): Promise<{ jobId: string }> | undefined;
}

/** The clock of this machine. */
export const machineZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
/** What is typed is asked about once it has settled. */
export const SETTLE_MS = 250;

export function createFileImport<Mapping extends object, Preview extends { suggested: Mapping }>(
  source: FileSource<Mapping, Preview>,
) {
  return create<FileImport<Mapping, Preview>>((set, get) => {
    const fresh = {
      step: 'File' as Step,
      path: null,
      choices: source.none,
      mapping: source.none,
      timeZone: machineZone(),
      preview: null,
      loading: null,
      problem: null,
      skipMalformed: false,
      jobId: null,
    };

    /** Reads the first rows again under the mapping; an answer to an older question is dropped. */
    let newest = 0;
    const read = async () => {
      const { path, choices, timeZone } = get();
      if (!path) return;
      const question = ++newest;
      set({ loading: { since: Date.now() }, problem: null });
      try {
        const preview = await source.preview({ path, mapping: given(choices), timeZone });
        if (question === newest) set({ preview, mapping: { ...preview.suggested, ...given(get().choices) } });
      } catch (thrown) {
        if (question === newest) set({ problem: toProblem(thrown) });
      } finally {
        if (question === newest) set({ loading: null });
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
        set({ choices: { ...get().choices, ...change }, mapping: { ...get().mapping, ...change } });
        readSoon();
      },
      setTimeZone(timeZone) {
        set({ timeZone });
        readSoon();
      },
      setSkipMalformed: (skipMalformed) => set({ skipMalformed }),
      go: (step) => set({ step }),
      async start() {
        const { path, mapping, timeZone, preview, skipMalformed } = get();
        if (!path || !preview) return;
        set({ problem: null });
        try {
          const started = await source.start({ path, mapping, timeZone, preview, skipMalformed });
          if (started) set({ jobId: started.jobId });
        } catch (thrown) {
          set({ problem: toProblem(thrown) });
        }
      },
      async startWithoutMalformed() {
        set({ skipMalformed: true });
        await get().start();
      },
      retry: () => set({ jobId: null, step: 'Columns' }),
      clear() {
        newest++;
        clearTimeout(timer);
        set(fresh);
      },
    };
  });
}

/** The contract tells an absent field (guess it) from null (not in the file); undefined is neither. */
function given<Mapping extends object>(mapping: Mapping): Mapping {
  return Object.fromEntries(Object.entries(mapping).filter(([, value]) => value !== undefined)) as Mapping;
}
