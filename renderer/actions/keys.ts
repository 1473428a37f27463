/** Key combinations as the registry writes them: `Ctrl+K`, `Shift+F6`, `A`, `,`, `Space`. Ctrl stands for ⌘ on a Mac. */

const ORDER = ['Ctrl', 'Alt', 'Shift'] as const;

/** One spelling for each combination, whatever order it was written in. */
export function normaliseKeys(keys: string): string {
  const parts = keys.split('+').map((part) => part.trim());
  const key = parts.at(-1) ?? '';
  const modifiers = ORDER.filter((modifier) => parts.slice(0, -1).includes(modifier));
  return [...modifiers, key.length === 1 ? key.toUpperCase() : key].join('+');
}

const NAMED: Record<string, string> = {
  ' ': 'Space',
  Escape: 'Esc',
  ArrowLeft: 'Left',
  ArrowRight: 'Right',
  ArrowUp: 'Up',
  ArrowDown: 'Down',
};

export interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

export function pressedKeys(event: KeyPress): string {
  const key = NAMED[event.key] ?? event.key;
  const typed = key.length === 1;
  const parts = [
    (event.ctrlKey || event.metaKey) && 'Ctrl',
    event.altKey && 'Alt',
    // Shift is part of a typed sign ("?") but not of a letter or a named key.
    event.shiftKey && (!typed || /[a-z]/i.test(key)) && 'Shift',
    key,
  ];
  return normaliseKeys(parts.filter(Boolean).join('+'));
}

/** Without Ctrl or Alt a combination would also be typed into fields: it acts outside them only. */
export const isSingleKey = (keys: string): boolean =>
  !/^(Ctrl|Alt)\+/.test(keys) && !/(^|\+)F\d+$/.test(keys) && keys !== 'Esc';

export const shownKeys = (keys: string): string => keys.replaceAll('+', ' ');
