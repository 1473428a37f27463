import { FileOutput, List, Waypoints } from 'lucide-react';
import { api } from '../api/connection.ts';
import type { ApiJobState, ApiRecommender, ApiRunInfo } from '../api/types.ts';
import { pickPath } from '../files/dialogs.ts';
import { counted } from '../format/format.ts';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { ProgressBox } from '../shell/ProgressBox.tsx';
import { isOpen, useJobs } from '../stores/jobs.ts';
import { useSystem } from '../stores/recommend.ts';
import { useRuns } from '../stores/runs.ts';
import { ExportResult } from '../train/ExportResult.tsx';
import { starting } from './evaluate.ts';

const KINDS: readonly ApiJobState['kind'][] = ['recommend-all', 'export-embeddings', 'export'];

/** What a trained run gives away as files. */
export function Exports({ info, run }: { info: ApiRecommender; run: ApiRunInfo }) {
  const { asking } = useSystem(info.id);
  const job = useJobs((state) =>
    state.jobs.findLast((other) => other.runId === run.id && KINDS.includes(other.kind)),
  );
  const busy = job !== undefined && isOpen(job);
  const lists = async () => {
    const path = await pickPath('lists', `${run.name}-lists.csv`);
    if (path) await starting(() => api().recommenders.askAll({ runId: run.id, path, count: asking.count }));
  };
  const embeddings = async () => {
    const path = await pickPath('embeddings', `${run.name}-embeddings.csv`);
    if (path) await starting(() => api().recommenders.exportEmbeddings({ runId: run.id, path }));
  };
  const onnx = async () => {
    const path = await pickPath('export', `${run.name}.onnx`);
    if (path) await useRuns.getState().exportOnnx(run.id, path);
  };
  return (
    <section className="recommend-exports" aria-label="Files">
      <h2>Files</h2>
      <div className="row">
        <button type="button" className="button" disabled={busy} onClick={() => void lists()}>
          <List size={14} aria-hidden /> For everyone, {counted(asking.count, 'item')} each
        </button>
        <button type="button" className="button" disabled={busy} onClick={() => void embeddings()}>
          <Waypoints size={14} aria-hidden /> Embeddings
        </button>
        <button type="button" className="button" disabled={busy} onClick={() => void onnx()}>
          <FileOutput size={14} aria-hidden /> ONNX
        </button>
        <span className="note">CSV or Parquet, by the file’s ending</span>
      </div>
      {busy && <ProgressBox {...job} cancel={() => void useJobs.getState().cancel(job.id)} />}
      {job?.status === 'failed' && job.kind !== 'export' && job.error && <ProblemNote problem={job.error} />}
      {job?.status === 'cancelled' && <p className="secondary">Cancelled: nothing was written.</p>}
      {job?.kind === 'export' ? (
        <ExportResult runId={run.id} />
      ) : (
        job?.status === 'done' && <Written job={job} />
      )}
    </section>
  );
}

function Written({ job: { kind, result } }: { job: ApiJobState }) {
  if (typeof result !== 'object' || result === null) return null;
  const { path, rows } = result as { path?: unknown; rows?: unknown };
  if (typeof path !== 'string' || typeof rows !== 'number') return null;
  return (
    <p className="export-result" role="status">
      <b>{kind === 'recommend-all' ? 'Lists written.' : 'Embeddings exported.'}</b>{' '}
      <span className="mono">{path}</span>, {counted(rows, 'row')}.
    </p>
  );
}
