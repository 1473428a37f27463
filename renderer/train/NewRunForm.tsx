import { ChevronDown } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ApiProjectInfo, ApiSettingInfo } from '../api/types.ts';
import { addDays, counted, day as dayLabel, duration, fullDay } from '../format/format.ts';
import { Calendar } from '../shell/Calendar.tsx';
import { Popover } from '../shell/Popover.tsx';
import { useProject } from '../stores/project.ts';
import { type ModelId, usableRuns, useRuns } from '../stores/runs.ts';
import { plannedEpochs } from './figures.ts';
import { SettingField, type SettingValue, settingProblem } from './SettingField.tsx';

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

type Device = 'auto' | 'cpu' | 'webgpu';

export function NewRunForm() {
  const { settings: known, loadSettings, train, openForm, runs } = useRuns();
  const { project, devices } = useProject();
  const [model, setModel] = useState<ModelId>(project?.trips ? 'eta' : 'speeds');
  const settings = known[model];
  const [firstDay, lastDay] =
    model === 'eta'
      ? [project?.firstDay, project?.lastDay]
      : [project?.firstObservedDay, project?.lastObservedDay];
  const [name, setName] = useState('');
  const [until, setUntil] = useState(testFrom(project, model));
  const [seed, setSeed] = useState('1');
  const [device, setDevice] = useState<Device>('auto');
  const [values, setValues] = useState<Record<string, SettingValue>>({});
  const [starting, setStarting] = useState(false);
  useEffect(() => void loadSettings(model), [loadSettings, model]);

  const current = (setting: ApiSettingInfo): SettingValue =>
    values[setting.key] ?? setting.presets?.[String(values.preset)] ?? setting.default;
  const wrong = settings?.find((setting) => settingProblem(setting, current(setting)) !== null);
  const busy = runs.some((run) => run.status === 'running');
  const blocked = !settings
    ? 'Reading the settings'
    : wrong
      ? `${wrong.label}: ${settingProblem(wrong, current(wrong))}`
      : !/^\d+$/.test(seed)
        ? 'The seed is a whole number'
        : firstDay && until <= firstDay
          ? `${model === 'eta' ? 'Trips' : 'Observations'} begin on ${dayLabel(firstDay)}: test days must start later`
          : busy
            ? 'One run trains at a time'
            : null;
  const epochs = Number(values.epochs ?? settings?.find((setting) => setting.key === 'epochs')?.default ?? 0);
  const preferred = devices?.find((candidate) => candidate.preferred);

  const start = async () => {
    setStarting(true);
    await train({
      model,
      ...(name.trim() && { name: name.trim() }),
      ...(until && { until }),
      seed: Number(seed),
      device,
      settings: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value])),
    });
    setStarting(false);
  };
  const field = (setting: ApiSettingInfo) => (
    <SettingField
      key={setting.key}
      setting={setting}
      value={current(setting)}
      change={(value) => setValues({ ...values, [setting.key]: value })}
    />
  );

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
                setValues({});
                setUntil(testFrom(project, chosen));
              }}
            >
              <option value="eta">eta: travel times, from trips</option>
              <option value="speeds">speeds: segments’ speeds ahead, from observations</option>
            </select>
          </label>
        )}
        <label className="field">
          <span className="label">Name</span>
          <input
            className="input"
            value={name}
            placeholder="Given by number"
            data-autofocus
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <label className="field">
          <span className="label">Seed</span>
          <input
            className="input"
            inputMode="numeric"
            value={seed}
            onChange={(event) => setSeed(event.target.value)}
          />
        </label>
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
        <label className="field">
          <span className="label">Device</span>
          <select
            className="input"
            value={device}
            onChange={(event) => setDevice(event.target.value as Device)}
          >
            <option value="auto">Automatic{preferred ? `: ${preferred.name}` : ''}</option>
            {devices?.map((candidate) => (
              <option key={candidate.id} value={candidate.id} disabled={!candidate.available}>
                {candidate.id === 'cpu' ? 'CPU' : 'GPU'}: {candidate.name || 'none found'}
              </option>
            ))}
          </select>
          {devices
            ?.filter((candidate) => candidate.note)
            .map((candidate) => (
              <span key={candidate.id} className="note">
                {candidate.note}
              </span>
            ))}
        </label>
      </div>
      {settings && (
        <>
          <div className="form-grid">{settings.filter(({ key }) => MAIN_SETTINGS.has(key)).map(field)}</div>
          <details className="more-settings">
            <summary>More settings ({settings.filter(({ key }) => !MAIN_SETTINGS.has(key)).length})</summary>
            <div className="form-grid">
              {settings.filter(({ key }) => !MAIN_SETTINGS.has(key)).map(field)}
            </div>
          </details>
        </>
      )}
      <footer className="row form-foot">
        <button type="submit" className="button primary" disabled={blocked !== null || starting}>
          Train {counted(epochs, 'epoch')}
          {estimate(
            runs.filter((run) => run.model === model),
            epochs,
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

/** By the pace of the last finished run, where there is one. */
function estimate(runs: Parameters<typeof usableRuns>[0], epochs: number): string {
  const last = usableRuns(runs).at(-1);
  const planned = last && plannedEpochs(last);
  return last && planned ? `, about ${duration((last.seconds / planned) * epochs)}` : '';
}
