import { readTripFile, type TripFileOptions } from '../../core/roads/tripFile.ts';
import { concatTrips, type TripSet } from '../../core/roads/trips.ts';
import type { ImportReport } from '../../core/tables/importReport.ts';

export type CollectOptions = Omit<TripFileOptions, 'add' | 'existing'> & { existing?: TripSet };

/** All trips of a file at once. */
export async function collectTrips(
  path: string,
  { existing, ...options }: CollectOptions,
): Promise<{ trips: TripSet; report: ImportReport }> {
  const chunks: TripSet[] = [];
  const report = await readTripFile(path, {
    ...options,
    ...(existing && { existing: [existing] }),
    add: (trips) => chunks.push(trips),
  });
  return { trips: chunks.length === 1 ? chunks[0] : concatTrips(chunks), report };
}
