import { App, type AppOptions } from './app.ts';

export type { FilePurpose } from '../api/values.ts';
export type { App, AppInfo, AppOptions } from './app.ts';
export { csvLine } from './batch/csvLine.ts';
export { readPoints } from './batch/points.ts';
export { absolutePath } from './folders.ts';
export type { JobKind, JobRequest, JobResults } from './jobTypes.ts';
export { runJobWorker, type WorkerParts } from './jobWorker.ts';
export * from './model.ts';
export { projectName, type RecentProject } from './recent.ts';
export { travelTimes } from './runView.ts';

export function createApp(options: AppOptions): App {
  return new App(options);
}
export type { SimulationReport } from './simulate.ts';
