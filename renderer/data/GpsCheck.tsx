import { TriangleAlert } from 'lucide-react';
import type { GpsPreview } from '../api/types.ts';
import { count, fixed, percent } from '../format/format.ts';
import { Problems, Tile } from './CheckStep.tsx';
import { Histograms } from './Histograms.tsx';

type Sample = NonNullable<GpsPreview['sample']>;

/** Under this, the points hardly belong to these roads. */
const GOOD_SHARE = 0.8;

/** How the first traces were matched to the roads. */
export function GpsCheck({ preview }: { preview: GpsPreview }) {
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
      {problems.length > 0 && <Problems preview={preview} />}
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

function Traces({ sample }: { sample: Sample }) {
  return (
    <section>
      <h2 className="data-head">
        First traces <span className="secondary">as they would be matched</span>
      </h2>
      <table className="grid">
        <thead>
          <tr>
            <th>Trace</th>
            <th className="num">Points</th>
            <th className="num">On roads</th>
            <th className="num">Trips</th>
            <th className="num">Driven, km</th>
            <th className="num">To the road, m</th>
            <th className="num">Outliers</th>
            <th className="num">Breaks</th>
            <th className="num">Confidence</th>
          </tr>
        </thead>
        <tbody>
          {sample.traces.map((trace) => (
            <tr key={trace.id}>
              <td className="mono">{trace.id || '—'}</td>
              <td className="num">{count(trace.points)}</td>
              <td className="num">{percent(trace.matchedShare)}</td>
              <td className="num">{count(trace.trips)}</td>
              <td className="num">{(trace.lengthM / 1000).toFixed(1)}</td>
              <td className="num">{metres(trace.medianDistanceM)}</td>
              <td className="num">{count(trace.outliers)}</td>
              <td className="num">{count(trace.breaks)}</td>
              <td className="num">{trace.confidence === null ? '—' : percent(trace.confidence)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const metres = (value: number | null): string => (value === null ? '—' : value.toFixed(1));
