import { MalformedError } from './malformed.ts';
import type { TableRecord } from './table.ts';

/** Why a row of a preview would not be kept. */
export interface PreviewProblem {
  /** From 0, as in the preview's rows. */
  row: number;
  /** Where it begins in the file: a line, or of Parquet a row. */
  line: number;
  /** The column at fault, where it is one. */
  column: string | null;
  message: string;
  /** It cannot be read, and stops the import unless such rows are left out. */
  malformed: boolean;
}

/** What `judge` holds against the rows: null for nothing, or a reason to leave one out; a row that it cannot read is malformed. */
export function previewProblems(
  records: readonly TableRecord[],
  judge: (
    record: TableRecord,
    row: number,
  ) => { column: string | null; description: string; detail: string } | null,
): PreviewProblem[] {
  return records.flatMap((record, row): PreviewProblem[] => {
    const { line } = record;
    try {
      const fault = judge(record, row);
      if (!fault) return [];
      const { column, description, detail } = fault;
      return [{ row, line, column, message: `${description} (${detail}).`, malformed: false }];
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      return [{ row, line, column: error.where?.field ?? null, message: error.message, malformed: true }];
    }
  });
}
