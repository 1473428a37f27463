import type { TaskContext } from '../base/index.ts';
import type { ProjectStore } from '../project/index.ts';
import {
  fitSegmentModel,
  freeFlowS,
  LONGEST_DRIVE_S,
  type RoadNetwork,
  type RouteCosts,
  Router,
  type SegmentModel,
  SegmentModelCosts,
} from '../roads/index.ts';
import type { TravelSource } from './model.ts';

/** The segment model of all trips; null where there are none. Throws `cancelled`. */
export async function fitHistory(store: ProjectStore, context: TaskContext): Promise<SegmentModel | null> {
  if (store.info().trips === 0) return null;
  return fitSegmentModel(store.readRoads(), store.readTrips(), {}, context);
}

/** Travel times without a trained run: by the segment model of all trips; where there are none, at the legal limits. */
export function historicalSource(network: RoadNetwork, model: SegmentModel | null): TravelSource {
  const between = model ? byModel(model) : atLimits(network);
  const router = new Router(network);
  let known: { hourS: number; costs: RouteCosts } | undefined;
  /** Costs of a drive that begins in a certain hour: building them anew for each trip would take longer than the search. */
  const departing = (departS: number) => {
    const hourS = Math.floor(departS / HOUR_S) * HOUR_S;
    if (known?.hourS !== hourS) known = { hourS, costs: between(hourS, hourS + HOUR_S + LONGEST_DRIVE_S) };
    return known.costs;
  };
  return {
    costs: async (fromS, untilS) => between(fromS, untilS),
    trip: async (request) => {
      const { durationS, lengthM } = router.quickest(request, departing(request.departS));
      return { seconds: durationS, lengthM, lowS: null, highS: null };
    },
    way: async (way, departS) => {
      const { durationS } = router.follow(way, departS, departing(departS));
      return { seconds: durationS, lowS: null, highS: null };
    },
  };
}

const HOUR_S = 3600;

function byModel(model: SegmentModel): (fromS: number, untilS: number) => RouteCosts {
  const costs = new SegmentModelCosts(model);
  return (fromS, untilS) => costs.between(fromS, untilS);
}

function atLimits(network: RoadNetwork): () => RouteCosts {
  const seconds = Float32Array.from(network.lengthM, (_, segment) => freeFlowS(network, segment));
  const fastestKmh = network.speedLimitKmh.reduce((a, b) => Math.max(a, b), 1);
  return () => ({ fastestKmh, traversalS: (segment) => seconds[segment], turnS: () => 0 });
}
