import { useEffect, useRef } from 'react';
import { useIsochrone } from '../stores/isochrone.ts';
import { useMap } from '../stores/map.ts';
import { useRoute } from '../stores/route.ts';
import { useScenarios } from '../stores/scenarios.ts';
import { useShell } from '../stores/shell.ts';
import { useSupersegments } from '../stores/supersegments.ts';

/** What lies open above the page, topmost last. Esc closes one at a time. */
const open: { close(): void }[] = [];

export function closeTopLayer(): void {
  const top = open.at(-1);
  if (top) top.close();
  else if (useRoute.getState().placing) useRoute.getState().startPlacing(null);
  else if (useIsochrone.getState().from) useIsochrone.getState().clear();
  else if (useShell.getState().tab === 'scenarios') leaveScenarioTool();
  else if (useShell.getState().tab === 'supersegments') void useSupersegments.getState().select(null);
  else if (useMap.getState().isolated !== null) useMap.getState().isolate(null);
  else void useMap.getState().select(null);
}

function leaveScenarioTool(): void {
  const { drawing, draw, select } = useScenarios.getState();
  if (drawing) draw(null);
  else void select(null);
}

/** Puts a layer on the stack while `shown`, and gives the focus back to where it was afterwards. */
export function useLayer(shown: boolean, close: () => void): void {
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    if (!shown) return;
    const layer = { close: () => latest.current() };
    const before = document.activeElement;
    open.push(layer);
    return () => {
      open.splice(open.indexOf(layer), 1);
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, [shown]);
}
