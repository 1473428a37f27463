import {
  Check,
  ChevronDown,
  Database,
  Folder,
  type LucideIcon,
  Map as MapIcon,
  TriangleAlert,
  Users,
} from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { action } from '../actions/actions.ts';
import { shownKeys } from '../actions/keys.ts';
import { fileDialogs } from '../files/dialogs.ts';
import { ago, bytes, duration } from '../format/format.ts';
import { RECOMMENDERS } from '../recommend/systems.ts';
import { Bar } from '../shell/Bar.tsx';
import { Mark } from '../shell/Mark.tsx';
import { Popover } from '../shell/Popover.tsx';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { StageLine } from '../shell/StageLine.tsx';
import { jobShare, useJobs } from '../stores/jobs.ts';
import { useProject } from '../stores/project.ts';
import { useRecommend } from '../stores/recommend.ts';
import { Backdrop } from './Backdrop.tsx';
import './empty.css';

/** What the window shows while no project is open. */
export function EmptyState() {
  const { problem, dismiss } = useProject();
  return (
    <div className="empty scroll">
      <Backdrop />
      <div className="empty-column">
        <header className="row empty-title">
          <Mark size={32} />
          <div>
            <h1>Etalon</h1>
            <p className="secondary">Travel times you can check against the road.</p>
          </div>
        </header>
        {problem && (
          <ProblemNote problem={problem}>
            <button type="button" className="button small" onClick={dismiss}>
              Dismiss
            </button>
          </ProblemNote>
        )}
        <Starts />
        <p className="note empty-drop">Files are read where they lie and stay on this machine.</p>
        <Recent />
        <Machine />
        <Steps />
      </div>
    </div>
  );
}

function Starts() {
  const sampleId = useProject((state) => state.sampleJob);
  const sample = useJobs((state) => state.jobs.find((job) => job.id === sampleId));
  return (
    <section className="starts" aria-label="Start">
      <Start
        icon={MapIcon}
        accent
        title="Open the sample city"
        text="An invented city with a river: about 2,000 segments and ten weeks of simulated trips."
      >
        {sample ? (
          <button type="button" className="button" onClick={() => void useJobs.getState().cancel(sample.id)}>
            Cancel
          </button>
        ) : (
          <StartButton id="project.sample" label={`Open, ${duration(20)}`} primary />
        )}
      </Start>
      {sample && (
        <div className="start-progress">
          <Bar share={jobShare(sample)} label={sample.title} />
          <StageLine {...sample} />
        </div>
      )}
      <RecommenderStart busy={sample !== undefined} />
      <Start
        icon={Database}
        title="Import a road network"
        text="An OpenStreetMap extract (.osm.pbf, .osm), OSMnx tables or GeoJSON. Trips come in the next step."
      >
        <StartButton id="data.import" label="New project" />
      </Start>
      <Start
        icon={Folder}
        title="Open a project"
        text="One file, name.etalon, that holds everything you made."
      >
        <StartButton id="project.open" label="Choose file" />
      </Start>
    </section>
  );
}

/** Sample data of one of the recommenders, in a new project. */
function RecommenderStart({ busy }: { busy: boolean }) {
  const known = useRecommend((state) => state.recommenders);
  const offered = RECOMMENDERS.filter(({ id }) => known.some((other) => other.id === id));
  if (offered.length === 0) return null;
  return (
    <Start
      icon={Users}
      title="Try a recommender"
      text="Published systems on generated data: who may want what, and why."
    >
      <Popover
        label="Choose a recommender"
        align="right"
        className="button"
        disabled={busy}
        button={
          <>
            Choose <ChevronDown size={14} aria-hidden />
          </>
        }
      >
        {(close) =>
          offered.map(({ id, name, icon: Icon, purpose }) => (
            <button
              key={id}
              type="button"
              role="menuitem"
              className="menu-item"
              title={purpose}
              onClick={() => {
                close();
                void fileDialogs.openRecommenderSample(id);
              }}
            >
              <Icon size={14} aria-hidden /> {name}
            </button>
          ))
        }
      </Popover>
    </Start>
  );
}

