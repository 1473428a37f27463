import '@fontsource-variable/inter/wght.css';
import '@fontsource/jetbrains-mono/400.css';
import './theme/tokens.css';
import './theme/base.css';
import './theme/controls.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { connect } from './api/connection.ts';
import { toProblem } from './api/errors.ts';
import { ProblemNote } from './shell/ProblemNote.tsx';
import { followJobs } from './stores/jobs.ts';
import { useProject } from './stores/project.ts';
import { useRecommend } from './stores/recommend.ts';
import { applyTheme } from './theme/theme.ts';

applyTheme();
const root = createRoot(document.getElementById('root')!);

try {
  await connect();
  const project = useProject.getState();
  await project.loadApp();
  await project.refresh();
  void project.checkDevices();
  await useRecommend.getState().load();
  followJobs().catch((thrown: unknown) => useProject.setState({ problem: toProblem(thrown) }));
  root.render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
} catch (thrown) {
  root.render(
    <ProblemNote
      problem={{ ...toProblem(thrown), remedy: 'Start Etalon again and use the address it prints.' }}
    />,
  );
}
