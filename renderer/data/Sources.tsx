import { CalendarClock, Database, Gauge, Route, Trash2, Users } from 'lucide-react';
import { useState } from 'react';
import type { ApiProjectInfo } from '../api/types.ts';
import { ago, fileName } from '../format/format.ts';
import { AskRemove } from '../shell/AskRemove.tsx';
import { useProject } from '../stores/project.ts';
import { Report } from './Report.tsx';

type Source = ApiProjectInfo['sources'][number];

const KINDS: Record<Source['kind'], string> = {
  roads: 'Road network',
  trips: 'Trips',
  observations: 'Observations',
  profiles: 'Weekly speeds',
  interactions: 'Interactions',
};

const REMOVAL: Record<Source['kind'], string> = {
  roads:
    'The road network is deleted from the project, and all trips, observations and weekly speeds with it: they refer to its segments.',
  trips: 'Its trips are deleted from the project. Trained runs stay.',
  observations: 'Its observations are deleted from the project. Trained runs stay.',
  profiles: 'Its weekly speeds are deleted from the project.',
  interactions: 'Its users, items and interactions are deleted from the project. Trained runs stay.',
};

const ICONS = {
  roads: Route,
  trips: Database,
  observations: Gauge,
  profiles: CalendarClock,
  interactions: Users,
};

function SourceIcon({ kind }: { kind: Source['kind'] }) {
  const Icon = ICONS[kind];
  return <Icon size={16} aria-hidden />;
}

/** Every import of the project with its report. */
export function Sources({ sources }: { sources: readonly Source[] }) {
  const [asking, setAsking] = useState<Source | null>(null);
  return (
    <section>
      <h2 className="data-head">Sources</h2>
      <ul className="sources">
        {sources.map((source) => (
          <li key={source.id}>
            <header className="row">
              <SourceIcon kind={source.kind} />
              <b>{fileName(source.path)}</b>
              <span className="secondary">
                {KINDS[source.kind]} · {source.report.format} · imported {ago(source.importedAt)}
              </span>
              <span className="grow" />
              <button
                type="button"
                className="button icon small plain"
                aria-label={`Remove ${fileName(source.path)}`}
                title="Remove source"
                onClick={() => setAsking(source)}
              >
                <Trash2 size={14} aria-hidden />
              </button>
            </header>
            <Report report={source.report} />
          </li>
        ))}
      </ul>
      {asking && <AskRemoveSource source={asking} close={() => setAsking(null)} />}
    </section>
  );
}

function AskRemoveSource({ source, close }: { source: Source; close(): void }) {
  const removeSource = useProject((state) => state.removeSource);
  return (
    <AskRemove
      title={`Remove ${fileName(source.path)}?`}
      what="source"
      verb="Remove"
      remove={() => void removeSource(source.id)}
      close={close}
    >
      {REMOVAL[source.kind]} The file itself is not touched.
    </AskRemove>
  );
}
