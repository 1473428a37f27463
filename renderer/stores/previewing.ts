import { type Problem, toProblem } from '../api/errors.ts';

const SETTLE_MS = 250;

export type Step = (typeof STEPS)[number];
export const STEPS = ['File', 'Columns', 'Check', 'Import'] as const;

/** What an import's page knows of the rows that it reads in advance. */
export interface Previewed<Preview> {
  preview: Preview | null;
  loading: { since: number } | null;
  problem: Problem | null;
}

/**
 * Reads the first rows of a file anew whenever the mapping has changed; an answer to an older question is dropped. `ask` gives
 * null while there is no file.
 */
export function previewing<Preview>(
  ask: () => Promise<Preview> | null,
  set: (change: Partial<Previewed<Preview>>) => void,
): { read(): Promise<void>; readSoon(): void } {
  let newest = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const read = async () => {
    const asked = ask();
    if (!asked) return;
    const question = ++newest;
    set({ loading: { since: Date.now() }, problem: null });
    try {
      const preview = await asked;
      if (question === newest) set({ preview });
    } catch (thrown) {
      if (question === newest) set({ problem: toProblem(thrown) });
    } finally {
      if (question === newest) set({ loading: null });
    }
  };
  return {
    read,
    readSoon() {
      clearTimeout(timer);
      timer = setTimeout(() => void read(), SETTLE_MS);
    },
  };
}

export const machineZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The contract tells an absent field (guess it) from null (not in the file); undefined is neither. */
export function given<M extends object>(mapping: M): { [Field in keyof M]?: Exclude<M[Field], undefined> } {
  return Object.fromEntries(Object.entries(mapping).filter(([, value]) => value !== undefined)) as {
    [Field in keyof M]?: Exclude<M[Field], undefined>;
  };
}
