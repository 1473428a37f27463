import { Info } from 'lucide-react';
import type { ApiImportReport } from '../api/types.ts';
import { count, counted, duration } from '../format/format.ts';

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
          <table className="grid report-dropped">
            <thead>
              <tr>
                <th>Why</th>
                <th className="num">How many</th>
                <th>For example</th>
              </tr>
            </thead>
            <tbody>
              {report.dropped.map((reason) => (
                <tr key={reason.reason}>
                  <td>{reason.description}</td>
                  <td className="num">{count(reason.count)}</td>
                  <td className="mono">{reason.examples.join(' · ')}</td>
                </tr>
              ))}
            </tbody>
          </table>
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
