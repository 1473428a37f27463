import { ChevronDown } from 'lucide-react';
import { useState } from 'react';
import type { ApiProjectInfo } from '../api/types.ts';
import { addDays, counted, day as dayLabel, fullDay } from '../format/format.ts';
import { Calendar } from '../shell/Calendar.tsx';
import { Popover } from '../shell/Popover.tsx';
import { useProject } from '../stores/project.ts';
import { type ModelId, useRuns } from '../stores/runs.ts';
import { DeviceField, NameAndSeed, SettingsFields } from './RunFields.tsx';
import { estimate, useRunDraft } from './runDraft.ts';

/** Settings that decide how long a run takes and how far it gets; the rest waits under "More settings". */
const MAIN_SETTINGS = new Set([
  'preset',
  'epochs',
  'patience',
  'batchPaths',
  'hidden',
  'learningRate',
  'processorSteps',
  'horizons',
  'batchWindows',
]);
const TEST_DAYS = 7;

export function NewRunForm() {
  const { train, openForm, runs, show } = useRuns();
  const project = useProject((state) => state.project);
  const [model, setModel] = useState<ModelId>(project?.trips ? 'eta' : 'speeds');
  const draft = useRunDraft(model);
  const [firstDay, lastDay] =
    model === 'eta'
      ? [project?.firstDay, project?.lastDay]
      : [project?.firstObservedDay, project?.lastObservedDay];
  const [until, setUntil] = useState(testFrom(project, model));
  const tooEarly =
    firstDay && until <= firstDay
      ? `${model === 'eta' ? 'Trips' : 'Observations'} begin on ${dayLabel(firstDay)}: test days must start later`
      : null;
  const blocked = draft.blocked ?? tooEarly;
  const [starting, setStarting] = useState(false);
  const start = async () => {
    setStarting(true);
    const runId = await train({ model, ...draft.config(), ...(until && { until }) });
    setStarting(false);
    if (runId !== null) show(runId);
  };

  return (
    <form
      className="run-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!blocked) void start();
      }}
    >
      <header className="spread">
        <h2 className="object-title">New run</h2>
        <button type="button" className="button plain" onClick={() => openForm(false)}>
          Cancel
        </button>
      </header>
      <div className="form-grid">
        {(project?.trips ?? 0) > 0 && (project?.observations ?? 0) > 0 && (
          <label className="field">
            <span className="label">Model</span>
            <select
              className="input"
              value={model}
              onChange={(event) => {
                const chosen = event.target.value as ModelId;
                setModel(chosen);
                setUntil(testFrom(project, chosen));
              }}
            >
              <option value="eta">eta: travel times, from trips</option>
              <option value="speeds">speeds: segments’ speeds ahead, from observations</option>
            </select>
          </label>
        )}
        <NameAndSeed draft={draft} />
        <div className="field">
          <span className="label">Test from</span>
          <Popover
            label={until ? `Test from ${fullDay(until)}` : 'Test from: no day'}
            role="dialog"
            className="picker test-from"
            button={
              <>
                <span className="grow">{until ? dayLabel(until) : 'no day'}</span>{' '}
                <ChevronDown size={14} aria-hidden />
              </>
            }
          >
            {(close) => (
              <Calendar
                value={until}
                choose={(chosen) => {
                  setUntil(chosen);
                  close();
                }}
              />
            )}
          </Popover>
          <span className="note">
            {model === 'eta' ? 'Trips' : 'Observations'} on or after this day are never seen in training
            {lastDay && until ? `: ${testDays(until, lastDay)}` : ''}.
          </span>
        </div>
        <DeviceField draft={draft} />
      </div>
      <SettingsFields draft={draft} main={MAIN_SETTINGS} />
      <footer className="row form-foot">
        <button type="submit" className="button primary" disabled={blocked !== null || starting}>
          Train {counted(draft.epochs, 'epoch')}
          {estimate(
            runs.filter((run) => run.model === model),
            draft.epochs,
          )}
        </button>
        {blocked && <span className="secondary">{blocked}</span>}
      </footer>
    </form>
  );
}

/** A week of test days, or less where the days before would not be twice as many. */
function testFrom(project: ApiProjectInfo | null, model: ModelId): string {
  const [first, last] =
    model === 'eta'
      ? [project?.firstDay, project?.lastDay]
      : [project?.firstObservedDay, project?.lastObservedDay];
  if (!first || !last) return '';
  const days = Math.round((Date.parse(last) - Date.parse(first)) / 86_400_000) + 1;
  const tested = model === 'eta' ? TEST_DAYS : Math.max(1, Math.min(TEST_DAYS, Math.floor(days / 3)));
  return addDays(last, 1 - tested);
}

function testDays(until: string, lastDay: string): string {
  const days = Math.round((Date.parse(lastDay) - Date.parse(until)) / 86_400_000) + 1;
  return days > 0
    ? `${dayLabel(until)}–${dayLabel(lastDay)}, ${days} ${days === 1 ? 'day' : 'days'}`
    : 'no day is left for the test';
}
