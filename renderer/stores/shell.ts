import { create } from 'zustand';
import { remember, remembered } from './memory.ts';

export type Tab =
  | 'map'
  | 'data'
  | 'train'
  | 'compare'
  | 'scenarios'
  | 'supersegments'
  | `recommender.${string}`;

/** The tab of a recommender by its id, and back. */
export const recommenderTab = (id: string): Tab => `recommender.${id}`;
export const recommenderOf = (tab: Tab): string | null =>
  tab.startsWith('recommender.') ? tab.slice('recommender.'.length) : null;
/** Pages of the data tab; an import is a page, not a dialog. */
export type DataPage =
  | 'overview'
  | 'roads'
  | 'trips'
  | 'observations'
  | 'speeds'
  | 'simulate'
  | 'interactions';
export type Overlay = 'palette' | 'help' | 'jobs' | 'files' | 'drop' | 'settings';

interface ShellState {
  tab: Tab;
  dataPage: DataPage;
  railOpen: boolean;
  inspectorOpen: boolean;
  inspectorWidth: number;
  singleKeys: boolean;
  overlay: Overlay | null;
  /** What the status bar says at its right: the last thing that became ready. */
  message: string;
  go(tab: Tab): void;
  openDataPage(page: DataPage): void;
  toggleRail(): void;
  toggleInspector(open?: boolean): void;
  resizeInspector(width: number): void;
  setSingleKeys(on: boolean): void;
  show(overlay: Overlay | null): void;
  say(message: string): void;
}

export const INSPECTOR_MIN = 280;
export const INSPECTOR_MAX = 480;

export const useShell = create<ShellState>((set, get) => ({
  tab: 'map',
  dataPage: 'overview',
  railOpen: remembered('rail', true),
  inspectorOpen: remembered('inspector', true),
  inspectorWidth: remembered('inspectorWidth', 0),
  singleKeys: remembered('singleKeys', true),
  overlay: null,
  message: '',
  go: (tab) => set({ tab }),
  openDataPage: (dataPage) => set({ tab: 'data', dataPage }),
  toggleRail() {
    const railOpen = !get().railOpen;
    remember('rail', railOpen);
    set({ railOpen });
  },
  toggleInspector(open) {
    const inspectorOpen = open ?? !get().inspectorOpen;
    remember('inspector', inspectorOpen);
    set({ inspectorOpen });
  },
  resizeInspector(width) {
    const inspectorWidth = Math.min(INSPECTOR_MAX, Math.max(INSPECTOR_MIN, Math.round(width)));
    remember('inspectorWidth', inspectorWidth);
    set({ inspectorWidth });
  },
  setSingleKeys(singleKeys) {
    remember('singleKeys', singleKeys);
    set({ singleKeys });
  },
  show: (overlay) => set({ overlay }),
  say: (message) => set({ message }),
}));
