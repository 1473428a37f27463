import { TriangleAlert } from 'lucide-react';
import type { GpsPreview } from '../api/types.ts';
import { count, fixed, percent } from '../format/format.ts';
import { type Column, DataTable } from '../table/DataTable.tsx';
import { Problems, Tile } from './CheckStep.tsx';
import { Histograms } from './Histograms.tsx';
import type { MalformedChoice } from './malformed.ts';

type Sample = NonNullable<GpsPreview['sample']>;

/** Under this, the points hardly belong to these roads. */
const GOOD_SHARE = 0.8;

/** How the first traces were matched to the roads. */
export function GpsCheck({ preview, choice }: { preview: GpsPreview; choice: MalformedChoice }) {
  const { sample, problems, rows } = preview;
  const read = rows.length;
  return (
    <div className="data-page scroll">
      <dl className="tiles">
        <Tile
          name="Readable"
          value={percent(read === 0 ? 0 : (read - problems.length) / read)}
          note={`${count(read - problems.length)} of the first ${count(read)} points`}
          bad={problems.length > 0}
        />
        {sample && <MatchTiles sample={sample} />}
      </dl>
      {sample && sample.quality.matchedShare < GOOD_SHARE && (
        <p className="problem warning">
          <TriangleAlert size={16} aria-hidden />
          <span className="what">
            Many points were not matched: {count(sample.quality.far)} have no road near them,{' '}
            {count(sample.quality.outliers)} cannot be reached. Latitude and longitude may be exchanged, or
            the roads may be of another place.
          </span>
        </p>
      )}
      {sample ? (
        <>
          {sample.durationsS.length > 0 && <Histograms preview={sample} />}
          <Traces sample={sample} />
        </>
      ) : (
        <p className="secondary">The quality of the match shows once all fields have a column.</p>
      )}
      {problems.length > 0 && <Problems problems={problems} choice={choice} />}
    </div>
  );
}

function MatchTiles({ sample: { quality, intervalS, sigmaM } }: { sample: Sample }) {
  return (
    <>
      <Tile
        name="Points on roads"
        value={percent(quality.matchedShare)}
        note={`of ${count(quality.points)} points of the first traces`}
        bad={quality.matchedShare < GOOD_SHARE}
      />
      <Tile
        name="Distance to the road"
        value={quality.medianDistanceM === null ? '—' : `${metres(quality.medianDistanceM)} m`}
        note={
          quality.medianDistanceM === null ? 'no point matched' : `median; noise taken as ${fixed(sigmaM)} m`
        }
      />
      <Tile
        name="Confidence"
        value={quality.confidence === null ? '—' : percent(quality.confidence)}
        note="mean probability of the matched places"
      />
      <Tile
        name="Time between points"
        value={intervalS === null ? '—' : `${fixed(intervalS)} s`}
        note="median"
      />
    </>
  );
}

const TRACE_COLUMNS: readonly Column<Sample['traces'][number]>[] = [
  { id: 'trace', head: 'Trace', className: 'mono', value: ({ id }) => id, cell: ({ id }) => id || '—' },
  numeric('points', 'Points', ({ points }) => points, count),
  numeric('matched', 'On roads', ({ matchedShare }) => matchedShare, percent),
  numeric('trips', 'Trips', ({ trips }) => trips, count),
  numeric('km', 'Driven, km', ({ lengthM }) => lengthM / 1000, metres),
  numeric('distance', 'To the road, m', ({ medianDistanceM }) => medianDistanceM, metres),
  numeric('outliers', 'Outliers', ({ outliers }) => outliers, count),
  numeric('breaks', 'Breaks', ({ breaks }) => breaks, count),
  numeric('confidence', 'Confidence', ({ confidence }) => confidence, percent),
];

function numeric(
  id: string,
  head: string,
  value: (trace: Sample['traces'][number]) => number | null,
  format: (value: number) => string,
): Column<Sample['traces'][number]> {
  const cell = (trace: Sample['traces'][number]) => {
    const given = value(trace);
    return given === null ? '—' : format(given);
  };
  return { id, head, numeric: true, value, cell };
}

function Traces({ sample }: { sample: Sample }) {
  return (
    <section>
      <DataTable
        label="First traces"
        title={
          <h2>
            First traces <span className="secondary">as they would be matched</span>
          </h2>
        }
        rows={sample.traces}
        rowKey={(trace) => trace.id}
        columns={TRACE_COLUMNS}
      />
    </section>
  );
}

function metres(value: number): string {
  return value.toFixed(1);
}
