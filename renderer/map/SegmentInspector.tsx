import { GitBranch, MapPinned } from 'lucide-react';
import type { ApiSegmentInfo } from '../api/types.ts';
import { count, fixed, kilometres, signed } from '../format/format.ts';
import { useMap } from '../stores/map.ts';
import { placeAt, useRoute } from '../stores/route.ts';
import { tryChange } from '../stores/scenarios.ts';
import { DataTable } from '../table/DataTable.tsx';
import { ROAD_CLASS_LABELS } from './roadClasses.ts';
import { SegmentTimes } from './SegmentTimes.tsx';

export function SegmentInspector() {
  const selected = useMap((state) => state.selected);
  if (!selected)
    return (
      <p className="inspector-empty secondary">
        Click a segment on the map, or move the map and press Enter for the one nearest to its centre.
      </p>
    );
  return (
    <div className="scroll inspector-scroll">
      <section>
        <h2 className="object-title">{selected.name || 'Unnamed road'}</h2>
        <p className="secondary">
          {ROAD_CLASS_LABELS[selected.roadClass] ?? selected.roadClass} ·{' '}
          {selected.oneway ? 'one way' : 'both ways'} · <span className="mono">{selected.ref}</span>
        </p>
      </section>
      <SegmentTimes key={selected.segment} segment={selected} />
      <section>
        <h3>Road</h3>
        <Facts segment={selected} />
      </section>
      <section>
        <DataTable
          label="Turns at its end"
          title={<h3>Turns at its end</h3>}
          note="right is positive"
          className="tight"
          rows={selected.turns}
          rowKey={(turn) => turn.toRef}
          empty="No turn is permitted: a dead end."
          columns={[
            { id: 'to', head: 'Onto', value: (turn) => turn.toName || turn.toRef },
            {
              id: 'turn',
              head: 'Turn',
              className: 'secondary',
              value: (turn) => TURN_LABELS[turn.turnClass] ?? turn.turnClass,
            },
            {
              id: 'angle',
              head: 'Angle, °',
              numeric: true,
              value: (turn) => turn.angleDeg,
              cell: (turn) => signed(turn.angleDeg, 0),
            },
          ]}
        />
      </section>
      <footer className="inspector-foot">
        <button
          type="button"
          className="button"
          onClick={() => useRoute.getState().place('a', ends(selected).start)}
        >
          <MapPinned size={14} aria-hidden /> Start here
        </button>
        <button
          type="button"
          className="button"
          onClick={() => useRoute.getState().place('b', ends(selected).end)}
        >
          End here
        </button>
        <button type="button" className="button" onClick={() => void tryChange(selected)}>
          <GitBranch size={14} aria-hidden /> Try a change
        </button>
      </footer>
    </div>
  );
}

const ends = (segment: ApiSegmentInfo) => {
  const place = (point: ApiSegmentInfo['coordinates'][number]) => ({
    ...placeAt(point),
    label: segment.name || segment.ref,
  });
  return { start: place(segment.coordinates[0]!), end: place(segment.coordinates.at(-1)!) };
};

const TURN_LABELS: Readonly<Record<string, string>> = {
  straight: 'straight on',
  slightLeft: 'slight left',
  left: 'left',
  sharpLeft: 'sharp left',
  slightRight: 'slight right',
  right: 'right',
  sharpRight: 'sharp right',
  uTurn: 'U-turn',
};

function Facts({ segment }: { segment: ApiSegmentInfo }) {
  const built = [segment.bridge && 'bridge', segment.tunnel && 'tunnel', segment.toll && 'toll']
    .filter(Boolean)
    .join(', ');
  const facts: [string, string][] = [
    [
      'Length',
      segment.lengthM < 1000 ? `${fixed(segment.lengthM, 0)} m` : `${kilometres(segment.lengthM)} km`,
    ],
    [
      'Speed limit',
      `${fixed(segment.speedLimitKmh, 0)} km/h, ${segment.speedTagged ? 'tagged' : 'default of its class'}`,
    ],
    ['Lanes', segment.lanes === 0 ? 'unknown' : String(segment.lanes)],
    ['Surface', segment.surface],
    ['Signal at its end', segment.signal ? 'yes' : 'no'],
    ...(built ? [['Built as', built] as [string, string]] : []),
    ['Traversals in trips', count(segment.traversals)],
  ];
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name} className="spread">
          <dt className="secondary">{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
