import { ChevronDown } from 'lucide-react';
import type { ApiRunInfo } from '../api/types.ts';
import { day as dayLabel, fullDay } from '../format/format.ts';
import { Calendar } from '../shell/Calendar.tsx';
import { Popover } from '../shell/Popover.tsx';
import { useMap } from '../stores/map.ts';
import { usableRuns, useRuns } from '../stores/runs.ts';

/** The predictions the map shows: a trained run, or the historical profile. */
export function RunPicker() {
  const { runId, preferRun } = useMap();
  const runs = usableRuns(useRuns((state) => state.runs)).toReversed();
  const name = runs.find((run) => run.id === runId)?.name ?? 'historical profile';
  const choice = (id: number | null, label: string, note: string, close: () => void) => (
    <button
      key={id ?? 'history'}
      type="button"
      role="menuitemradio"
      aria-checked={runId === id}
      className="menu-item"
      onClick={() => {
        preferRun(id);
        close();
      }}
    >
      {label}
      <span className="note">{note}</span>
    </button>
  );
  return (
    <Popover
      label={`Run: ${name}`}
      button={
        <>
          <span className="what">Run</span> {name} <ChevronDown size={14} aria-hidden />
        </>
      }
    >
      {(close) => (
        <>
          {runs.map((run) => choice(run.id, run.name, errorOf(run), close))}
          {runs.length === 0 && <p className="note menu-head">No run is trained yet.</p>}
          <div className="menu-rule" />
          {choice(null, 'Historical profile', 'mean by hour of week', close)}
        </>
      )}
    </Popover>
  );
}

export function DayPicker({ named = true }: { named?: boolean }) {
  const { day, setDay } = useMap();
  if (!day) return null;
  return (
    <Popover
      label={`Day: ${fullDay(day)}`}
      role="dialog"
      button={
        <>
          {named && <span className="what">Day</span>} {dayLabel(day)} <ChevronDown size={14} aria-hidden />
        </>
      }
    >
      {(close) => (
        <Calendar
          value={day}
          choose={(chosen) => {
            setDay(chosen);
            close();
          }}
        />
      )}
    </Popover>
  );
}

function errorOf({ evaluation, speeds }: ApiRunInfo): string {
  const last = speeds?.evaluation?.horizons.at(-1);
  if (last) return `MAE ${last.metrics.maeKmh.toFixed(2)} km/h`;
  return evaluation ? `MAE ${evaluation.metrics.maeS.toFixed(1)} s` : 'not evaluated';
}
