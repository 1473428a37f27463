import { Fragment, useState } from 'react';
import { fieldOf, type ImportForm, type RowsPreview } from './fields.ts';

/** The first rows as read, at most 200; a row that would be left out says why, in place. */
export function PreviewTable({ form, preview }: { form: ImportForm; preview: RowsPreview }) {
  const [onlyProblems, setOnlyProblems] = useState(false);
  const problemAt = new Map(preview.problems.map((problem) => [problem.row, problem]));
  const rows = preview.rows
    .map((cells, row) => ({ cells, row }))
    .filter(({ row }) => !onlyProblems || problemAt.has(row));
  return (
    <>
      <div className="spread preview-head">
        <h2>
          Preview <span className="secondary">the first {preview.rows.length} rows as they will be read</span>
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
      <div className="preview-table scroll">
        <table>
          <thead>
            <tr>
              <th />
              {preview.columns.map((column) => (
                <th key={column.name} className="preview-field">
                  {fieldOf(form, column.name)?.label}
                </th>
              ))}
            </tr>
            <tr>
              <th className="num">row</th>
              {preview.columns.map((column) => (
                <th key={column.name} className="mono">
                  {column.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ cells, row }) => {
              const problem = problemAt.get(row);
              return (
                <Fragment key={row}>
                  <tr className={problem ? 'bad' : ''}>
                    <td className="num preview-row">{row + 1}</td>
                    {preview.columns.map((column, i) => (
                      <td
                        key={column.name}
                        className={problem?.column === column.name ? 'mono bad-cell' : 'mono'}
                      >
                        {cells[i]}
                      </td>
                    ))}
                  </tr>
                  {problem && (
                    <tr className="bad bad-reason">
                      <td />
                      <td colSpan={preview.columns.length}>{problem.message} The row will be left out.</td>
                    </tr>
                  )}
                </Fragment>
              );
            })}
          </tbody>
        </table>
        {rows.length === 0 && <p className="secondary preview-empty">No row here has a problem.</p>}
      </div>
    </>
  );
}
