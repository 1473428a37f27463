import { create } from 'zustand';
import { api } from '../api/connection.ts';
import { type Problem, toProblem } from '../api/errors.ts';
import type { ApiDeviceInfo, ApiProjectInfo, AppInfo } from '../api/types.ts';
import { useCompare } from './compare.ts';
import { useIsochrone } from './isochrone.ts';
import { useMap } from './map.ts';
import { useRecommend } from './recommend.ts';
import { useRoute } from './route.ts';
import { usableRuns, useRuns } from './runs.ts';
import { useScenarios } from './scenarios.ts';
import { recommenderTab, type Tab, useShell } from './shell.ts';
import { useSupersegments } from './supersegments.ts';

interface ProjectState {
  app: AppInfo | null;
  devices: ApiDeviceInfo[] | null;
  project: ApiProjectInfo | null;
  problem: Problem | null;
  /** The job that generates sample data, while it runs, and the tab that they are for. */
  sampleJob: string | null;
  sampleTab: Tab;
  loadApp(): Promise<void>;
  checkDevices(): Promise<void>;
  refresh(): Promise<void>;
  open(path: string): Promise<boolean>;
  create(path: string): Promise<boolean>;
  /** Of the city, or of a recommender. */
  createSample(path: string, recommender?: string): Promise<void>;
  close(): Promise<void>;
  removeSource(id: number): Promise<void>;
  dismiss(): void;
}

export const useProject = create<ProjectState>((set, get) => {
  const attempt = async (work: () => Promise<void>): Promise<boolean> => {
    set({ problem: null });
    try {
      await work();
      return true;
    } catch (thrown) {
      set({ problem: toProblem(thrown) });
      return false;
    }
  };

  const enter = async (project: ApiProjectInfo | null) => {
    const before = get().project;
    set({ project });
    const other = project?.path !== before?.path;
    if (other) {
      useRoute.getState().clear();
      useIsochrone.getState().clear();
      useRuns.getState().reset();
      useCompare.getState().reset();
      useScenarios.getState().reset();
      useRecommend.getState().reset();
    } else useMap.getState().projectChanged(project);
    if (other || project?.trips !== before?.trips || project?.segments !== before?.segments)
      useSupersegments.getState().reset();
    if (project) await useRuns.getState().refresh();
    // After the runs are known: the map shows the newest at once, not the historical profile first.
    if (other) useMap.getState().reset(project, usableRuns(useRuns.getState().runs).at(-1)?.id ?? null);
  };

  return {
    app: null,
    devices: null,
    project: null,
    problem: null,
    sampleJob: null,
    sampleTab: 'map',
    async loadApp() {
      set({ app: await api().app.info() });
    },
    async checkDevices() {
      set({ devices: null });
      await attempt(async () => set({ devices: await api().app.devices() }));
    },
    async refresh() {
      await attempt(async () => enter(await api().project.info()));
    },
    open: (path) =>
      attempt(async () => {
        await enter(await api().project.open({ path }));
        await get().loadApp();
        const project = get().project;
        if (project && project.segments === 0) useShell.getState().openDataPage('overview');
        else useShell.getState().go('map');
      }),
    create: (path) =>
      attempt(async () => {
        await enter(await api().project.create({ path }));
        await get().loadApp();
        useShell.getState().openDataPage('overview');
      }),
    createSample: async (path, recommender) => {
      await attempt(async () => {
        const { jobId } = await api().project.createSample({ path, ...(recommender && { of: recommender }) });
        set({ sampleJob: jobId, sampleTab: recommender ? recommenderTab(recommender) : 'map' });
        // The project that was open has been left for the new one.
        if (get().project) await enter(await api().project.info());
      });
    },
    async close() {
      await attempt(async () => {
        await api().project.close();
        await enter(null);
        await get().loadApp();
      });
    },
    async removeSource(id) {
      await attempt(async () => enter(await api().project.removeSource({ id })));
    },
    dismiss: () => set({ problem: null }),
  };
});
