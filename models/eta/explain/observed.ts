import type { RouteContributions } from '@etalon/core/api/contract';
import type { PathSet } from '../paths.ts';

type Observed = RouteContributions['segments'][number]['observed'];

/** Figures that tell in plain words how traffic ran before the departure, the better ones first. */
const FIGURES = [
  { name: 'segment15min', minutes: 15, nearby: false },
  { name: 'segment60min', minutes: 60, nearby: false },
  { name: 'cell700m', minutes: 60, nearby: true },
] as const;

/** How traffic was seen to run on the k-th traversal's segment, or around it; null where nothing was seen. */
export function observedOn({ live, liveNames }: PathSet, k: number): Observed {
  for (const { name, minutes, nearby } of FIGURES) {
    const column = liveNames.indexOf(name);
    const logRatio = column < 0 ? 0 : live[k * liveNames.length + column];
    if (logRatio !== 0) return { ratio: Math.exp(logRatio), minutes, nearby };
  }
  return null;
}
