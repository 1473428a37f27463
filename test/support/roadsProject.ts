import { createProject } from '../../core/project/index.ts';
import type { RoadNetwork } from '../../core/roads/network.ts';

/** Makes a project that has roads and nothing else. */
export function roadsProject(path: string, network: RoadNetwork): void {
  const counts = { segments: network.segmentCount };
  const store = createProject(path);
  store.writeRoads(network, {
    source: 'grid',
    format: 'generated',
    read: counts,
    kept: counts,
    dropped: [],
    notes: [],
    seconds: 0,
  });
  store.close();
}
