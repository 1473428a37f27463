import type { TaskContext } from '../../base/index.ts';
import type { RoadNetwork } from '../network.ts';
import type { TripSet } from '../trips.ts';

/** Seconds of each trip: [N] a median, and, where the method has one, an interval meant to hold 80 % of them. */
export interface EtaEstimates {
  medianS: Float32Array;
  low80S?: Float32Array;
  high80S?: Float32Array;
}

export interface FittedBaseline {
  /**
   * Estimates for the trips' routes and departures; their own times are not looked at.
   * @param observed all trips known, of any time, in any order: a method that looks at current traffic takes from
   *   them what had ended before each departure.
   */
  predict(trips: TripSet, observed: TripSet): EtaEstimates;
}

/** A way to predict travel times that people use today: what a trained model has to beat. */
export interface Baseline {
  readonly id: BaselineId;
  /**
   * Intervals cost four more fits; without them there are medians alone. Throws `input` where the trips do not suffice,
   * `cancelled`.
   */
  fit(
    network: RoadNetwork,
    train: TripSet,
    context: TaskContext,
    options?: { intervals: boolean },
  ): Promise<FittedBaseline>;
}

export type BaselineId = 'freeFlow' | 'historical' | 'live' | 'blend' | 'ridge' | 'segmentModel';
