import { create } from 'zustand';
import { api } from '../api/connection.ts';
import { type Problem, toProblem } from '../api/errors.ts';
import type { ApiJobState, ApiProjectInfo, ApiSegmentInfo, DayCurve, Point } from '../api/types.ts';
import { localDateTime } from '../format/format.ts';
import {
  differenceLayer,
  type MapLayer,
  requestedLayer,
  type ShownLayer,
  type SpeedKind,
  shownLayer,
} from '../map/layers.ts';
import { remember, remembered } from './memory.ts';
import { useSupersegments } from './supersegments.ts';

export const STEP_MINUTES = 5;
/** Of the day's curve: each step is a question to the model. */
const CURVE_STEP_MINUTES = 30;

interface MapState {
  /** Null = the historical profile, no model. */
  runId: number | null;
  day: string | null;
  minute: number;
  playing: boolean;
  /** What the map is to show. */
  layer: MapLayer;
  speed: SpeedKind;
  /** Minutes after the strip's time, of predicted speeds. */
  horizonMinutes: number;
  /** The runs whose errors the layer `difference` sets against each other. */
  compared: { a: number; b: number } | null;
  /** What the map shows: the values of a layer, and for which question. */
  shown: ShownLayer | null;
  shownFor: string | null;
  loading: { since: number; progress: ApiJobState['progress'] } | null;
  /** The question that the user stopped; it is not asked again by itself. */
  stopped: string | null;
  problem: Problem | null;
  curve: DayCurve | null;
  curveFor: { runId: number | null; day: string } | null;
  isolated: number | null;
  selected: ApiSegmentInfo | null;
  /** Pointer position, or centre of the view for the keyboard. */
  cursor: Point | null;
  zoom: number;
  /** A request to move the camera; the map takes it and clears it. */
  flight: { center?: Point; bounds?: [number, number, number, number] } | null;
  /** Grows when the road network changes, so that tiles are read again. */
  roadsVersion: number;
  /** The source that those roads came from. */
  roadsSource: number | null;
  /** Another project: what it shows first is the given run, or the historical profile. */
  reset(project: ApiProjectInfo | null, runId: number | null): void;
  projectChanged(project: ApiProjectInfo | null): void;
  preferRun(runId: number | null): void;
  setDay(day: string): void;
  setMinute(minute: number): void;
  step(direction: 1 | -1): void;
  togglePlay(): void;
  isolate(classIndex: number | null): void;
  setLayer(layer: Exclude<MapLayer, 'difference'>): void;
  setSpeed(speed: SpeedKind, horizonMinutes?: number): void;
  /** Gives up what is being computed; `resume` asks for it anew. */
  stop(): void;
  resume(): void;
  showDifference(a: number, b: number): void;
  select(segment: number | null): Promise<void>;
  selectNearest(point: Point, maxM: number): Promise<void>;
  fly(flight: MapState['flight']): void;
}

function roadsOf(project: ApiProjectInfo | null): number | null {
  return project?.sources.find(({ kind }) => kind === 'roads')?.id ?? null;
}

