import { create } from 'zustand';
import { remember, remembered } from '../stores/memory.ts';

export type ThemeChoice = 'system' | 'light' | 'dark';
export type Theme = 'light' | 'dark';

interface ThemeState {
  choice: ThemeChoice;
  theme: Theme;
  choose(choice: ThemeChoice): void;
}

const systemDark = () =>
  typeof matchMedia === 'function' && matchMedia('(prefers-color-scheme: dark)').matches;

const resolve = (choice: ThemeChoice): Theme =>
  choice === 'system' ? (systemDark() ? 'dark' : 'light') : choice;

const initial = remembered<ThemeChoice>('theme', 'system');

export const useTheme = create<ThemeState>((set) => ({
  choice: initial,
  theme: resolve(initial),
  choose(choice) {
    remember('theme', choice);
    set({ choice, theme: resolve(choice) });
  },
}));

/** Writes the theme to the document and follows the system while the choice is `system`. */
export function applyTheme(): void {
  const paint = () => {
    document.documentElement.dataset.theme = useTheme.getState().theme;
  };
  paint();
  useTheme.subscribe(paint);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    const { choice } = useTheme.getState();
    useTheme.setState({ theme: resolve(choice) });
  });
}

export const cssToken = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

export const reducedMotion = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;
