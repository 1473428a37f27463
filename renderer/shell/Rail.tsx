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
import { RECOMMENDERS } from '../recommend/systems.ts';
import { openJobs, useJobs } from '../stores/jobs.ts';
import { useRecommend } from '../stores/recommend.ts';
import { useRuns } from '../stores/runs.ts';
import { recommenderTab, type Tab, useShell } from '../stores/shell.ts';
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
  const training = useTraining();
  const known = useRecommend((state) => state.recommenders);
  const recommenders = RECOMMENDERS.filter(({ id }) => known.some((other) => other.id === id));
  return (
    <nav className={wide ? 'rail' : 'rail narrow'} aria-label="Main" data-region="Rail">
      <h2 className="rail-head">Traffic</h2>
      {TABS.map(({ tab: value, label, icon, keys }) => (
        <RailItem
          key={value}
          {...{ label, icon }}
          title={`${label} (${keys})`}
          current={tab === value}
          training={value === 'train' && training === 'traffic'}
          open={() => (value === 'data' ? openDataPage('overview') : go(value))}
        />
      ))}
      {recommenders.length > 0 && <h2 className="rail-head rail-next">Recommenders</h2>}
      {recommenders.map(({ id, name, icon }) => (
        <RailItem
          key={id}
          label={name}
          icon={icon}
          title={name}
          current={tab === recommenderTab(id)}
          training={training === id}
          open={() => go(recommenderTab(id))}
        />
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

interface RailItemProps {
  label: string;
  icon: LucideIcon;
  title: string;
  current: boolean;
  training: boolean;
  open(): void;
}

function RailItem({ label, icon: Icon, title, current, training, open }: RailItemProps) {
  return (
    <button
      type="button"
      className="rail-item"
      aria-current={current ? 'page' : undefined}
      aria-label={label}
      title={title}
      onClick={open}
    >
      <Icon size={16} aria-hidden />
      <span>{label}</span>
      {training && (
        <i className="rail-dot">
          <span className="visually-hidden">training</span>
        </i>
      )}
    </button>
  );
}

/** Whose run is in training: a recommender's id, `traffic`, or none. */
function useTraining(): string | null {
  const runId = useJobs((state) => openJobs(state.jobs).find((job) => job.kind === 'train')?.runId);
  return useRuns(({ runs }) => {
    const run = runs.find(({ id }) => id === runId);
    if (!run) return null;
    return run.predicts === 'items' ? run.model : 'traffic';
  });
}
