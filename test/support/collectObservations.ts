import { type ObservationFileOptions, readObservationFile } from '../../core/roads/observationFile.ts';
import { concatObservations, type ObservationSet } from '../../core/roads/observations.ts';
import type { ImportReport } from '../../core/tables/importReport.ts';

/** All observations of a file at once, and in how many parts they came. */
export async function collectObservations(
  path: string,
  options: Omit<ObservationFileOptions, 'add'>,
): Promise<{ observations: ObservationSet; chunks: number; report: ImportReport }> {
  const chunks: ObservationSet[] = [];
  const report = await readObservationFile(path, { ...options, add: (set) => chunks.push(set) });
  return { observations: concatObservations(chunks), chunks: chunks.length, report };
}
