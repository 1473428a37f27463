import { breathe, type TaskContext, throwIfCancelled } from '../base/index.ts';
import type { Table, TableRecord } from './table.ts';

const RECORDS_BETWEEN_BREATHS = 1000;

/**
 * Goes through a table's rows with a report, a look at the signal and a breath now and then, and closes it. Throws
 * `cancelled`, and what reading or `take` throws.
 */
export async function eachRecord(
  table: Table,
  { wanted, stage, context }: { wanted?: readonly string[]; stage: string; context: TaskContext },
  take: (record: TableRecord) => void,
  /** Asked for after some thousand rows. */
  between: () => Promise<void> = breathe,
): Promise<void> {
  try {
    let records = 0;
    for await (const batch of table.batches(wanted))
      for (const record of batch) {
        take(record);
        if (++records % RECORDS_BETWEEN_BREATHS > 0) continue;
        context.report({ stage, ...table.progress() });
        throwIfCancelled(context.signal);
        await between();
      }
    throwIfCancelled(context.signal);
  } finally {
    await table.close();
  }
}
