import type { ApiProjectInfo } from '../../api/types.ts';
import { count, dayOfMonth } from '../../format/format.ts';
import { DataTable } from '../../table/DataTable.tsx';

/** The data sets of interactions that the project holds. */
export function InteractionSets({ project: { interactions } }: { project: ApiProjectInfo }) {
  const rows = interactions.flatMap((set) => set.edges.map((edges) => ({ ...edges, set })));
  return (
    <DataTable
      label="Interactions"
      title={<h2>Interactions</h2>}
      className="tight"
      rows={rows}
      rowKey={({ name, set }) => `${set.sourceId} ${name}`}
      columns={[
        { id: 'set', head: 'Data set', className: 'strong', value: ({ set }) => set.name },
        { id: 'edges', head: 'Edges', value: ({ name }) => name },
        { id: 'ends', head: 'Between', value: ({ from, to }) => `${from} → ${to}` },
        {
          id: 'count',
          head: 'How many',
          numeric: true,
          value: (row) => row.count,
          cell: (row) => count(row.count),
        },
        {
          id: 'first',
          head: 'From',
          numeric: true,
          value: ({ firstS }) => firstS,
          cell: ({ firstS }) => dayOf(firstS),
        },
        {
          id: 'last',
          head: 'Until',
          numeric: true,
          value: ({ lastS }) => lastS,
          cell: ({ lastS }) => dayOf(lastS),
        },
      ]}
    />
  );
}

function dayOf(seconds: number | null): string {
  if (seconds === null) return '—';
  const date = new Date(seconds * 1000).toISOString().slice(0, 10);
  return `${dayOfMonth(date)} ${date.slice(0, 4)}`;
}
