export { SupersegmentCatalogue } from './catalogue.ts';
export { ExtendedPaths, PathExtender } from './extended.ts';
export {
  type Coverage,
  countTraffic,
  coverage,
  SupersegmentSampler,
  type Supersegments,
  type TrafficCounts,
} from './sampler.ts';
