import { useState } from 'react';
import { useMap } from '../stores/map.ts';
import { type SeenSegment, seenSegments } from './seen.ts';

/** The map's content as a table, slowest first: for those who do not see it, and for exact values. */
export function InView() {
  const ratios = useMap((state) => state.ratios);
  const select = useMap((state) => state.select);
  const [seen, setSeen] = useState<SeenSegment[]>(seenSegments);
  const rows = seen
    .map((segment) => ({ ...segment, ratio: ratios?.[segment.id] ?? Number.NaN }))
    .sort((one, other) =>
      Number.isNaN(one.ratio) ? 1 : Number.isNaN(other.ratio) ? -1 : one.ratio - other.ratio,
    )
    .slice(0, 100);
  return (
    <div className="scroll inspector-scroll">
      <section>
        <div className="spread">
          <h2>Segments in view</h2>
          <button type="button" className="link" onClick={() => setSeen(seenSegments())}>
            Read again
          </button>
        </div>
        <p className="secondary">
          {seen.length} main roads around the centre of the map, slowest first
          {seen.length > 100 ? ', the first 100' : ''}.
        </p>
        <table className="grid tight">
          <thead>
            <tr>
              <th>Road</th>
              <th className="num">Ratio</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id}>
                <td>
                  <button type="button" className="link" onClick={() => void select(row.id)}>
                    {row.name || `segment ${row.id}`}
                  </button>
                </td>
                <td className="num">{Number.isNaN(row.ratio) ? 'none' : row.ratio.toFixed(2)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}
