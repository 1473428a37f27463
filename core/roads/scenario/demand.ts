import { distanceM } from '../geometry.ts';
import type { RoadNetwork } from '../network.ts';
import { localDay, type TripSet } from '../trips.ts';
import type { Effects } from './apply.ts';
import type { Area } from './edits.ts';

/** By how much each trip counts under the demand edits in force: 1 in the base case. */
export class DemandFactors {
  readonly trips: TripSet;
  readonly #network: RoadNetwork;
  readonly #edits: Effects['demand'];

  constructor(network: RoadNetwork, trips: TripSet, edits: Effects['demand']) {
    this.#network = network;
    this.trips = trips;
    this.#edits = edits;
  }

  of(trip: number): number {
    let factor = 1;
    for (const edit of this.#edits)
      if (this.#begins(trip, edit.from) && this.#ends(trip, edit.to)) factor *= edit.factor;
    return factor;
  }

  dayOf(trip: number): number {
    return localDay(this.trips.localDepartS[trip]);
  }

  #begins(trip: number, area: Area | undefined): boolean {
    const { offsets, segments } = this.trips;
    return !area || this.#within(this.#network.fromJunction[segments[offsets[trip]]], area);
  }

  #ends(trip: number, area: Area | undefined): boolean {
    const { offsets, segments } = this.trips;
    return !area || this.#within(this.#network.toJunction[segments[offsets[trip + 1] - 1]], area);
  }

  #within(junction: number, { point: [lon, lat], radiusM }: Area): boolean {
    const { junctionCoordinates } = this.#network;
    return (
      distanceM(lon, lat, junctionCoordinates[2 * junction], junctionCoordinates[2 * junction + 1]) <= radiusM
    );
  }
}
