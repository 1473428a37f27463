import { File } from 'lucide-react';
import { useState } from 'react';
import { action } from '../actions/actions.ts';
import { api } from '../api/connection.ts';
import { type Problem, toProblem } from '../api/errors.ts';
import { pickPath } from '../files/dialogs.ts';
import { counted } from '../format/format.ts';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { useJobs } from '../stores/jobs.ts';
import { useProject } from '../stores/project.ts';
import { useShell } from '../stores/shell.ts';
import { JobFailure } from './JobOutcome.tsx';
import { JobProgress } from './JobProgress.tsx';
import { PageHeader } from './PageHeader.tsx';
import { Report } from './Report.tsx';

/** Chooses a road file, imports it as a job and shows its report. */
export function ImportRoads() {
  const project = useProject((state) => state.project);
  const [path, setPath] = useState<string | null>(null);
  const [nodesPath, setNodesPath] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [jobId, setJobId] = useState<string | null>(null);
  const job = useJobs((state) => state.jobs.find((other) => other.id === jobId));
  const needsNodes = path !== null && /\.csv(\.gz)?$/i.test(path);
  const replaces = (project?.segments ?? 0) > 0 && job?.status !== 'done';
  const running = job?.status === 'running';

  const choose = async (set: (path: string) => void) => {
    const chosen = await pickPath('roads');
    if (chosen) set(chosen);
  };
  const start = async (skipMalformed: boolean) => {
    if (!path) return;
    setProblem(null);
    try {
      const started = await api().roads.import({
        path,
        skipMalformed,
        ...(nodesPath && needsNodes && { nodesPath }),
      });
      setJobId(started.jobId);
    } catch (thrown) {
      setProblem(toProblem(thrown));
    }
  };
  const blocked = !path
    ? 'Choose a file first'
    : needsNodes && !nodesPath
      ? 'Choose the nodes table too'
      : null;

  return (
    <>
      <PageHeader title="Import road network" />
      <div className="data-page scroll">
        <div className="import-narrow">
          <FileRow
            label="Road file"
            path={path}
            hint=".osm.pbf, .osm, .osm.gz, OSMnx edges.csv, GeoJSON or SUMO .net.xml"
            choose={() => void choose(setPath)}
          />
          {needsNodes && (
            <FileRow
              label="Nodes table"
              path={nodesPath}
              hint="OSMnx keeps junctions in a second table, nodes.csv"
              choose={() => void choose(setNodesPath)}
            />
          )}
          {replaces && (
            <p className="problem warning">
              <span className="what">
                This replaces the road network and deletes {counted(project?.trips ?? 0, 'trip')} and{' '}
                {counted(project?.observations ?? 0, 'observation')}, which refer to its segments.
              </span>
            </p>
          )}
          {problem && <ProblemNote problem={problem} />}
          <JobFailure job={job} skipMalformed={() => void start(true)} />
          {running && <JobProgress job={job} />}
          {job?.status === 'done' ? (
            <RoadsDone />
          ) : (
            !running && (
              <div className="row">
                <button
                  type="button"
                  className="button primary"
                  disabled={blocked !== null}
                  onClick={() => void start(false)}
                >
                  {replaces ? 'Replace road network' : 'Import road network'}
                </button>
                {blocked && <span className="secondary">{blocked}</span>}
              </div>
            )
          )}
        </div>
      </div>
    </>
  );
}

function RoadsDone() {
  const source = useProject((state) =>
    state.project?.sources.find((candidate) => candidate.kind === 'roads'),
  );
  return (
    <>
      {source && (
        <section className="report-box">
          <h2>Imported</h2>
          <Report report={source.report} />
        </section>
      )}
      <div className="row">
        <button type="button" className="button primary" onClick={() => action('data.trips').run()}>
          Import trips
        </button>
        <button type="button" className="button" onClick={() => useShell.getState().go('map')}>
          See the map
        </button>
      </div>
    </>
  );
}

interface FileRowProps {
  label: string;
  path: string | null;
  hint: string;
  choose(): void;
}

export function FileRow({ label, path, hint, choose }: FileRowProps) {
  return (
    <div className="field">
      <span className="label">{label}</span>
      <div className="row file-row">
        <File size={14} aria-hidden />
        {path ? (
          <span className="mono grow ellipsis">{path}</span>
        ) : (
          <span className="secondary grow">{hint}</span>
        )}
        <button
          type="button"
          className="button"
          onClick={choose}
          aria-label={`Choose ${label.toLowerCase()}`}
        >
          {path ? 'Change' : 'Choose file'}
        </button>
      </div>
    </div>
  );
}
