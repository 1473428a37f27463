import type { MalformedCase } from './case.ts';
import { DETECTORS } from './detectors.ts';
import { GPS } from './gps.ts';
import { OBSERVATIONS } from './observations.ts';
import { ROADS } from './roads.ts';
import { PROFILES } from './speeds.ts';
import { TRIPS } from './trips.ts';

export { city, type MalformedCase } from './case.ts';
export { SENSOR_NETWORKS } from './detectors.ts';

/** Files of every format of which something cannot be read, for a project that has roads. */
export const MALFORMED_CASES: readonly MalformedCase[] = [
  ...ROADS,
  ...TRIPS,
  ...OBSERVATIONS,
  ...DETECTORS,
  ...GPS,
  ...PROFILES,
];
