import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { importObservations } from '../../core/app/importObservations.ts';
import { quietContext } from '../../core/base/index.ts';
import type { ProjectStore } from '../../core/project/index.ts';
import { completeObservationMapping } from '../../core/roads/observationImport/mapping.ts';

/** Loop detectors of Los Angeles, 207 sensors, 7 days of 5 minutes, in mph: see `../shared/data/README.md`. */
const folder = fileURLToPath(new URL('../../../shared/data/los-loop/', import.meta.url));
export const losLoop = {
  speeds: `${folder}los_speed.csv`,
  positions: `${folder}graph_sensor_locations.csv`,
  adjacency: `${folder}los_adj.csv`,
};
export const hasLosLoop = existsSync(losLoop.speeds);

/** Into an empty project: the sensors become its network. */
export async function importLosLoop(store: ProjectStore): Promise<void> {
  const mapping = completeObservationMapping(
    {
      layout: 'detectors',
      positions: losLoop.positions,
      adjacency: losLoop.adjacency,
      unit: 'mph',
      start: '2012-03-01T00:00',
      stepS: 300,
    },
    [],
  );
  const of = {
    kind: 'import-observations' as const,
    path: losLoop.speeds,
    mapping,
    timeZone: 'America/Los_Angeles',
    skipMalformed: false,
  };
  await importObservations(store, of, quietContext);
}
