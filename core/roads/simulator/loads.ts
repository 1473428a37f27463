import type { RoadNetwork } from '../network.ts';
import type { Demand } from './demand.ts';
import type { Places } from './places.ts';
import type { RouteTrees } from './routes.ts';

/** The middles of the hours with most journeys. */
const RUSH_HOURS = [8, 17.5];

/**
 * [S] journeys a second that want to pass each segment in the busier rush hour, per journey of a whole weekday, if all drove the ways of
 * one variant (an all-or-nothing assignment; Sheffi 1985, ch. 5).
 */
export function rushLoads(
  network: RoadNetwork,
  places: Places,
  trees: RouteTrees,
  variant: number,
  demand: Demand,
): Float64Array {
  const most = new Float64Array(network.segmentCount);
  for (const hour of RUSH_HOURS) {
    const loads = new Float64Array(network.segmentCount);
    demand.expected(hour).forEach((flows, origin) => {
      const starts = places.origins[origin];
      const start = starts[starts.length >> 1];
      flows.forEach((flow, destination) => {
        for (let segment = start, turn = 0; flow > 0 && turn >= 0; ) {
          loads[segment] += flow / 3600;
          turn = trees.nextTurn(destination, variant, segment);
          if (turn >= 0) segment = network.turnTo[turn];
        }
      });
    });
    for (let s = 0; s < network.segmentCount; s++) most[s] = Math.max(most[s], loads[s]);
  }
  return most;
}
