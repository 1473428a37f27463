import { Growable, grown } from '../base/growable.ts';
import type { DirectionAttributes, RoadAttributes } from './attributes.ts';
import { ROAD_CLASSES, type RoadNetwork, SEGMENT_FLAGS, SURFACES } from './network.ts';

/** The columns of a network that describe its segments. */
export type SegmentColumns = Pick<
  RoadNetwork,
  | 'segmentCount'
  | 'refs'
  | 'wayIds'
  | 'fromJunction'
  | 'toJunction'
  | 'reverse'
  | 'lengthM'
  | 'roadClass'
  | 'speedLimitKmh'
  | 'lanes'
  | 'surface'
  | 'flags'
  | 'nameIndex'
  | 'names'
  | 'geometryOffsets'
  | 'coordinates'
  | 'pointNodeIds'
>;

export interface NewSegment {
  /** Unique. */
  ref: string;
  wayId: number;
  fromJunction: number;
  toJunction: number;
  lengthM: number;
  road: RoadAttributes;
  direction: DirectionAttributes;
  /** Signals at the end. */
  signal: boolean;
  oneway: boolean;
  /** Whether it drives against the direction in which its way is drawn. */
  againstWay?: boolean;
  /** longitude, latitude … in driving order. */
  coordinates: ArrayLike<number>;
  /** The OSM node at each of its points. Either all segments of a table have them or none. */
  pointNodeIds?: ArrayLike<number>;
}

/** The columns of a network's segments while they are being filled. */
export class SegmentTable {
  readonly #refs: string[] = [];
  readonly #names: string[] = [''];
  readonly #nameIndices = new Map<string, number>([['', 0]]);
  readonly #coordinates = new Growable(Float64Array);
  readonly #pointNodeIds = new Growable(Float64Array);
  #wayIds = new Float64Array(1024);
  #fromJunction = new Int32Array(1024);
  #toJunction = new Int32Array(1024);
  #reverse = new Int32Array(1024);
  #lengthM = new Float32Array(1024);
  #roadClass = new Uint8Array(1024);
  #speedLimitKmh = new Float32Array(1024);
  #lanes = new Uint8Array(1024);
  #surface = new Uint8Array(1024);
  #flags = new Uint16Array(1024);
  #nameIndex = new Int32Array(1024);
  #geometryOffsets = new Uint32Array(1024);

  get count(): number {
    return this.#refs.length;
  }

  /** Appends a segment and returns its index. */
  add(segment: NewSegment): number {
    const { road, direction } = segment;
    const at = this.#refs.push(segment.ref) - 1;
    this.#reserve(at + 2);
    this.#wayIds[at] = segment.wayId;
    this.#fromJunction[at] = segment.fromJunction;
    this.#toJunction[at] = segment.toJunction;
    this.#reverse[at] = -1;
    this.#lengthM[at] = segment.lengthM;
    this.#roadClass[at] = ROAD_CLASSES.indexOf(road.roadClass);
    this.#speedLimitKmh[at] = direction.speedLimitKmh;
    this.#lanes[at] = direction.lanes;
    this.#surface[at] = SURFACES.indexOf(road.surface);
    this.#flags[at] = flagsOf(segment);
    this.#nameIndex[at] = this.#indexOfName(road.name);
    this.#coordinates.pushAll(segment.coordinates);
    if (segment.pointNodeIds) this.#pointNodeIds.pushAll(segment.pointNodeIds);
    this.#geometryOffsets[at + 1] = this.#coordinates.length / 2;
    return at;
  }

  /** Declares two segments to be the two directions of one road. */
  pair(a: number, b: number): void {
    this.#reverse[a] = b;
    this.#reverse[b] = a;
  }

  columns(): SegmentColumns {
    const { count } = this;
    return {
      segmentCount: count,
      refs: this.#refs,
      wayIds: this.#wayIds.slice(0, count),
      fromJunction: this.#fromJunction.slice(0, count),
      toJunction: this.#toJunction.slice(0, count),
      reverse: this.#reverse.slice(0, count),
      lengthM: this.#lengthM.slice(0, count),
      roadClass: this.#roadClass.slice(0, count),
      speedLimitKmh: this.#speedLimitKmh.slice(0, count),
      lanes: this.#lanes.slice(0, count),
      surface: this.#surface.slice(0, count),
      flags: this.#flags.slice(0, count),
      nameIndex: this.#nameIndex.slice(0, count),
      names: this.#names,
      geometryOffsets: this.#geometryOffsets.slice(0, count + 1),
      coordinates: this.#coordinates.toArray(),
      ...(this.#pointNodeIds.length > 0 && { pointNodeIds: this.#pointNodeIds.toArray() }),
    };
  }

  #reserve(length: number): void {
    if (length <= this.#wayIds.length) return;
    this.#wayIds = grown(Float64Array, this.#wayIds, length);
    this.#fromJunction = grown(Int32Array, this.#fromJunction, length);
    this.#toJunction = grown(Int32Array, this.#toJunction, length);
    this.#reverse = grown(Int32Array, this.#reverse, length);
    this.#lengthM = grown(Float32Array, this.#lengthM, length);
    this.#roadClass = grown(Uint8Array, this.#roadClass, length);
    this.#speedLimitKmh = grown(Float32Array, this.#speedLimitKmh, length);
    this.#lanes = grown(Uint8Array, this.#lanes, length);
    this.#surface = grown(Uint8Array, this.#surface, length);
    this.#flags = grown(Uint16Array, this.#flags, length);
    this.#nameIndex = grown(Int32Array, this.#nameIndex, length);
    this.#geometryOffsets = grown(Uint32Array, this.#geometryOffsets, length);
  }

  #indexOfName(name: string): number {
    let index = this.#nameIndices.get(name);
    if (index === undefined) {
      index = this.#names.push(name) - 1;
      this.#nameIndices.set(name, index);
    }
    return index;
  }
}

function flagsOf({ road, direction, signal, oneway, againstWay }: NewSegment): number {
  let flags = 0;
  if (road.bridge) flags |= SEGMENT_FLAGS.bridge;
  if (road.tunnel) flags |= SEGMENT_FLAGS.tunnel;
  if (road.toll) flags |= SEGMENT_FLAGS.toll;
  if (road.roundabout) flags |= SEGMENT_FLAGS.roundabout;
  if (road.link) flags |= SEGMENT_FLAGS.link;
  if (signal) flags |= SEGMENT_FLAGS.signal;
  if (oneway) flags |= SEGMENT_FLAGS.oneway;
  if (direction.speedTagged) flags |= SEGMENT_FLAGS.speedTagged;
  if (againstWay) flags |= SEGMENT_FLAGS.againstWay;
  return flags;
}
