import { useId, useState } from 'react';
import type { ReportTable } from '../api/types.ts';
import { BarRows } from '../charts/BarRows.tsx';
import { Figure } from '../charts/Figure.tsx';
import { count, fixed } from '../format/format.ts';
import { DataTable } from '../table/DataTable.tsx';

/** More rows than these are read in the table alone. */
const MOST_BARS = 24;

type Cell = ReportTable['rows'][number][number];

/** What a system found out beside its figures: a table, and its numbers as bars where they are few. */
export function Report({ report }: { report: ReportTable }) {
  const { title, note, columns, rows } = report;
  const numbers = columns.flatMap((_, i) =>
    i > 0 && rows.length > 0 && rows.every((row) => typeof row[i] === 'number' || row[i] === null) ? [i] : [],
  );
  const drawn = numbers.length > 0 && rows.length > 1 && rows.length <= MOST_BARS;
  return (
    <div className={drawn ? 'report-pair' : ''}>
      <div>
        <DataTable<{ cells: Cell[]; row: number }>
          label={title}
          title={<h2>{title}</h2>}
          className="tight"
          rows={rows.map((cells, row) => ({ cells, row }))}
          rowKey={({ row }) => row}
          columns={columns.map((head, i) => ({
            id: String(i),
            head,
            numeric: numbers.includes(i),
            value: ({ cells }: { cells: Cell[] }) => cells[i] ?? null,
            cell: ({ cells }: { cells: Cell[] }) => cellText(cells[i] ?? null),
          }))}
        />
        {note && <p className="note">{note}</p>}
      </div>
      {drawn && <ReportBars report={report} numbers={numbers} />}
    </div>
  );
}

function ReportBars({
  report: { title, columns, rows },
  numbers,
}: {
  report: ReportTable;
  numbers: number[];
}) {
  const id = useId();
  const [chosen, setChosen] = useState(numbers[0]!);
  const column = numbers.includes(chosen) ? chosen : numbers[0]!;
  const firstText = numbers[0]!;
  const bars = rows.map((row) => ({
    name: row.slice(0, firstText).map(String).join(' · '),
    value: typeof row[column] === 'number' ? row[column] : null,
  }));
  return (
    <div>
      {numbers.length > 1 && (
        <div className="row judge-pick">
          <label htmlFor={id} className="secondary">
            Bars of
          </label>
          <select
            id={id}
            className="input judge-select"
            value={column}
            onChange={(event) => setChosen(Number(event.target.value))}
          >
            {numbers.map((i) => (
              <option key={columns[i]} value={i}>
                {columns[i]}
              </option>
            ))}
          </select>
        </div>
      )}
      <Figure
        title={`${title}: ${columns[column]}`}
        quantity={columns[column] ?? ''}
        xLabel={columns[column] ?? ''}
        table={{
          head: [columns[0] ?? '', columns[column] ?? ''],
          rows: bars.map(({ name, value }) => [name, cellText(value)]),
          exact: bars.map(({ name, value }) => [name, value]),
        }}
      >
        <BarRows
          label={`${title}, ${columns[column]}: ${bars.map(({ name, value }) => `${name} ${cellText(value)}`).join(', ')}`}
          rows={bars}
          format={cellText}
        />
      </Figure>
    </div>
  );
}

export function cellText(value: Cell): string {
  if (value === null) return '—';
  if (typeof value === 'string') return value;
  return Number.isInteger(value) ? count(value) : fixed(value, Math.abs(value) < 0.1 ? 4 : 3);
}
