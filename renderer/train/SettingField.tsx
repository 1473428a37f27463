import { useId } from 'react';
import type { ApiSettingInfo } from '../api/types.ts';

export type SettingValue = number | boolean | string;

/** What is wrong with a value, or null. */
export function settingProblem(setting: ApiSettingInfo, value: SettingValue): string | null {
  if (setting.kind !== 'integer' && setting.kind !== 'number') return null;
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'not a number';
  if (setting.kind === 'integer' && !Number.isInteger(value)) return 'not a whole number';
  if (setting.min !== null && value < setting.min) return `at least ${setting.min}`;
  if (setting.max !== null && value > setting.max) return `at most ${setting.max}`;
  return null;
}

interface SettingFieldProps {
  setting: ApiSettingInfo;
  value: SettingValue;
  change(value: SettingValue): void;
}

export function SettingField({ setting, value, change }: SettingFieldProps) {
  const id = useId();
  const problem = settingProblem(setting, value);
  return (
    <div className="field">
      <label htmlFor={id}>
        {setting.label}
        {setting.unit && <span className="note"> {setting.unit}</span>}
      </label>
      {setting.kind === 'boolean' ? (
        <input
          id={id}
          type="checkbox"
          checked={value === true}
          onChange={(event) => change(event.target.checked)}
        />
      ) : setting.kind === 'choice' ? (
        <select
          id={id}
          className="input"
          value={String(value)}
          onChange={(event) => change(event.target.value)}
        >
          {setting.choices?.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : setting.kind === 'text' ? (
        <input
          id={id}
          className="input"
          value={String(value)}
          onChange={(event) => change(event.target.value)}
        />
      ) : (
        <input
          id={id}
          className="input"
          type="number"
          step="any"
          min={setting.min ?? undefined}
          max={setting.max ?? undefined}
          value={typeof value === 'number' && Number.isFinite(value) ? value : ''}
          aria-invalid={problem !== null}
          aria-describedby={`${id}-help`}
          onChange={(event) => change(event.target.value === '' ? Number.NaN : Number(event.target.value))}
        />
      )}
      <span id={`${id}-help`} className={problem ? 'note setting-problem' : 'note'}>
        {problem ?? setting.help}
      </span>
    </div>
  );
}
