import { create } from 'zustand';
import { api } from '../api/connection.ts';
import { type Problem, toProblem } from '../api/errors.ts';
import type {
  ApiMetricPoint,
  ApiRunInfo,
  ApiSettingInfo,
  ApiSpeedExport,
  ApiTrainConfig,
} from '../api/types.ts';

/** Travel times of routes, or speeds of segments. */
export type ModelId = ApiTrainConfig['model'];

interface RunsState {
  runs: ApiRunInfo[];
  loaded: boolean;
  /** Of each model that was asked for. */
  settings: Partial<Record<ModelId, ApiSettingInfo[]>>;
  /** The run whose card and curves the train tab shows. */
  shown: number | null;
  formOpen: boolean;
  points: Record<number, ApiMetricPoint[]>;
  problem: Problem | null;
  refresh(): Promise<void>;
  reset(): void;
  loadSettings(model: ModelId): Promise<void>;
  show(runId: number): void;
  openForm(open: boolean): void;
  /** The new run's number; null where it could not start. */
  train(config: ApiTrainConfig): Promise<number | null>;
  resume(runId: number): Promise<void>;
  stop(runId: number): Promise<void>;
  remove(runId: number): Promise<void>;
  rename(runId: number, name: string): Promise<void>;
  /** On the days from `from` on; by default those that its training left out. */
  evaluate(runId: number, from?: string): Promise<void>;
  exportOnnx(runId: number, path: string): Promise<string | null>;
  exportSpeeds(request: ApiSpeedExport): Promise<string | null>;
}

export const useRuns = create<RunsState>((set, get) => {
  const attempt = async <T>(work: () => Promise<T>): Promise<T | null> => {
    set({ problem: null });
    try {
      return await work();
    } catch (thrown) {
      set({ problem: toProblem(thrown) });
      return null;
    }
  };

  return {
    runs: [],
    loaded: false,
    settings: {},
    shown: null,
    formOpen: false,
    points: {},
    problem: null,
    async refresh() {
      await attempt(async () => {
        const runs = await api().runs.list();
        const { shown } = get();
        const shownHere = trafficRuns(runs);
        const kept = shownHere.some((run) => run.id === shown);
        const first = shownHere.find((run) => run.status === 'running') ?? shownHere.at(-1);
        set({ runs, loaded: true, shown: kept ? shown : (first?.id ?? null) });
      });
    },
    reset: () => set({ runs: [], loaded: false, shown: null, points: {}, problem: null, formOpen: false }),
    async loadSettings(model) {
      if (get().settings[model]) return;
      await attempt(async () => {
        const loaded = await api().runs.settings({ model });
        set({ settings: { ...get().settings, [model]: loaded } });
      });
    },
    show: (shown) => set({ shown, formOpen: false }),
    openForm: (formOpen) => set({ formOpen }),
    async train(config) {
      const started = await attempt(() => api().runs.train(config));
      if (!started) return null;
      await get().refresh();
      return started.runId;
    },
    async resume(runId) {
      if (await attempt(() => api().runs.resume({ runId }))) await get().refresh();
    },
    async stop(runId) {
      await attempt(() => api().runs.stop({ runId }));
    },
    async remove(runId) {
      await attempt(() => api().runs.remove({ runId }));
      await get().refresh();
    },
    async rename(runId, name) {
      await attempt(() => api().runs.rename({ runId, name }));
      await get().refresh();
    },
    async evaluate(runId, from) {
      await attempt(() => api().runs.evaluate({ runId, ...(from && { from }) }));
    },
    async exportOnnx(runId, path) {
      return (await attempt(() => api().runs.export({ runId, path })))?.jobId ?? null;
    },
    async exportSpeeds(request) {
      return (await attempt(() => api().speeds.export(request)))?.jobId ?? null;
    },
  };
});

/** Follows a run's points until it ends or the caller loses interest. */
export async function followMetrics(runId: number, signal: AbortSignal): Promise<void> {
  try {
    for await (const batch of await api().runs.watchMetrics({ runId }, { signal })) {
      if (signal.aborted) return;
      useRuns.setState(({ points }) => ({ points: { ...points, [runId]: merged(points[runId], batch) } }));
    }
  } catch (thrown) {
    if (!signal.aborted) useRuns.setState({ problem: toProblem(thrown) });
  }
}

/** A run that is followed a second time sends its points again, from the first. */
function merged(before: ApiMetricPoint[] | undefined, batch: ApiMetricPoint[]): ApiMetricPoint[] {
  const all = new Map((before ?? []).map((point) => [`${point.name} ${point.epoch}`, point]));
  for (const point of batch) all.set(`${point.name} ${point.epoch}`, point);
  return [...all.values()];
}

/** Of models of traffic: what the tab Train lists. Recommenders have tabs of their own. */
export const trafficRuns = (runs: readonly ApiRunInfo[]): ApiRunInfo[] =>
  runs.filter((run) => run.predicts !== 'items');

/** Those that the map can be asked by. */
export const usableRuns = (runs: readonly ApiRunInfo[]): ApiRunInfo[] =>
  trafficRuns(runs).filter((run) => run.status === 'finished');
