import { Gauge, Plus } from 'lucide-react';
import type { ApiRecommender, ApiRunInfo } from '../api/types.ts';
import { duration } from '../format/format.ts';
import { Bar } from '../shell/Bar.tsx';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { StageLine } from '../shell/StageLine.tsx';
import { jobOfRun, jobShare, useJobs } from '../stores/jobs.ts';
import { runsOf, useRecommend, useSystem } from '../stores/recommend.ts';
import { useRuns } from '../stores/runs.ts';
import { ExportResult } from '../train/ExportResult.tsx';
import { configOf } from '../train/figures.ts';
import {
  ExportOnnx,
  RUN_STATUS,
  RunActions,
  RunName,
  RunSettings,
  TrainingProgress,
} from '../train/RunCard.tsx';
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
          <RunActions run={run} job={job}>
            <JudgeButton run={run} id={id} />
            <ExportOnnx run={run} label="Export ONNX" />
          </RunActions>
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

function JudgeButton({ run, id }: { run: ApiRunInfo; id: string }) {
  return (
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
  );
}
