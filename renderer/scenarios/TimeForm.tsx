import { useState } from 'react';
import type { ApiScenarioEdit } from '../api/types.ts';
import { clock, localDateTime, parseClock } from '../format/format.ts';
import { useMap } from '../stores/map.ts';

type Kind = 'always' | 'daily' | 'once';

/** When an edit is in force: always, for hours of every day, or once. */
export function TimeForm({
  edit,
  replace,
  close,
}: {
  edit: ApiScenarioEdit;
  replace(edit: ApiScenarioEdit): void;
  close(): void;
}) {
  const { day, minute } = useMap();
  const { when } = edit;
  const hour = Math.floor(minute / 60) * 60;
  const [kind, setKind] = useState<Kind>(!when ? 'always' : when.from || when.until ? 'once' : 'daily');
  const [date, setDate] = useState(when?.from?.slice(0, 10) ?? day ?? '');
  const [begin, setBegin] = useState(when?.from?.slice(11, 16) ?? clock(when?.fromMinute ?? hour));
  const [end, setEnd] = useState(when?.until?.slice(11, 16) ?? clock(when?.untilMinute ?? hour + 60));
  const [from, until] = [parseClock(begin), parseClock(end)];
  const wrong = kind !== 'always' && (from === null || until === null || until <= from || !date);
  const take = () => {
    if (wrong || from === null || until === null) return;
    const { when: _, ...rest } = edit;
    if (kind === 'always') replace(rest);
    else if (kind === 'daily') replace({ ...rest, when: { fromMinute: from, untilMinute: until } });
    else replace({ ...rest, when: { from: localDateTime(date, from), until: localDateTime(date, until) } });
    close();
  };
  return (
    <form
      className="time-form"
      onSubmit={(event) => {
        event.preventDefault();
        take();
      }}
    >
      <select
        className="input"
        aria-label="When"
        value={kind}
        onChange={(event) => setKind(event.target.value as Kind)}
      >
        <option value="always">Always</option>
        <option value="daily">Every day, between</option>
        <option value="once">Once</option>
      </select>
      {kind === 'once' && (
        <input
          className="input"
          type="date"
          aria-label="Day"
          value={date}
          onChange={(event) => setDate(event.target.value)}
        />
      )}
      {kind !== 'always' && (
        <div className="row">
          <input
            className="input"
            aria-label="From"
            placeholder="HH:MM"
            value={begin}
            onChange={(event) => setBegin(event.target.value)}
          />
          <input
            className="input"
            aria-label="Until"
            placeholder="HH:MM"
            value={end}
            onChange={(event) => setEnd(event.target.value)}
          />
        </div>
      )}
      {wrong && <p className="setting-problem note">Give an end after the beginning.</p>}
      <button type="submit" className="button small primary" disabled={wrong}>
        Set time
      </button>
    </form>
  );
}
