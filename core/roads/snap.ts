import Flatbush from 'flatbush';
import { EtalonError } from '../base/index.ts';
import { distanceM, lineLengthM, offsetM } from './geometry.ts';
import type { RoadNetwork } from './network.ts';

/** A place on a road, as near to a given point as that segment comes. */
export interface Snap {
  segment: number;
  /** How far along the segment's length, from 0 at its start to 1 at its end. */
  fraction: number;
  /** From the given point. */
  distanceM: number;
  /** Longitude, latitude of the place. */
  point: [number, number];
}

export interface NearestOptions {
  /** How far to look; 2,000 m unless told. */
  maxM?: number;
  /** How many segments at most; 1 unless told. */
  limit?: number;
  /** Segments to leave out return false. */
  accept?: (segment: number) => boolean;
}

const MAGIC = 0x45534958; // "ESIX"
const VERSION = 1;
const HEADER_BYTES = 24;

const DEFAULT_MAX_M = 2000;
const FIRST_RADIUS_M = 64;
const RADIUS_GROWTH = 4;
/** Under what a degree measures anywhere on the ellipsoid, so that a box in degrees is never too small. */
const LATITUDE_DEGREE_M = 110_500;
const EQUATOR_DEGREE_M = 111_200;

/** Finds the segments near a point. All of it is one buffer, which threads share or send without copying. */
export class SegmentIndex {
  readonly buffer: ArrayBufferLike;
  /** Boxes of the pieces, in degrees. A piece is a straight line between neighbouring points of a segment. */
  readonly #pieces: Flatbush;
  /** The segment of each piece; piece k of segment s begins at point k + s, for every segment has one piece less than points. */
  readonly #segmentOf: Uint32Array;
  readonly #geometryOffsets: Uint32Array;
  readonly #coordinates: Float64Array;

  static build(network: RoadNetwork): SegmentIndex {
    const { segmentCount, geometryOffsets, coordinates } = network;
    const points = geometryOffsets[segmentCount];
    const pieces = new Flatbush(points - segmentCount || 1);
    const segmentOf = new Uint32Array(points - segmentCount);
    let piece = 0;
    for (let s = 0; s < segmentCount; s++)
      for (let p = geometryOffsets[s]; p < geometryOffsets[s + 1] - 1; p++) {
        const [lonA, latA, lonB, latB] = coordinates.subarray(2 * p, 2 * p + 4);
        pieces.add(Math.min(lonA, lonB), Math.min(latA, latB), Math.max(lonA, lonB), Math.max(latA, latB));
        segmentOf[piece++] = s;
      }
    // An index needs something in it: a network without roads gets a box that no search meets.
    if (piece === 0) pieces.add(Infinity, Infinity, Infinity, Infinity);
    pieces.finish();
    return new SegmentIndex(assemble(network, segmentOf, pieces.data));
  }

  /** An index from the buffer of another. Throws `internal` when it is none. */
  static from(buffer: ArrayBufferLike): SegmentIndex {
    return new SegmentIndex(buffer);
  }

  private constructor(buffer: ArrayBufferLike) {
    const [magic, version, segmentCount, points, treeBytes] = new Uint32Array(buffer, 0, HEADER_BYTES / 4);
    if (magic !== MAGIC || version !== VERSION)
      throw new EtalonError('internal', 'The buffer holds no segment index of this version.');
    this.buffer = buffer;
    let begin = HEADER_BYTES;
    this.#coordinates = new Float64Array(buffer, begin, 2 * points);
    begin += this.#coordinates.byteLength;
    this.#pieces = Flatbush.from(buffer, begin);
    begin += treeBytes;
    this.#geometryOffsets = new Uint32Array(buffer, begin, segmentCount + 1);
    begin += this.#geometryOffsets.byteLength;
    this.#segmentOf = new Uint32Array(buffer, begin, points - segmentCount);
  }

