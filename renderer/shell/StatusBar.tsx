import { Cpu, Layers } from 'lucide-react';
import { duration, position } from '../format/format.ts';
import { jobShare, openJobs, useJobs } from '../stores/jobs.ts';
import { useMap } from '../stores/map.ts';
import { useProject } from '../stores/project.ts';
import { useShell } from '../stores/shell.ts';
import { Bar } from './Bar.tsx';

export function StatusBar() {
  const jobs = useJobs((state) => state.jobs);
  const { overlay, show, tab, message } = useShell();
  const project = useProject((state) => state.project);
  const app = useProject((state) => state.app);
  const device = useProject((state) => state.devices?.find((candidate) => candidate.preferred));
  const open = openJobs(jobs);
  const current = open.find((job) => job.status === 'running') ?? open[0];
  const failed = jobs.at(-1)?.status === 'failed';
  return (
    <footer className="statusbar" data-region="Status bar">
      <button
        type="button"
        className="status-cell"
        aria-expanded={overlay === 'jobs'}
        aria-label={open.length > 0 ? `Jobs, ${open.length} not finished` : 'Jobs'}
        onClick={() => show(overlay === 'jobs' ? null : 'jobs')}
      >
        <Layers size={13} aria-hidden />
        {current ? (
          <>
            <span className="ellipsis">
              {current.title}
              {current.progress && ` · ${current.progress.stage}`}
            </span>
            <span className="status-bar">
              <Bar share={jobShare(current)} label={current.title} />
            </span>
            <b>
              {current.secondsLeft === null
                ? duration(current.elapsedS)
                : `${duration(current.secondsLeft)} left`}
            </b>
            {open.length > 1 && <span>+{open.length - 1}</span>}
          </>
        ) : (
          <span>{failed ? 'A job failed' : 'No jobs'}</span>
        )}
      </button>
      {device && (
        <span className="status-cell">
          <Cpu size={13} aria-hidden /> {device.name}
        </span>
      )}
      <span className="status-cell grow" role="status">
        <span className="ellipsis">{message}</span>
      </span>
      {project && tab === 'map' && <MapPosition />}
      <span className="status-cell">Etalon {app?.version}</span>
    </footer>
  );
}

function MapPosition() {
  const cursor = useMap((state) => state.cursor);
  const zoom = useMap((state) => state.zoom);
  return (
    <>
      {cursor && <span className="status-cell status-position">{position(cursor[0], cursor[1])}</span>}
      <span className="status-cell">z {zoom.toFixed(1)}</span>
    </>
  );
}
