import { useEffect, useState } from 'react';
import type { ApiRunInfo, ApiSettingInfo, ApiTrainConfig } from '../api/types.ts';
import { duration } from '../format/format.ts';
import { type ModelId, useRuns } from '../stores/runs.ts';
import { plannedEpochs } from './figures.ts';
import { type SettingValue, settingProblem } from './SettingField.tsx';

export type Device = 'auto' | 'cpu' | 'webgpu';

/** A run that is being set up: what every model is told. */
export interface RunDraft {
  settings: ApiSettingInfo[] | undefined;
  name: string;
  seed: string;
  device: Device;
  epochs: number;
  current(setting: ApiSettingInfo): SettingValue;
  set(key: string, value: SettingValue): void;
  setName(name: string): void;
  setSeed(seed: string): void;
  setDevice(device: Device): void;
  /** What keeps it from being trained, or null. */
  blocked: string | null;
  config(): Pick<ApiTrainConfig, 'name' | 'seed' | 'device' | 'settings'>;
}

/** Another model begins with its own defaults. */
export function useRunDraft(model: ModelId): RunDraft {
  const { settings: known, loadSettings } = useRuns();
  const busy = useRuns(({ runs }) => runs.some((run) => run.status === 'running'));
  const settings = known[model];
  const [name, setName] = useState('');
  const [seed, setSeed] = useState('1');
  const [device, setDevice] = useState<Device>('auto');
  const [given, setGiven] = useState<{ model: ModelId; values: Record<string, SettingValue> }>({
    model,
    values: {},
  });
  const values = given.model === model ? given.values : {};
  useEffect(() => void loadSettings(model), [loadSettings, model]);

  const current = (setting: ApiSettingInfo): SettingValue =>
    values[setting.key] ?? setting.presets?.[String(values.preset)] ?? setting.default;
  const wrong = settings?.find((setting) => settingProblem(setting, current(setting)) !== null);
  const blocked = !settings
    ? 'Reading the settings'
    : wrong
      ? `${wrong.label}: ${settingProblem(wrong, current(wrong))}`
      : !/^\d+$/.test(seed)
        ? 'The seed is a whole number'
        : busy
          ? 'One run trains at a time'
          : null;
  return {
    settings,
    name,
    seed,
    device,
    epochs: Number(values.epochs ?? settings?.find(({ key }) => key === 'epochs')?.default ?? 0),
    current,
    set: (key, value) => setGiven({ model, values: { ...values, [key]: value } }),
    setName,
    setSeed,
    setDevice,
    blocked,
    config: () => ({
      ...(name.trim() && { name: name.trim() }),
      seed: Number(seed),
      device,
      settings: values,
    }),
  };
}

/** By the pace of the last finished run, where there is one. */
export function estimate(runs: readonly ApiRunInfo[], epochs: number): string {
  const last = runs.findLast((run) => run.status === 'finished');
  const planned = last && plannedEpochs(last);
  return last && planned ? `, about ${duration((last.seconds / planned) * epochs)}` : '';
}
