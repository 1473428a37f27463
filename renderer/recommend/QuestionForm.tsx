import { useId } from 'react';
import { api } from '../api/connection.ts';
import type { ApiNodeList, ApiRecommender, ApiRunInfo } from '../api/types.ts';
import { count, fixed, position } from '../format/format.ts';
import { RoadSearch } from '../map/PlaceField.tsx';
import { SearchBox } from '../shell/SearchBox.tsx';
import { useProject } from '../stores/project.ts';
import { type Asking, useRecommend, useSystem } from '../stores/recommend.ts';

type Hit = ApiNodeList['rows'][number];

const FOUND = 12;
const USUAL_TASTE = 0.1;
const MOST_TASTE = 0.5;

interface QuestionFormProps {
  info: ApiRecommender;
  run: ApiRunInfo;
  data: { data: string; edges: string };
}

/** For whom, and only what the system can be told beside that. */
export function QuestionForm({ info, run, data }: QuestionFormProps) {
  const { asking, waiting } = useSystem(info.id);
  const { ask } = useRecommend.getState();
  const set = (change: Partial<Asking>) => useRecommend.getState().setAsking(info.id, change);
  const askNow = (change: Partial<Asking>) => {
    set(change);
    void ask(info.id, run.id);
  };
  const asks = new Set(info.asks);
  const reason = asking.user ? null : 'Choose somebody first';
  return (
    <form
      className="question-form"
      aria-label="Question"
      onSubmit={(event) => {
        event.preventDefault();
        if (!reason) void ask(info.id, run.id);
      }}
    >
      <div className="field question-user">
        <span className="label">For</span>
        <span className="place-field">
          <SearchBox<Hit>
            label="For"
            hits="Found"
            placeholder="Identifier or name"
            value={asking.user ? (asking.user.title ?? asking.user.id) : ''}
            least={0}
            search={async (text) =>
              (await api().interactions.nodes({ ...data, end: 'from', text, limit: FOUND })).rows
            }
            hitKey={({ id }) => id}
            show={({ id, title, edges }) => (
              <>
                <span className="ellipsis">{title ?? id}</span>
                <span className="note">
                  {title && `${id} · `}
                  {count(edges)} {data.edges}
                </span>
              </>
            )}
            choose={({ id, title }) => askNow({ user: { id, title } })}
          />
        </span>
      </div>
      {asks.has('text') && (
        <label className="field question-text">
          <span className="label">Words</span>
          <input
            className="input"
            value={asking.text}
            placeholder="As the query has them"
            onChange={(event) => set({ text: event.target.value })}
          />
        </label>
      )}
      {asks.has('place') && <PlaceQuestion asking={asking} set={set} />}
      {asks.has('at') && (
        <label className="field">
          <span className="label">At</span>
          <input
            className="input"
            type="datetime-local"
            value={asking.at}
            onChange={(event) => set({ at: event.target.value })}
          />
        </label>
      )}
      {asks.has('withinMinutes') && (
        <NumberQuestion
          label="Within"
          unit="min"
          value={asking.withinMinutes}
          set={(withinMinutes) => set({ withinMinutes })}
        />
      )}
      <label className="field question-count">
        <span className="label">Items</span>
        <input
          className="input"
          type="number"
          min={1}
          max={1000}
          value={asking.count}
          onChange={(event) => {
            const wanted = Number(event.target.value);
            if (Number.isInteger(wanted) && wanted >= 1 && wanted <= 1000) set({ count: wanted });
          }}
        />
      </label>
      <div className="field question-go">
        <button type="submit" className="button primary" disabled={reason !== null || waiting !== null}>
          Recommend
        </button>
        {reason && <span className="note">{reason}</span>}
      </div>
      {asks.has('tasteOfTenMinutes') && <TasteQuestion asking={asking} set={set} />}
    </form>
  );
}

interface PartProps {
  asking: Asking;
  set(change: Partial<Asking>): void;
}

/** A road's name, or latitude and longitude. */
function PlaceQuestion({ asking, set }: PartProps) {
  const hasRoads = useProject(({ project }) => (project?.segments ?? 0) > 0);
  const id = useId();
  if (hasRoads)
    return (
      <div className="field">
        <span className="label">From</span>
        <span className="place-field">
          <RoadSearch
            label="From"
            placeholder="Road name"
            value={asking.place?.label ?? ''}
            choose={(hit) => set({ place: { point: hit.point, label: hit.name } })}
          />
        </span>
      </div>
    );
  return (
    <div className="field">
      <label htmlFor={id}>From</label>
      <input
        id={id}
        className="input"
        placeholder="Latitude, longitude"
        defaultValue={asking.place ? asking.place.point.toReversed().join(', ') : ''}
        onBlur={(event) => {
          const [latitude, longitude] = event.target.value.split(',').map(Number);
          const isPlace =
            latitude !== undefined &&
            longitude !== undefined &&
            Math.abs(latitude) <= 90 &&
            Math.abs(longitude) <= 180;
          set({
            place:
              isPlace && event.target.value.trim() !== ''
                ? { point: [longitude, latitude], label: position(longitude, latitude) }
                : null,
          });
        }}
      />
    </div>
  );
}

interface NumberQuestionProps {
  label: string;
  unit: string;
  value: number | null;
  set(value: number | null): void;
}

function NumberQuestion({ label, unit, value, set }: NumberQuestionProps) {
  return (
    <label className="field question-count">
      <span className="label">
        {label} <span className="note">{unit}</span>
      </span>
      <input
        className="input"
        type="number"
        min={1}
        placeholder="any"
        value={value ?? ''}
        onChange={(event) => {
          const given = Number(event.target.value);
          set(given > 0 ? given : null);
        }}
      />
    </label>
  );
}

/** What ten minutes are worth: from none, taste alone, to half of all taste. */
function TasteQuestion({ asking: { tasteOfTenMinutes: taste }, set }: PartProps) {
  const id = useId();
  return (
    <div className="question-taste">
      <label htmlFor={id} className="strong">
        Taste
      </label>
      <input
        id={id}
        type="range"
        min={0}
        max={MOST_TASTE}
        step={0.01}
        value={taste ?? USUAL_TASTE}
        aria-valuetext={taste === null ? 'as the system has it' : `10 minutes weigh ${fixed(taste, 2)} taste`}
        onChange={(event) => set({ tasteOfTenMinutes: Number(event.target.value) })}
      />
      <span className="strong">Minutes</span>
      <span className="note">
        {taste === null
          ? 'As the system weighs them.'
          : `10 minutes weigh as much as ${fixed(taste, 2)} taste.`}{' '}
        {taste !== null && (
          <button type="button" className="link" onClick={() => set({ tasteOfTenMinutes: null })}>
            As the system has it
          </button>
        )}
      </span>
    </div>
  );
}
