import { answerOf } from '@etalon/core/api/client';
import { create } from 'zustand';
import { api } from '../api/connection.ts';
import { type Problem, toProblem } from '../api/errors.ts';
import { type PendingCall, pendingNow } from '../api/pending.ts';
import type {
  ApiInteractionSummary,
  ApiProjectInfo,
  ApiRecommender,
  ApiRunInfo,
  DeliveryWay,
  EmbeddingMap,
  Point,
  RecommendationReasons,
  RecommendQuestion,
  UserRecommendations,
} from '../api/types.ts';
import type { Learns } from '../recommend/learns.ts';
import type { RecommenderStep } from '../recommend/systems.ts';
import { remember, remembered } from './memory.ts';
import { recommenderTab, useShell } from './shell.ts';

/** What is to be learned from, where a person has chosen it. */
export type Choice = Partial<Learns>;

/** What is asked beside whom it is for. */
export interface Asking {
  user: { id: string; title: string | null } | null;
  count: number;
  text: string;
  at: string;
  place: { point: Point; label: string } | null;
  withinMinutes: number | null;
  /** Null: as the system has it. */
  tasteOfTenMinutes: number | null;
}

export interface SystemState {
  step: RecommenderStep;
  choice: Choice;
  runId: number | null;
  formOpen: boolean;
  summary: ApiInteractionSummary | null;
  summaryOf: string;
  summarising: PendingCall | null;
  summaryProblem: Problem | null;
  asking: Asking;
  answer: UserRecommendations | null;
  answered: { runId: number; question: RecommendQuestion; at: number } | null;
  waiting: PendingCall | null;
  problem: Problem | null;
  /** An item of the answer, and why it is there. */
  item: string | null;
  reasons: RecommendationReasons | null;
  explaining: PendingCall | null;
  reasonsProblem: Problem | null;
  /** How that item gets to where it was asked from, of systems that weigh the way. */
  way: DeliveryWay | null;
  wayProblem: Problem | null;
  /** What a run learned, in the plane. */
  embedding: { runId: number; map: EmbeddingMap } | null;
  mapping: PendingCall | null;
  mapProblem: Problem | null;
}

const nothingAsked = {
  answer: null,
  answered: null,
  waiting: null,
  problem: null,
  item: null,
  reasons: null,
  explaining: null,
  reasonsProblem: null,
  way: null,
  wayProblem: null,
};

const usualAsking: Asking = {
  user: null,
  count: 10,
  text: '',
  at: '',
  place: null,
  withinMinutes: null,
  tasteOfTenMinutes: null,
};

const fresh = (id: string): SystemState => ({
  step: 'Data',
  choice: { test: remembered(`recommend.${id}.test`, 0.2) },
  runId: null,
  formOpen: false,
  summary: null,
  summaryOf: '',
  summarising: null,
  summaryProblem: null,
  asking: { ...usualAsking, count: remembered(`recommend.${id}.count`, usualAsking.count) },
  embedding: null,
  mapping: null,
  mapProblem: null,
  ...nothingAsked,
});

interface RecommendState {
  /** Those that the shell has. */
  recommenders: ApiRecommender[];
  systems: Readonly<Record<string, SystemState>>;
  load(): Promise<void>;
  /** Another project: nothing that was known holds. */
  reset(): void;
  patch(id: string, change: Partial<SystemState>): void;
  go(id: string, step: RecommenderStep): void;
  choose(id: string, change: Choice): void;
  showRun(id: string, runId: number): void;
  setAsking(id: string, change: Partial<Asking>): void;
  summarise(id: string, learns: Learns): Promise<void>;
  ask(id: string, runId: number): Promise<void>;
  cancelAsk(id: string): void;
  select(id: string, item: string | null): Promise<void>;
  layOut(id: string, runId: number): Promise<void>;
  cancelMap(id: string): void;
}

/** Where a system's state tells of calls on their way, and of those that failed. */
type PendingName = 'summarising' | 'waiting' | 'mapping' | 'explaining';
type ProblemName = 'summaryProblem' | 'problem' | 'mapProblem' | 'reasonsProblem';

/** Calls on their way, by system and kind: a newer one takes the place of the one before. */
const running = new Map<string, AbortController>();

function begin(key: string): AbortController {
  running.get(key)?.abort();
  const own = new AbortController();
  running.set(key, own);
  return own;
}

