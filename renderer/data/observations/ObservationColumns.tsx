import type { ObservationPreview } from '../../api/types.ts';
import { pickPath } from '../../files/dialogs.ts';
import { count, fileName, fixed } from '../../format/format.ts';
import { useObservationImport } from '../../stores/observationImport.ts';
import { useProject } from '../../stores/project.ts';
import { ColumnRow, FieldRow, ZoneRow } from '../FieldRows.tsx';
import { PreviewTable } from '../PreviewTable.tsx';
import { COLUMN_FIELDS, columnLabel, UNITS, unitReason } from './fields.ts';
import { SpeedHistogram } from './SpeedHistogram.tsx';

/** Which column holds what, in which unit and how often, beside the rows as they will be read. */
export function ObservationColumns({ preview }: { preview: ObservationPreview }) {
  const state = useObservationImport();
  const { setMapping, timeZone, setTimeZone } = state;
  const { suggested } = preview;
  const matrix = suggested.layout === 'detectors';
  return (
    <div className="columns-step">
      <section className="columns-fields scroll" aria-label="Match columns" data-region="Columns">
        <h2>How the file is read</h2>
        <div className="columns-layout segmented">
          <button type="button" aria-pressed={!matrix} onClick={() => setMapping({ layout: 'segments' })}>
            Row per segment
          </button>
          <button type="button" aria-pressed={matrix} onClick={() => setMapping({ layout: 'detectors' })}>
            Column per sensor
          </button>
        </div>
        {COLUMN_FIELDS.filter(({ key }) => !matrix || key === 'time').map(({ key, label, kind }) => (
          <ColumnRow
            key={key}
            label={label}
            kind={kind}
            value={suggested[key]}
            missing={preview.missing.includes(key)}
            preview={preview}
            choose={(column) => setMapping({ [key]: column })}
          />
        ))}
        {matrix && <SensorRows preview={preview} />}
        {!suggested.seconds && <UnitRow preview={preview} />}
        <StepRow preview={preview} />
        <ZoneRow timeZone={timeZone} setTimeZone={setTimeZone} />
      </section>
      <section className="columns-preview scroll" aria-label="Preview" data-region="Preview">
        <PreviewTable preview={preview} labelOf={(column) => columnLabel(preview, column)} choice={state} />
        <SpeedHistogram preview={preview} />
      </section>
    </div>
  );
}

function UnitRow({ preview }: { preview: ObservationPreview }) {
  const { setMapping } = useObservationImport();
  return (
    <FieldRow id="speed-unit" label="Unit" kind="of the speeds" note={unitReason(preview)}>
      <select
        id="speed-unit"
        className="input"
        value={preview.suggested.unit}
        onChange={(event) => setMapping({ unit: UNITS.find((unit) => unit === event.target.value) })}
      >
        {UNITS.map((unit) => (
          <option key={unit}>{unit}</option>
        ))}
      </select>
    </FieldRow>
  );
}

function StepRow({ preview }: { preview: ObservationPreview }) {
  const { setMapping, choices } = useObservationImport();
  const { stepS } = preview.suggested;
  const missing = preview.missing.includes('stepS');
  return (
    <FieldRow
      id="interval"
      label="Interval"
      kind="minutes"
      bad={missing}
      note={
        missing
          ? 'Give the minutes from one value to the next'
          : choices.stepS
            ? 'As you say'
            : 'Smallest step between the times read'
      }
    >
      <input
        id="interval"
        className="input mono"
        type="number"
        min={0.1}
        step="any"
        defaultValue={stepS ? stepS / 60 : ''}
        aria-invalid={missing}
        onChange={(event) => {
          const minutes = Number(event.target.value);
          setMapping({ stepS: minutes > 0 ? minutes * 60 : undefined });
        }}
      />
    </FieldRow>
  );
}

/** What a matrix needs besides: when it begins, and where its sensors are. */
function SensorRows({ preview }: { preview: ObservationPreview }) {
  const { setMapping } = useObservationImport();
  const hasRoads = useProject(({ project }) => (project?.segments ?? 0) > 0);
  const { suggested, missing, sensors } = preview;
  return (
    <>
      {!suggested.time && (
        <FieldRow
          id="first-row"
          label="First row at"
          kind="date and time"
          bad={missing.includes('start')}
          note={
            missing.includes('start') ? 'Give the time of the first row' : 'The rest follow by the interval'
          }
        >
          <input
            id="first-row"
            className="input mono"
            type="datetime-local"
            value={suggested.start ?? ''}
            aria-invalid={missing.includes('start')}
            onChange={(event) => setMapping({ start: event.target.value || undefined })}
          />
        </FieldRow>
      )}
      <FileField
        id="positions"
        label="Sensor positions"
        kind="table"
        path={suggested.positions}
        bad={missing.includes('positions')}
        note={sensors ? sensorNote(sensors, hasRoads) : 'Columns sensor_id, latitude, longitude'}
        choose={(positions) => setMapping({ positions })}
      />
      {!hasRoads && (
        <FileField
          id="adjacency"
          label="Adjacency"
          kind="matrix, optional"
          path={suggested.adjacency}
          note={
            suggested.adjacency
              ? 'Makes the turns of the sensor network'
              : 'Without it no sensor is connected to another'
          }
          choose={(adjacency) => setMapping({ adjacency })}
        />
      )}
      {hasRoads && (
        <FieldRow
          id="max-distance"
          label="Distance"
          kind="metres at most"
          note="A sensor further from a road is left out"
        >
          <input
            id="max-distance"
            className="input mono"
            type="number"
            min={0}
            defaultValue={suggested.maxDistanceM}
            onChange={(event) =>
              setMapping({ maxDistanceM: event.target.value === '' ? undefined : Number(event.target.value) })
            }
          />
        </FieldRow>
      )}
    </>
  );
}

interface FileFieldProps {
  id: string;
  label: string;
  kind: string;
  path: string | null | undefined;
  bad?: boolean;
  note: string;
  choose(path: string): void;
}

function FileField({ id, label, kind, path, bad = false, note, choose }: FileFieldProps) {
  const pick = async () => {
    const chosen = await pickPath('observations');
    if (chosen) choose(chosen);
  };
  return (
    <FieldRow id={id} label={label} kind={kind} bad={bad} absent={!path} note={note}>
      <button id={id} type="button" className="button file-field ellipsis" onClick={() => void pick()}>
        {path ? fileName(path) : 'Choose file'}
      </button>
    </FieldRow>
  );
}

function sensorNote(sensors: NonNullable<ObservationPreview['sensors']>, hasRoads: boolean): string {
  if (!hasRoads) return `${count(sensors.matched)} sensors become the network`;
  const left = sensors.leftOut.length > 0 ? `, ${count(sensors.leftOut.length)} too far away` : '';
  return `${count(sensors.matched)} on roads, ${fixed(sensors.medianM)} m away in the median, ${fixed(sensors.farthestM)} m at most${left}`;
}
