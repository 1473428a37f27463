import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { addDays, fullDay, month, weekday } from '../format/format.ts';
import { useProject } from '../stores/project.ts';

const WEEKDAYS = ['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su'];

/** One month; days with trips stand out, others can be chosen too: a forecast needs none. */
export function Calendar({ value, choose }: { value: string; choose(day: string): void }) {
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
