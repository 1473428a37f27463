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

/** What else a system found out of its data or of itself: an ablation, an overlap, a drift. */
const reportTable = z.object({
  title: z.string(),
  note: z.string(),
  columns: z.array(z.string()),
  rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))),
});

/** A recommender judged on what it never saw, by full rankings unless its notes say otherwise. */
export const rankingEvaluation = rankingFigures.extend({
  kind: z.literal('ranking'),
  runId: z.number(),
  from: z.null(),
  until: z.null(),
  /** Who was asked and what was ranked, or what else was judged. */
  users: z.number(),
  items: z.number(),
  /** The figure that counts most. */
  judgedBy: z.string().default('ndcg@10'),
  /** How it was asked, where that is not the full ranking of every item for every user. */
  note: z.string().nullable().default(null),
  baselines: byName(rankingFigures),
  /** By baseline: by how much the run is ahead, of the same users. */
  gains: byName(byName(bounded)),
  /** Users by how many items they knew, and found items by their popularity, from the least up. */
  byActivity: buckets,
  byPopularity: buckets,
  reports: z.array(reportTable).default([]),
});

/** What a trained recommender is asked; which fields beyond the first three it takes, its definition says. */
export const recommendQuestion = z.object({
  users: z.array(z.string()).min(1),
  count: z.number().int().min(1).max(1000).default(10),
  withReasons: z.boolean().default(false),
  /** Words to search for. */
  text: z.string().optional(),
  /** Local date and time, `YYYY-MM-DDTHH:MM`. */
  at: z.string().optional(),
  /** Place to ask from, [longitude, latitude]. */
  place: z.tuple([z.number(), z.number()]).optional(),
  /** Longest way to an item. */
  withinMinutes: z.number().positive().optional(),
  /** How much taste ten minutes are worth. */
  tasteOfTenMinutes: z.number().min(0).optional(),
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
export type ReportTable = z.infer<typeof reportTable>;
export type ApiRecommenderChoice = z.infer<typeof recommenderChoice>;
export type RecommendQuestion = z.infer<typeof recommendQuestion>;
export type RecommendRequest = z.input<typeof recommendQuestion>;

const reasonShare = z.number();
/** What people call it, where that is known. */
const title = z.string().nullable().optional();

/** A score as a sum of shares; see `Reasons` in `core/app/recommend/definition.ts`. */
export const recommendationReasons = z.object({
  score: z.number(),
  alone: z.number(),
  interactions: z.array(z.object({ item: z.string(), title, share: reasonShare })).readonly(),
  neighbours: z.array(z.object({ user: z.string(), title, share: reasonShare })).readonly(),
  features: z
    .array(
      z.object({ of: z.enum(['user', 'item', 'pair', 'context']), name: z.string(), share: reasonShare }),
    )
    .readonly(),
  rest: z.number(),
});

const recommendedItem = z.object({
  item: z.string(),
  /** What people call it; null: nothing but its identifier is known. */
  title: z.string().nullable(),
  score: z.number(),
  reasons: recommendationReasons.nullable(),
  /** Further figures and words beside the score, by label: minutes, restaurant, friends in common. */
  details: byName(z.union([z.string(), z.number()])),
  /** Where it is, [longitude, latitude], of items with a place. */
  place: z.tuple([z.number(), z.number()]).optional(),
});

/** What one user is recommended, best first. */
export const userRecommendations = z.object({
  user: z.string(),
  items: z.array(recommendedItem),
  /** When (local) and where, [longitude, latitude], it was taken to be asked, of systems that weigh them; null: not known. */
  asked: z
    .object({ at: z.string().nullable(), place: z.tuple([z.number(), z.number()]).nullable() })
    .optional(),
});

/** The way from an item to where it was asked from, in minutes as the answer tells them. */
export const deliveryWay = z.object({
  /** [longitude, latitude] of its points. */
  line: z.array(z.tuple([z.number(), z.number()])),
  minutes: z.number(),
  km: z.number(),
  /** What tells them: "run eta-1". */
  by: z.string(),
});

/** States of users and items in the plane: what is near is alike to the model. */
export const embeddingMap = z.object({
  /** How many there are; the map may hold a sample. */
  of: z.number(),
  types: z.array(
    z.object({
      type: z.string(),
      ids: z.array(z.string()),
      titles: z.array(z.string().nullable()),
      x: z.array(z.number()),
      y: z.array(z.number()),
      /** Categorical features, null where missing. */
      features: byName(z.array(z.string().nullable())),
    }),
  ),
});

/** A recommender as clients know it before any run. Its settings are those of its model. */
export const recommenderInfo = z.object({
  id: z.string(),
  /** What it can be told beside who asks. */
  asks: z.array(z.enum(['text', 'at', 'place', 'withinMinutes', 'tasteOfTenMinutes'])),
  /** Which edges it learns from and how they are held out, where nothing else is chosen and the data have such edges. */
  prefers: z.object({ edges: z.string(), split: recommenderChoice.shape.split }).nullable(),
  /** How a score is shared among its reasons, a sentence. */
  sharedBy: z.string(),
  /** Names of its own baselines, by id. */
  baselines: byName(z.string()),
});

export type DeliveryWay = z.infer<typeof deliveryWay>;
export type UserRecommendations = z.infer<typeof userRecommendations>;
export type RecommendedItem = z.infer<typeof recommendedItem>;
export type RecommendationReasons = z.infer<typeof recommendationReasons>;
export type EmbeddingMap = z.infer<typeof embeddingMap>;
export type ApiRecommender = z.infer<typeof recommenderInfo>;

/** A file that was written. */
export interface WrittenRows {
  path: string;
  rows: number;
}
