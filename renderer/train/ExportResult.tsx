import { bytes, counted } from '../format/format.ts';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { useJobs } from '../stores/jobs.ts';

interface ExportReport {
  path: string;
  bytes: number;
  maxRelativeDifference: number;
  checked: number;
}

/** The contract leaves a job's result open: what an export job hands back is looked at before it is shown. */
function isExportReport(result: unknown): result is ExportReport {
  if (typeof result !== 'object' || result === null) return false;
  const { path, bytes: size, maxRelativeDifference, checked } = result as Partial<ExportReport>;
  return (
    typeof path === 'string' &&
    [size, maxRelativeDifference, checked].every((value) => typeof value === 'number')
  );
}

/** What became of the newest export of a run: where the file is and how its check went. */
export function ExportResult({ runId }: { runId: number }) {
  const job = useJobs((state) =>
    state.jobs.findLast((other) => other.kind === 'export' && other.runId === runId),
  );
  if (job?.status === 'failed' && job.error) return <ProblemNote problem={job.error} />;
  if (job?.status !== 'done') return null;
  if (!isExportReport(job.result)) return null;
  const { path, bytes: size, maxRelativeDifference, checked } = job.result;
  return (
    <p className="export-result" role="status">
      <b>Exported and checked.</b> <span className="mono">{path}</span>, {bytes(size)}. Run by plain ONNX
      Runtime on {counted(checked, 'batch', 'batches')}, it differs from the engine by at most{' '}
      {maxRelativeDifference.toExponential(1).replace('-', '−')} (relative).
    </p>
  );
}

interface SpeedReport {
  path: string;
  bytes: number;
  files: number;
  rows: number;
  segments: number;
  source: string;
  notes: string[];
}

function isSpeedReport(result: unknown): result is SpeedReport {
  if (typeof result !== 'object' || result === null) return false;
  const { path, source, notes, bytes: size, files, rows, segments } = result as Partial<SpeedReport>;
  return (
    [path, source].every((value) => typeof value === 'string') &&
    Array.isArray(notes) &&
    [size, files, rows, segments].every((value) => typeof value === 'number')
  );
}

/** What became of the newest export of a run's weekly speeds. */
export function SpeedsResult({ runId }: { runId: number }) {
  const job = useJobs((state) =>
    state.jobs.findLast((other) => other.kind === 'export-speeds' && other.runId === runId),
  );
  if (job?.status === 'failed' && job.error) return <ProblemNote problem={job.error} />;
  if (job?.status !== 'done' || !isSpeedReport(job.result)) return null;
  const { path, bytes: size, files, rows, segments, source, notes } = job.result;
  return (
    <p className="export-result" role="status">
      <b>Speeds exported.</b> <span className="mono">{path}</span>, {bytes(size)}
      {files > 1 && ` in ${counted(files, 'file')}`}: {counted(rows, 'row')} of {counted(segments, 'segment')}
      , {source}. {notes.map((note) => `${note}.`).join(' ')}
    </p>
  );
}
