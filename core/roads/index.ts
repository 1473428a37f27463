export * from './baselines/index.ts';
export * from './network.ts';
export * from './profiles/index.ts';
export { type ReadRoadsOptions, readRoads } from './readRoads.ts';
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
