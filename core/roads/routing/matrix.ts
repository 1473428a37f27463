import { breathe, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import type { OneToAll, TravelMatrix } from './reach.ts';
import type { RouteCosts, RoutePlace } from './types.ts';

export interface MatrixRequest {
  /** Each a choice of places, of which the best counts. */
  from: readonly (readonly RoutePlace[])[];
  to: readonly (readonly RoutePlace[])[];
  departS: number;
}

/**
 * Seconds and metres from each place to each, all departing at once: a search from each to all, which ends when the last
 * destination is known. Throws `cancelled`.
 */
export async function travelMatrix(
  search: OneToAll,
  { from, to, departS }: MatrixRequest,
  costs: RouteCosts,
  context: TaskContext,
): Promise<TravelMatrix> {
  const matrix = {
    seconds: new Float64Array(from.length * to.length),
    metres: new Float64Array(from.length * to.length),
  };
  for (let i = 0; i < from.length; i++) {
    context.report({ stage: 'Searching from each start', done: i, total: from.length, unit: 'starts' });
    search.toEach(from[i], to, departS, costs, matrix, i * to.length);
    await breathe();
    throwIfCancelled(context.signal);
  }
  context.report({
    stage: 'Searching from each start',
    done: from.length,
    total: from.length,
    unit: 'starts',
  });
  return matrix;
}
