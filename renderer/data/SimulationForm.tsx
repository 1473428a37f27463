import type { ApiProjectInfo, ApiSettingInfo, ApiSimulation } from '../api/types.ts';
import { SettingField, type SettingValue, settingProblem } from '../train/SettingField.tsx';

type NumberKey = 'days' | 'demand' | 'incidentsPerDay' | 'rain' | 'probeShare' | 'seed';

const NUMBERS: readonly (ApiSettingInfo & { key: NumberKey })[] = [
  setting('days', 'integer', 'Days', null, 1, 365, 'Whole days from the first on'),
  setting('demand', 'number', 'Demand', null, 0.2, 2, '1 is what these roads bear with busy rush hours'),
  setting(
    'incidentsPerDay',
    'number',
    'Incidents',
    'a day',
    0,
    500,
    'Each takes most of a road’s capacity for up to 90 min',
  ),
  setting('rain', 'number', 'Rain', null, 0, 1, 'Probability that a day brings some'),
  setting('probeShare', 'number', 'Probes', null, 0.001, 1, 'Share of vehicles whose trips are kept'),
  setting('seed', 'integer', 'Seed', null, null, null, 'Another number gives other traffic'),
];

const CALIBRATE: ApiSettingInfo = {
  key: 'calibrate',
  kind: 'boolean',
  label: 'Calibrate',
  unit: null,
  help: 'Fit speeds by class, and the demand, to the trips here first',
  default: false,
  min: null,
  max: null,
  choices: null,
};

/** What keeps the simulation from starting, or null. */
export function settingsProblem(settings: ApiSimulation): string | null {
  for (const field of NUMBERS) {
    const problem = settingProblem(field, settings[field.key]);
    if (problem) return `${field.label}: ${problem}`;
  }
  return /^\d{4}-\d{2}-\d{2}$/.test(settings.firstDay) ? null : 'First day: not a date';
}

interface SimulationFormProps {
  settings: ApiSimulation;
  project: ApiProjectInfo;
  change(settings: ApiSimulation): void;
}

export function SimulationForm({ settings, project, change }: SimulationFormProps) {
  const set = (key: keyof ApiSimulation, value: SettingValue) => change({ ...settings, [key]: value });
  return (
    <div className="simulate-form">
      <div className="field">
        <label htmlFor="simulate-first">First day</label>
        <input
          id="simulate-first"
          className="input"
          type="date"
          value={settings.firstDay}
          onChange={(event) => set('firstDay', event.target.value)}
        />
        <span className="note">On the clock of the time zone</span>
      </div>
      <div className="field">
        <label htmlFor="simulate-zone">Time zone</label>
        <select
          id="simulate-zone"
          className="input"
          value={settings.timeZone}
          disabled={project.timeZone !== null}
          onChange={(event) => set('timeZone', event.target.value)}
        >
          {[...new Set([settings.timeZone, 'UTC', ...Intl.supportedValuesOf('timeZone')])].map((zone) => (
            <option key={zone}>{zone}</option>
          ))}
        </select>
        <span className="note">
          {project.timeZone ? 'Set by the trips already there' : 'Of all clocks here'}
        </span>
      </div>
      {NUMBERS.map((field) => (
        <SettingField
          key={field.key}
          setting={field}
          value={settings[field.key]}
          change={(value) => set(field.key, value)}
        />
      ))}
      {project.trips > 0 && (
        <SettingField
          setting={CALIBRATE}
          value={settings.calibrate}
          change={(value) => set('calibrate', value)}
        />
      )}
    </div>
  );
}

function setting(
  key: NumberKey,
  kind: 'integer' | 'number',
  label: string,
  unit: string | null,
  min: number | null,
  max: number | null,
  help: string,
): ApiSettingInfo & { key: NumberKey } {
  return { key, kind, label, unit, min, max, help, default: 0, choices: null };
}
