export * from './baselines/index.ts';
export { buildNetwork } from './build.ts';
export * from './exchange/index.ts';
export { lineLengthM } from './geometry.ts';
export * from './gpsImport/index.ts';
export * from './matching/index.ts';
export * from './network.ts';
export * from './profiles/index.ts';
export { type ReadRoadsOptions, readRoads } from './readRoads.ts';
export * from './routing/index.ts';
export * from './scenario/index.ts';
export { SegmentTable } from './segmentTable.ts';
export { type NearestOptions, SegmentIndex, type Snap } from './snap.ts';
export * from './supersegments/index.ts';
export { TileSource } from './tiles.ts';
export { type Traversals, timedTraversals, traversalsByEnd } from './traversals.ts';
export { DepartureReader, type Moment } from './tripImport/departure.ts';
export * from './tripSlices.ts';
export * from './trips.ts';
export {
  type PartialTripMapping,
  previewTrips,
  readTripsCsv,
  suggestMapping,
  type TripMapping,
  type TripPreview,
  type TripsCsvOptions,
} from './tripsCsv.ts';
