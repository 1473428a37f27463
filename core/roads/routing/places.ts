import { EtalonError } from '../../base/index.ts';
import type { RoadNetwork } from '../network.ts';
import { SegmentIndex } from '../snap.ts';
import type { RoutePlace } from './types.ts';

/** A point further from any road than this is no start or end. */
const SNAP_M = 1000;
/** Both directions of a road are this close to a point when either is. */
const SAME_ROAD_M = 5;
/** Of the segments that are as near as the nearest, so many at most: those of a crossing of four roads. */
const PLACES = 8;

export interface SnappedPoint {
  places: RoutePlace[];
  /** From the point to the nearest of them. */
  distanceM: number;
}

/** Finds where on the roads a drive from or to a point begins or ends. */
export class RoadPlaces {
  readonly #index: SegmentIndex;

  constructor(network: RoadNetwork) {
    this.#index = SegmentIndex.build(network);
  }

  /**
   * The places nearest to longitude, latitude: both directions of its road. Throws `input` for a point far from every road,
   * which `what` names: "start".
   */
  near(point: readonly [number, number], what: string): SnappedPoint {
    const found = this.find(point);
    if (found) return found;
    throw new EtalonError(
      'input',
      `The ${what} ${point[1].toFixed(5)}, ${point[0].toFixed(5)} is over ${SNAP_M} m from any road.`,
      { remedy: 'Choose a point on the map of this project; the command line takes latitude,longitude.' },
    );
  }

  /** The same; undefined for a point far from every road. */
  find(point: readonly [number, number]): SnappedPoint | undefined {
    const snaps = this.#index.nearest(point, { maxM: SNAP_M, limit: PLACES });
    if (snaps.length === 0) return undefined;
    const [{ distanceM }] = snaps;
    const near = snaps.filter((snap) => snap.distanceM <= distanceM + SAME_ROAD_M);
    return { places: near.map(({ segment, fraction }) => ({ segment, fraction })), distanceM };
  }
}
