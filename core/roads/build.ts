import type { TaskContext } from '../base/index.ts';
import type { RoadNetwork } from './network.ts';
import type { SegmentTable } from './segmentTable.ts';
import { makeTurns, type TurnFilter, TurnGeometry, type TurnSegments } from './turns.ts';

/**
 * Assembles a network from its segments and its junctions' places ([2 · J], degrees), adding the turns.
 * @param filterOf returns which turns are permitted, given the geometry; without it all are
 */
export async function buildNetwork(
  table: SegmentTable,
  junctionCoordinates: Float64Array,
  context: TaskContext,
  filterOf: (segments: TurnSegments, geometry: TurnGeometry) => TurnFilter = () => () => true,
): Promise<RoadNetwork> {
  const segments = table.columns();
  const junctionCount = junctionCoordinates.length / 2;
  const geometry = new TurnGeometry(segments, junctionCount);
  const turns = await makeTurns(segments, geometry, filterOf(segments, geometry), context);
  return { ...segments, junctionCount, junctionCoordinates, ...turns };
}
