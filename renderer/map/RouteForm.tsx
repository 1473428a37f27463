import { ArrowUpDown } from 'lucide-react';
import { useState } from 'react';
import { action } from '../actions/actions.ts';
import { clock, parseClock } from '../format/format.ts';
import { useMap } from '../stores/map.ts';
import { useRoute } from '../stores/route.ts';
import { DayPicker } from './Pickers.tsx';
import { PlaceField } from './PlaceField.tsx';

/** The two ends, and when to depart or arrive. */
export function RouteForm() {
  return (
    <section className="route-form">
      <div className="route-ends">
        <PlaceField end="a" />
        <PlaceField end="b" />
        <button
          type="button"
          className="button icon plain"
          aria-label="Swap start and end"
          title="Swap (X)"
          onClick={() => useRoute.getState().swap()}
        >
          <ArrowUpDown size={14} aria-hidden />
        </button>
      </div>
      <div className="row route-when">
        <TimingSwitch />
        <span className="grow" />
        <IsochroneButton />
      </div>
      <div className="row route-when">
        <DayPicker named={false} />
        <MapTime />
      </div>
    </section>
  );
}

function TimingSwitch() {
  const { timing, choose } = useRoute();
  return (
    <div className="segmented">
      <button type="button" aria-pressed={timing === 'depart'} onClick={() => choose('depart')}>
        Depart at
      </button>
      <button type="button" aria-pressed={timing === 'arrive'} onClick={() => choose('arrive')}>
        Arrive by
      </button>
    </div>
  );
}

/** What is reached from A, while there is one. */
function IsochroneButton() {
  const a = useRoute((state) => state.a);
  const { label, run } = action('route.isochrone');
  if (!a) return null;
  return (
    <button type="button" className="button small" aria-label={label} title={`${label} (I)`} onClick={run}>
      Isochrone
    </button>
  );
}

/** The time is the map's own: one clock for colours and route. */
function MapTime() {
  const { minute, setMinute } = useMap();
  const timing = useRoute((state) => state.timing);
  const [text, setText] = useState<string | null>(null);
  const wrong = text !== null && parseClock(text) === null;
  const commit = () => {
    const parsed = parseClock(text ?? '');
    if (parsed !== null) setMinute(parsed);
    setText(null);
  };
  return (
    <input
      className="input depart-time"
      aria-label={timing === 'depart' ? 'Departure time' : 'Arrival time'}
      aria-invalid={wrong}
      value={text ?? clock(minute)}
      onChange={(event) => setText(event.target.value)}
      onBlur={commit}
      onKeyDown={(event) => event.key === 'Enter' && commit()}
    />
  );
}
