import { create } from 'zustand';
import { api } from '../api/connection.ts';
import { type Problem, toProblem } from '../api/errors.ts';
import type { FilePurpose } from '../api/types.ts';
import { joinPath } from '../format/format.ts';
import { remember, remembered } from '../stores/memory.ts';
import { useProject } from '../stores/project.ts';
import { useShell } from '../stores/shell.ts';

interface BrowserRequest {
  purpose: FilePurpose;
  /** A new file's suggested name; null when an existing file is wanted. */
  name: string | null;
  folder: string;
  resolve(path: string | null): void;
}

interface FilesState {
  request: BrowserRequest | null;
  problem: Problem | null;
}

/** The window's own file browser: open while `request` is set. */
export const useFiles = create<FilesState>(() => ({ request: null, problem: null }));

/** Asks for a file or a new file's path: the system's dialog where the shell has one, else the window's own. */
export async function pickPath(purpose: FilePurpose, name: string | null = null): Promise<string | null> {
  try {
    const home = useProject.getState().app?.homeDir ?? '/';
    const folder = remembered(`folder.${purpose}`, home);
    const suggested = name === null ? undefined : joinPath(folder, name);
    const answer = await api().app.pickFile({ purpose, ...(suggested && { suggested }) });
    if (answer.supported) return answer.path;
    const path = await new Promise<string | null>((resolve) => {
      useFiles.getState().request?.resolve(null);
      useFiles.setState({ request: { purpose, name, folder, resolve }, problem: null });
    });
    return path;
  } catch (thrown) {
    useProject.setState({ problem: toProblem(thrown) });
    return null;
  }
}

export function answerRequest(path: string | null, folder?: string): void {
  const { request } = useFiles.getState();
  if (!request) return;
  if (path && folder) remember(`folder.${request.purpose}`, folder);
  useFiles.setState({ request: null });
  request.resolve(path);
}

/** A name that no recent project has: "city.etalon", "city 2.etalon". */
export function freeName(base: string, taken: readonly string[]): string {
  const names = new Set(taken.map((path) => path.split(/[\\/]/).at(-1)));
  for (let n = 1; ; n++) {
    const name = n === 1 ? `${base}.etalon` : `${base} ${n}.etalon`;
    if (!names.has(name)) return name;
  }
}

const takenNames = () => useProject.getState().app?.recent.map((recent) => recent.path) ?? [];

async function newProject(): Promise<boolean> {
  const path = await pickPath('new-project', freeName('city', takenNames()));
  return path !== null && useProject.getState().create(path);
}

export const fileDialogs = {
  newProject,
  async openProject(): Promise<void> {
    const path = await pickPath('open-project');
    if (path) await useProject.getState().open(path);
  },
  async openSample(): Promise<void> {
    const path = await pickPath('new-project', freeName('sample-city', takenNames()));
    if (path) await useProject.getState().createSample(path);
  },
  async openRecommenderSample(id: string): Promise<void> {
    const path = await pickPath('new-project', freeName(`sample-${id}`, takenNames()));
    if (path) await useProject.getState().createSample(path, id);
  },
  async importRoadsIntoNewProject(): Promise<void> {
    if (await newProject()) useShell.getState().openDataPage('roads');
  },
};
