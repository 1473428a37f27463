import { TriangleAlert } from 'lucide-react';
import type { TripPreview } from '../api/types.ts';
import { quantile } from '../charts/scale.ts';
import { count, counted, fixed, minutes, percent } from '../format/format.ts';
import { DataTable } from '../table/DataTable.tsx';
import type { RowsPreview } from './fields.ts';
import { Histograms } from './Histograms.tsx';
import { unitWarning } from './units.ts';

/** What the import would do, judged by the rows read. */
export function CheckStep({ preview }: { preview: TripPreview }) {
  const read = preview.rows.length;
  const bad = preview.problems.length;
  const speed = quantile(preview.speedsKmh, 0.5);
  const warning = unitWarning(speed);
  return (
    <div className="data-page scroll">
      <dl className="tiles">
        <Tile
          name="Ready to import"
          value={percent(read === 0 ? 0 : (read - bad) / read)}
          note={`${count(read - bad)} of the ${count(read)} rows read`}
        />
        <Tile
          name="Left out by rule"
          value={count(bad)}
          note={bad === 0 ? 'none of the rows read' : 'see the reasons below'}
          bad={bad > 0}
        />
        <Tile
          name="Median duration"
          value={`${minutes(quantile(preview.durationsS, 0.5))} min`}
          note="of the rows read"
        />
        <Tile
          name="Median speed"
          value={Number.isFinite(speed) ? `${fixed(speed)} km/h` : '—'}
          note="length ÷ duration"
          bad={warning !== null}
        />
      </dl>
      {warning && (
        <p className="problem warning">
          <TriangleAlert size={16} aria-hidden />
          <span className="what">{warning}</span>
        </p>
      )}
      <Histograms preview={preview} />
      {bad > 0 && <Problems problems={preview.problems} />}
    </div>
  );
}

/** One figure of an import's check. */
export function Tile({
  name,
  value,
  note,
  bad = false,
}: {
  name: string;
  value: string;
  note: string;
  bad?: boolean;
}) {
  return (
    <div>
      <dt className="secondary">{name}</dt>
      <dd className={bad ? 'tile-value bad' : 'tile-value'}>{value}</dd>
      <dd className="note">{note}</dd>
    </div>
  );
}

/** The rows read that would be left out, with the reason. */
export function Problems({ problems }: Pick<RowsPreview, 'problems'>) {
  return (
    <section>
      <DataTable
        label="Rows left out"
        title={
          <h2>
            {counted(problems.length, 'row')}{' '}
            <span className="secondary">would be left out; the report of the import counts them all</span>
          </h2>
        }
        limit={50}
        rows={problems}
        rowKey={(problem) => `${problem.row} ${problem.message}`}
        columns={[
          { id: 'row', head: 'Row', numeric: true, value: (problem) => problem.row + 1 },
          {
            id: 'column',
            head: 'Column',
            className: 'mono',
            value: (problem) => problem.column,
            cell: (problem) => problem.column ?? '—',
          },
          { id: 'why', head: 'Why', value: (problem) => problem.message },
        ]}
      />
    </section>
  );
}
