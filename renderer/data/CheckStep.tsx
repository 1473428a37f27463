import { TriangleAlert } from 'lucide-react';
import type { TripPreview } from '../api/types.ts';
import { quantile } from '../charts/scale.ts';
import { count, counted, fixed, minutes, percent } from '../format/format.ts';
import { DataTable } from '../table/DataTable.tsx';
import type { RowsPreview } from './fields.ts';
import { Histograms } from './Histograms.tsx';
import { type MalformedChoice, malformedOf } from './malformed.ts';
import { unitWarning } from './units.ts';

/** What the import would do, judged by the rows read. */
export function CheckStep({ preview, choice }: { preview: TripPreview; choice: MalformedChoice }) {
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
        <LeftOutTiles preview={preview} choice={choice} />
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
      {bad > 0 && <Problems problems={preview.problems} choice={choice} />}
    </div>
  );
}

/** How many of the rows read would be left out, and how many cannot be read at all. */
export function LeftOutTiles({
  preview,
  choice,
}: {
  preview: Pick<RowsPreview, 'problems'>;
  choice: MalformedChoice;
}) {
  const malformed = malformedOf(preview).length;
  const byRule = preview.problems.length - malformed;
  return (
    <>
      <Tile
        name="Left out by rule"
        value={count(byRule)}
        note={byRule === 0 ? 'none of the rows read' : 'see the reasons below'}
        bad={byRule > 0}
      />
      {malformed > 0 && (
        <Tile
          name="Malformed"
          value={count(malformed)}
          note={choice.skipMalformed ? 'left out, as you chose' : 'need your decision'}
          bad
        />
      )}
    </>
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

/** The rows read that would not be kept, with the reason, and the choice about those that cannot be read. */
export function Problems({
  problems,
  choice: { skipMalformed, setSkipMalformed },
}: Pick<RowsPreview, 'problems'> & { choice: MalformedChoice }) {
  const malformed = malformedOf({ problems }).length;
  return (
    <section>
      <DataTable
        label="Rows left out"
        title={
          <div className="spread preview-head">
            <h2>
              {counted(problems.length, 'row')}{' '}
              <span className="secondary">
                {malformed > 0 && !skipMalformed
                  ? `not imported; ${malformed === problems.length ? 'they' : `${count(malformed)} of them`} stop the import`
                  : 'would be left out; the report of the import counts them all'}
              </span>
            </h2>
            {malformed > 0 && (
              <button type="button" className="button small" onClick={() => setSkipMalformed(!skipMalformed)}>
                {skipMalformed
                  ? 'Stop at malformed rows'
                  : `Leave out ${counted(malformed, 'malformed row')}`}
              </button>
            )}
          </div>
        }
        limit={50}
        rows={problems}
        rowKey={(problem) => `${problem.row} ${problem.message}`}
        columns={[
          { id: 'row', head: 'Row', numeric: true, value: (problem) => problem.row + 1 },
          { id: 'line', head: 'Line', numeric: true, value: (problem) => problem.line },
          {
            id: 'column',
            head: 'Column',
            className: 'mono',
            value: (problem) => problem.column,
            cell: (problem) => problem.column ?? '—',
          },
          {
            id: 'fate',
            head: 'Fate',
            value: (problem) => (problem.malformed && !skipMalformed ? 'stops the import' : 'left out'),
          },
          { id: 'why', head: 'Why', value: (problem) => problem.message },
        ]}
      />
    </section>
  );
}
