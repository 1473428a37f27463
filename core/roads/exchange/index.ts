export { readValhallaSpeeds } from './readValhalla.ts';
export type { SpeedExportReport } from './speedExport.ts';
export { turnDelaysBesideSpeeds } from './turnDelays.ts';
export { BIN_S, WEEK_BINS } from './weekBins.ts';
export {
  profileSource,
  type SegmentSpeeds,
  type SpeedSource,
  sampledSource,
  type WeeklyProfiles,
  type WeekSamples,
} from './weeklySpeeds.ts';
export { writeOsrmSpeeds, writeOsrmTurns } from './writeOsrm.ts';
export { writeValhallaSpeeds } from './writeValhalla.ts';
