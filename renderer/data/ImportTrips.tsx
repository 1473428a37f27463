import { action } from '../actions/actions.ts';
import type { GpsPreview, TripPreview } from '../api/types.ts';
import { pickPath } from '../files/dialogs.ts';
import type { FileImport } from '../stores/fileImport.ts';
import { type GpsMapping, type TrafficKind, useGpsImport, useTrafficImport } from '../stores/gpsImport.ts';
import { useShell } from '../stores/shell.ts';
import { type TripMapping, useTripImport } from '../stores/tripImport.ts';
import { CheckStep } from './CheckStep.tsx';
import { ColumnsStep } from './ColumnsStep.tsx';
import { factsOf, GPS_FIELDS, TRIP_FIELDS } from './fields.ts';
import { GpsCheck } from './GpsCheck.tsx';
import { ImportPage } from './ImportPage.tsx';
import { FileRow } from './ImportRoads.tsx';
import { ImportStep } from './ImportStep.tsx';
import { LastReport } from './JobOutcome.tsx';

type AnyImport = FileImport<TripMapping, TripPreview> | FileImport<GpsMapping, GpsPreview>;

/** File → Columns → Check → Import, for trips and GPS points; nothing is written before the last step. */
export function ImportTrips() {
  const kind = useTrafficImport((state) => state.kind);
  const clear = useTrafficImport((state) => state.clear);
  const trips = useTripImport();
  const gps = useGpsImport();
  const current: AnyImport = kind === 'gps' ? gps : trips;
  const { step, path, preview } = current;
  const form = kind === 'gps' ? { ...gps, fields: GPS_FIELDS } : { ...trips, fields: TRIP_FIELDS };
  return (
    <ImportPage
      title={kind === 'gps' ? 'Import GPS points' : 'Import trips'}
      {...(kind === 'gps' && { startLabel: 'Match and import' })}
      state={{ ...current, clear }}
      block={blockOf(current)}
    >
      {step === 'File' && <FileStep path={path} />}
      {step === 'Columns' && preview && (
        <ColumnsStep
          form={form}
          preview={preview}
          figures={kind === 'gps' ? null : trips.preview}
          kind={<KindRow kind={kind} />}
        />
      )}
      {step === 'Check' && kind === 'trips' && trips.preview && (
        <CheckStep preview={trips.preview} choice={trips} />
      )}
      {step === 'Check' && kind === 'gps' && gps.preview && <GpsCheck preview={gps.preview} choice={gps} />}
      {step === 'Import' && preview && (
        <ImportStep facts={factsOf(form)} sizeBytes={preview.sizeBytes} current={current}>
          <Done />
        </ImportStep>
      )}
    </ImportPage>
  );
}

const KINDS: readonly (readonly [TrafficKind, string])[] = [
  ['trips', 'Trips'],
  ['gps', 'GPS points'],
];

/** What the file was taken for, and the other choice. */
function KindRow({ kind }: { kind: TrafficKind }) {
  return (
    <div className="spread import-kind">
      <span className="secondary">A row is one of</span>
      <div className="segmented">
        {KINDS.map(([value, label]) => (
          <button
            key={value}
            type="button"
            aria-pressed={kind === value}
            onClick={() => void useTrafficImport.getState().setKind(value)}
          >
            {label}
          </button>
        ))}
      </div>
    </div>
  );
}

function FileStep({ path }: { path: string | null }) {
  const chooseFile = async () => {
    const chosen = await pickPath('trips');
    if (chosen) await useTrafficImport.getState().choose(chosen);
  };
  return (
    <div className="data-page scroll">
      <div className="import-narrow">
        <FileRow
          label="Trip file"
          path={path}
          hint="Trips or GPS points in CSV, JSON Lines or Parquet; GPX and GeoJSON; gzip too"
          choose={() => void chooseFile()}
        />
        <p className="secondary">
          A trip needs a departure time, the driven segments in order and the total seconds; seconds per
          segment help where they are known. GPS points need a time, latitude and longitude: they are matched
          to the roads, and give trips with the seconds on each segment. Columns are matched in the next step.
        </p>
      </div>
    </div>
  );
}

/** What keeps the user from the next step, or null. */
function blockOf({ step, preview, path }: AnyImport): string | null {
  if (!path || !preview) return 'Choose a file first';
  const missing = preview.missing[0];
  if (missing !== undefined) return `Still without a column: ${labelOf(missing)}`;
  if (step !== 'File' && preview.rows.length === 0) return 'The file has no rows';
  if (step !== 'Check') return null;
  if (preview.problems.length === preview.rows.length)
    return 'Every row read would be left out: look at the columns again';
  if ('sample' in preview && preview.sample?.quality.matchedShare === 0)
    return 'None of the points read lies near a road: look at the columns again';
  return null;
}

const labelOf = (field: string): string =>
  [...TRIP_FIELDS, ...GPS_FIELDS].find((known) => known.key === field)?.label.toLowerCase() ?? field;

function Done() {
  const clear = useTrafficImport((state) => state.clear);
  const then = (run: () => void) => () => {
    clear();
    run();
  };
  return (
    <>
      <LastReport kind="trips" />
      <div className="row">
        <button type="button" className="button primary" onClick={then(() => action('train.new').run())}>
          Train a run
        </button>
        <button type="button" className="button" onClick={then(() => useShell.getState().go('map'))}>
          See the map
        </button>
        <button type="button" className="button" onClick={clear}>
          Import more trips
        </button>
      </div>
    </>
  );
}
