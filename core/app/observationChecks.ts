import { EtalonError } from '../base/index.ts';
import type { PartialObservationMapping } from '../roads/index.ts';
import { absolutePath } from './folders.ts';

/** What is asked before an import of observations; apart from it, so that asking does not load the readers. */

export function needsRoads(): EtalonError {
  return new EtalonError('conflict', 'Observations of segments need a road network to be matched to.', {
    remedy: 'Import roads first.',
  });
}

/** Paths of the sensors' files as a user writes them, made absolute. */
export function withAbsolutePaths<M extends PartialObservationMapping>(mapping: M): M {
  return {
    ...mapping,
    ...(mapping.positions && { positions: absolutePath(mapping.positions) }),
    ...(mapping.adjacency && { adjacency: absolutePath(mapping.adjacency) }),
  };
}
