import type { TaskContext } from '../base/index.ts';
import type { ProjectStore } from '../project/index.ts';
import { type ObservationSet, readObservationFile, readSensorNetwork } from '../roads/index.ts';
import type { ImportReport } from '../tables/index.ts';
import type { JobRequest } from './jobTypes.ts';
import { needsRoads } from './observationChecks.ts';

/**
 * Imports observations in one transaction: of a cancelled or failed import nothing is kept. Detectors without roads make a
 * sensor network, which is imported as roads with them. Throws `conflict` for segments without roads.
 */
export async function importObservations(
  store: ProjectStore,
  { path, mapping, timeZone, skipMalformed }: JobRequest & { kind: 'import-observations' },
  context: TaskContext,
): Promise<ImportReport> {
  const started = performance.now();
  const report = await store.atomically(async () => {
    const made: string[] = [];
    if (!store.hasRoads()) {
      if (mapping.layout !== 'detectors') throw needsRoads();
      const { network, report: roads } = await readSensorNetwork(path, mapping, skipMalformed);
      store.writeRoads(network, roads);
      made.push(
        `There were no roads: the sensors have become the network, of ${network.segmentCount} segments and ${network.turnCount} turns`,
      );
    }
    const network = store.readRoads();
    const hours = new ObservedHours(store);
    return store.importObservations(timeZone, async (add) => {
      const hand = (observations: ObservationSet) => {
        hours.count(observations);
        add(observations);
      };
      const read = await readObservationFile(path, {
        mapping,
        timeZone,
        network,
        skipMalformed,
        add: hand,
        context,
      });
      return { ...read, notes: [...made, ...read.notes, ...hours.notes()] };
    });
  });
  return { ...report, seconds: (performance.now() - started) / 1000 };
}

/** Tells what other sources observed at the same time: the same file imported twice, above all. */
class ObservedHours {
  readonly #before: ReadonlySet<number>;
  readonly #both = new Set<number>();

  constructor(store: ProjectStore) {
    this.#before = new Set(store.observedHours().map(({ hour }) => hour));
  }

  count({ localStartS }: ObservationSet): void {
    if (this.#before.size === 0) return;
    for (const startS of localStartS) {
      const hour = Math.floor(startS / 3600);
      if (this.#before.has(hour)) this.#both.add(hour);
    }
  }

  notes(): string[] {
    if (this.#both.size === 0) return [];
    return [
      `Hours that other sources observe, too: ${this.#both.size}. Their observations count beside each other; remove a source that was imported twice`,
    ];
  }
}
