import { z } from 'zod';

const bounded = z.object({ value: z.number(), low: z.number(), high: z.number() });
const byName = <T extends z.ZodType>(value: T) => z.record(z.string(), value);

/** Means over users with 95 % intervals, by name: `ndcg@10`, `recall@20`, … */
const rankingFigures = z.object({
  figures: byName(bounded),
  /** By list length, `@10`: share of the items that stand in anybody's list, and Gini coefficient of how often each does. */
  coverage: byName(z.number()),
  gini: byName(z.number()),
});

const buckets = z.array(
  z.object({ least: z.number(), most: z.number(), count: z.number(), figures: byName(z.number()) }),
);

/** A recommender judged by full rankings on what it never saw. */
export const rankingEvaluation = rankingFigures.extend({
  kind: z.literal('ranking'),
  runId: z.number(),
  from: z.null(),
  until: z.null(),
  users: z.number(),
  items: z.number(),
  baselines: byName(rankingFigures),
  /** By baseline: by how much the run is ahead, of the same users. */
  gains: byName(byName(bounded)),
  /** Users by how many items they knew, and found items by their popularity, from the least up. */
  byActivity: buckets,
  byPopularity: buckets,
});

/** What a recommender is trained on; left out: the only data set, its first type of edges, the last fifth of each user by time. */
export const recommenderChoice = z.object({
  data: z.string().optional(),
  edges: z.string().optional(),
  split: z.enum(['userTime', 'time', 'leaveOneOut', 'random']).optional(),
  test: z.number().min(0).max(0.9).default(0.2),
});

export type RankingFigures = z.infer<typeof rankingFigures>;
export type StoredRanking = z.infer<typeof rankingEvaluation>;
export type ApiRecommenderChoice = z.infer<typeof recommenderChoice>;

/** What one user is recommended, best first. */
export interface UserRecommendations {
  user: string;
  items: { item: string; score: number; reasons: RecommendationReasons | null }[];
}

/** A score as a sum of shares; see `Reasons` in `core/app/recommend/definition.ts`. */
export interface RecommendationReasons {
  score: number;
  alone: number;
  interactions: readonly { item: string; share: number }[];
  neighbours: readonly { user: string; share: number }[];
  features: readonly { of: 'user' | 'item'; name: string; share: number }[];
  rest: number;
}

/** A file that was written. */
export interface WrittenRows {
  path: string;
  rows: number;
}
