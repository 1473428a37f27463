import { Check } from 'lucide-react';
import { Fragment } from 'react';
import type { ApiRecommender } from '../api/types.ts';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { ProgressBox } from '../shell/ProgressBox.tsx';
import { useJobs } from '../stores/jobs.ts';
import { useProject } from '../stores/project.ts';
import { hasWeights, shownRun, useRecommend, useSystem } from '../stores/recommend.ts';
import { useRuns } from '../stores/runs.ts';
import { DataStep } from './DataStep.tsx';
import { JudgeStep } from './JudgeStep.tsx';
import { learnsOf } from './learns.ts';
import { MapStep } from './MapStep.tsx';
import { NoData } from './NoData.tsx';
import { DataPicker, RunPicker } from './Pickers.tsx';
import { RecommendStep } from './RecommendStep.tsx';
import { RECOMMENDERS, type RecommenderEntry, type RecommenderStep, STEPS } from './systems.ts';
import { TrainStep } from './TrainStep.tsx';
import '../map/map.css';
import '../train/train.css';
import './recommend.css';

/** A recommender from its data to its reasons, under one header. */
export function RecommenderTab({ id }: { id: string }) {
  const info = useRecommend((state) => state.recommenders.find((known) => known.id === id));
  const entry = RECOMMENDERS.find((known) => known.id === id);
  return info && entry ? <Tab info={info} entry={entry} /> : null;
}

function Tab({ info, entry }: { info: ApiRecommender; entry: RecommenderEntry }) {
  const { step, choice, runId } = useSystem(info.id);
  const project = useProject((state) => state.project);
  const run = shownRun(
    useRuns((state) => state.runs),
    info.id,
    runId,
  );
  const problem = useRuns((state) => state.problem);
  const learns = learnsOf(project, info, choice);
  return (
    <>
      <header className="tab-header">
        <h1>{entry.name}</h1>
        {learns && <DataPicker id={info.id} learns={learns} />}
        {run && <RunPicker id={info.id} run={run} />}
        <Steps id={info.id} hasData={learns !== null} />
      </header>
      {problem && (
        <div className="recommend-note">
          <ProblemNote problem={problem} />
        </div>
      )}
      <SampleProgress />
      {!learns ? (
        <NoData entry={entry} />
      ) : step === 'Data' ? (
        <DataStep info={info} learns={learns} />
      ) : step === 'Train' ? (
        <TrainStep info={info} entry={entry} learns={learns} run={run} />
      ) : step === 'Judge' ? (
        <JudgeStep info={info} run={run} />
      ) : step === 'Map' ? (
        <MapStep info={info} run={run} />
      ) : (
        <RecommendStep info={info} run={run} explains={step === 'Explain'} />
      )}
    </>
  );
}

/** Where the analyst is on the way, and what is behind. */
function Steps({ id, hasData }: { id: string; hasData: boolean }) {
  const { step: current, runId, answer, reasons, embedding } = useSystem(id);
  const run = shownRun(
    useRuns((state) => state.runs),
    id,
    runId,
  );
  const done: Record<RecommenderStep, boolean> = {
    Data: hasData,
    Train: hasWeights(run),
    Judge: run?.ranking != null,
    Recommend: answer !== null,
    Explain: reasons !== null,
    Map: embedding !== null && embedding.runId === run?.id,
  };
  return (
    <nav className="recommend-steps" aria-label="Steps">
      <ol>
        {STEPS.map((step, i) => (
          <Fragment key={step}>
            {i > 0 && (
              <li aria-hidden className="recommend-arrow">
                ›
              </li>
            )}
            <li>
              <button
                type="button"
                aria-current={step === current ? 'step' : undefined}
                title={`Alt ${i + 1}`}
                onClick={() => useRecommend.getState().go(id, step)}
              >
                {done[step] ? (
                  <Check size={13} className="recommend-done" aria-label="done" />
                ) : (
                  <i className="recommend-dot" />
                )}
                {step}
              </button>
            </li>
          </Fragment>
        ))}
      </ol>
    </nav>
  );
}

/** Sample data on their way into a new project. */
function SampleProgress() {
  const sampleId = useProject((state) => state.sampleJob);
  const job = useJobs((state) => state.jobs.find(({ id }) => id === sampleId));
  if (!job) return null;
  return (
    <div className="recommend-note">
      <ProgressBox {...job} cancel={() => void useJobs.getState().cancel(job.id)} />
    </div>
  );
}
