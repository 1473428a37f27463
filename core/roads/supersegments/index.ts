export { SupersegmentCatalogue } from './catalogue.ts';
export { type CoverageRow, coverageByClass } from './coverageByClass.ts';
export { type Drives, drivesOf } from './drives.ts';
export { ExtendedPaths, PathExtender } from './extended.ts';
export {
  type Coverage,
  countTraffic,
  coverage,
  SupersegmentSampler,
  type Supersegments,
  type TrafficCounts,
} from './sampler.ts';