interface StartProps {
  icon: LucideIcon;
  title: string;
  text: string;
  accent?: boolean;
  children: ReactNode;
}

function Start({ icon: Icon, title, text, accent, children }: StartProps) {
  const id = useId();
  return (
    <section className="start" aria-labelledby={id}>
      <span className={accent ? 'start-icon accent' : 'start-icon'}>
        <Icon size={16} aria-hidden />
      </span>
      <div className="grow">
        <h2 id={id}>{title}</h2>
        <p className="secondary">{text}</p>
      </div>
      {children}
    </section>
  );
}

function StartButton({ id, label, primary = false }: { id: string; label: string; primary?: boolean }) {
  const entry = action(id);
  const keys = entry.keys?.[0];
  return (
    <button type="button" className={primary ? 'button primary' : 'button'} onClick={() => entry.run()}>
      {label}
      {keys && <kbd className="key">{shownKeys(keys)}</kbd>}
    </button>
  );
}

function Recent() {
  const recent = useProject((state) => state.app?.recent ?? []);
  const open = useProject((state) => state.open);
  if (recent.length === 0) return null;
  return (
    <section>
      <h2 className="empty-head">Recent projects</h2>
      <ul>
        {recent.slice(0, 5).map((entry) => (
          <li key={entry.path} className="fact">
            <button
              type="button"
              className="link"
              disabled={!entry.exists}
              onClick={() => void open(entry.path)}
            >
              {entry.name}
            </button>
            <span className="secondary ellipsis grow" title={entry.path}>
              {entry.path}
            </span>
            <span className="secondary">{entry.exists ? ago(entry.openedAt) : 'file is gone'}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Machine() {
  const { app, devices, checkDevices } = useProject();
  const low = (app?.diskFreeBytes ?? 0) < 5e9;
  return (
    <section>
      <div className="spread empty-head">
        <h2>This machine</h2>
        <button type="button" className="link" onClick={() => void checkDevices()}>
          Check again
        </button>
      </div>
      <ul>
        {devices === null && <Fact good name="Devices" value="Checking" note="" />}
        {devices?.map((device) => (
          <Fact
            key={device.id}
            good={device.available}
            name={device.id === 'cpu' ? 'CPU' : 'GPU'}
            value={device.name || 'none found'}
            note={device.note ?? (device.preferred ? 'used for training' : 'ready')}
          />
        ))}
        {app && (
          <Fact good name="Memory" value={bytes(app.memoryBytes)} note={`${app.cpuThreads} CPU threads`} />
        )}
        {app && (
          <Fact
            good={!low}
            name="Disk"
            value={`${bytes(app.diskFreeBytes)} free`}
            note={low ? 'large imports may not fit' : 'in the home folder'}
          />
        )}
      </ul>
    </section>
  );
}

function Fact({ good, name, value, note }: { good: boolean; name: string; value: string; note: string }) {
  return (
    <li className="fact">
      {good ? (
        <Check size={14} aria-label="fine" />
      ) : (
        <TriangleAlert size={14} className="fact-warning" aria-label="note" />
      )}
      <span className="fact-name">{name}</span>
      <span className="strong">{value}</span>
      <span className="secondary grow num fact-note">{note}</span>
    </li>
  );
}

const STEPS = [
  { title: 'Network', time: '1 min', text: 'roads and turns' },
  { title: 'Trips', time: '1 min', text: 'columns, bad rows' },
  { title: 'Train', time: '5–10 min', text: 'on this machine' },
  { title: 'Check', time: '', text: 'map and baselines' },
];

function Steps() {
  return (
    <section>
      <h2 className="empty-head">From nothing to an ETA</h2>
      <ol className="steps">
        {STEPS.map((step) => (
          <li key={step.title}>
            <div className="spread">
              <span className="strong">{step.title}</span>
              <span className="note">{step.time}</span>
            </div>
            <p className="note">{step.text}</p>
          </li>
        ))}
      </ol>
    </section>
  );
}
