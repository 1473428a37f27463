import { useState } from 'react';
import type { ApiRunComparison } from '../api/types.ts';
import { count, fixed, signed } from '../format/format.ts';
import { type Column, DataTable } from '../table/DataTable.tsx';
import { GapMark, reachOf } from './GapMark.tsx';
import { SideMark } from './SideMark.tsx';
import { intervalText, outcome, sliceGap } from './verdict.ts';

type Slice = ApiRunComparison['slices'][number];
const NAMES: Readonly<Record<Slice['by'], string>> = {
  hour: 'Hour',
  weekday: 'Weekday',
  length: 'Length',
  class: 'Road class',
  congestion: 'Congestion',
};

/** Left out where no interval is known. */
const INTERVAL: Column<Slice> = {
  id: 'interval',
  head: '95 % interval',
  numeric: true,
  className: 'secondary',
  value: (slice) =>
    slice.low === null || slice.high === null ? null : `${slice.low.toFixed(2)} to ${slice.high.toFixed(2)}`,
  cell: (slice) => intervalText(sliceGap(slice)),
};

/** Mean errors of parts of the trips: where one gains and where it loses. */
export function SlicesTable({ answer }: { answer: ApiRunComparison }) {
  const { a, b, slices } = answer;
  const kinds = [...new Set(slices.map((slice) => slice.by))];
  const [kind, setKind] = useState<Slice['by'] | null>(null);
  const rows = slices.filter((slice) => kind === null || slice.by === kind);
  const baseline = b.runId === null;
  if (slices.length === 0)
    return (
      <>
        <h3>By slice</h3>
        <p className="secondary">
          A baseline’s figures are kept for all trips together only: compare with a run to see slices.
        </p>
      </>
    );
  const reach = reachOf(rows.map(sliceGap));
  return (
    <DataTable
      label="By slice"
      title={
        <div className="row">
          <h3>By slice</h3>
          {kinds.length > 1 && (
            <fieldset className="segmented" aria-label="Slices by">
              <button type="button" aria-pressed={kind === null} onClick={() => setKind(null)}>
                All
              </button>
              {kinds.map((by) => (
                <button key={by} type="button" aria-pressed={kind === by} onClick={() => setKind(by)}>
                  {NAMES[by]}
                </button>
              ))}
            </fieldset>
          )}
        </div>
      }
      note="MAE, s"
      className="compare-table"
      rows={rows}
      rowKey={(slice) => `${slice.by} ${slice.label}`}
      limit={kind === null ? 12 : 40}
      columns={[
        {
          id: 'slice',
          head: 'Slice',
          value: (slice) => `${NAMES[slice.by]}: ${slice.label}`,
          cell: (slice) => (
            <>
              <span className="secondary">{NAMES[slice.by]}</span> {slice.label}
            </>
          ),
        },
        {
          id: 'trips',
          head: 'Trips',
          numeric: true,
          className: 'secondary',
          value: (slice) => slice.n,
          cell: (slice) => count(slice.n),
        },
        {
          id: 'a',
          head: a.name,
          headExtra: <SideMark side="a" />,
          numeric: true,
          value: (slice) => slice.a,
          cell: (slice) => (slice.a < slice.b ? <b>{fixed(slice.a)}</b> : fixed(slice.a)),
        },
        {
          id: 'b',
          head: b.name,
          headExtra: <SideMark side="b" baseline={baseline} />,
          numeric: true,
          value: (slice) => slice.b,
          cell: (slice) => (slice.b < slice.a ? <b>{fixed(slice.b)}</b> : fixed(slice.b)),
        },
        {
          id: 'difference',
          head: 'Difference',
          numeric: true,
          value: (slice) => slice.difference,
          cell: (slice) => <b>{signed(slice.difference)}</b>,
        },
        ...(rows.some((slice) => slice.low !== null) ? [INTERVAL] : []),
        {
          id: 'gap',
          head: `← ${a.name} better`,
          headExtra: <span className="note"> axis ±{fixed(reach)} s</span>,
          className: 'compare-gap',
          value: (slice) => slice.difference,
          cell: (slice) => (
            <GapMark
              gap={sliceGap(slice)}
              found={outcome(sliceGap(slice))}
              reach={reach}
              baseline={baseline}
            />
          ),
        },
      ]}
    />
  );
}
