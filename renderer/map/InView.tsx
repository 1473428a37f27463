import { useState } from 'react';
import { useMap } from '../stores/map.ts';
import { DataTable } from '../table/DataTable.tsx';
import { LAYERS } from './layers.ts';
import { type SeenSegment, seenSegments } from './seen.ts';

/** The map's content as a table: for those who do not see it, and for exact values. */
export function InView() {
  const shown = useMap((state) => state.shown);
  const select = useMap((state) => state.select);
  const [seen, setSeen] = useState<SeenSegment[]>(seenSegments);
  const meaning = LAYERS[shown?.layer ?? 'speed'];
  const shownValue = ({ id }: SeenSegment) => shown?.values[id] ?? Number.NaN;
  const lowestFirst = [...seen].sort((a, b) => {
    const [one, other] = [shownValue(a), shownValue(b)];
    return Number.isNaN(one) ? 1 : Number.isNaN(other) ? -1 : one - other;
  });
  return (
    <div className="scroll inspector-scroll">
      <section>
        <p className="spread secondary">
          {seen.length} main roads around the centre of the map, lowest first.{' '}
          <button type="button" className="link" onClick={() => setSeen(seenSegments())}>
            Read again
          </button>
        </p>
        <DataTable
          label="Segments in view"
          title={<h2>Segments in view</h2>}
          className="tight"
          rows={lowestFirst}
          rowKey={(row) => row.id}
          limit={100}
          empty="No main road is near the centre of the map."
          columns={[
            {
              id: 'road',
              head: 'Road',
              value: (row) => row.name || `segment ${row.id}`,
              cell: (row) => (
                <button type="button" className="link" onClick={() => void select(row.id)}>
                  {row.name || `segment ${row.id}`}
                </button>
              ),
            },
            {
              id: 'value',
              head: meaning.label,
              numeric: true,
              value: shownValue,
              cell: (row) => (Number.isNaN(shownValue(row)) ? 'none' : meaning.format(shownValue(row))),
            },
          ]}
        />
      </section>
    </div>
  );
}
