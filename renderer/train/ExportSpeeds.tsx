import { useState } from 'react';
import type { ApiRunInfo, ApiSpeedExport } from '../api/types.ts';
import { FileRow } from '../data/ImportRoads.tsx';
import { pickPath } from '../files/dialogs.ts';
import { useRuns } from '../stores/runs.ts';

const ENGINES: Record<ApiSpeedExport['format'], string> = {
  valhalla: 'Valhalla: historical speeds',
  osrm: 'OSRM: speed file',
};
const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const HOUR_BINS = 12;
const DAY_BINS = 24 * HOUR_BINS;

/** A run's weekly speeds as a file for another routing engine. */
export function ExportSpeeds({ run, close }: { run: ApiRunInfo; close(): void }) {
  const [format, setFormat] = useState<ApiSpeedExport['format']>('valhalla');
  const [waysPath, setWaysPath] = useState<string | null>(null);
  const [day, setDay] = useState<number | null>(null);
  const [hour, setHour] = useState(8);
  const blocked = format === 'valhalla' && !waysPath ? 'Choose way_edges.txt first' : null;

  const chooseWays = async () => {
    const path = await pickPath('ways');
    if (path) setWaysPath(path);
  };
  const start = async () => {
    const path = await pickPath('speeds', `${run.name}-${format}.csv`);
    if (!path) return;
    const begun = await useRuns.getState().exportSpeeds({
      format,
      path,
      source: run.id,
      ...(format === 'valhalla' && waysPath && { waysPath }),
      ...(format === 'osrm' && day !== null && { bin: day * DAY_BINS + hour * HOUR_BINS }),
    });
    if (begun) close();
  };

  return (
    <form
      className="export-speeds"
      aria-label={`Export speeds of ${run.name}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (!blocked) void start();
      }}
    >
      <label className="field">
        <span className="label">For</span>
        <select
          className="input"
          value={format}
          data-autofocus
          onChange={(event) => setFormat(event.target.value as ApiSpeedExport['format'])}
        >
          {Object.entries(ENGINES).map(([engine, label]) => (
            <option key={engine} value={engine}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {format === 'valhalla' ? (
        <FileRow
          label="Edges of ways"
          path={waysPath}
          hint="way_edges.txt, from valhalla_ways_to_edges"
          choose={() => void chooseWays()}
        />
      ) : (
        <div className="row">
          <label className="field grow">
            <span className="label">Speeds of</span>
            <select
              className="input"
              value={day ?? ''}
              onChange={(event) => setDay(event.target.value === '' ? null : Number(event.target.value))}
            >
              <option value="">7 to 19 o’clock, all days</option>
              {DAYS.map((name, index) => (
                <option key={name} value={index}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          {day !== null && (
            <label className="field">
              <span className="label">At</span>
              <select
                className="input"
                value={hour}
                onChange={(event) => setHour(Number(event.target.value))}
              >
                {Array.from({ length: 24 }, (_, at) => `${String(at).padStart(2, '0')}:00`).map(
                  (label, at) => (
                    <option key={label} value={at}>
                      {label}
                    </option>
                  ),
                )}
              </select>
            </label>
          )}
        </div>
      )}
      <div className="row">
        <button
          type="submit"
          className="button primary"
          disabled={blocked !== null}
          title={blocked ?? undefined}
        >
          Export speeds
        </button>
        <button type="button" className="button plain" onClick={close}>
          Cancel
        </button>
        {blocked && <span className="secondary">{blocked}</span>}
      </div>
    </form>
  );
}