export const useRecommend = create<RecommendState>((set, get) => {
  const stateOf = (id: string) => get().systems[id] ?? fresh(id);
  const patch = (id: string, change: Partial<SystemState>) =>
    set(({ systems }) => ({ systems: { ...systems, [id]: { ...(systems[id] ?? fresh(id)), ...change } } }));

  /**
   * A call whose progress stands under one name and whose failure under another, taking the place of the one before. Null where it
   * failed or was given up.
   */
  const follow = async <Answer>(
    id: string,
    kind: string,
    [pending, problem]: readonly [PendingName, ProblemName],
    call: (options: { signal: AbortSignal }) => Parameters<typeof answerOf<Answer>>[0],
  ): Promise<{ answer: Answer } | null> => {
    const own = begin(`${kind} ${id}`);
    const waiting = pendingNow();
    patch(id, { [pending]: waiting, [problem]: null });
    try {
      const answer = await answerOf(
        call({ signal: own.signal }),
        (told) => !own.signal.aborted && patch(id, { [pending]: { ...waiting, told } }),
      );
      return own.signal.aborted ? null : { answer };
    } catch (thrown) {
      if (!own.signal.aborted) patch(id, { [problem]: toProblem(thrown), [pending]: null });
      return null;
    }
  };

  const findWay = async (id: string, item: string): Promise<void> => {
    const { answer } = stateOf(id);
    const from = answer?.items.find((listed) => listed.item === item)?.place;
    const { at, place: to } = answer?.asked ?? {};
    if (!from || !to || !at) return;
    const own = begin(`way ${id}`);
    try {
      const way = await api().recommenders.way({ from, to, at }, { signal: own.signal });
      if (!own.signal.aborted) patch(id, { way });
    } catch (thrown) {
      if (!own.signal.aborted) patch(id, { wayProblem: toProblem(thrown) });
    }
  };

  return {
    recommenders: [],
    systems: {},
    async load() {
      set({ recommenders: await api().recommenders.list() });
    },
    reset() {
      for (const call of running.values()) call.abort();
      running.clear();
      set({ systems: {} });
    },
    patch,
    go: (id, step) => patch(id, { step }),
    choose(id, change) {
      const choice = { ...stateOf(id).choice, ...change };
      if (change.test !== undefined) remember(`recommend.${id}.test`, change.test);
      patch(id, { choice });
    },
    showRun(id, runId) {
      if (stateOf(id).runId !== runId) patch(id, { runId, formOpen: false, ...nothingAsked });
      useShell.getState().go(recommenderTab(id));
    },
    setAsking(id, change) {
      if (change.count !== undefined) remember(`recommend.${id}.count`, change.count);
      patch(id, { asking: { ...stateOf(id).asking, ...change } });
    },
    async summarise(id, learns) {
      const key = JSON.stringify(learns);
      if (stateOf(id).summaryOf === key && stateOf(id).summary) return;
      const told = await follow(id, 'summary', ['summarising', 'summaryProblem'], (options) =>
        api().interactions.summary(learns, options),
      );
      if (told) patch(id, { summary: told.answer, summaryOf: key, summarising: null });
    },
    async ask(id, runId) {
      const { asking } = stateOf(id);
      const question = questionOf(asking);
      if (!question) return;
      running.get(`explain ${id}`)?.abort();
      const told = await follow(id, 'ask', ['waiting', 'problem'], (options) =>
        api().recommenders.ask({ runId, question }, options),
      );
      if (!told) return;
      const [answer] = told.answer;
      patch(id, { ...nothingAsked, answer: answer ?? null, answered: { runId, question, at: Date.now() } });
      const first = answer?.items[0];
      if (first) void get().select(id, first.item);
    },
    cancelAsk(id) {
      running.get(`ask ${id}`)?.abort();
      patch(id, { waiting: null });
    },
    async layOut(id, runId) {
      const told = await follow(id, 'map', ['mapping', 'mapProblem'], (options) =>
        api().recommenders.embeddingMap({ runId }, options),
      );
      if (told) patch(id, { embedding: { runId, map: told.answer }, mapping: null });
    },
    cancelMap(id) {
      running.get(`map ${id}`)?.abort();
      patch(id, { mapping: null });
    },
    async select(id, item) {
      const { answered } = stateOf(id);
      running.get(`explain ${id}`)?.abort();
      running.get(`way ${id}`)?.abort();
      patch(id, {
        item,
        reasons: null,
        explaining: null,
        reasonsProblem: null,
        way: null,
        wayProblem: null,
      });
      if (item === null || !answered) return;
      void findWay(id, item);
      const { runId, question } = answered;
      const told = await follow(id, 'explain', ['explaining', 'reasonsProblem'], (options) =>
        api().recommenders.explain({ runId, question, item }, options),
      );
      if (told) patch(id, { reasons: told.answer, explaining: null });
    },
  };
});

/** What is asked; null while nobody is chosen. */
export function questionOf(asking: Asking): RecommendQuestion | null {
  const { user, count, text, at, place, withinMinutes, tasteOfTenMinutes } = asking;
  if (!user) return null;
  return {
    users: [user.id],
    count,
    withReasons: false,
    ...(text.trim() && { text: text.trim() }),
    ...(at && { at }),
    ...(place && { place: place.point }),
    ...(withinMinutes !== null && { withinMinutes }),
    ...(tasteOfTenMinutes !== null && { tasteOfTenMinutes }),
  };
}

const untouched = new Map<string, SystemState>();

function untouchedState(id: string): SystemState {
  const state = untouched.get(id) ?? fresh(id);
  untouched.set(id, state);
  return state;
}

/** A system's state; the same object until something changes. */
export function useSystem(id: string): SystemState {
  return useRecommend(({ systems }) => systems[id] ?? untouchedState(id));
}

export const runsOf = (runs: readonly ApiRunInfo[], id: string): ApiRunInfo[] =>
  runs.filter((run) => run.model === id);

/** The run that a tab shows: the chosen one, else the one in training, else the newest. */
export function shownRun(runs: readonly ApiRunInfo[], id: string, runId: number | null): ApiRunInfo | null {
  const own = runsOf(runs, id);
  return (
    own.find((run) => run.id === runId) ??
    own.find((run) => run.status === 'running') ??
    own.findLast((run) => run.status === 'finished') ??
    own.at(-1) ??
    null
  );
}

export const hasWeights = (run: ApiRunInfo | null): run is ApiRunInfo => run?.status === 'finished';

/** The data set that a run was trained on, as the project has it now. */
export function dataOfRun(
  project: ApiProjectInfo | null,
  run: ApiRunInfo,
): { data: string; edges: string } | null {
  const { interactions } = run.config as { interactions?: { data: string; edges: string } };
  if (!interactions || !project?.interactions.some(({ name }) => name === interactions.data)) return null;
  return { data: interactions.data, edges: interactions.edges };
}
