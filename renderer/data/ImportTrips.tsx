import { ArrowLeft, ArrowRight, Check, File, X } from 'lucide-react';
import { Fragment } from 'react';
import type { GpsPreview, TripPreview } from '../api/types.ts';
import { pickPath } from '../files/dialogs.ts';
import { bytes, fileName } from '../format/format.ts';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { Waiting } from '../shell/Waiting.tsx';
import { type FileImport, STEPS, type Step } from '../stores/fileImport.ts';
import { type GpsMapping, type TrafficKind, useGpsImport, useTrafficImport } from '../stores/gpsImport.ts';
import { useJobs } from '../stores/jobs.ts';
import { useShell } from '../stores/shell.ts';
import { type TripMapping, useTripImport } from '../stores/tripImport.ts';
import { CheckStep } from './CheckStep.tsx';
import { ColumnsStep } from './ColumnsStep.tsx';
import { GPS_FIELDS, TRIP_FIELDS } from './fields.ts';
import { GpsCheck } from './GpsCheck.tsx';
import { FileRow } from './ImportRoads.tsx';
import { ImportStep } from './ImportStep.tsx';

type AnyImport = FileImport<TripMapping, TripPreview> | FileImport<GpsMapping, GpsPreview>;

/** File → Columns → Check → Import, for trips and GPS points; nothing is written before the last step. */
export function ImportTrips() {
  const kind = useTrafficImport((state) => state.kind);
  const trips = useTripImport();
  const gps = useGpsImport();
  const current: AnyImport = kind === 'gps' ? gps : trips;
  const { step, path, preview, problem, loading, jobId } = current;
  const running = useJobs((state) =>
    state.jobs.some((job) => job.id === jobId && job.status !== 'failed' && job.status !== 'cancelled'),
  );
  const form = kind === 'gps' ? { ...gps, fields: GPS_FIELDS } : { ...trips, fields: TRIP_FIELDS };
  return (
    <>
      <header className="tab-header">
        <h1>{kind === 'gps' ? 'Import GPS points' : 'Import trips'}</h1>
        {path && (
          <span className="row import-file">
            <File size={13} aria-hidden /> {fileName(path)}
            {preview && ` · ${bytes(preview.sizeBytes)}`}
          </span>
        )}
        <Steps current={current} />
        <button
          type="button"
          className="button icon plain"
          aria-label="Back to data"
          onClick={() => {
            if (running) useTrafficImport.getState().clear();
            useShell.getState().openDataPage('overview');
          }}
        >
          <X size={16} aria-hidden />
        </button>
      </header>
      <div className="import-page">
        {(problem || (loading && !preview)) && (
          <div className="import-problem">
            {problem && <ProblemNote problem={problem} />}
            {loading && !preview && <Waiting what="Reading the first rows" since={loading.since} />}
          </div>
        )}
        {step === 'File' && <FileStep path={path} />}
        {step === 'Columns' && preview && (
          <ColumnsStep
            form={form}
            preview={preview}
            figures={kind === 'gps' ? null : trips.preview}
            kind={<KindRow kind={kind} />}
          />
        )}
        {step === 'Check' && kind === 'trips' && trips.preview && <CheckStep preview={trips.preview} />}
        {step === 'Check' && kind === 'gps' && gps.preview && <GpsCheck preview={gps.preview} />}
        {step === 'Import' && preview && (
          <ImportStep
            form={form}
            path={path}
            sizeBytes={preview.sizeBytes}
            jobId={jobId}
            retry={current.retry}
          />
        )}
      </div>
      {!jobId && <Footer current={current} kind={kind} />}
    </>
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

function Steps({ current: { step: currentStep, go, preview, jobId } }: { current: AnyImport }) {
  const at = STEPS.indexOf(currentStep);
  return (
    <nav className="steps-nav" aria-label="Steps of the import">
      <ol>
        {STEPS.map((step, i) => (
          <Fragment key={step}>
            {i > 0 && <li className="steps-line" aria-hidden />}
            <li>
              <button
                type="button"
                className={i < at ? 'step done' : 'step'}
                aria-current={i === at ? 'step' : undefined}
                disabled={i > at || jobId !== null || (i > 0 && !preview)}
                onClick={() => go(step)}
              >
                <span className="step-mark">{i < at ? <Check size={11} aria-label="done" /> : i + 1}</span>
                {step}
              </button>
            </li>
          </Fragment>
        ))}
      </ol>
    </nav>
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
          hint="Trips in CSV, or GPS points in CSV, GPX or GeoJSON; gzip too"
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

const BACK: Partial<Record<Step, Step>> = { Columns: 'File', Check: 'Columns', Import: 'Check' };
const NEXT: Partial<Record<Step, Step>> = { File: 'Columns', Columns: 'Check', Check: 'Import' };

function Footer({ current, kind }: { current: AnyImport; kind: TrafficKind }) {
  const { step, go, loading } = current;
  const [back, next] = [BACK[step], NEXT[step]];
  const block = next ? blockOf(current) : null;
  return (
    <footer className="import-foot">
      {back && (
        <button type="button" className="button" onClick={() => go(back)}>
          <ArrowLeft size={14} aria-hidden /> {back}
        </button>
      )}
      <span className="secondary">Nothing is written to the project until the last step.</span>
      <span className="grow" />
      {block && <span className="import-block">{block}</span>}
      {next ? (
        <button
          type="button"
          className="button primary"
          disabled={block !== null || loading !== null}
          onClick={() => go(next)}
        >
          {next} <ArrowRight size={14} aria-hidden />
        </button>
      ) : (
        <button type="button" className="button primary" onClick={() => void current.start()}>
          {kind === 'gps' ? 'Match and import' : 'Import trips'}
        </button>
      )}
    </footer>
  );
}
