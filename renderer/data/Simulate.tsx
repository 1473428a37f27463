import { useEffect, useState } from 'react';
import { action } from '../actions/actions.ts';
import { api } from '../api/connection.ts';
import { type Problem, toProblem } from '../api/errors.ts';
import type { ApiProjectInfo, ApiSimulation } from '../api/types.ts';
import { counted, duration } from '../format/format.ts';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { isOpen, useJobs } from '../stores/jobs.ts';
import { useProject } from '../stores/project.ts';
import { useShell } from '../stores/shell.ts';
import { JobFailure } from './JobOutcome.tsx';
import { JobProgress } from './JobProgress.tsx';
import { PageHeader } from './PageHeader.tsx';
import { Report } from './Report.tsx';
import { SimulationForm, settingsProblem } from './SimulationForm.tsx';

/** Settings of a simulation, its expected duration, the job and its report. */
export function Simulate() {
  const project = useProject((state) => state.project);
  return (
    <>
      <PageHeader title="Simulate traffic" />
      {project && <Page project={project} />}
    </>
  );
}

function Page({ project }: { project: ApiProjectInfo }) {
  const [settings, setSettings] = useState(() => startingSettings(project));
  const [problem, setProblem] = useState<Problem | null>(null);
  const [jobId, setJobId] = useState<string | null>(null);
  // A simulation that was started before this page was left goes on showing here.
  const job = useJobs((state) =>
    state.jobs.findLast((other) => other.id === jobId || (other.kind === 'simulate' && isOpen(other))),
  );
  const expectedS = useExpectedSeconds(settings);
  const refusal = settingsProblem(settings);
  const start = async () => {
    setProblem(null);
    try {
      setJobId((await api().simulator.start(settings)).jobId);
    } catch (thrown) {
      setProblem(toProblem(thrown));
    }
  };
  return (
    <div className="data-page scroll">
      <div className="import-narrow">
        <p className="secondary">
          Vehicles drive from place to place on the {counted(project.segments, 'segment')} of this network and
          hold each other up. A share of them reports its trips, with seconds per segment: they become a
          source of the project, beside what is there.
        </p>
        {job && isOpen(job) ? (
          <JobProgress job={job} />
        ) : job?.status === 'done' ? (
          <Done again={() => setJobId(null)} />
        ) : (
          <>
            <SimulationForm settings={settings} project={project} change={setSettings} />
            <JobFailure job={job} />
            {problem && <ProblemNote problem={problem} />}
            <div className="row">
              <button
                type="button"
                className="button primary"
                disabled={refusal !== null}
                onClick={() => void start()}
              >
                Simulate {counted(settings.days, 'day')}
              </button>
              <span className="secondary">
                {refusal ?? (expectedS === null ? '' : `about ${duration(expectedS)} on one core`)}
              </span>
            </div>
          </>
        )}
      </div>
    </div>
  );
}

function Done({ again }: { again(): void }) {
  const source = useProject((state) =>
    state.project?.sources.findLast((candidate) => candidate.kind === 'trips'),
  );
  return (
    <>
      {source && (
        <section className="report-box">
          <h2>Simulated</h2>
          <Report report={source.report} />
        </section>
      )}
      <div className="row">
        <button type="button" className="button primary" onClick={() => action('train.new').run()}>
          Train a run
        </button>
        <button type="button" className="button" onClick={() => useShell.getState().go('map')}>
          See the map
        </button>
        <button type="button" className="button" onClick={again}>
          Simulate again
        </button>
      </div>
    </>
  );
}

function startingSettings(project: ApiProjectInfo): ApiSimulation {
  return {
    days: 14,
    firstDay: project.firstDay ?? '2025-01-06',
    timeZone: project.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    demand: 1,
    incidentsPerDay: 10,
    rain: 0.3,
    probeShare: 0.1,
    seed: 1,
    calibrate: project.trips > 0,
    holidays: [],
  };
}

/** Null while it is not known. */
function useExpectedSeconds({ days, demand, calibrate }: ApiSimulation): number | null {
  const [seconds, setSeconds] = useState<number | null>(null);
  useEffect(() => {
    let current = true;
    api()
      .simulator.expect({ days, demand, calibrate })
      .then((answer) => current && setSeconds(answer.seconds))
      .catch(() => current && setSeconds(null));
    return () => {
      current = false;
    };
  }, [days, demand, calibrate]);
  return seconds;
}
