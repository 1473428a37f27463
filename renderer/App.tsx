import { useEffect } from 'react';
import { listenForShortcuts } from './actions/shortcuts.ts';
import { useConnection } from './api/connection.ts';
import { CompareTab } from './compare/CompareTab.tsx';
import { DataTab } from './data/DataTab.tsx';
import { EmptyState } from './empty/EmptyState.tsx';
import { DropNotice } from './files/DropNotice.tsx';
import { FileBrowser } from './files/FileBrowser.tsx';
import { MapTab } from './map/MapTab.tsx';
import { RecommenderTab } from './recommend/RecommenderTab.tsx';
import { ScenariosTab } from './scenarios/ScenariosTab.tsx';
import { HelpSheet } from './shell/HelpSheet.tsx';
import { JobsList } from './shell/JobsList.tsx';
import { Palette } from './shell/Palette.tsx';
import { ProblemNote } from './shell/ProblemNote.tsx';
import { Rail } from './shell/Rail.tsx';
import { StatusBar } from './shell/StatusBar.tsx';
import { TitleBar } from './shell/TitleBar.tsx';
import { useProject } from './stores/project.ts';
import { recommenderOf, useShell } from './stores/shell.ts';
import { SupersegmentsTab } from './supersegments/SupersegmentsTab.tsx';
import { TrainTab } from './train/TrainTab.tsx';
import './shell/shell.css';

export function App() {
  const hasProject = useProject((state) => state.project !== null);
  const tab = useShell((state) => state.tab);
  const overlay = useShell((state) => state.overlay);
  const recommender = recommenderOf(tab);
  useEffect(listenForShortcuts, []);

  return (
    <div className={hasProject ? 'window' : 'window bare'}>
      <TitleBar />
      {hasProject && <Rail />}
      <main className="main" data-region="Content">
        {hasProject ? <ProjectProblem /> : <EmptyState />}
        {hasProject && (
          // Kept while other tabs show: the map holds its tiles and its place.
          <div className="tab" hidden={tab !== 'map'}>
            <MapTab />
          </div>
        )}
        {hasProject && tab === 'data' && <DataTab />}
        {hasProject && tab === 'train' && <TrainTab />}
        {hasProject && tab === 'compare' && <CompareTab />}
        {hasProject && tab === 'scenarios' && <ScenariosTab />}
        {hasProject && tab === 'supersegments' && <SupersegmentsTab />}
        {hasProject && recommender && <RecommenderTab key={recommender} id={recommender} />}
      </main>
      <StatusBar />
      {overlay === 'jobs' && <JobsList />}
      {overlay === 'palette' && <Palette />}
      {overlay === 'help' && <HelpSheet />}
      <FileBrowser />
      <DropNotice />
      <LostConnection />
    </div>
  );
}

function ProjectProblem() {
  const { problem, dismiss } = useProject();
  if (!problem) return null;
  return (
    <div className="project-problem">
      <ProblemNote problem={problem}>
        <button type="button" className="button small" onClick={dismiss}>
          Dismiss
        </button>
      </ProblemNote>
    </div>
  );
}

function LostConnection() {
  const lost = useConnection((state) => state.status === 'lost');
  if (!lost) return null;
  return (
    <div className="lost-notice">
      <ProblemNote
        problem={{
          code: 'internal',
          message: 'The part of Etalon that reads files and trains has stopped.',
          remedy:
            'The project file is safe; training goes on from its last checkpoint. Start Etalon again, then reconnect.',
        }}
      >
        <button type="button" className="button small" onClick={() => window.location.reload()}>
          Reconnect
        </button>
      </ProblemNote>
    </div>
  );
}
