import { useId } from 'react';
import { usableRuns, useRuns } from '../stores/runs.ts';
import { useSupersegments } from '../stores/supersegments.ts';

const FIELDS = [
  { key: 'length', label: 'Segments each', min: 2, max: 200 },
  { key: 'count', label: 'How many', min: 1, max: 20_000 },
  { key: 'seed', label: 'Seed', min: 0, max: 1e9 },
  { key: 'neighbours', label: 'Turns around', min: 0, max: 3 },
] as const;

/** Which supersegments: drawn by these numbers, or those that a run knows. */
export function DrawForm() {
  const { question, answered, ask, draw } = useSupersegments();
  const runs = usableRuns(useRuns((state) => state.runs)).toReversed();
  const id = useId();
  const stale = answered !== null && JSON.stringify(answered) !== JSON.stringify(question);
  return (
    <form
      className="supersegment-form"
      aria-label="Which supersegments"
      onSubmit={(event) => {
        event.preventDefault();
        void draw();
      }}
    >
      <div className="field supersegment-source">
        <label htmlFor={`${id}run`}>Catalogue</label>
        <select
          id={`${id}run`}
          className="input"
          value={question.runId ?? ''}
          onChange={(event) => ask({ runId: event.target.value ? Number(event.target.value) : null })}
        >
          <option value="">drawn from all trips</option>
          {runs.map((run) => (
            <option key={run.id} value={run.id}>
              known to {run.name}
            </option>
          ))}
        </select>
      </div>
      {FIELDS.filter(({ key }) => question.runId === null || key === 'neighbours').map(
        ({ key, label, min, max }) => (
          <div key={key} className="field">
            <label htmlFor={id + key}>{label}</label>
            <input
              id={id + key}
              className="input"
              type="number"
              required
              step={1}
              min={min}
              max={max}
              value={question[key]}
              onChange={(event) => {
                const value = event.target.valueAsNumber;
                if (Number.isInteger(value) && value >= min && value <= max) ask({ [key]: value });
              }}
            />
          </div>
        ),
      )}
      {stale && (
        <p className="note supersegment-stale" role="status">
          Shown is the draw before.{' '}
          <button type="submit" className="link">
            Draw again
          </button>
        </p>
      )}
    </form>
  );
}
