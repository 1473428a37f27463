import { distanceM } from '../geometry.ts';
import { ROAD_CLASSES, type RoadClass, type RoadNetwork, SEGMENT_FLAGS, TURN_CLASSES } from '../network.ts';
import { classifyTurn, TurnGeometry, type TurnSegments } from '../turns.ts';

/** A road to add: straight from one junction to another. */
export interface NewRoad {
  fromJunction: number;
  toJunction: number;
  roadClass: RoadClass;
  speedLimitKmh: number;
  lanes: number;
  oneway: boolean;
  /** Unique: the segments' references begin with it. */
  ref: string;
}

/**
 * The network with roads added behind its segments, so that every index of a segment, junction or name stays. Turns are numbered
 * anew; those that were permitted still are, and at the new roads' ends every turn is but the one back.
 */
export function withNewRoads(network: RoadNetwork, roads: readonly NewRoad[]): RoadNetwork {
  if (roads.length === 0) return network;
  const added = roads.flatMap((road) => {
    const way = { ...road, from: road.fromJunction, to: road.toJunction, back: false };
    return road.oneway ? [way] : [way, { ...way, from: way.to, to: way.from, back: true }];
  });
  const S = network.segmentCount;
  const at = (junction: number): [number, number] => [
    network.junctionCoordinates[2 * junction],
    network.junctionCoordinates[2 * junction + 1],
  ];
  const points = network.geometryOffsets[S];
  const reverse = added.map((way, i) => (way.oneway ? -1 : S + (way.back ? i - 1 : i + 1)));
  const segments = {
    segmentCount: S + added.length,
    refs: [...network.refs, ...added.map((way) => `${way.ref}${way.back ? '-back' : ''}`)],
    wayIds: extended(network.wayIds, added.map(zero)),
    fromJunction: extended(
      network.fromJunction,
      added.map((way) => way.from),
    ),
    toJunction: extended(
      network.toJunction,
      added.map((way) => way.to),
    ),
    reverse: extended(network.reverse, reverse),
    lengthM: extended(
      network.lengthM,
      added.map((way) => Math.max(1, distanceM(...at(way.from), ...at(way.to)))),
    ),
    roadClass: extended(
      network.roadClass,
      added.map((way) => ROAD_CLASSES.indexOf(way.roadClass)),
    ),
    speedLimitKmh: extended(
      network.speedLimitKmh,
      added.map((way) => way.speedLimitKmh),
    ),
    lanes: extended(
      network.lanes,
      added.map((way) => way.lanes),
    ),
    surface: extended(network.surface, added.map(one)),
    flags: extended(
      network.flags,
      added.map((way) => SEGMENT_FLAGS.speedTagged | (way.oneway ? SEGMENT_FLAGS.oneway : 0)),
    ),
    nameIndex: extended(network.nameIndex, added.map(zero)),
    names: network.names,
    geometryOffsets: extended(
      network.geometryOffsets,
      added.map((_, i) => points + 2 * (i + 1)),
    ),
    coordinates: extended(
      network.coordinates,
      added.flatMap((way) => [...at(way.from), ...at(way.to)]),
    ),
  };
  return { ...network, ...segments, ...turnsWith(network, segments) };
}

/** The old turns, and all from and onto the segments that were added. */
function turnsWith(network: RoadNetwork, segments: TurnSegments) {
  const S = network.segmentCount;
  const geometry = new TurnGeometry(segments, network.junctionCount);
  const from: number[] = [];
  const to: number[] = [];
  const angles: number[] = [];
  const flags: number[] = [];
  const turnOffsets = new Uint32Array(segments.segmentCount + 1);
  const add = (a: number, b: number) => {
    from.push(a);
    to.push(b);
    angles.push(geometry.angleDeg(a, b));
    flags.push(segments.flags[a] & SEGMENT_FLAGS.signal ? 1 : 0);
  };
  for (let s = 0; s < segments.segmentCount; s++) {
    if (s < S)
      for (let turn = network.turnOffsets[s]; turn < network.turnOffsets[s + 1]; turn++) {
        from.push(s);
        to.push(network.turnTo[turn]);
        angles.push(network.turnAngleDeg[turn]);
        flags.push(network.turnFlags[turn]);
      }
    for (const next of geometry.successors(s))
      if ((s >= S || next >= S) && next !== segments.reverse[s]) add(s, next);
    turnOffsets[s + 1] = from.length;
  }
  return {
    turnCount: from.length,
    turnFrom: Int32Array.from(from),
    turnTo: Int32Array.from(to),
    turnAngleDeg: Float32Array.from(angles),
    turnClass: Uint8Array.from(angles, (angle) => TURN_CLASSES.indexOf(classifyTurn(angle))),
    turnFlags: Uint8Array.from(flags),
    turnOffsets,
  };
}

type Column = Float64Array | Float32Array | Int32Array | Uint32Array | Uint16Array | Uint8Array;

function extended<C extends Column>(column: C, more: readonly number[]): C {
  const longer = new (column.constructor as new (length: number) => C)(column.length + more.length);
  longer.set(column);
  longer.set(more, column.length);
  return longer;
}

const zero = () => 0;
const one = () => 1;
