import { create } from 'zustand';
import { api } from '../api/connection.ts';
import { type Problem, toProblem } from '../api/errors.ts';
import type {
  ApiScenario,
  ApiScenarioEdit,
  ApiScenarioSummary,
  ApiSegmentInfo,
  Point,
  ScenarioRoute,
  ScenarioSpeeds,
} from '../api/types.ts';
import { localDateTime } from '../format/format.ts';
import { readFloats } from '../map/layers.ts';
import { useMap } from './map.ts';
import { useRoute } from './route.ts';
import { useShell } from './shell.ts';

/** What the two maps show: a slider between base and scenario, or the change of travel time. */
export type ScenarioView = 'slider' | 'difference';

/** Values of every segment, and what else is drawn. */
export interface ScenarioMapValues {
  base: Float32Array;
  scenario: Float32Array;
  change: Float32Array;
  speeds: ScenarioSpeeds;
}

interface Question {
  edits: ApiScenarioEdit[];
  at: string;
  runId: number | null;
}

interface ScenariosState {
  list: ApiScenario[];
  loaded: boolean;
  /** The scenario that is open; null = none. */
  id: number | null;
  edits: ApiScenarioEdit[];
  past: ApiScenarioEdit[][];
  future: ApiScenarioEdit[][];
  view: ScenarioView;
  /** Share of the map's width that shows the base case. */
  slider: number;
  /** The segment that the next edit is for. */
  selected: ApiSegmentInfo | null;
  /** Ends of a new link as they are clicked; null while none is drawn. */
  drawing: Point[] | null;
  values: ScenarioMapValues | null;
  summary: ApiScenarioSummary | null;
  route: ScenarioRoute | null;
  /** What the answers were worked out for; another question makes them stale. */
  answered: string | null;
  loading: { since: number; what: string } | null;
  problem: Problem | null;
  refresh(): Promise<void>;
  reset(): void;
  create(): Promise<void>;
  open(id: number): void;
  rename(name: string): Promise<void>;
  remove(id: number): Promise<void>;
  /** Changes the edits as one step that can be undone, saves them and works the scenario out again. */
  edit(edits: ApiScenarioEdit[]): void;
  add(edit: ApiScenarioEdit): void;
  undo(): void;
  redo(): void;
  setView(view: ScenarioView): void;
  setSlider(share: number): void;
  select(segment: number | null): Promise<void>;
  selectNearest(point: Point): Promise<void>;
  draw(drawing: Point[] | null): void;
  compute(): void;
}

/** Edits come in quick succession while a value is typed: the last of them is worked out. */
const SETTLE_MS = 250;

