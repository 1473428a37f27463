import type { LucideIcon } from 'lucide-react';
import { action } from '../actions/actions.ts';
import { shownKeys } from '../actions/keys.ts';
import { isEnabled } from '../actions/registry.ts';

/** A menu row for a registered action: label, keys, and the reason where it is disabled. */
export function ActionItem({ id, icon: Icon, done }: { id: string; icon?: LucideIcon; done(): void }) {
  const entry = action(id);
  const enabled = isEnabled(entry);
  return (
    <button
      type="button"
      role="menuitem"
      className="menu-item"
      aria-disabled={!enabled}
      onClick={() => {
        if (!enabled) return;
        done();
        entry.run();
      }}
    >
      {Icon && <Icon size={14} aria-hidden />}
      {entry.label}
      <span className="note">
        {enabled ? entry.keys?.[0] && <kbd className="key">{shownKeys(entry.keys[0])}</kbd> : entry.reason}
      </span>
    </button>
  );
}
