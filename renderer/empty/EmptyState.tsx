import { Check, Database, Folder, type LucideIcon, Map as MapIcon, TriangleAlert } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { action } from '../actions/actions.ts';
import { shownKeys } from '../actions/keys.ts';
import { ago, bytes, duration } from '../format/format.ts';
import { Bar } from '../shell/Bar.tsx';
import { Mark } from '../shell/Mark.tsx';
import { ProblemNote } from '../shell/ProblemNote.tsx';
import { StageLine } from '../shell/StageLine.tsx';
import { jobShare, useJobs } from '../stores/jobs.ts';
import { useProject } from '../stores/project.ts';
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
          <Bar share={jobShare(sample)} label="Sample city" />
          <StageLine {...sample} />
        </div>
      )}
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
