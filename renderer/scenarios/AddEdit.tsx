import { Spline, Users } from 'lucide-react';
import { useState } from 'react';
import type { ApiScenarioEdit } from '../api/types.ts';
import { fixed, localDateTime } from '../format/format.ts';
import { ROAD_CLASS_LABELS } from '../map/roadClasses.ts';
import { useMap } from '../stores/map.ts';
import { useScenarios } from '../stores/scenarios.ts';

/** What can be added: to the segment that is selected on the map, and to the city as a whole. */
export function AddEdit() {
  const { selected, add, draw, drawing } = useScenarios();
  return (
    <div className="add-edit">
      {selected && <SegmentEdits key={selected.segment} />}
      <div className="row">
        <button type="button" className="button small" onClick={() => add({ kind: 'demand', factor: 1.1 })}>
          <Users size={13} aria-hidden /> Change demand
        </button>
        <button
          type="button"
          className="button small"
          aria-pressed={drawing !== null}
          onClick={() => draw(drawing ? null : [])}
        >
          <Spline size={13} aria-hidden /> {drawing ? 'Cancel the link' : 'Draw a link'}
        </button>
      </div>
    </div>
  );
}

function SegmentEdits() {
  const { selected, add, select } = useScenarios();
  const { day, minute } = useMap();
  const [both, setBoth] = useState(true);
  if (!selected) return null;
  const { ref, reverseRef, name, roadClass, speedLimitKmh, lanes } = selected;
  const segments = both && reverseRef ? [ref, reverseRef] : [ref];
  const put = (edit: ApiScenarioEdit) => {
    add(edit);
    void select(null);
  };
  const hour = Math.floor(minute / 60) * 60;
  return (
    <div className="segment-edits">
      <p>
        <b>{name || 'Unnamed road'}</b>{' '}
        <span className="secondary">
          {ROAD_CLASS_LABELS[roadClass] ?? roadClass} · {fixed(speedLimitKmh, 0)} km/h ·{' '}
          {lanes === 0 ? 'lanes unknown' : `${lanes} ${lanes === 1 ? 'lane' : 'lanes'}`}
        </span>
      </p>
      {reverseRef && (
        <label className="row secondary">
          <input type="checkbox" checked={both} onChange={(event) => setBoth(event.target.checked)} /> Both
          directions
        </label>
      )}
      <div className="row edit-buttons">
        <button type="button" className="button small" onClick={() => put({ kind: 'close', segments })}>
          Close
        </button>
        <button
          type="button"
          className="button small"
          onClick={() =>
            put({ kind: 'speedLimit', segments, kmh: Math.max(10, Math.round(speedLimitKmh) - 20) })
          }
        >
          Limit
        </button>
        <button
          type="button"
          className="button small"
          onClick={() => put({ kind: 'lanes', segments, lanes: Math.max(1, lanes - 1) })}
        >
          Lanes
        </button>
        <button
          type="button"
          className="button small"
          disabled={!day}
          onClick={() =>
            day &&
            put({
              kind: 'capacity',
              segments,
              share: 0.3,
              when: { from: localDateTime(day, hour), until: localDateTime(day, Math.min(hour + 60, 1439)) },
            })
          }
        >
          Incident
        </button>
      </div>
    </div>
  );
}
