import {
  Ban,
  Clock,
  Gauge,
  type LucideIcon,
  Redo2,
  Rows3,
  Spline,
  TrafficCone,
  Undo2,
  Users,
  X,
} from 'lucide-react';
import { action } from '../actions/actions.ts';
import type { ApiScenarioEdit } from '../api/types.ts';
import { Popover } from '../shell/Popover.tsx';
import { useRoute } from '../stores/route.ts';
import { useScenarios } from '../stores/scenarios.ts';
import { AddEdit } from './AddEdit.tsx';
import { editPlace, editTime, editTitle } from './editWords.ts';
import { TimeForm } from './TimeForm.tsx';

const ICONS: Record<ApiScenarioEdit['kind'], LucideIcon> = {
  close: Ban,
  speedLimit: Gauge,
  lanes: Rows3,
  capacity: TrafficCone,
  demand: Users,
  newLink: Spline,
};

/** The edits of the open scenario as rows, with undo; each value and time can be changed in its row. */
export function Edits() {
  const { edits, past, future, undo, redo } = useScenarios();
  return (
    <section className="scenario-section" aria-label="Edits">
      <header className="spread">
        <h2>
          Edits <span className="secondary">{edits.length}</span>
        </h2>
        <span className="row edit-history">
          <button
            type="button"
            className="button icon small plain"
            aria-label="Undo"
            title={action('scenario.undo').keys?.[0]}
            disabled={past.length === 0}
            onClick={undo}
          >
            <Undo2 size={14} aria-hidden />
          </button>
          <button
            type="button"
            className="button icon small plain"
            aria-label="Redo"
            title={action('scenario.redo').keys?.[0]}
            disabled={future.length === 0}
            onClick={redo}
          >
            <Redo2 size={14} aria-hidden />
          </button>
        </span>
      </header>
      {edits.length === 0 && (
        <p className="secondary">Nothing is changed yet: this is the base case. Click a road on the map.</p>
      )}
      <ul className="edit-rows">
        {edits.map((edit, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: edits have no name of their own, and rows keep no state
          <EditRow key={index} edit={edit} index={index} />
        ))}
      </ul>
      <AddEdit />
    </section>
  );
}

function EditRow({ edit, index }: { edit: ApiScenarioEdit; index: number }) {
  const { edits, edit: change, values, summary } = useScenarios();
  const Icon = ICONS[edit.kind];
  const names = values?.speeds.places.length === edits.length ? values.speeds.places[index] : undefined;
  const place = editPlace(edit, names);
  const notices = (summary?.notices ?? []).filter((notice) => notice.edit === index);
  const replace = (edited: ApiScenarioEdit) =>
    change(edits.map((other, i) => (i === index ? edited : other)));
  return (
    <li className="edit-row">
      <Icon size={15} aria-hidden />
      <div className="grow">
        <p className="row edit-what">
          <span className="strong">{editTitle(edit)}</span>
          <ValueField edit={edit} replace={replace} />
        </p>
        {edit.kind === 'demand' ? (
          <DemandTrips edit={edit} replace={replace} />
        ) : (
          <p className="secondary ellipsis">{place}</p>
        )}
        {notices.map(({ message }) => (
          <p key={message} className="edit-notice">
            {message}
          </p>
        ))}
      </div>
      <Popover
        label={`When: ${editTime(edit.when)}`}
        className="button small plain edit-time"
        role="dialog"
        align="right"
        button={
          <>
            <Clock size={12} aria-hidden /> {editTime(edit.when)}
          </>
        }
      >
        {(close) => <TimeForm edit={edit} replace={replace} close={close} />}
      </Popover>
      <button
        type="button"
        className="button icon small plain"
        aria-label={`Take out: ${editTitle(edit)}, ${place}`}
        onClick={() => change(edits.filter((_, i) => i !== index))}
      >
        <X size={14} aria-hidden />
      </button>
    </li>
  );
}

type DemandEdit = ApiScenarioEdit & { kind: 'demand' };

/** Which trips a change of demand is about: those around the route's ends, where these are set. */
function DemandTrips({ edit, replace }: { edit: DemandEdit; replace(edit: ApiScenarioEdit): void }) {
  const { a, b } = useRoute();
  const around = (place: typeof a) => place && { point: place.point, radiusM: AREA_M };
  const { from, to, ...rest } = edit;
  const value = from && to ? 'both' : from ? 'from' : to ? 'to' : 'all';
  return (
    <select
      className="input demand-trips"
      aria-label="Trips"
      value={value}
      onChange={(event) => {
        const chosen = event.target.value;
        const begin = (chosen === 'from' || chosen === 'both') && (around(a) ?? from);
        const end = (chosen === 'to' || chosen === 'both') && (around(b) ?? to);
        replace({ ...rest, ...(begin && { from: begin }), ...(end && { to: end }) });
      }}
    >
      <option value="all">All trips</option>
      <option value="from" disabled={!a && !from}>
        From within 1 km of A
      </option>
      <option value="to" disabled={!b && !to}>
        To within 1 km of B
      </option>
      <option value="both" disabled={(!a && !from) || (!b && !to)}>
        From around A to around B
      </option>
    </select>
  );
}

const AREA_M = 1000;

/** The one number of an edit. */
function ValueField({ edit, replace }: { edit: ApiScenarioEdit; replace(edit: ApiScenarioEdit): void }) {
  const field = (
    label: string,
    value: number,
    [min, max, step]: [number, number, number],
    edited: (value: number) => ApiScenarioEdit,
  ) => (
    <input
      className="input edit-value"
      type="number"
      aria-label={label}
      min={min}
      max={max}
      step={step}
      value={value}
      onChange={(event) => {
        const next = event.target.valueAsNumber;
        if (next >= min && next <= max) replace(edited(next));
      }}
    />
  );
  switch (edit.kind) {
    case 'speedLimit':
    case 'newLink':
      return field('Limit, km/h', edit.kmh, [5, 200, 5], (kmh) => ({ ...edit, kmh }));
    case 'lanes':
      return field('Lanes', edit.lanes, [1, 12, 1], (lanes) => ({ ...edit, lanes: Math.round(lanes) }));
    case 'capacity':
      return field('Capacity left, %', Math.round(edit.share * 100), [5, 400, 5], (percent) => ({
        ...edit,
        share: percent / 100,
      }));
    case 'demand':
      return field('Demand, % of the base case', Math.round(edit.factor * 100), [0, 500, 5], (percent) => ({
        ...edit,
        factor: percent / 100,
      }));
    case 'close':
      return null;
    default:
      throw new Error(`internal: unknown edit ${JSON.stringify(edit satisfies never)}`);
  }
}
