import { useSyncExternalStore } from 'react';

/** Widths of the window at which the layout changes, in px. */
export const SMALL = '(max-width: 1180px)';
export const NARROW_RAIL = '(max-width: 1340px)';

export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const media = matchMedia(query);
      media.addEventListener('change', changed);
      return () => media.removeEventListener('change', changed);
    },
    () => matchMedia(query).matches,
  );
}
