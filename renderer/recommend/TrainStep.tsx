import { FileOutput, Gauge, Play, Plus, Square, Trash2, X } from 'lucide-react';
import { useState } from 'react';
import type { ApiJobState, ApiRecommender, ApiRunInfo } from '../api/types.ts';
import { pickPath } from '../files/dialogs.ts';
import { duration } from '../format/format.ts';
import { Bar } from '../shell/Bar.tsx';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { StageLine } from '../shell/StageLine.tsx';
import { jobOfRun, jobShare, useJobs } from '../stores/jobs.ts';
import { runsOf, useRecommend, useSystem } from '../stores/recommend.ts';
import { useRuns } from '../stores/runs.ts';
import { ExportResult } from '../train/ExportResult.tsx';
import { configOf } from '../train/figures.ts';
import { AskDelete, RUN_STATUS, RunName, RunSettings, TrainingProgress } from '../train/RunCard.tsx';
import { evaluateRun } from './evaluate.ts';
import type { Learns } from './learns.ts';
import { RecommenderCurves } from './RecommenderCurves.tsx';
import { RecommenderForm } from './RecommenderForm.tsx';
import { RunList } from './RunList.tsx';
import type { RecommenderEntry } from './systems.ts';

interface TrainStepProps {
  info: ApiRecommender;
  entry: RecommenderEntry;
  learns: Learns;
  run: ApiRunInfo | null;
}

export function TrainStep({ info, entry, learns, run }: TrainStepProps) {
  const { formOpen } = useSystem(info.id);
  const openForm = (open: boolean) => useRecommend.getState().patch(info.id, { formOpen: open });
  const hasRuns = useRuns((state) => runsOf(state.runs, info.id).length > 0);
  const showsForm = formOpen || !hasRuns;
  return (
    <div className="train-page">
      <section className="train-left scroll" aria-label={showsForm ? 'New run' : 'Run'} data-region="Run">
        {showsForm ? (
          <RecommenderForm
            info={info}
            entry={entry}
            learns={learns}
            {...(hasRuns && { cancel: () => openForm(false) })}
          />
        ) : (
          run && <RecommenderRun key={run.id} run={run} id={info.id} />
        )}
      </section>
      <section className="train-right scroll" aria-label="Runs" data-region="Runs">
        <div className="spread recommend-runs-head">
          <span className="grow" />
          <button type="button" className="button" disabled={showsForm} onClick={() => openForm(true)}>
            <Plus size={14} aria-hidden /> New run
          </button>
        </div>
        <RunList info={info} />
      </section>
    </div>
  );
}

function RecommenderRun({ run, id }: { run: ApiRunInfo; id: string }) {
  const job = useJobs((state) => jobOfRun(state.jobs, run.id));
  const { label, tone } = RUN_STATUS[run.status];
  const { seed } = configOf(run);
  return (
    <>
      <section className="run-head">
        <div className="row">
          <RunName run={run} />
          <span className={`tag ${tone}`}>{label}</span>
          <Actions run={run} job={job} id={id} />
        </div>
        {job?.kind === 'train' && <TrainingProgress job={job} run={run} />}
        <p className="secondary">
          {[
            job?.kind !== 'train' && run.seconds > 0 && `trained in ${duration(run.seconds)}`,
            run.device,
            seed !== undefined && `seed ${seed}`,
            learnedFrom(run),
          ]
            .filter(Boolean)
            .join(' · ')}
        </p>
        {job && job.kind !== 'train' && (
          <>
            <Bar share={jobShare(job)} label={job.title} />
            <StageLine {...job} />
          </>
        )}
        {run.error && <ProblemNote problem={run.error} />}
        <ExportResult runId={run.id} />
      </section>
      <RecommenderCurves run={run} />
      <RunSettings run={run} />
    </>
  );
}

function learnedFrom(run: ApiRunInfo): string {
  const { interactions } = run.config as { interactions?: { data: string; edges: string } };
  return interactions ? `learned from ${interactions.data} · ${interactions.edges}` : '';
}

function Actions({ run, job, id }: { run: ApiRunInfo; job: ApiJobState | undefined; id: string }) {
  const [asking, setAsking] = useState(false);
  const runs = useRuns.getState();
  const exportOnnx = async () => {
    const path = await pickPath('export', `${run.name}.onnx`);
    if (path) await runs.exportOnnx(run.id, path);
  };
  return (
    <span className="row run-actions">
      {job?.kind === 'train' && (
        <>
          <button type="button" className="button" onClick={() => void runs.stop(run.id)}>
            <Square size={12} aria-hidden /> Stop, keep best
          </button>
          <button type="button" className="button" onClick={() => void useJobs.getState().cancel(job.id)}>
            <X size={14} aria-hidden /> Cancel
          </button>
        </>
      )}
      {!job && (run.status === 'interrupted' || run.status === 'failed') && (
        <button type="button" className="button primary" onClick={() => void runs.resume(run.id)}>
          <Play size={13} aria-hidden /> Resume
        </button>
      )}
      {!job && run.status === 'finished' && (
        <>
          <button
            type="button"
            className={run.ranking ? 'button' : 'button primary'}
            onClick={() => {
              useRecommend.getState().go(id, 'Judge');
              if (!run.ranking) void evaluateRun(run.id);
            }}
          >
            <Gauge size={14} aria-hidden /> Judge
          </button>
          <button type="button" className="button" onClick={() => void exportOnnx()}>
            <FileOutput size={14} aria-hidden /> Export ONNX
          </button>
        </>
      )}
      {!job && (
        <button
          type="button"
          className="button icon plain"
          aria-label={`Delete ${run.name}`}
          title="Delete run"
          onClick={() => setAsking(true)}
        >
          <Trash2 size={14} aria-hidden />
        </button>
      )}
      {asking && <AskDelete run={run} close={() => setAsking(false)} />}
    </span>
  );
}
