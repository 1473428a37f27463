import { X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useMap } from '../stores/map.ts';
import { useRoute } from '../stores/route.ts';
import { INSPECTOR_MAX, INSPECTOR_MIN, useShell } from '../stores/shell.ts';
import { InView } from './InView.tsx';
import { RouteInspector } from './RouteInspector.tsx';
import { SegmentInspector } from './SegmentInspector.tsx';

const TABS = ['Route', 'Segment', 'In view'] as const;
type InspectorTab = (typeof TABS)[number];

export function Inspector() {
  const [tab, setTab] = useState<InspectorTab>('Route');
  const { inspectorWidth, resizeInspector, toggleInspector } = useShell();
  const selected = useMap((state) => state.selected);
  const placing = useRoute((state) => state.placing);
  useEffect(() => {
    if (selected) setTab('Segment');
  }, [selected]);
  useEffect(() => {
    if (placing) setTab('Route');
  }, [placing]);

  return (
    <aside
      className="inspector"
      aria-label="Inspector"
      data-region="Inspector"
      style={inspectorWidth ? { width: inspectorWidth } : undefined}
    >
      <Grip width={inspectorWidth} resize={resizeInspector} />
      <header
        className="inspector-tabs"
        role="tablist"
        aria-label="Inspector"
        onKeyDown={(event) => moveTab(event, tab, setTab)}
      >
        {TABS.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`inspector-${name}`}
            aria-selected={tab === name}
            aria-controls="inspector-panel"
            tabIndex={tab === name ? 0 : -1}
            onClick={() => setTab(name)}
          >
            {name}
          </button>
        ))}
        <button
          type="button"
          className="button icon small plain inspector-close"
          aria-label="Close the inspector"
          onClick={() => toggleInspector(false)}
        >
          <X size={14} aria-hidden />
        </button>
      </header>
      <div
        id="inspector-panel"
        role="tabpanel"
        aria-labelledby={`inspector-${tab}`}
        className="inspector-body"
      >
        {tab === 'Route' && <RouteInspector />}
        {tab === 'Segment' && <SegmentInspector />}
        {tab === 'In view' && <InView />}
      </div>
    </aside>
  );
}

function moveTab(event: React.KeyboardEvent, tab: InspectorTab, setTab: (tab: InspectorTab) => void): void {
  const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
  if (by === 0) return;
  const next = TABS[(TABS.indexOf(tab) + by + TABS.length) % TABS.length]!;
  setTab(next);
  document.getElementById(`inspector-${next}`)?.focus();
}

/** The inspector's left edge: drag it, or move it with the arrow keys. */
function Grip({ width, resize }: { width: number; resize(width: number): void }) {
  const now = (element: Element) => element.parentElement?.getBoundingClientRect().width ?? INSPECTOR_MIN;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a focusable separator with a value is ARIA's window splitter; <hr> takes no value
    <div
      className="inspector-grip"
      role="separator"
      aria-orientation="vertical"
      aria-label="Inspector width"
      aria-valuenow={width || 328}
      aria-valuemin={INSPECTOR_MIN}
      aria-valuemax={INSPECTOR_MAX}
      tabIndex={0}
      onKeyDown={(event) => {
        const by = event.key === 'ArrowLeft' ? 16 : event.key === 'ArrowRight' ? -16 : 0;
        if (by) resize(now(event.currentTarget) + by);
      }}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
        const right = event.currentTarget.parentElement?.getBoundingClientRect().right ?? 0;
        resize(right - event.clientX);
      }}
    />
  );
}
