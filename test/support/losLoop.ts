import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Loop detectors of Los Angeles, 207 sensors, 7 days of 5 minutes, in mph: see `../shared/data/README.md`. */
const folder = fileURLToPath(new URL('../../../shared/data/los-loop/', import.meta.url));
export const losLoop = {
  speeds: `${folder}los_speed.csv`,
  positions: `${folder}graph_sensor_locations.csv`,
  adjacency: `${folder}los_adj.csv`,
};
export const hasLosLoop = existsSync(losLoop.speeds);
