import { Fragment, useState } from 'react';

/** More columns than these are a matrix: they are counted, not shown. */
const SHOWN_COLUMNS = 24;

interface PreviewTableProps {
  preview: {
    columns: { name: string }[];
    rows: string[][];
    problems: { row: number; column: string | null; message: string }[];
  };
  /** What a column is taken for. */
  labelOf(column: string): string | undefined;
}

/** The first rows as read, at most 200; a row that would be left out says why, in place. */
export function PreviewTable({ preview, labelOf }: PreviewTableProps) {
  const columns = preview.columns.slice(0, SHOWN_COLUMNS);
  const hidden = preview.columns.length - columns.length;
  const [onlyProblems, setOnlyProblems] = useState(false);
  const problemAt = new Map(preview.problems.map((problem) => [problem.row, problem]));
  const rows = preview.rows
    .map((cells, row) => ({ cells, row }))
    .filter(({ row }) => !onlyProblems || problemAt.has(row));
  return (
    <>
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
      <div className="preview-table scroll">
        <table>
          <thead>
            <tr>
              <th />
              {columns.map((column) => (
                <th key={column.name} className="preview-field">
                  {labelOf(column.name)}
                </th>
              ))}
            </tr>
            <tr>
              <th className="num">row</th>
              {columns.map((column) => (
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
                    {columns.map((column, i) => (
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
                      <td colSpan={columns.length}>
                        {problem.message}
                        {!/stops the import\.$/.test(problem.message) && ' The row will be left out.'}
                      </td>
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