  /**
   * The segments nearest to a point [longitude, latitude], nearest first; the two directions of a road are as near as
   * each other and come in order of their indices. Empty when there is none within reach.
   */
  nearest(
    [lon, lat]: readonly [number, number],
    { maxM = DEFAULT_MAX_M, limit = 1, accept = () => true }: NearestOptions = {},
  ): Snap[] {
    for (let radiusM = Math.min(FIRST_RADIUS_M, maxM); ; radiusM = Math.min(radiusM * RADIUS_GROWTH, maxM)) {
      // What lies outside of the box is further away than its half width: what is nearer than that is settled.
      const found = this.#within(lon, lat, radiusM, accept);
      if (found.length >= limit || radiusM >= maxM)
        return found.slice(0, limit).map((place) => this.#describe(place));
    }
  }

  #within(lon: number, lat: number, radiusM: number, accept: (segment: number) => boolean): Place[] {
    const dLat = radiusM / LATITUDE_DEGREE_M;
    const steepest = Math.min(89.9, Math.abs(lat) + dLat);
    const dLon = radiusM / (EQUATOR_DEGREE_M * Math.cos((steepest * Math.PI) / 180));
    const best = new Map<number, Place>();
    for (const piece of this.#pieces.search(lon - dLon, lat - dLat, lon + dLon, lat + dLat)) {
      const segment = this.#segmentOf[piece];
      if (!accept(segment)) continue;
      const place = this.#placeOn(piece + segment, segment, lon, lat);
      const known = best.get(segment);
      if (place.distanceM <= radiusM && (!known || place.distanceM < known.distanceM))
        best.set(segment, place);
    }
    return [...best.values()].sort((a, b) => a.distanceM - b.distanceM || a.segment - b.segment);
  }

  /** Of the straight line from point p to the next, the place nearest to a point, in the plane that touches there. */
  #placeOn(p: number, segment: number, lon: number, lat: number): Place {
    const [lonA, latA, lonB, latB] = this.#coordinates.subarray(2 * p, 2 * p + 4);
    const a = offsetM(lon, lat, lonA, latA);
    const b = offsetM(lon, lat, lonB, latB);
    const east = b.eastM - a.eastM;
    const north = b.northM - a.northM;
    const square = east * east + north * north;
    // A piece without extent belongs to its neighbours; a segment drawn as a point cannot be pointed at.
    if (square === 0) return { segment, point: p, share: 0, distanceM: Infinity };
    const along = -(a.eastM * east + a.northM * north) / square;
    const share = Math.min(1, Math.max(0, along));
    const distance = Math.hypot(a.eastM + share * east, a.northM + share * north);
    return { segment, point: p, share, distanceM: distance };
  }

  #describe({ segment, point, share, distanceM: distance }: Place): Snap {
    const coordinates = this.#coordinates;
    const [lonA, latA, lonB, latB] = coordinates.subarray(2 * point, 2 * point + 4);
    const begin = this.#geometryOffsets[segment];
    const lengthM = lineLengthM(coordinates, begin, this.#geometryOffsets[segment + 1]);
    const beforeM = lineLengthM(coordinates, begin, point + 1) + share * distanceM(lonA, latA, lonB, latB);
    return {
      segment,
      fraction: Math.min(1, beforeM / lengthM),
      distanceM: distance,
      point: [lonA + share * (lonB - lonA), latA + share * (latB - latA)],
    };
  }
}

interface Place {
  segment: number;
  /** The point that the piece begins at, and the share of the piece that lies before the place. */
  point: number;
  share: number;
  distanceM: number;
}

function assemble(network: RoadNetwork, segmentOf: Uint32Array, tree: ArrayBufferLike): ArrayBuffer {
  const { segmentCount, geometryOffsets, coordinates } = network;
  const treeBytes = Math.ceil(tree.byteLength / 8) * 8;
  const points = geometryOffsets[segmentCount];
  const header = Uint32Array.of(MAGIC, VERSION, segmentCount, points, treeBytes, 0);
  const parts = [
    new Uint8Array(header.buffer),
    new Uint8Array(coordinates.buffer, coordinates.byteOffset, 16 * points),
    new Uint8Array(tree),
    new Uint8Array(treeBytes - tree.byteLength),
    new Uint8Array(geometryOffsets.buffer, geometryOffsets.byteOffset, 4 * (segmentCount + 1)),
    new Uint8Array(segmentOf.buffer),
  ];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let begin = 0;
  for (const part of parts) {
    bytes.set(part, begin);
    begin += part.length;
  }
  return bytes.buffer;
}
