import { create } from 'zustand';
import { api } from '../api/connection.ts';
import { type Problem, toProblem } from '../api/errors.ts';
import type { ApiInteractionFile, ApiInteractionPreview } from '../api/types.ts';
import { fileName } from '../format/format.ts';
import { machineZone, SETTLE_MS, type Step } from './fileImport.ts';
import { useProject } from './project.ts';

/** The importing of several files as one data set, step by step. */
export interface InteractionImport {
  step: Step;
  files: ApiInteractionFile[];
  /** The file whose columns are shown. */
  shown: number;
  /** What each file is taken for; of the files as they were when last read. */
  previews: ApiInteractionPreview[];
  name: string;
  timeZone: string;
  loading: { since: number } | null;
  problem: Problem | null;
  skipMalformed: boolean;
  jobId: string | null;
  add(path: string): Promise<void>;
  remove(index: number): Promise<void>;
  show(index: number): void;
  /** A choice of a field in place of what was guessed, by the names of the import's fields. */
  choose(index: number, field: string, value: string): void;
  setName(name: string): void;
  setTimeZone(zone: string): void;
  setSkipMalformed(skip: boolean): void;
  go(step: Step): void;
  start(): Promise<void>;
  startWithoutMalformed(): Promise<void>;
  retry(): void;
  clear(): void;
}

const fresh = () => ({
  step: 'File' as Step,
  files: [],
  shown: 0,
  previews: [],
  name: '',
  timeZone: machineZone(),
  loading: null,
  problem: null,
  skipMalformed: false,
  jobId: null,
});

export const useInteractionImport = create<InteractionImport>((set, get) => {
  /** An answer to an older question is dropped. */
  let newest = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const read = async (): Promise<boolean> => {
    const { files, timeZone } = get();
    const question = ++newest;
    if (files.length === 0) {
      set({ previews: [], loading: null, problem: null });
      return true;
    }
    set({ loading: { since: Date.now() }, problem: null });
    try {
      const previews = await api().interactions.preview({ files, timeZone });
      if (question === newest) set({ previews });
      return true;
    } catch (thrown) {
      if (question === newest) set({ problem: toProblem(thrown) });
      return false;
    } finally {
      if (question === newest) set({ loading: null });
    }
  };
  const readSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void read(), SETTLE_MS);
  };

  return {
    ...fresh(),
    async add(path) {
      const { files, name } = get();
      if (files.some((file) => file.path === path)) return;
      set({ files: [...files, { path, choices: {} }], name: name || stem(path) });
      // A file that cannot be read at all is no part of the data set.
      if (!(await read())) set({ files });
    },
    async remove(index) {
      set({ files: get().files.toSpliced(index, 1), shown: 0 });
      await read();
    },
    show: (shown) => set({ shown }),
    choose(index, field, value) {
      const files = get().files.map((file, i) => {
        if (i !== index) return file;
        // Fields of edges say nothing of nodes.
        const kept = field === 'role' ? {} : file.choices;
        return { ...file, choices: { ...kept, [field]: value } };
      });
      set({ files });
      readSoon();
    },
    setName: (name) => set({ name }),
    setTimeZone(timeZone) {
      set({ timeZone });
      readSoon();
    },
    setSkipMalformed: (skipMalformed) => set({ skipMalformed }),
    go: (step) => set({ step }),
    async start() {
      const { files, name, timeZone, skipMalformed } = get();
      set({ problem: null });
      try {
        const { jobId } = await api().interactions.import({
          files,
          name: name.trim(),
          timeZone,
          skipMalformed,
        });
        set({ jobId });
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
      set({ ...fresh(), timeZone: useProject.getState().project?.timeZone ?? machineZone() });
    },
  };
});

/** "ml-100k" of "/data/ml-100k.inter.gz". */
const stem = (path: string): string => fileName(path).replace(/(\.\w+){1,2}$/, '');
