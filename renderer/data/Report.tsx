import { Info } from 'lucide-react';
import type { ApiImportReport } from '../api/types.ts';
import { count, counted, duration } from '../format/format.ts';
import { DataTable } from '../table/DataTable.tsx';

/** What an import read, kept and left out, with the reasons. */
export function Report({ report }: { report: ApiImportReport }) {
  const dropped = report.dropped.reduce((sum, reason) => sum + reason.count, 0);
  return (
    <div className="report">
      <dl className="report-counts">
        <Counts name="Read" counts={report.read} />
        <Counts name="Kept" counts={report.kept} />
        <div>
          <dt className="secondary">Took</dt>
          <dd>{duration(report.seconds)}</dd>
        </div>
      </dl>
      {dropped > 0 && (
        <details>
          <summary>
            {count(dropped)} left out for {counted(report.dropped.length, 'reason')}
          </summary>
          <div className="report-dropped">
            <DataTable
              label="Left out of the import"
              rows={report.dropped}
              rowKey={(reason) => reason.reason}
              columns={[
                { id: 'why', head: 'Why', value: (reason) => reason.description },
                {
                  id: 'count',
                  head: 'How many',
                  numeric: true,
                  value: (reason) => reason.count,
                  cell: (reason) => count(reason.count),
                },
                {
                  id: 'examples',
                  head: 'For example',
                  className: 'mono',
                  value: (reason) => reason.examples.join(' · '),
                },
              ]}
            />
          </div>
        </details>
      )}
      {report.notes.map((note) => (
        <p key={note} className="row secondary report-note">
          <Info size={13} aria-hidden /> {note}
        </p>
      ))}
    </div>
  );
}

function Counts({ name, counts }: { name: string; counts: Record<string, number> }) {
  return (
    <div>
      <dt className="secondary">{name}</dt>
      <dd>
        {Object.entries(counts).map(([kind, value], i) => (
          <span key={kind}>
            {i > 0 && ' · '}
            <b>{count(value)}</b> {kind}
          </span>
        ))}
      </dd>
    </div>
  );
}
