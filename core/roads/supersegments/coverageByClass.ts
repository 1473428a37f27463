import { ROAD_CLASSES, type RoadClass, type RoadNetwork } from '../network.ts';
import type { TrafficCounts } from './sampler.ts';

/** What supersegments hold of the roads of a class, or of all. */
export interface CoverageRow {
  roadClass: RoadClass | 'all';
  segments: number;
  coveredSegments: number;
  km: number;
  coveredKm: number;
  traversals: number;
  /** Of all traversals, those of covered segments. */
  coveredTraversals: number;
}

/** Rows of the classes that the network has, in order of importance, and last of all roads. `times` [S]: supersegments that hold each. */
export function coverageByClass(
  { segmentCount, lengthM, roadClass }: RoadNetwork,
  { segments: driven }: TrafficCounts,
  times: Uint32Array,
): CoverageRow[] {
  const rows = [...ROAD_CLASSES, 'all' as const].map(emptyRow);
  for (let s = 0; s < segmentCount; s++)
    for (const row of [rows[roadClass[s]], rows[ROAD_CLASSES.length]]) {
      row.segments++;
      row.km += lengthM[s] / 1000;
      row.traversals += driven[s];
      if (times[s] === 0) continue;
      row.coveredSegments++;
      row.coveredKm += lengthM[s] / 1000;
      row.coveredTraversals += driven[s];
    }
  return rows.filter(({ segments }) => segments > 0);
}

function emptyRow(roadClass: CoverageRow['roadClass']): CoverageRow {
  return {
    roadClass,
    segments: 0,
    coveredSegments: 0,
    km: 0,
    coveredKm: 0,
    traversals: 0,
    coveredTraversals: 0,
  };
}