export const useScenarios = create<ScenariosState>((set, get) => {
  const closed = {
    id: null,
    edits: [],
    past: [],
    future: [],
    selected: null,
    drawing: null,
    values: null,
    summary: null,
    route: null,
    answered: null,
    loading: null,
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking: AbortController | null = null;
  let writes: Promise<unknown> = Promise.resolve();

  /** One after the other: what is still on its way must not arrive after its scenario is gone, nor with a name from before. */
  const inTurn = <T>(write: () => Promise<T>): Promise<T> => {
    const mine = writes.then(write);
    writes = mine;
    return mine;
  };

  const attempt = async <T>(work: () => Promise<T>): Promise<T | null> => {
    set({ problem: null });
    try {
      return await work();
    } catch (thrown) {
      set({ problem: toProblem(thrown) });
      return null;
    }
  };

  const put = (scenario: ApiScenario) =>
    set(({ list }) => ({
      list: list.some(({ id }) => id === scenario.id)
        ? list.map((other) => (other.id === scenario.id ? scenario : other))
        : [...list, scenario],
    }));

  const show = (scenario: ApiScenario) => {
    saveNow();
    set({ ...closed, id: scenario.id, edits: scenario.edits });
    get().compute();
  };

  const apply = (edits: ApiScenarioEdit[], change: Partial<ScenariosState>) => {
    set({ ...change, edits });
    clearTimeout(timer);
    timer = setTimeout(() => {
      saveNow();
      get().compute();
    }, SETTLE_MS);
  };

  /** Saves edits that wait for more of them. */
  const saveNow = () => {
    if (timer === undefined) return;
    forget();
    const { id, edits } = get();
    void inTurn(async () => {
      const name = get().list.find((scenario) => scenario.id === id)?.name;
      if (id === null || name === undefined) return;
      const saved = await attempt(() => api().scenarios.save({ id, name, edits }));
      if (saved) put(saved);
    });
  };

  const forget = () => {
    clearTimeout(timer);
    timer = undefined;
  };

  const ask = async (signal: AbortSignal) => {
    const question = asked();
    if (!question) return;
    const { edits, at, runId } = question;
    const since = Date.now();
    const { a, b } = useRoute.getState();
    const wait = (what: string) => set({ loading: { since, what } });
    wait('Working out who drives where');
    const speeds = await api().scenarios.speeds({ runId, edits, at }, { signal });
    const [base, scenario, change] = await Promise.all(
      [speeds.base, speeds.scenario, speeds.change].map(readFloats),
    );
    if (signal.aborted) return;
    set({ values: { base: base!, scenario: scenario!, change: change!, speeds } });
    if (a && b && runId !== null) {
      wait('Comparing the route');
      const route = await api().scenarios.route(
        { runId, edits, from: a.point, to: b.point, depart: at },
        { signal },
      );
      if (signal.aborted) return;
      set({ route });
    } else set({ route: null });
    wait('Adding up delays');
    const summary = await api().scenarios.summary({ edits, at }, { signal });
    if (!signal.aborted) set({ summary, answered: keyOf(question) });
  };

  return {
    list: [],
    loaded: false,
    view: 'slider',
    slider: 0.5,
    problem: null,
    ...closed,
    async refresh() {
      const list = await attempt(() => api().scenarios.list());
      if (!list) return;
      set({ list, loaded: true });
      const { id } = get();
      if (id === null && list.length > 0) show(list.at(-1)!);
    },
    reset() {
      asking?.abort();
      forget();
      set({ ...closed, list: [], loaded: false, problem: null });
    },
    async create() {
      const taken = new Set(get().list.map(({ name }) => name));
      let number = taken.size + 1;
      while (taken.has(`Scenario ${number}`)) number++;
      const made = await attempt(() => api().scenarios.save({ name: `Scenario ${number}`, edits: [] }));
      if (!made) return;
      put(made);
      show(made);
    },
    open(id) {
      const scenario = get().list.find((candidate) => candidate.id === id);
      if (scenario && id !== get().id) show(scenario);
    },
    async rename(name) {
      const { id } = get();
      if (id === null || !name.trim()) return;
      const renamed = await inTurn(() => attempt(() => api().scenarios.rename({ id, name })));
      if (renamed) put(renamed);
    },
    async remove(id) {
      if (get().id === id) forget();
      if (!(await inTurn(() => attempt(() => api().scenarios.remove({ id }))))) return;
      const list = get().list.filter((scenario) => scenario.id !== id);
      set({ list });
      if (get().id !== id) return;
      if (list.length > 0) show(list.at(-1)!);
      else set(closed);
    },
    edit(edits) {
      const { past, edits: before } = get();
      apply(edits, { past: [...past, before], future: [] });
    },
    add: (edit) => get().edit([...get().edits, edit]),
    undo() {
      const { past, future, edits } = get();
      const before = past.at(-1);
      if (before) apply(before, { past: past.slice(0, -1), future: [edits, ...future] });
    },
    redo() {
      const { past, future, edits } = get();
      const [after, ...rest] = future;
      if (after) apply(after, { past: [...past, edits], future: rest });
    },
    setView: (view) => set({ view }),
    setSlider: (share) => set({ slider: Math.min(1, Math.max(0, share)) }),
    async select(segment) {
      if (segment === null) return set({ selected: null });
      const selected = await attempt(() => api().roads.segment({ segment }));
      if (selected) set({ selected });
    },
    async selectNearest(point) {
      const selected = await attempt(() => api().roads.nearest({ point, maxM: 2_000 }));
      if (selected) set({ selected });
    },
    draw: (drawing) => set({ drawing }),
    compute() {
      asking?.abort();
      const mine = new AbortController();
      asking = mine;
      set({ problem: null });
      ask(mine.signal)
        .catch((thrown) => {
          if (!mine.signal.aborted) set({ problem: toProblem(thrown) });
        })
        .finally(() => {
          if (asking === mine) set({ loading: null });
        });
    },
  };

  function asked(): Question | null {
    const { id, edits } = get();
    const { day, minute, runId } = useMap.getState();
    return id === null || !day ? null : { edits, at: localDateTime(day, minute), runId };
  }

  function keyOf({ edits, at, runId }: Question): string {
    return JSON.stringify([edits, at, runId]);
  }
});

/** Takes a segment to the open scenario, or to a new one, where it can be closed or changed. */
export async function tryChange(selected: ApiSegmentInfo): Promise<void> {
  useShell.getState().go('scenarios');
  const { loaded, refresh } = useScenarios.getState();
  if (!loaded) await refresh();
  if (useScenarios.getState().id === null) await useScenarios.getState().create();
  useScenarios.setState({ selected });
}
