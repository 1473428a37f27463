import { RotateCw, X } from 'lucide-react';
import { fixed, localDateTime } from '../format/format.ts';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { Waiting } from '../shell/Waiting.tsx';
import { BAND_CHOICES, useIsochrone } from '../stores/isochrone.ts';
import { useMap } from '../stores/map.ts';
import { usableRuns, useRuns } from '../stores/runs.ts';
import { DataTable } from '../table/DataTable.tsx';
import { BAND_OPACITY } from './style.ts';

export function IsochroneLegend() {
  const { from, answer, loading, problem, clear } = useIsochrone();
  if (!from) return null;
  return (
    <section className="isochrone-legend" aria-label="Isochrone">
      <header className="spread">
        <h2 className="ellipsis">Reached from {from.label}</h2>
        <button
          type="button"
          className="button icon small plain"
          aria-label="Clear the isochrone"
          onClick={clear}
        >
          <X size={14} aria-hidden />
        </button>
      </header>
      {answer && <Asked />}
      {loading && <Waiting what="Searching from here to everywhere" since={loading.since} />}
      {problem && <ProblemNote problem={problem} />}
      {answer && <BandTable />}
      {answer && <p className="note">Land within {answer.roadsideM} m of a reached road.</p>}
      <BandChoice />
    </section>
  );
}

/** For when and by what; where the map has moved on, a way to ask again. */
function Asked() {
  const { answerFor, recompute } = useIsochrone();
  const { runId, day, minute } = useMap();
  const runs = usableRuns(useRuns((state) => state.runs));
  if (!answerFor) return null;
  const run = runs.find(({ id }) => id === answerFor.runId)?.name ?? 'the historical profile';
  const stale = answerFor.runId !== runId || (day !== null && answerFor.at !== localDateTime(day, minute));
  return (
    <div className="spread">
      <p className="note">
        Leaving {answerFor.at.slice(11, 16)}, by {run}
      </p>
      {stale && (
        <button type="button" className="button small" onClick={() => void recompute()}>
          <RotateCw size={12} aria-hidden /> Recompute
        </button>
      )}
    </div>
  );
}

function BandTable() {
  const bands = useIsochrone((state) => state.answer?.bands) ?? [];
  return (
    <DataTable
      label="Reached by time"
      className="tight"
      rows={bands}
      rowKey={({ minutes }) => minutes}
      columns={[
        {
          id: 'within',
          head: 'Within, min',
          value: ({ minutes }) => minutes,
          cell: ({ minutes }) => (
            <span className="row">
              <i
                className="swatch"
                style={{ background: bandColour(bands.filter((band) => band.minutes >= minutes).length) }}
              />
              {minutes}
            </span>
          ),
        },
        {
          id: 'land',
          head: 'Land, km²',
          numeric: true,
          value: ({ areaKm2 }) => areaKm2,
          cell: ({ areaKm2 }) => fixed(areaKm2),
        },
        {
          id: 'road',
          head: 'Road, km',
          numeric: true,
          className: 'secondary',
          value: ({ roadKm }) => roadKm,
          cell: ({ roadKm }) => fixed(roadKm, 0),
        },
      ]}
    />
  );
}

/** What so many bands on each other look like. */
function bandColour(layers: number): string {
  const share = 100 * (1 - (1 - BAND_OPACITY) ** layers);
  return `color-mix(in srgb, var(--accent) ${share.toFixed(0)}%, var(--ground))`;
}

function BandChoice() {
  const { bands, chooseBands } = useIsochrone();
  return (
    <div className="segmented" style={{ marginTop: 8 }}>
      {BAND_CHOICES.map((choice) => (
        <button
          key={choice.join()}
          type="button"
          aria-pressed={bands === choice}
          onClick={() => chooseBands(choice)}
        >
          to {choice[2]} min
        </button>
      ))}
    </div>
  );
}
