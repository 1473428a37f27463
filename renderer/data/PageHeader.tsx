import { X } from 'lucide-react';
import { useShell } from '../stores/shell.ts';

/** The head of a page of its own in the data tab, with the way back to the overview. */
export function PageHeader({ title }: { title: string }) {
  const openDataPage = useShell((state) => state.openDataPage);
  return (
    <header className="tab-header">
      <h1>{title}</h1>
      <span className="grow" />
      <button
        type="button"
        className="button icon plain"
        aria-label="Back to data"
        onClick={() => openDataPage('overview')}
      >
        <X size={16} aria-hidden />
      </button>
    </header>
  );
}
