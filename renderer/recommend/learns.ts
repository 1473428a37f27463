import type { ApiProjectInfo, ApiRecommender, ApiRecommenderChoice } from '../api/types.ts';

export type Split = NonNullable<ApiRecommenderChoice['split']>;

/** What a run would learn from: a data set, a type of its edges, and how edges are held out. */
export interface Learns {
  data: string;
  edges: string;
  split: Split;
  test: number;
}

export const SPLITS: readonly { id: Split; label: string; timed: boolean; help: string }[] = [
  {
    id: 'userTime',
    label: 'Last of each user',
    timed: true,
    help: 'Of each user the last share by time is held out.',
  },
  {
    id: 'time',
    label: 'Last of all',
    timed: true,
    help: 'One moment parts what is known from what is asked.',
  },
  { id: 'leaveOneOut', label: 'One of each user', timed: true, help: 'Of each user the last edge is asked.' },
  { id: 'random', label: 'At random', timed: false, help: 'Of each user a share is drawn.' },
];

type DataSet = ApiProjectInfo['interactions'][number];

export const dataSetOf = (project: ApiProjectInfo | null, name: string | undefined): DataSet | null =>
  project?.interactions.find((set) => set.name === name) ?? project?.interactions[0] ?? null;

/** What is chosen, filled up by what the recommender prefers and what the data allow; null without interactions. */
export function learnsOf(
  project: ApiProjectInfo | null,
  { prefers }: Pick<ApiRecommender, 'prefers'>,
  choice: Partial<Learns>,
): Learns | null {
  const set = dataSetOf(project, choice.data);
  const preferred = set?.edges.find(({ name }) => name === prefers?.edges);
  const type = set?.edges.find(({ name }) => name === choice.edges) ?? preferred ?? set?.edges[0];
  if (!set || !type) return null;
  const isTimed = type.firstS !== null;
  const usual = (type === preferred && prefers?.split) || 'userTime';
  const wanted = choice.split ?? usual;
  const split = isTimed || SPLITS.find(({ id }) => id === wanted)?.timed === false ? wanted : 'random';
  return { data: set.name, edges: type.name, split, test: choice.test ?? 0.2 };
}