export const useMap = create<MapState>((set, get) => {
  const fresh = {
    day: null,
    minute: 8 * 60 + 10,
    playing: false,
    shown: null,
    shownFor: null,
    compared: null,
    loading: null,
    stopped: null,
    problem: null,
    curve: null,
    curveFor: null,
    isolated: null,
    selected: null,
    flight: null,
    runId: null,
  };

  /** One request at a time; while one runs, only the newest wish is kept. */
  let running: AbortController | null = null;
  const compute = async () => {
    if (running) return;
    try {
      for (let wish = wanted(); wish && isOpen(JSON.stringify(wish)); wish = wanted()) {
        running = new AbortController();
        set({ loading: { since: Date.now(), progress: null }, stopped: null, problem: null });
        void followProgress(running.signal);
        const shown = await unlessAborted(ask(wish, running.signal), running.signal);
        running.abort();
        if (!shown) continue;
        // Classes of another layer are others: what was isolated among them is nothing now.
        const isolated = get().shown?.layer === shown.layer ? get().isolated : null;
        set({ shown, isolated, shownFor: JSON.stringify(wish) });
      }
    } catch (thrown) {
      set({ problem: toProblem(thrown), playing: false });
    } finally {
      running?.abort();
      running = null;
      set({ loading: null });
    }
  };
  const isOpen = (wish: string) => get().shownFor !== wish && get().stopped !== wish;
  /** Until the answer is there, or nobody waits for it. */
  const followProgress = async (signal: AbortSignal) => {
    try {
      for await (const progress of await api().predict.watchLayer(undefined, { signal })) {
        const { loading } = get();
        if (signal.aborted) return;
        if (loading) set({ loading: { ...loading, progress } });
      }
    } catch {
      // Whatever keeps progress from being told is told by the answer itself.
    }
  };
  /** For another question than a step of time: the one that runs is not waited for. */
  const computeAnew = () => {
    running?.abort();
    void compute();
  };
  const wanted = () => {
    const { day, minute, runId, layer, speed, horizonMinutes, compared } = get();
    const chosen = { layer, speed, horizonMinutes, compared };
    // Supersegments are of no time and no run on the map.
    if (layer === 'coverage') return { ...chosen, at: '', runId: null };
    return day ? { ...chosen, at: localDateTime(day, minute), runId } : null;
  };
  const ask = async (
    wish: NonNullable<ReturnType<typeof wanted>>,
    signal: AbortSignal,
  ): Promise<ShownLayer> => {
    const { at, runId, speed } = wish;
    if (wish.layer === 'coverage') return coverageLayer(signal);
    if (wish.layer !== 'difference') {
      const layer = requestedLayer(wish.layer, speed);
      const horizonMinutes = layer === 'predicted' ? wish.horizonMinutes : 0;
      return shownLayer(
        { layer: wish.layer, speed, horizonMinutes },
        await api().predict.layer({ runId, layer, at, horizonMinutes }, { signal }),
      );
    }
    const errorOf = async (id: number) =>
      shownLayer(
        wish,
        await api().predict.layer({ runId: id, layer: 'error', at, horizonMinutes: 0 }, { signal }),
      );
    return differenceLayer(await errorOf(wish.compared!.a), await errorOf(wish.compared!.b));
  };

  const loadCurve = async () => {
    const { day, runId, curveFor } = get();
    if (!day || (curveFor?.day === day && curveFor.runId === runId)) return;
    set({ curveFor: { runId, day } });
    try {
      const curve = await api().predict.day({ runId, day, stepMinutes: CURVE_STEP_MINUTES });
      if (get().curveFor?.day === day && get().curveFor?.runId === runId) set({ curve });
    } catch (thrown) {
      set({ curve: null, problem: toProblem(thrown) });
    }
  };
  const load = () => {
    computeAnew();
    void loadCurve();
  };

  return {
    ...fresh,
    layer: remembered<MapLayer>('layer', 'speed'),
    speed: remembered<SpeedKind>('speedKind', 'predicted'),
    horizonMinutes: remembered('horizonMinutes', 0),
    cursor: null,
    zoom: 0,
    roadsVersion: 0,
    roadsSource: null,
    reset(project, runId) {
      if (get().layer === 'difference') set({ layer: 'speed' });
      set((state) => ({
        ...fresh,
        runId,
        roadsVersion: state.roadsVersion + 1,
        roadsSource: roadsOf(project),
        day: startDay(project),
      }));
      if (project?.bounds) set({ flight: { bounds: project.bounds } });
      if (project?.trips || runId !== null) load();
    },
    projectChanged(project) {
      if (!project) return;
      set((state) => ({
        // Other imports leave the tiles as they are.
        ...(roadsOf(project) !== state.roadsSource && {
          roadsVersion: state.roadsVersion + 1,
          roadsSource: roadsOf(project),
        }),
        shownFor: null,
        stopped: null,
        curveFor: null,
        day: state.day && inside(state.day, project) ? state.day : startDay(project),
      }));
      if (project.bounds && !get().shown) set({ flight: { bounds: project.bounds } });
      if (project.trips || get().runId !== null) load();
    },
    preferRun(runId) {
      set({ runId });
      load();
    },
    setDay(day) {
      set({ day });
      load();
    },
    setMinute(minute) {
      set({ minute: ((minute % 1440) + 1440) % 1440 });
      void compute();
    },
    step: (direction) => get().setMinute(get().minute + direction * STEP_MINUTES),
    togglePlay() {
      const playing = !get().playing;
      set({ playing });
      if (playing) void play();
    },
    isolate: (classIndex) => set({ isolated: get().isolated === classIndex ? null : classIndex }),
    setLayer(layer) {
      remember('layer', layer);
      set({ layer });
      computeAnew();
    },
    setSpeed(speed, horizonMinutes = 0) {
      remember('speedKind', speed);
      remember('horizonMinutes', horizonMinutes);
      set({ speed, horizonMinutes });
      get().setLayer('speed');
    },
    stop() {
      set({ stopped: JSON.stringify(wanted()), playing: false });
      running?.abort();
    },
    resume() {
      set({ stopped: null });
      void compute();
    },
    showDifference(a, b) {
      set({ layer: 'difference', compared: { a, b } });
      computeAnew();
    },
    async select(segment) {
      if (segment === null) return set({ selected: null });
      try {
        set({ selected: await api().roads.segment({ segment }) });
      } catch (thrown) {
        set({ problem: toProblem(thrown) });
      }
    },
    async selectNearest(point, maxM) {
      set({ selected: await api().roads.nearest({ point, maxM }) });
    },
    fly: (flight) => set({ flight }),
  };

  /** Steps on as soon as the last step's colours are there, three times a second at most. */
  async function play() {
    while (get().playing) {
      const pause = new Promise((resolve) => setTimeout(resolve, 330));
      get().step(1);
      await pause;
      while (get().playing && get().loading) await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }
});

/** Of the supersegments drawn last; before any was, they are drawn. Throws why that failed. */
async function coverageLayer(signal: AbortSignal): Promise<ShownLayer> {
  const { shown, draw } = useSupersegments.getState();
  if (shown) return shown;
  const left = new Promise<void>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('Another layer was chosen.')));
  });
  await Promise.race([draw(), left]);
  const drawn = useSupersegments.getState();
  if (drawn.shown) return drawn.shown;
  throw drawn.problem ?? new Error('No supersegments were drawn.');
}

useSupersegments.subscribe(({ shown }, before) => {
  if (shown && shown !== before.shown && useMap.getState().layer === 'coverage') useMap.setState({ shown });
});

/** What is promised, or null once nobody waits for it any more. */
async function unlessAborted<T>(promised: Promise<T>, signal: AbortSignal): Promise<T | null> {
  try {
    return await promised;
  } catch (thrown) {
    if (signal.aborted) return null;
    throw thrown;
  }
}

const inside = (day: string, project: ApiProjectInfo): boolean => {
  const { firstDay, lastDay, firstObservedDay, lastObservedDay } = project;
  const within = (first: string | null, last: string | null) =>
    !!first && !!last && day >= first && day <= last;
  return within(firstDay, lastDay) || within(firstObservedDay, lastObservedDay);
};

/** The last full day that has trips. */
const startDay = (project: ApiProjectInfo | null): string | null =>
  project?.lastDay ?? project?.lastObservedDay ?? null;
