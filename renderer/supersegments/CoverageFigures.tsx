import type { ApiSupersegmentCatalogue } from '../api/types.ts';
import { count, fixed, percent } from '../format/format.ts';
import { useSupersegments } from '../stores/supersegments.ts';
import { DataTable } from '../table/DataTable.tsx';

type Row = ApiSupersegmentCatalogue['coverage'][number];

const share = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);
const shareText = (value: number | null): string => (value === null ? '—' : percent(value, 1));

/** What the supersegments cover: of all roads, and by class. */
export function CoverageFigures() {
  const catalogue = useSupersegments((state) => state.catalogue);
  const all = catalogue?.coverage.at(-1);
  if (!catalogue || !all) return null;
  const cards: [string, number | null][] = [
    ['of traffic', share(all.coveredTraversals, all.traversals)],
    ['of kilometres', share(all.coveredKm, all.km)],
    ['of segments', share(all.coveredSegments, all.segments)],
  ];
  return (
    <section aria-label="Coverage">
      <dl className="supersegment-cards">
        {cards.map(([name, value]) => (
          <div key={name}>
            <dt className="secondary">{name}</dt>
            <dd>{shareText(value)}</dd>
          </div>
        ))}
      </dl>
      <DataTable<Row>
        label="Coverage by road class"
        title={<h2>Coverage by road class</h2>}
        className="tight"
        rows={catalogue.coverage}
        rowKey={(row) => row.roadClass}
        columns={[
          {
            id: 'class',
            head: 'Class',
            value: (row) => row.roadClass.replace('_', ' '),
          },
          { id: 'km', head: 'km', numeric: true, value: (row) => row.km, cell: (row) => fixed(row.km, 1) },
          ...(
            [
              ['traffic', 'Traffic', 'coveredTraversals', 'traversals'],
              ['ofKm', 'of km', 'coveredKm', 'km'],
              ['ofSegments', 'of segments', 'coveredSegments', 'segments'],
            ] as const
          ).map(([id, head, part, whole]) => ({
            id,
            head,
            numeric: true,
            value: (row: Row) => share(row[part], row[whole]),
            cell: (row: Row) => (
              <span title={`${count(row[part])} of ${count(row[whole])}`}>
                {shareText(share(row[part], row[whole]))}
              </span>
            ),
          })),
        ]}
      />
      {catalogue.note && <p className="note">{catalogue.note}</p>}
    </section>
  );
}
