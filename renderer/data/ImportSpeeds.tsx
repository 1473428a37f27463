import { useState } from 'react';
import { api } from '../api/connection.ts';
import { type Problem, toProblem } from '../api/errors.ts';
import { pickPath } from '../files/dialogs.ts';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { useJobs } from '../stores/jobs.ts';
import { useProject } from '../stores/project.ts';
import { FileRow } from './ImportRoads.tsx';
import { JobFailure, LastReport } from './JobOutcome.tsx';
import { JobProgress } from './JobProgress.tsx';
import { PageHeader } from './PageHeader.tsx';

/** Chooses Valhalla's historical speeds and the edges of its ways, imports them as a job and shows its report. */
export function ImportSpeeds() {
  const known = useProject((state) =>
    state.project?.sources.find((candidate) => candidate.kind === 'profiles'),
  );
  const [path, setPath] = useState<string | null>(null);
  const [waysPath, setWaysPath] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [jobId, setJobId] = useState<string | null>(null);
  const job = useJobs((state) => state.jobs.find((other) => other.id === jobId));
  const running = job?.status === 'running';
  const done = job?.status === 'done';
  const blocked = !path ? 'Choose a file first' : !waysPath ? 'Choose the edges of ways too' : null;

  const choose = async (purpose: 'profiles' | 'ways', set: (path: string) => void) => {
    const chosen = await pickPath(purpose);
    if (chosen) set(chosen);
  };
  const start = async (skipMalformed: boolean) => {
    if (!path || !waysPath) return;
    setProblem(null);
    try {
      setJobId((await api().speeds.import({ path, waysPath, skipMalformed })).jobId);
    } catch (thrown) {
      setProblem(toProblem(thrown));
    }
  };

  return (
    <>
      <PageHeader title="Import weekly speeds" />
      <div className="data-page scroll">
        <div className="import-narrow">
          <FileRow
            label="Speed file"
            path={path}
            hint="Valhalla’s historical speeds: a CSV file, km/h, weeks from Sunday on"
            choose={() => void choose('profiles', setPath)}
          />
          <FileRow
            label="Edges of ways"
            path={waysPath}
            hint="way_edges.txt of the same tiles, from valhalla_ways_to_edges"
            choose={() => void choose('ways', setWaysPath)}
          />
          {known && !done && (
            <p className="problem warning">
              <span className="what">This replaces the weekly speeds that the project has.</span>
            </p>
          )}
          {problem && <ProblemNote problem={problem} />}
          <JobFailure job={job} skipMalformed={() => void start(true)} />
          {running && <JobProgress job={job} />}
          {done && <LastReport kind="profiles" />}
          {!running && !done && (
            <div className="row">
              <button
                type="button"
                className="button primary"
                disabled={blocked !== null}
                onClick={() => void start(false)}
              >
                {known ? 'Replace weekly speeds' : 'Import weekly speeds'}
              </button>
              {blocked && <span className="secondary">{blocked}</span>}
            </div>
          )}
        </div>
      </div>
    </>
  );
}
