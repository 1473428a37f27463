export type { MatchedPath } from './matchedPath.ts';
export { type GpsPoints, MapMatcher, POINT_FATES, type PointFate, type TraceMatch } from './matcher.ts';
export { estimateNoise, type MatchQuality, QualityTally } from './quality.ts';
export { DEFAULT_MATCH_SETTINGS, type MatchSettings } from './settings.ts';
