import { Download } from 'lucide-react';
import { Popover } from '../shell/Popover.tsx';
import './export.css';

export interface ExportChoice {
  label: string;
  note?: string;
  run(): void | Promise<void>;
}

/** The one place from which a plot or a table is taken out of the window. */
export function ExportMenu({
  what,
  choices,
  opens = 'below',
}: {
  what: string;
  choices: readonly ExportChoice[];
  /** Above and to the right where the menu stands at the window's lower left. */
  opens?: 'below' | 'above';
}) {
  return (
    <Popover
      label={`Export ${what}`}
      className="button icon small plain quiet-tool"
      align={opens === 'above' ? 'left' : 'right'}
      side={opens}
      button={<Download size={13} aria-hidden />}
    >
      {(close) =>
        choices.map(({ label, note, run }) => (
          <button
            key={label}
            type="button"
            role="menuitem"
            className="menu-item"
            onClick={() => {
              void run();
              close();
            }}
          >
            {label}
            {note && <span className="note">{note}</span>}
          </button>
        ))
      }
    </Popover>
  );
}
