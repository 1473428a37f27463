import { useState } from 'react';
import { DataTable } from '../table/DataTable.tsx';
import type { RowsPreview } from './fields.ts';
import { MalformedRow } from './MalformedRow.tsx';
import { type MalformedChoice, malformedOf } from './malformed.ts';

/** More columns than these are a matrix: they are counted, not shown. */
const SHOWN_COLUMNS = 24;

interface PreviewTableProps {
  preview: Pick<RowsPreview, 'columns' | 'rows' | 'problems'>;
  /** What a column is taken for. */
  labelOf(column: string): string | undefined;
  choice: MalformedChoice;
}

/** The first rows as read, at most 200; a row that would not be kept says why, in place, and what can be done about it. */
export function PreviewTable({ preview, labelOf, choice }: PreviewTableProps) {
  const columns = preview.columns.slice(0, SHOWN_COLUMNS);
  const hidden = preview.columns.length - columns.length;
  const [onlyProblems, setOnlyProblems] = useState(false);
  const problemAt = new Map(preview.problems.map((problem) => [problem.row, problem]));
  const rows = preview.rows
    .map((cells, row) => ({ cells, row }))
    .filter(({ row }) => !onlyProblems || problemAt.has(row));
  return (
    <DataTable
      label="Preview"
      title={
        <div className="spread preview-head">
          <h2>
            Preview{' '}
            <span className="secondary">
              the first {preview.rows.length} rows as they will be read
              {hidden > 0 && `, ${hidden} more columns not shown`}
            </span>
          </h2>
          <div className="segmented">
            <button type="button" aria-pressed={!onlyProblems} onClick={() => setOnlyProblems(false)}>
              All rows
            </button>
            <button type="button" aria-pressed={onlyProblems} onClick={() => setOnlyProblems(true)}>
              With problems{' '}
              <b className={preview.problems.length > 0 ? 'bad-count' : ''}>{preview.problems.length}</b>
            </button>
          </div>
        </div>
      }
      scrollIn="preview-table"
      rows={rows}
      rowKey={({ row }) => row}
      rowProps={({ row }) => ({ className: problemAt.has(row) ? 'bad' : '' })}
      below={({ row }) => {
        const problem = problemAt.get(row);
        if (!problem) return null;
        return problem.malformed ? (
          <MalformedRow
            message={problem.message}
            column={problem.column}
            count={malformedOf(preview).length}
            choice={choice}
          />
        ) : (
          <span className="bad-reason">{problem.message} The row will be left out.</span>
        );
      }}
      empty="No row here has a problem."
      columns={[
        {
          id: 'row',
          head: 'row',
          numeric: true,
          className: 'preview-row',
          value: ({ row }) => row + 1,
        },
        ...columns.map((column, i) => ({
          id: column.name,
          head: column.name,
          headExtra: <span className="preview-field">{labelOf(column.name)}</span>,
          className: 'mono',
          value: ({ cells }: (typeof rows)[number]) => cells[i] ?? '',
          cell: ({ cells, row }: (typeof rows)[number]) =>
            problemAt.get(row)?.column === column.name ? (
              <span className="bad-cell">{cells[i]}</span>
            ) : (
              cells[i]
            ),
        })),
      ]}
    />
  );
}
