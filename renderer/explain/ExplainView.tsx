import type { ApiExplanation } from '../api/types.ts';
import { fixed, minuteRange, minutes, signed } from '../format/format.ts';
import { CallWaiting } from '../shell/CallWaiting.tsx';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { useExplain } from '../stores/explain.ts';
import { DataTable } from '../table/DataTable.tsx';
import { Stretches } from './Stretches.tsx';
import { Waterfall } from './Waterfall.tsx';
import './explain.css';

/** Why the route takes as long as predicted: a sentence, what adds up to it, what would change it, and what is not known. */
export function ExplainView() {
  const { explanation, loading, problem, close } = useExplain();
  return (
    <>
      {loading && (
        <div className="inspector-note">
          <CallWaiting title="Why this ETA" call={loading} cancel={close} />
        </div>
      )}
      {problem && (
        <div className="inspector-note">
          <ProblemNote problem={problem} />
        </div>
      )}
      {explanation && <Explained why={explanation} />}
    </>
  );
}

function Explained({ why }: { why: ApiExplanation }) {
  return (
    <>
      <section aria-label="Why this ETA">
        <p className="explain-sentence">{why.sentence}</p>
      </section>
      <section>
        <Waterfall why={why} />
      </section>
      <section>
        <Stretches why={why} />
        <p className="note">Longer: lost there. Causes: what the inputs of that road add to the whole way.</p>
      </section>
      {why.junctions.length > 0 && (
        <section>
          <Junctions why={why} />
        </section>
      )}
      <section>
        <Changes why={why} />
      </section>
      <section>
        <h3>More</h3>
        <ul className="explain-list secondary">
          {why.details.map((detail) => (
            <li key={detail}>{detail}</li>
          ))}
        </ul>
      </section>
      <section>
        <h3>Limits and method</h3>
        <ul className="explain-list secondary">
          {why.limits.map((limit) => (
            <li key={limit}>{limit}</li>
          ))}
        </ul>
        <p className="note">{why.method}</p>
      </section>
    </>
  );
}

const SHOWN_JUNCTIONS = 4;

function Junctions({ why }: { why: ApiExplanation }) {
  return (
    <DataTable
      label="Signals and turns"
      title={<h3>Signals and turns</h3>}
      note="s"
      className="tight"
      rows={why.junctions}
      rowKey={({ atM }) => atM}
      limit={SHOWN_JUNCTIONS}
      columns={[
        { id: 'what', head: 'What', value: ({ label }) => label },
        {
          id: 'at',
          head: 'at km',
          numeric: true,
          className: 'secondary',
          value: ({ atM }) => atM / 1000,
          cell: ({ atM }) => fixed(atM / 1000),
        },
        {
          id: 'costs',
          head: 'costs',
          numeric: true,
          className: 'strong',
          value: ({ seconds }) => seconds,
          cell: ({ seconds }) => signed(seconds, 0),
        },
      ]}
    />
  );
}

/** The same way at other departures, the quickest other way, and what trips of the project took. */
function Changes({ why }: { why: ApiExplanation }) {
  const { similar, otherWay } = why;
  const rows: { what: string; etaS: number; lowS: number; highS: number }[] = [
    ...why.leaving.map(({ minutes: by, ...times }) => ({
      what: `${Math.abs(by)} min ${by < 0 ? 'earlier' : 'later'}`,
      ...times,
    })),
    ...(otherWay ? [{ what: otherWay.via ? `By ${otherWay.via}` : 'Another way', ...otherWay }] : []),
    ...(similar
      ? [
          {
            what: `${similar.count} similar trips`,
            etaS: similar.medianS,
            lowS: similar.q10S,
            highS: similar.q90S,
          },
        ]
      : []),
  ];
  return (
    <DataTable
      label="What would change it"
      title={<h3>What would change it</h3>}
      note="min"
      className="tight"
      rows={rows}
      rowKey={({ what }) => what}
      columns={[
        { id: 'what', head: 'Instead', value: ({ what }) => what },
        {
          id: 'eta',
          head: 'min',
          numeric: true,
          value: ({ etaS }) => etaS / 60,
          cell: ({ etaS }) => minutes(etaS),
        },
        {
          id: 'difference',
          head: 'change',
          numeric: true,
          className: 'strong',
          value: ({ etaS }) => (etaS - why.etaS) / 60,
          cell: ({ etaS }) => signed((etaS - why.etaS) / 60),
        },
        {
          id: 'range',
          head: '8 of 10',
          numeric: true,
          className: 'secondary',
          value: ({ lowS, highS }) => minuteRange(lowS, highS),
        },
      ]}
    />
  );
}
