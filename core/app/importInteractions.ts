import type { TaskContext } from '../base/index.ts';
import { readInteractionFiles } from '../interactions/index.ts';
import type { ProjectStore } from '../project/index.ts';
import type { ImportReport } from '../tables/index.ts';
import type { JobRequest } from './jobTypes.ts';

/** Reads all files before anything is written: of a failed or cancelled import nothing is kept. */
export async function importInteractions(
  store: ProjectStore,
  { files, name, timeZone, skipMalformed }: JobRequest & { kind: 'import-interactions' },
  context: TaskContext,
): Promise<ImportReport> {
  const started = performance.now();
  const { data, report } = await readInteractionFiles(files, { timeZone, skipMalformed }, context);
  context.report({ stage: 'Writing interactions', done: 0 });
  store.writeInteractions(name, data, report);
  return { ...report, seconds: (performance.now() - started) / 1000 };
}
