import type { RoadNetwork, TripSet } from '@etalon/core/roads';

/** Degrees between copies: more than the sample city is wide. */
const APART_DEGREES = 0.5;

/** Copies of a network beside each other, from west to east; nothing leads from one to another. */
export function sideBySide(network: RoadNetwork, copies: number): RoadNetwork {
  const { segmentCount: S, junctionCount: J, turnCount: T } = network;
  const points = network.coordinates.length / 2;
  /** Negative values are no numbers of things, or angles. */
  const each = <A extends NumberColumn>(column: A, shift = 0): A => {
    const out = new (column.constructor as new (length: number) => A)(column.length * copies);
    for (let copy = 0; copy < copies; copy++)
      for (let i = 0; i < column.length; i++)
        out[copy * column.length + i] = column[i] < 0 ? column[i] : column[i] + copy * shift;
    return out;
  };
  /** Offsets have one entry more than they have groups. */
  const offsets = (column: Uint32Array, shift: number) => {
    const begins = each(column.subarray(0, -1), shift);
    const out = new Uint32Array(begins.length + 1);
    out.set(begins);
    out[begins.length] = column[column.length - 1] + (copies - 1) * shift;
    return out;
  };
  const shifted = (coordinates: Float64Array) =>
    each(coordinates).map((value, i) =>
      i % 2 === 0 ? value + APART_DEGREES * Math.floor(i / coordinates.length) : value,
    );
  return {
    segmentCount: S * copies,
    refs: Array.from({ length: S * copies }, (_, s) => String(s)),
    wayIds: each(network.wayIds),
    fromJunction: each(network.fromJunction, J),
    toJunction: each(network.toJunction, J),
    reverse: each(network.reverse, S),
    lengthM: each(network.lengthM),
    roadClass: each(network.roadClass),
    speedLimitKmh: each(network.speedLimitKmh),
    lanes: each(network.lanes),
    surface: each(network.surface),
    flags: each(network.flags),
    nameIndex: each(network.nameIndex),
    names: network.names,
    geometryOffsets: offsets(network.geometryOffsets, points),
    coordinates: shifted(network.coordinates),
    junctionCount: J * copies,
    junctionCoordinates: shifted(network.junctionCoordinates),
    turnCount: T * copies,
    turnFrom: each(network.turnFrom, S),
    turnTo: each(network.turnTo, S),
    turnAngleDeg: each(network.turnAngleDeg),
    turnClass: each(network.turnClass),
    turnFlags: each(network.turnFlags),
    turnOffsets: offsets(network.turnOffsets, T),
  };
}

/** The trips of one city, dealt out to its copies one after the other. */
export function spreadTrips(trips: TripSet, copies: number, segmentCount: number): TripSet {
  const segments = trips.segments.slice();
  for (let trip = 0; trip < trips.count; trip++)
    for (let k = trips.offsets[trip]; k < trips.offsets[trip + 1]; k++)
      segments[k] += (trip % copies) * segmentCount;
  return { ...trips, segments };
}

type NumberColumn = Float64Array | Float32Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;
