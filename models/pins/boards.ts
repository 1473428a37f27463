import type { AskedGroup } from '@etalon/core/app/recommend';
import type { LoadedRun } from '../recommend/open.ts';
import type { PreparedPins } from './prepare.ts';
import type { PinsSettings } from './settings.ts';

/**
 * A board, asked by its pins: by its identifier, or by type and identifier (`board:board7`) where a pin has the same. Undefined for one that
 * is not there or is empty, and where boards are asked anyway.
 */
export function boardByPins(
  { data, prepared }: LoadedRun<PreparedPins, PinsSettings>,
  id: string,
): AskedGroup | undefined {
  const { boardTypes, path, askedBoards } = prepared.graph;
  if (askedBoards) return undefined;
  const [, { offsets, neighbours }] = path;
  for (const { name, first } of boardTypes) {
    const nodes = data.nodes(name);
    const row = nodes.rowOf(id.startsWith(`${name}:`) ? id.slice(name.length + 1) : id);
    if (row === undefined) continue;
    const members = Int32Array.from(
      new Set(neighbours.subarray(offsets[first + row], offsets[first + row + 1])),
    );
    if (members.length > 0) return { members, taken: members };
  }
  return undefined;
}
