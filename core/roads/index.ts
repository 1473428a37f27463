export * from './baselines/index.ts';
export { buildNetwork } from './build.ts';
export { lineLengthM } from './geometry.ts';
export * from './network.ts';
export * from './profiles/index.ts';
export { type ReadRoadsOptions, readRoads } from './readRoads.ts';
export {
  type AlternativeOptions,
  type Route,
  type RouteCosts,
  type RoutePlace,
  type RouteRequest,
  Router,
} from './route.ts';
export * from './scenario/index.ts';
export { SegmentTable } from './segmentTable.ts';
export { type NearestOptions, SegmentIndex, type Snap } from './snap.ts';
export { TileSource } from './tiles.ts';
export { DepartureReader, type Moment } from './tripImport/departure.ts';
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
