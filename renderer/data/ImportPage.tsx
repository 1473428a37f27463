import { ArrowLeft, ArrowRight, Check, File, X } from 'lucide-react';
import { Fragment, type ReactNode } from 'react';
import { bytes, fileName } from '../format/format.ts';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { Waiting } from '../shell/Waiting.tsx';
import { type FileImport, STEPS } from '../stores/fileImport.ts';
import { useJobs } from '../stores/jobs.ts';
import { useShell } from '../stores/shell.ts';
import type { RowsPreview } from './fields.ts';
import { undecided } from './malformed.ts';

/** What the page of an import in steps has to know. */
export type ImportState = Pick<
  FileImport<never, { sizeBytes: number } & Pick<RowsPreview, 'problems'>>,
  'step' | 'path' | 'preview' | 'loading' | 'problem' | 'skipMalformed' | 'jobId' | 'go' | 'start' | 'clear'
>;

interface ImportPageProps {
  /** Names the last step's button, too, where that has no name of its own. */
  title: string;
  startLabel?: string;
  state: ImportState;
  /** What keeps the user from the next step, or null. */
  block: string | null;
  children: ReactNode;
}

/** An import as a page of its own: its steps, what went wrong, and the way on and back. */
export function ImportPage({ title, startLabel = title, state, block, children }: ImportPageProps) {
  const { path, preview, problem, loading, jobId, clear } = state;
  const running = useJobs(({ jobs }) =>
    jobs.some((job) => job.id === jobId && job.status !== 'failed' && job.status !== 'cancelled'),
  );
  return (
    <>
      <header className="tab-header">
        <h1>{title}</h1>
        {path && (
          <span className="row import-file">
            <File size={13} aria-hidden /> {fileName(path)}
            {preview && ` · ${bytes(preview.sizeBytes)}`}
          </span>
        )}
        <Steps state={state} />
        <button
          type="button"
          className="button icon plain"
          aria-label="Back to data"
          onClick={() => {
            if (running) clear();
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
        {children}
      </div>
      {!jobId && (
        <Footer
          startLabel={startLabel}
          state={state}
          block={block ?? (preview && undecided(preview, state))}
        />
      )}
    </>
  );
}

function Steps({ state: { step: current, go, preview, jobId } }: { state: ImportState }) {
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

function Footer({ startLabel, state, block }: Required<Omit<ImportPageProps, 'title' | 'children'>>) {
  const { step, go, loading } = state;
  const at = STEPS.indexOf(step);
  const [back, next] = [STEPS[at - 1], STEPS[at + 1]];
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
        <button
          type="button"
          className="button primary"
          disabled={block !== null}
          onClick={() => void state.start()}
        >
          {startLabel}
        </button>
      )}
    </footer>
  );
}
