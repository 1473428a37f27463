import { ChevronDown, ChevronLeft, ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { addDays, day as dayLabel, fullDay, month, weekday } from '../format/format.ts';
import { Popover } from '../shell/Popover.tsx';
import { useMap } from '../stores/map.ts';
import { useProject } from '../stores/project.ts';
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
          {runs.map((run) =>
            choice(
              run.id,
              run.name,
              run.evaluation ? `MAE ${run.evaluation.metrics.maeS.toFixed(1)} s` : 'not evaluated',
              close,
            ),
          )}
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

const WEEKDAYS = ['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su'];

/** One month; days with trips stand out, others can be chosen too: a forecast needs none. */
function Calendar({ value, choose }: { value: string; choose(day: string): void }) {
  const project = useProject((state) => state.project);
  const [first, setFirst] = useState(`${value.slice(0, 7)}-01`);
  const start = addDays(first, -weekday(first));
  const days = Array.from({ length: 42 }, (_, i) => addDays(start, i));
  const move = (months: number) => {
    const there = addDays(first, months > 0 ? 31 : -1);
    setFirst(`${there.slice(0, 7)}-01`);
  };
  return (
    <div className="calendar">
      <div className="row">
        <button
          type="button"
          className="button icon small plain"
          aria-label="Previous month"
          onClick={() => move(-1)}
        >
          <ChevronLeft size={14} aria-hidden />
        </button>
        <b className="grow calendar-month">{month(first)}</b>
        <button
          type="button"
          className="button icon small plain"
          aria-label="Next month"
          onClick={() => move(1)}
        >
          <ChevronRight size={14} aria-hidden />
        </button>
      </div>
      <div className="calendar-grid">
        {WEEKDAYS.map((name) => (
          <span key={name} className="note" aria-hidden>
            {name}
          </span>
        ))}
        {days.map((date) => {
          const observed = !!project?.firstDay && date >= project.firstDay && date <= (project.lastDay ?? '');
          return (
            <button
              key={date}
              type="button"
              aria-label={fullDay(date) + (observed ? '' : ', no trips')}
              aria-pressed={date === value}
              className={`calendar-day${observed ? ' observed' : ''}${date.slice(0, 7) === first.slice(0, 7) ? '' : ' other'}`}
              onClick={() => choose(date)}
            >
              {Number(date.slice(8))}
            </button>
          );
        })}
      </div>
      <p className="note">Bold: days with trips.</p>
    </div>
  );
}
