import { create } from 'zustand';
import { api } from '../api/connection.ts';
import { type Problem, toProblem } from '../api/errors.ts';
import type { ApiProjectInfo, ApiSegmentInfo, DayCurve, Point } from '../api/types.ts';
import { localDateTime } from '../format/format.ts';

export const STEP_MINUTES = 5;
/** Of the day's curve: each step is a question to the model. */
const CURVE_STEP_MINUTES = 30;

interface MapState {
  /** Null = the historical profile, no model. */
  runId: number | null;
  day: string | null;
  minute: number;
  playing: boolean;
  /** Predicted speed ÷ free-flow speed by segment, and what they were computed for. */
  ratios: Float32Array | null;
  ratiosFor: { runId: number | null; at: string } | null;
  /** Whether some segment has no prediction. */
  hasGaps: boolean;
  /** Kilometres of each class of the ramp, where the server says. */
  classKm: readonly number[] | null;
  loading: { since: number } | null;
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
  isolate(speedClass: number | null): void;
  select(segment: number | null): Promise<void>;
  selectNearest(point: Point, maxM: number): Promise<void>;
  fly(flight: MapState['flight']): void;
}

function roadsOf(project: ApiProjectInfo | null): number | null {
  return project?.sources.find(({ kind }) => kind === 'roads')?.id ?? null;
}

/** Bulk values arrive as bytes; the wire is little-endian, as are all machines that run this. */
export async function readFloats(blob: Blob): Promise<Float32Array> {
  return new Float32Array(await blob.arrayBuffer());
}

export const useMap = create<MapState>((set, get) => {
  const fresh = {
    day: null,
    minute: 8 * 60 + 10,
    playing: false,
    ratios: null,
    ratiosFor: null,
    hasGaps: false,
    classKm: null,
    loading: null,
    problem: null,
    curve: null,
    curveFor: null,
    isolated: null,
    selected: null,
    flight: null,
    runId: null,
  };

  /** One request at a time; while one runs, only the newest wish is kept. */
  let busy = false;
  const compute = async () => {
    if (busy) return;
    busy = true;
    try {
      for (let wish = wanted(); wish && !satisfied(wish); wish = wanted()) {
        set({ loading: { since: Date.now() }, problem: null });
        const answer = await api().predict.speeds({ runId: wish.runId, at: wish.at });
        const ratios = await readFloats(answer.values);
        set({ ratios, ratiosFor: wish, hasGaps: ratios.some(Number.isNaN), classKm: answer.classKm ?? null });
      }
    } catch (thrown) {
      set({ problem: toProblem(thrown), playing: false });
    } finally {
      busy = false;
      set({ loading: null });
    }
  };
  const wanted = () => {
    const { day, minute, runId } = get();
    return day ? { runId, at: localDateTime(day, minute) } : null;
  };
  const satisfied = (wish: { runId: number | null; at: string }) => {
    const { ratiosFor } = get();
    return ratiosFor?.at === wish.at && ratiosFor.runId === wish.runId;
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
    void compute();
    void loadCurve();
  };

  return {
    ...fresh,
    cursor: null,
    zoom: 0,
    roadsVersion: 0,
    roadsSource: null,
    reset(project, runId) {
      set((state) => ({
        ...fresh,
        runId,
        roadsVersion: state.roadsVersion + 1,
        roadsSource: roadsOf(project),
        day: startDay(project),
      }));
      if (project?.bounds) set({ flight: { bounds: project.bounds } });
      if (project?.trips) load();
    },
    projectChanged(project) {
      if (!project) return;
      set((state) => ({
        // Trips and observations leave the tiles as they are.
        ...(roadsOf(project) !== state.roadsSource && {
          roadsVersion: state.roadsVersion + 1,
          roadsSource: roadsOf(project),
        }),
        ratiosFor: null,
        curveFor: null,
        day: state.day && inside(state.day, project) ? state.day : startDay(project),
      }));
      if (project.bounds && !get().ratios) set({ flight: { bounds: project.bounds } });
      if (project.trips) load();
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
    isolate: (speedClass) => set({ isolated: get().isolated === speedClass ? null : speedClass }),
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

const inside = (day: string, { firstDay, lastDay }: ApiProjectInfo): boolean =>
  !!firstDay && !!lastDay && day >= firstDay && day <= lastDay;

/** The last full day that has trips. */
const startDay = (project: ApiProjectInfo | null): string | null => project?.lastDay ?? null;
