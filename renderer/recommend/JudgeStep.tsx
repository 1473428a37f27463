import type { ReactNode } from 'react';
import type { ApiJobState, ApiRecommender, ApiRunInfo, StoredRanking } from '../api/types.ts';
import { count } from '../format/format.ts';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { ProgressBox } from '../shell/ProgressBox.tsx';
import { jobOfRun, useJobs } from '../stores/jobs.ts';
import { hasWeights, useRecommend } from '../stores/recommend.ts';
import { evaluateRun } from './evaluate.ts';
import { FiguresTable } from './FiguresTable.tsx';
import { verdict } from './figures.ts';
import { Groups } from './Groups.tsx';
import { JudgedFigure } from './JudgedFigure.tsx';
import { Report } from './Reports.tsx';

/** How good a run is beside its baselines, for whom it is weak, and what else its system found. */
export function JudgeStep({ info, run }: { info: ApiRecommender; run: ApiRunInfo | null }) {
  const job = useJobs((state) => (run ? jobOfRun(state.jobs, run.id) : undefined));
  const failed = useJobs((state) => lastFailure(state.jobs, run?.id));
  if (!hasWeights(run)) return <NotTrained id={info.id} what="Judging" />;
  const judging = job?.kind === 'evaluate-ranking' ? job : undefined;
  const notes = (
    <>
      {judging && (
        <div className="recommend-note">
          <ProgressBox {...judging} cancel={() => void useJobs.getState().cancel(judging.id)} />
        </div>
      )}
      {!judging && failed && (
        <div className="recommend-note">
          <ProblemNote problem={failed}>
            <button type="button" className="button small" onClick={() => void evaluateRun(run.id)}>
              Judge again
            </button>
          </ProblemNote>
        </div>
      )}
    </>
  );
  if (!run.ranking)
    return (
      <>
        {notes}
        {!judging && <NotJudged run={run} />}
      </>
    );
  return (
    <>
      {notes}
      <Judged info={info} run={run} ranking={run.ranking} isJudging={judging !== undefined} />
    </>
  );
}

/** Why the newest judging of a run failed, where it did. */
function lastFailure(jobs: readonly ApiJobState[], runId: number | undefined): ApiJobState['error'] {
  const last = jobs.findLast((job) => job.kind === 'evaluate-ranking' && job.runId === runId);
  return last?.status === 'failed' ? last.error : null;
}

interface JudgedProps {
  info: ApiRecommender;
  run: ApiRunInfo;
  ranking: StoredRanking;
  isJudging: boolean;
}

function Judged({ info, run, ranking, isJudging }: JudgedProps) {
  const { lead, rest } = verdict(run.name, ranking, info);
  return (
    <div className={isJudging ? 'judge-page scroll stale' : 'judge-page scroll'} data-region="Judge">
      <section className="judge-whole">
        <div className="spread judge-head">
          <p className="compare-sentence">
            <b>{lead}</b> {rest}
          </p>
          <button
            type="button"
            className="button"
            disabled={isJudging}
            onClick={() => void evaluateRun(run.id)}
          >
            Judge again
          </button>
        </div>
        <p className="secondary">
          {ranking.note ??
            `Full ranking of ${count(ranking.items)} items for ${count(ranking.users)} users, but for what each is known to have taken.`}
        </p>
      </section>
      <section className="judge-left">
        <JudgedFigure key={run.id} info={info} run={run} ranking={ranking} />
      </section>
      <section className="judge-right">
        <FiguresTable info={info} run={run} ranking={ranking} />
      </section>
      <Groups ranking={ranking} />
      {ranking.reports.map((report) => (
        <section key={report.title} className="judge-whole">
          <Report report={report} />
        </section>
      ))}
    </div>
  );
}

/** What stands in place of a step that needs trained weights. */
export function NotTrained({ id, what }: { id: string; what: string }) {
  return (
    <Nothing
      title="Nothing trained yet"
      button="Go to training"
      run={() => useRecommend.getState().go(id, 'Train')}
    >
      {what} needs a run that has finished its training.
    </Nothing>
  );
}

function NotJudged({ run }: { run: ApiRunInfo }) {
  return (
    <Nothing title="Not judged yet" button={`Judge ${run.name}`} run={() => void evaluateRun(run.id)}>
      {run.name} is judged on the edges that were held out of its training, beside baselines that are fitted
      to the same edges. On the sample that takes under a minute.
    </Nothing>
  );
}

interface NothingProps {
  title: string;
  button: string;
  run(): void;
  children: ReactNode;
}

function Nothing({ title, button, run, children }: NothingProps) {
  return (
    <section className="nothing-yet">
      <h2 className="object-title">{title}</h2>
      <p className="secondary">{children}</p>
      <button type="button" className="button primary" onClick={run}>
        {button}
      </button>
    </section>
  );
}
