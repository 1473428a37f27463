import { lineLengthM } from '../geometry.ts';
import type { RoadNetwork } from '../network.ts';
import type { RoutePlace } from './types.ts';

/** Guards the lower bound against rounding of lengths to 32 bits. */
const SLACK = 1.0001;

const SEMI_MAJOR_M = 6_378_137;
const ECCENTRICITY_2 = 0.0066943799901413165;

/** Seconds that a drive between a segment's start and some places takes at least, either way: straight, at the fastest speed. */
export class StraightBound {
  readonly #network: RoadNetwork;
  /** [3 · J] the junctions in space, metres: straight distances there are never longer than any way. */
  readonly #positions: Float64Array;
  /** Most metres of drawn line per metre of stated length: a source may state less than it draws. */
  readonly #drawnPerStated: number;
  #goals = new Float64Array(3);
  #secondsPerM = 0;

  constructor(network: RoadNetwork) {
    this.#network = network;
    this.#positions = new Float64Array(3 * network.junctionCount);
    for (let j = 0; j < network.junctionCount; j++)
      this.#positions.set(
        inSpace(network.junctionCoordinates[2 * j], network.junctionCoordinates[2 * j + 1]),
        3 * j,
      );
    this.#drawnPerStated = drawnPerStated(network, this.#positions);
  }

  aim(places: readonly RoutePlace[], fastestKmh: number): void {
    this.#goals = Float64Array.from(places.flatMap((place) => inSpace(...pointOf(this.#network, place))));
    this.#secondsPerM = 3.6 / (fastestKmh * this.#drawnPerStated * SLACK);
  }

  secondsAt(segment: number): number {
    const at = 3 * this.#network.fromJunction[segment];
    const [x, y, z] = [this.#positions[at], this.#positions[at + 1], this.#positions[at + 2]];
    const goals = this.#goals;
    let nearest = Infinity;
    for (let g = 0; g < goals.length; g += 3) {
      const [dx, dy, dz] = [x - goals[g], y - goals[g + 1], z - goals[g + 2]];
      nearest = Math.min(nearest, dx * dx + dy * dy + dz * dz);
    }
    return Math.sqrt(nearest) * this.#secondsPerM;
  }
}

/** Longitude, latitude of a place. */
function pointOf({ geometryOffsets, coordinates }: RoadNetwork, place: RoutePlace): [number, number] {
  const begin = geometryOffsets[place.segment];
  const end = geometryOffsets[place.segment + 1];
  let remainingM = place.fraction * lineLengthM(coordinates, begin, end);
  for (let p = begin; p < end - 1; p++) {
    const pieceM = lineLengthM(coordinates, p, p + 2);
    if (pieceM >= remainingM && pieceM > 0) {
      const share = remainingM / pieceM;
      const [lonA, latA, lonB, latB] = coordinates.subarray(2 * p, 2 * p + 4);
      return [lonA + share * (lonB - lonA), latA + share * (latB - latA)];
    }
    remainingM -= pieceM;
  }
  return [coordinates[2 * end - 2], coordinates[2 * end - 1]];
}

/** Metres from the centre of the WGS 84 ellipsoid. */
function inSpace(lon: number, lat: number): [number, number, number] {
  const [lambda, phi] = [(lon * Math.PI) / 180, (lat * Math.PI) / 180];
  const primeVerticalM = SEMI_MAJOR_M / Math.sqrt(1 - ECCENTRICITY_2 * Math.sin(phi) ** 2);
  return [
    primeVerticalM * Math.cos(phi) * Math.cos(lambda),
    primeVerticalM * Math.cos(phi) * Math.sin(lambda),
    primeVerticalM * (1 - ECCENTRICITY_2) * Math.sin(phi),
  ];
}

function drawnPerStated(network: RoadNetwork, positions: Float64Array): number {
  const { segmentCount, coordinates, geometryOffsets, lengthM, fromJunction, toJunction } = network;
  let most = 1;
  for (let s = 0; s < segmentCount; s++) {
    const drawnM = lineLengthM(coordinates, geometryOffsets[s], geometryOffsets[s + 1]);
    const [a, b] = [3 * fromJunction[s], 3 * toJunction[s]];
    const straightM = Math.hypot(
      positions[a] - positions[b],
      positions[a + 1] - positions[b + 1],
      positions[a + 2] - positions[b + 2],
    );
    const longestM = Math.max(drawnM, straightM);
    if (longestM > 0) most = Math.max(most, longestM / lengthM[s]);
  }
  return most;
}
