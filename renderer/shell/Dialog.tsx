import { X } from 'lucide-react';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { useLayer } from './layers.ts';

interface DialogProps {
  title: string;
  close(): void;
  footer?: ReactNode;
  children: ReactNode;
  role?: 'dialog' | 'alertdialog';
}

const FOCUSABLE = 'button:not(:disabled), input:not(:disabled), select, textarea, a[href], [tabindex="0"]';

/** A layer over the page that keeps the focus inside; there is never more than one. */
export function Dialog({ title, close, footer, children, role = 'dialog' }: DialogProps) {
  const titleId = useId();
  const panel = useRef<HTMLDivElement>(null);
  useLayer(true, close);

  useEffect(() => {
    const dialog = panel.current;
    const first = dialog?.querySelector<HTMLElement>('[data-autofocus]') ?? dialog;
    first?.focus();
    dialog?.addEventListener('keydown', keepFocus);
  }, []);
  const semantics = { role, 'aria-modal': true, 'aria-labelledby': titleId };

  return (
    <div className="scrim" onPointerDown={(event) => event.target === event.currentTarget && close()}>
      <div ref={panel} className="dialog" {...semantics} tabIndex={-1}>
        <header>
          <h2 id={titleId}>{title}</h2>
          <button type="button" className="button icon plain" aria-label="Close" onClick={close}>
            <X size={16} aria-hidden />
          </button>
        </header>
        <div className="body scroll">{children}</div>
        {footer && <footer>{footer}</footer>}
      </div>
    </div>
  );
}

function keepFocus(event: KeyboardEvent): void {
  const panel = event.currentTarget;
  if (event.key !== 'Tab' || !(panel instanceof HTMLElement)) return;
  const all = [...panel.querySelectorAll<HTMLElement>(FOCUSABLE)];
  const edge = event.shiftKey ? all[0] : all.at(-1);
  if (document.activeElement !== edge && document.activeElement !== panel) return;
  event.preventDefault();
  (event.shiftKey ? all.at(-1) : all[0])?.focus();
}
