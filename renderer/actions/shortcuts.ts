import { useShell } from '../stores/shell.ts';
import { actions } from './actions.ts';
import { isSingleKey, pressedKeys } from './keys.ts';
import { actionForKeys, isEnabled } from './registry.ts';

const typesText = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable="true"]');

/** Space presses the button that has the focus; it plays the day everywhere else. */
const pressesControl = (target: EventTarget | null, pressed: string): boolean =>
  pressed === 'Space' &&
  target instanceof HTMLElement &&
  target.matches('button, a, summary, [role="option"], [role="slider"]');

/** Gives keys to the registry; returns the function that stops it. */
export function listenForShortcuts(): () => void {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing) return;
    const pressed = pressedKeys(event);
    const found = actionForKeys(actions, pressed);
    if (!found) return;
    if (isSingleKey(pressed)) {
      if (!useShell.getState().singleKeys || typesText(event.target)) return;
      if (useShell.getState().overlay === 'palette' || pressesControl(event.target, pressed)) return;
    }
    event.preventDefault();
    if (isEnabled(found)) found.run();
    else useShell.getState().say(`${found.label}: ${(found.reason ?? 'not possible now').toLowerCase()}`);
  };
  window.addEventListener('keydown', onKeyDown);
  return () => window.removeEventListener('keydown', onKeyDown);
}
