import type { ApiSettingInfo } from '../api/types.ts';
import { useProject } from '../stores/project.ts';
import type { Device, RunDraft } from './runDraft.ts';
import { SettingField } from './SettingField.tsx';

export function NameAndSeed({ draft }: { draft: RunDraft }) {
  return (
    <>
      <label className="field">
        <span className="label">Name</span>
        <input
          className="input"
          value={draft.name}
          placeholder="Given by number"
          data-autofocus
          onChange={(event) => draft.setName(event.target.value)}
        />
      </label>
      <label className="field">
        <span className="label">Seed</span>
        <input
          className="input"
          inputMode="numeric"
          value={draft.seed}
          onChange={(event) => draft.setSeed(event.target.value)}
        />
      </label>
    </>
  );
}

export function DeviceField({ draft }: { draft: RunDraft }) {
  const devices = useProject((state) => state.devices);
  const preferred = devices?.find((candidate) => candidate.preferred);
  return (
    <label className="field">
      <span className="label">Device</span>
      <select
        className="input"
        value={draft.device}
        onChange={(event) => draft.setDevice(event.target.value as Device)}
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
  );
}

/** Those that decide most first, the rest under "More settings". */
export function SettingsFields({ draft, main }: { draft: RunDraft; main: ReadonlySet<string> }) {
  const { settings } = draft;
  if (!settings) return null;
  const field = (setting: ApiSettingInfo) => (
    <SettingField
      key={setting.key}
      setting={setting}
      value={draft.current(setting)}
      change={(value) => draft.set(setting.key, value)}
    />
  );
  const rest = settings.filter(({ key }) => !main.has(key));
  return (
    <>
      <div className="form-grid">{settings.filter(({ key }) => main.has(key)).map(field)}</div>
      {rest.length > 0 && (
        <details className="more-settings">
          <summary>More settings ({rest.length})</summary>
          <div className="form-grid">{rest.map(field)}</div>
        </details>
      )}
    </>
  );
}
