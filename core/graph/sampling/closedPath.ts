import { EtalonError } from '../../base/index.ts';
import type { Adjacency } from '../adjacency.ts';

/** Throws `internal` unless going along all adjacencies in turn leads from nodes of one kind to nodes of the same kind. */
export function assertClosed(path: readonly Adjacency[]): void {
  const closed = path.every(({ columns }, i) => columns === path[(i + 1) % path.length].rows);
  if (path.length === 0 || !closed)
    throw new EtalonError('internal', 'internal: a walk must lead back to nodes of the kind it starts from');
}
