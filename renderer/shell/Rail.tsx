import {
  ChartSpline,
  CircleHelp,
  Columns2,
  Database,
  GitBranch,
  type LucideIcon,
  Map as MapIcon,
  PanelLeft,
  Waypoints,
} from 'lucide-react';
import { openJobs, useJobs } from '../stores/jobs.ts';
import { type Tab, useShell } from '../stores/shell.ts';
import { NARROW_RAIL, useMedia } from './useMedia.ts';

const TABS: { tab: Tab; label: string; icon: LucideIcon; keys: string }[] = [
  { tab: 'map', label: 'Map', icon: MapIcon, keys: 'Ctrl 1' },
  { tab: 'data', label: 'Data', icon: Database, keys: 'Ctrl 2' },
  { tab: 'train', label: 'Train', icon: ChartSpline, keys: 'Ctrl 3' },
  { tab: 'compare', label: 'Compare', icon: Columns2, keys: 'Ctrl 4' },
  { tab: 'scenarios', label: 'Scenarios', icon: GitBranch, keys: 'Ctrl 5' },
  { tab: 'supersegments', label: 'Supersegments', icon: Waypoints, keys: 'Ctrl 6' },
];

export function Rail() {
  const { tab, railOpen, go, openDataPage, toggleRail, show } = useShell();
  const small = useMedia(NARROW_RAIL);
  const wide = railOpen && !small;
  const training = useJobs((state) => openJobs(state.jobs).some((job) => job.kind === 'train'));
  return (
    <nav className={wide ? 'rail' : 'rail narrow'} aria-label="Main" data-region="Rail">
      <h2 className="rail-head">Traffic</h2>
      {TABS.map(({ tab: value, label, icon: Icon, keys }) => (
        <button
          key={value}
          type="button"
          className="rail-item"
          aria-current={tab === value ? 'page' : undefined}
          aria-label={label}
          title={`${label} (${keys})`}
          onClick={() => (value === 'data' ? openDataPage('overview') : go(value))}
        >
          <Icon size={16} aria-hidden />
          <span>{label}</span>
          {value === 'train' && training && (
            <i className="rail-dot">
              <span className="visually-hidden">training</span>
            </i>
          )}
        </button>
      ))}
      <div className="grow" />
      <button
        type="button"
        className="rail-item"
        aria-label="Help and shortcuts"
        title="Help and shortcuts (?)"
        onClick={() => show('help')}
      >
        <CircleHelp size={16} aria-hidden />
        <span>Help and shortcuts</span>
      </button>
      {!small && (
        <button
          type="button"
          className="rail-item"
          aria-label={railOpen ? 'Narrow the rail' : 'Widen the rail'}
          title="Ctrl B"
          onClick={toggleRail}
        >
          <PanelLeft size={16} aria-hidden />
          <span>Narrow</span>
        </button>
      )}
    </nav>
  );
}
