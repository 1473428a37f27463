import type { RoadNetwork } from './network.ts';
import type { SegmentTable } from './segmentTable.ts';
import { makeTurns, type TurnFilter, TurnGeometry, type TurnSegments } from './turns.ts';

export type SegmentColumns = Omit<
  RoadNetwork,
  'turnCount' | 'turnFrom' | 'turnTo' | 'turnAngleDeg' | 'turnClass' | 'turnFlags' | 'turnOffsets'
>;

/** A filled segment table and its junctions as the columns of a network, all but the turns. */
export function segmentColumns(segments: SegmentTable, junctionCoordinates: Float64Array): SegmentColumns {
  return {
    segmentCount: segments.count,
    refs: segments.refs,
    wayIds: segments.wayIds.toArray(),
    fromJunction: segments.fromJunction.toArray(),
    toJunction: segments.toJunction.toArray(),
    reverse: segments.reverse.toArray(),
    lengthM: segments.lengthM.toArray(),
    roadClass: segments.roadClass.toArray(),
    speedLimitKmh: segments.speedLimitKmh.toArray(),
    lanes: segments.lanes.toArray(),
    surface: segments.surface.toArray(),
    flags: segments.flags.toArray(),
    nameIndex: segments.nameIndex.toArray(),
    names: segments.names,
    geometryOffsets: segments.geometryOffsets.toArray(),
    coordinates: segments.coordinates.toArray(),
    junctionCount: junctionCoordinates.length / 2,
    junctionCoordinates,
  };
}

/**
 * Adds the turns to the columns of the segments.
 * @param forbidding given the geometry, returns which turns are permitted; all are without it
 */
export function buildNetwork(
  columns: SegmentColumns,
  forbidding: (segments: TurnSegments, geometry: TurnGeometry) => TurnFilter = () => () => true,
): RoadNetwork {
  const geometry = new TurnGeometry(columns, columns.junctionCount);
  return { ...columns, ...makeTurns(columns, geometry, forbidding(columns, geometry)) };
}
