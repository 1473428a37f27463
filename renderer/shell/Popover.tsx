import { type ReactNode, useCallback, useEffect, useId, useRef, useState } from 'react';
import { useLayer } from './layers.ts';

interface PopoverProps {
  /** The button's own content; its accessible name is `label`. */
  button: ReactNode;
  label: string;
  className?: string;
  align?: 'left' | 'right';
  side?: 'below' | 'above';
  role?: 'menu' | 'dialog';
  disabled?: boolean;
  children: (close: () => void) => ReactNode;
}

/** A button with something that opens beside it; closes on Esc, on a click elsewhere and when the focus leaves. */
export function Popover(props: PopoverProps) {
  const { button, label, className = 'picker', align = 'left', side = 'below', role = 'menu' } = props;
  const semantics = { role, 'aria-label': label };
  const [shown, setShown] = useState(false);
  const root = useRef<HTMLSpanElement>(null);
  const id = useId();
  const close = useCallback(() => setShown(false), []);
  useLayer(shown, close);

  useEffect(() => {
    if (!shown) return;
    const panel = document.getElementById(id);
    panel
      ?.querySelector<HTMLElement>('[aria-checked="true"], [data-autofocus], button, input, [tabindex]')
      ?.focus();
    const outside = (event: Event) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) close();
    };
    document.addEventListener('pointerdown', outside);
    document.addEventListener('focusin', outside);
    panel?.addEventListener('keydown', moveInMenu);
    return () => {
      document.removeEventListener('pointerdown', outside);
      document.removeEventListener('focusin', outside);
    };
  }, [shown, id, close]);

  return (
    <span ref={root} className="popover-root">
      <button
        type="button"
        className={className}
        aria-label={label}
        aria-haspopup={role}
        aria-expanded={shown}
        aria-controls={shown ? id : undefined}
        disabled={props.disabled}
        onClick={() => setShown(!shown)}
      >
        {button}
      </button>
      {shown && (
        <div id={id} {...semantics} className={`popover ${align} ${side}`}>
          {props.children(close)}
        </div>
      )}
    </span>
  );
}

/** Arrow keys, Home and End move between a menu's items. */
function moveInMenu(event: KeyboardEvent): void {
  if (!(event.currentTarget instanceof HTMLElement)) return;
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role^="menuitem"]')];
  if (items.length === 0) return;
  const at = items.indexOf(document.activeElement as HTMLElement);
  const target = {
    ArrowDown: items[(at + 1) % items.length],
    ArrowUp: items[(at - 1 + items.length) % items.length],
    Home: items[0],
    End: items.at(-1),
  }[event.key];
  if (!target) return;
  event.preventDefault();
  target.focus();
}
