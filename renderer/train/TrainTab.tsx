import { Plus } from 'lucide-react';
import { action } from '../actions/actions.ts';
import { isEnabled } from '../actions/registry.ts';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { useProject } from '../stores/project.ts';
import { trafficRuns, useRuns } from '../stores/runs.ts';
import { NewRunForm } from './NewRunForm.tsx';
import { RunCard } from './RunCard.tsx';
import { RunsTable } from './RunsTable.tsx';
import './train.css';

export function TrainTab() {
  const { shown, formOpen, openForm, problem } = useRuns();
  const runs = trafficRuns(useRuns((state) => state.runs));
  const learnable = useProject(
    ({ project }) => (project?.trips ?? 0) > 0 || (project?.observations ?? 0) > 0,
  );
  const run = runs.find((candidate) => candidate.id === shown);
  const newRun = action('train.new');
  const enabled = isEnabled(newRun);
  return (
    <>
      <header className="tab-header">
        <h1>Train</h1>
        <span className="grow" />
        {!enabled && <span className="secondary">{newRun.reason}</span>}
        <button type="button" className="button primary" disabled={!enabled} onClick={() => openForm(true)}>
          <Plus size={14} aria-hidden /> New run
        </button>
      </header>
      <div className="train-page">
        <section className="train-left scroll" aria-label={formOpen ? 'New run' : 'Run'} data-region="Run">
          {problem && (
            <div className="train-problem">
              <ProblemNote problem={problem} />
            </div>
          )}
          {formOpen ? (
            <NewRunForm />
          ) : run ? (
            <RunCard key={run.id} run={run} />
          ) : (
            <NothingTrained learnable={learnable} />
          )}
        </section>
        <section className="train-right scroll" aria-label="Runs" data-region="Runs">
          <RunsTable />
        </section>
      </div>
    </>
  );
}

function NothingTrained({ learnable }: { learnable: boolean }) {
  return (
    <div className="nothing-yet">
      <h2 className="object-title">Nothing trained yet</h2>
      <p className="secondary">
        A run learns travel times from the project’s trips, or speeds ahead from its observations, and is
        judged on days it has not seen, beside four or more baselines. A city takes 5 to 10 min on a CPU.
      </p>
      {learnable ? (
        <button type="button" className="button primary" onClick={() => action('train.new').run()}>
          New run
        </button>
      ) : (
        <button type="button" className="button primary" onClick={() => action('data.import').run()}>
          Import trips first
        </button>
      )}
    </div>
  );
}
