import type { DirectionAttributes, RoadAttributes } from './attributes.ts';
import { Growable } from './growable.ts';
import { ROAD_CLASSES, SEGMENT_FLAGS, SURFACES } from './network.ts';

export interface NewSegment {
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
  /** longitude, latitude … in driving order. */
  coordinates: ArrayLike<number>;
}

/** The columns of a network's segments while they are being filled. */
export class SegmentTable {
  readonly refs: string[] = [];
  readonly wayIds = new Growable(Float64Array);
  readonly fromJunction = new Growable(Int32Array);
  readonly toJunction = new Growable(Int32Array);
  readonly reverse = new Growable(Int32Array);
  readonly lengthM = new Growable(Float32Array);
  readonly roadClass = new Growable(Uint8Array);
  readonly speedLimitKmh = new Growable(Float32Array);
  readonly lanes = new Growable(Uint8Array);
  readonly surface = new Growable(Uint8Array);
  readonly flags = new Growable(Uint16Array);
  readonly nameIndex = new Growable(Int32Array);
  readonly names: string[] = [''];
  readonly geometryOffsets = new Growable(Uint32Array);
  readonly coordinates = new Growable(Float64Array);
  readonly #nameIndices = new Map<string, number>([['', 0]]);
  readonly #refUses = new Map<string, number>();

  constructor() {
    this.geometryOffsets.push(0);
  }

  get count(): number {
    return this.refs.length;
  }

  /** Appends a segment and returns its index. A `ref` already taken gets `/2`, `/3` … in order of appearance. */
  add(segment: NewSegment): number {
    const { road, direction } = segment;
    this.refs.push(this.#uniqueRef(segment.ref));
    this.wayIds.push(segment.wayId);
    this.fromJunction.push(segment.fromJunction);
    this.toJunction.push(segment.toJunction);
    this.reverse.push(-1);
    this.lengthM.push(segment.lengthM);
    this.roadClass.push(ROAD_CLASSES.indexOf(road.roadClass));
    this.speedLimitKmh.push(direction.speedLimitKmh);
    this.lanes.push(direction.lanes);
    this.surface.push(SURFACES.indexOf(road.surface));
    this.flags.push(flagsOf(segment));
    this.nameIndex.push(this.#indexOfName(road.name));
    this.coordinates.pushAll(segment.coordinates);
    this.geometryOffsets.push(this.coordinates.length / 2);
    return this.count - 1;
  }

  /** Declares two segments to be the two directions of one road. */
  pair(a: number, b: number): void {
    this.reverse.view()[a] = b;
    this.reverse.view()[b] = a;
  }

  #uniqueRef(ref: string): string {
    let unique = ref;
    for (let use = this.#refUses.get(ref) ?? 0; this.#refUses.has(unique); use++) {
      unique = `${ref}/${use + 1}`;
      this.#refUses.set(ref, use + 1);
    }
    this.#refUses.set(unique, 1);
    return unique;
  }

  #indexOfName(name: string): number {
    let index = this.#nameIndices.get(name);
    if (index === undefined) {
      index = this.names.push(name) - 1;
      this.#nameIndices.set(name, index);
    }
    return index;
  }
}

function flagsOf({ road, direction, signal, oneway }: NewSegment): number {
  let flags = 0;
  if (road.bridge) flags |= SEGMENT_FLAGS.bridge;
  if (road.tunnel) flags |= SEGMENT_FLAGS.tunnel;
  if (road.toll) flags |= SEGMENT_FLAGS.toll;
  if (road.roundabout) flags |= SEGMENT_FLAGS.roundabout;
  if (road.link) flags |= SEGMENT_FLAGS.link;
  if (signal) flags |= SEGMENT_FLAGS.signal;
  if (oneway) flags |= SEGMENT_FLAGS.oneway;
  if (direction.speedTagged) flags |= SEGMENT_FLAGS.speedTagged;
  return flags;
}
