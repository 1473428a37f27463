import { z } from 'zod';
import { bytes, counted } from '../format/format.ts';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { useJobs } from '../stores/jobs.ts';

/** What an export job hands back; the contract leaves a job's result open. */
const exportReport = z.object({
  path: z.string(),
  bytes: z.number(),
  maxRelativeDifference: z.number(),
  checked: z.number(),
});

/** What became of the newest export of a run: where the file is and how its check went. */
export function ExportResult({ runId }: { runId: number }) {
  const job = useJobs((state) =>
    state.jobs.findLast((other) => other.kind === 'export' && other.runId === runId),
  );
  if (job?.status === 'failed' && job.error) return <ProblemNote problem={job.error} />;
  if (job?.status !== 'done') return null;
  const report = exportReport.safeParse(job.result);
  if (!report.success) return null;
  const { path, bytes: size, maxRelativeDifference, checked } = report.data;
  return (
    <p className="export-result" role="status">
      <b>Exported and checked.</b> <span className="mono">{path}</span>, {bytes(size)}. Run by plain ONNX
      Runtime on {counted(checked, 'batch', 'batches')}, it differs from the engine by at most{' '}
      {maxRelativeDifference.toExponential(1).replace('-', '−')} (relative).
    </p>
  );
}
