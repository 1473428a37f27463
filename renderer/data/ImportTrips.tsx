import { ArrowLeft, ArrowRight, Check, File, X } from 'lucide-react';
import { Fragment } from 'react';
import { pickPath } from '../files/dialogs.ts';
import { bytes, fileName } from '../format/format.ts';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { Waiting } from '../shell/Waiting.tsx';
import { useJobs } from '../stores/jobs.ts';
import { useShell } from '../stores/shell.ts';
import { STEPS, type Step, useTripImport } from '../stores/tripImport.ts';
import { CheckStep } from './CheckStep.tsx';
import { ColumnsStep } from './ColumnsStep.tsx';
import { FIELDS } from './fields.ts';
import { FileRow } from './ImportRoads.tsx';
import { ImportStep } from './ImportStep.tsx';

/** File → Columns → Check → Import; nothing is written before the last step. */
export function ImportTrips() {
  const { step, path, preview, problem, loading, jobId } = useTripImport();
  const running = useJobs((state) =>
    state.jobs.some((job) => job.id === jobId && job.status !== 'failed' && job.status !== 'cancelled'),
  );
  return (
    <>
      <header className="tab-header">
        <h1>Import trips</h1>
        {path && (
          <span className="row import-file">
            <File size={13} aria-hidden /> {fileName(path)}
            {preview && ` · ${bytes(preview.sizeBytes)}`}
          </span>
        )}
        <Steps current={step} />
        <button
          type="button"
          className="button icon plain"
          aria-label="Back to data"
          onClick={() => {
            if (running) useTripImport.getState().clear();
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
        {step === 'File' && <FileStep />}
        {step === 'Columns' && preview && <ColumnsStep preview={preview} />}
        {step === 'Check' && preview && <CheckStep preview={preview} />}
        {step === 'Import' && preview && <ImportStep preview={preview} />}
      </div>
      {!jobId && <Footer />}
    </>
  );
}

function Steps({ current }: { current: Step }) {
  const { go, preview, jobId } = useTripImport();
  const at = STEPS.indexOf(current);
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

function FileStep() {
  const { path, choose } = useTripImport();
  const chooseFile = async () => {
    const chosen = await pickPath('trips');
    if (chosen) await choose(chosen);
  };
  return (
    <div className="data-page scroll">
      <div className="import-narrow">
        <FileRow
          label="Trip file"
          path={path}
          hint="CSV, plain or gzip: one trip a row"
          choose={() => void chooseFile()}
        />
        <p className="secondary">
          A row needs a departure time, the driven segments in order and the total seconds; seconds per
          segment help where they are known. Columns are matched in the next step.
        </p>
      </div>
    </div>
  );
}

/** What keeps the user from the next step, or null. */
function blockOf(step: Step, state: ReturnType<typeof useTripImport.getState>): string | null {
  const { preview, path } = state;
  if (!path || !preview) return 'Choose a file first';
  const missing = preview.missing[0];
  if (missing !== undefined) return `Still without a column: ${labelOf(missing)}`;
  if (step !== 'File' && preview.rows.length === 0) return 'The file has no rows';
  if (step === 'Check' && preview.problems.length === preview.rows.length)
    return 'Every row read would be left out: look at the columns again';
  return null;
}

const labelOf = (field: string): string =>
  FIELDS.find((known) => known.key === field)?.label.toLowerCase() ?? field;

const BACK: Partial<Record<Step, Step>> = { Columns: 'File', Check: 'Columns', Import: 'Check' };
const NEXT: Partial<Record<Step, Step>> = { File: 'Columns', Columns: 'Check', Check: 'Import' };

function Footer() {
  const state = useTripImport();
  const { step, go, loading } = state;
  const [back, next] = [BACK[step], NEXT[step]];
  const block = next ? blockOf(step, state) : null;
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
        <button type="button" className="button primary" onClick={() => void state.start()}>
          Import trips
        </button>
      )}
    </footer>
  );
}
