import type { RunConfig } from '../../core/app/model.ts';
import { quietContext } from '../../core/base/index.ts';
import { createProject } from '../../core/project/index.ts';
import type { RoadNetwork, TripSet } from '../../core/roads/index.ts';
import { etaModel } from '../../models/index.ts';
import { emptyReport } from './trips.ts';

/** A project of its own with roads, trips an hour east of Greenwich, and a finished run. */
export async function trainedProject(
  path: string,
  network: RoadNetwork,
  trips: TripSet,
  settings: Record<string, unknown>,
  period: Pick<RunConfig, 'until'> = {},
): Promise<void> {
  const store = createProject(path);
  store.writeRoads(network, emptyReport('grid'));
  store.addTrips(trips, 'Etc/GMT-1', emptyReport('trips'));
  const config: RunConfig = { seed: 1, ...period, settings: etaModel.parseSettings(settings) };
  const { id } = store.createRun({ model: 'eta', config });
  const context = { ...quietContext, device: 'cpu' as const, stop: new AbortController().signal };
  await etaModel.train(store, id, context);
  store.updateRun(id, { status: 'finished', finishedAt: new Date().toISOString() });
  store.close();
}
