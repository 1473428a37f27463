import type { ApiSupersegmentRow } from '../api/types.ts';
import { count, fixed } from '../format/format.ts';
import { useSupersegments } from '../stores/supersegments.ts';
import { type Column, DataTable } from '../table/DataTable.tsx';

const seconds = (value: number | null): string => (value === null ? '—' : fixed(value, 0));

const COLUMNS: readonly Column<ApiSupersegmentRow>[] = [
  {
    id: 'name',
    head: 'Roads',
    value: (row) => row.name,
    className: 'supersegment-name',
    cell: (row) => (
      <button
        type="button"
        className="link"
        title={row.name}
        onClick={() => void useSupersegments.getState().select(row.id)}
      >
        {row.name}
      </button>
    ),
  },
  {
    id: 'km',
    head: 'km',
    numeric: true,
    value: (row) => row.lengthM / 1000,
    cell: (row) => fixed(row.lengthM / 1000, 2),
  },
  { id: 'drives', head: 'Drives', numeric: true, value: (row) => row.drives },
  {
    id: 'median',
    head: 'Median, s',
    numeric: true,
    value: (row) => row.medianS,
    cell: (row) => seconds(row.medianS),
  },
  { id: 'low', head: '10 %, s', numeric: true, value: (row) => row.lowS, cell: (row) => seconds(row.lowS) },
  {
    id: 'high',
    head: '90 %, s',
    numeric: true,
    value: (row) => row.highS,
    cell: (row) => seconds(row.highS),
  },
  {
    id: 'mean',
    head: 'Mean, s',
    numeric: true,
    value: (row) => row.meanS,
    cell: (row) => seconds(row.meanS),
  },
  {
    id: 'freeFlow',
    head: 'Free, s',
    numeric: true,
    value: (row) => row.freeFlowS,
    cell: (row) => seconds(row.freeFlowS),
  },
  {
    id: 'traversals',
    head: 'Traversals',
    numeric: true,
    value: (row) => row.traversals,
    cell: (row) => count(row.traversals),
  },
  { id: 'segments', head: 'Segments', numeric: true, value: (row) => row.segments },
  { id: 'extended', head: 'Around', numeric: true, value: (row) => row.extended },
  { id: 'id', head: 'Id', numeric: true, value: (row) => row.id },
];

export function SupersegmentTable() {
  const { catalogue, selected } = useSupersegments();
  if (!catalogue) return null;
  return (
    <section aria-label="Catalogue">
      <DataTable
        label="Supersegments"
        title={<h2>Catalogue</h2>}
        className="tight"
        scrollIn="supersegment-rows"
        limit={200}
        rows={catalogue.rows}
        rowKey={(row) => row.id}
        rowProps={(row) => (row.id === selected ? { 'aria-selected': true, className: 'chosen' } : {})}
        columns={COLUMNS}
        empty="No supersegment could be drawn."
      />
      <p className="note">
        Traversals: of a segment, in the mean. Drives: trips from end to end, which median, 10 and 90 % are
        of. Mean: sum of the segments’ means.
      </p>
    </section>
  );
}
