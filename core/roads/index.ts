export { DepartureReader, type Moment } from '../tables/departure.ts';
export * from './baselines/index.ts';
export { buildNetwork } from './build.ts';
export * from './exchange/index.ts';
export { distanceM, lineLengthM } from './geometry.ts';
export * from './gpsImport/index.ts';
export * from './matching/index.ts';
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
export * from './routing/index.ts';
export * from './scenario/index.ts';
export { SegmentTable } from './segmentTable.ts';
export { type NearestOptions, SegmentIndex, type Snap } from './snap.ts';
export * from './supersegments/index.ts';
export { TileSource } from './tiles.ts';
export {
  type SegmentTimes,
  segmentTimes,
  type Traversals,
  timedTraversals,
  timesByEnd,
} from './traversals.ts';
export {
  type PartialTripMapping,
  previewTrips,
  readTripFile,
  suggestMapping,
  type TripFileOptions,
  type TripMapping,
  type TripPreview,
} from './tripFile.ts';
export * from './tripSlices.ts';
export * from './trips.ts';
