export * from './baselines/index.ts';
export { buildNetwork } from './build.ts';
export { lineLengthM } from './geometry.ts';
export * from './network.ts';
export {
  type MatchFigures,
  type ObservationFileOptions,
  type ObservationLayout,
  type ObservationMapping,
  type PartialObservationMapping,
  readObservationFile,
  readSensorNetwork,
  SPEED_UNITS,
  type SpeedUnit,
} from './observationFile.ts';
export { type ObservationPreview, previewObservations } from './observationPreview.ts';
export * from './observations.ts';
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
export { SegmentTable } from './segmentTable.ts';
export { type NearestOptions, SegmentIndex, type Snap } from './snap.ts';
export { openTable, type Table, type TableRecord } from './tables/table.ts';
export { TileSource } from './tiles.ts';
export {
  type PartialTripMapping,
  previewTrips,
  readTripFile,
  suggestMapping,
  type TripFileOptions,
  type TripMapping,
  type TripPreview,
} from './tripFile.ts';
export { DepartureReader, type Moment } from './tripImport/departure.ts';
export * from './trips.ts';
