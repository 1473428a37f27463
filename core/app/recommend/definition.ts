import type { RecommendQuestion, StoredRanking, UserRecommendations } from '../../api/recommenders.ts';
import type { TaskContext } from '../../base/index.ts';
import type { HoldOut, HoldOutWay, InteractionData, Scorer } from '../../interactions/index.ts';
import type { ProjectStore } from '../../project/index.ts';
import type { RunConfig, TrainableModel } from '../model.ts';
import type { AskedGroup } from './group.ts';
import type { TravelTimes } from './travelTimes.ts';

export type { DrivenMinutes, TravelTimes } from './travelTimes.ts';

/** What a recommender learns from: kept in its run's config, so that it is judged on what it never saw. */
export interface RecommenderData {
  /** Name of the data set in the project, and of the type of edges that is predicted. */
  readonly data: string;
  readonly edges: string;
  readonly holdOut: HoldOut;
}

export interface RecommenderConfig extends RunConfig {
  readonly interactions: RecommenderData;
}

/** Which interactions the states of users and items are made of. */
export type Knowledge = 'known' | 'everything';

export type QuestionField = Exclude<keyof RecommendQuestion, 'users' | 'count' | 'withReasons'>;

/** A recommender as the application sees it. */
export interface RecommenderDefinition extends TrainableModel {
  readonly predicts: 'items';
  /** Which edges it learns from and how they are held out, where nothing else is chosen and the data have such edges. */
  readonly prefers?: { readonly edges: string; readonly split?: HoldOutWay };
  /** What it can be told beside who asks: see {@link RecommendQuestion}. */
  readonly asks?: readonly QuestionField[];
  /** How a score is shared among its reasons, a sentence. Left out: by integrated gradients from nothing at all. */
  readonly sharedBy?: string;
  /** Names of its own baselines, by id. */
  readonly baselines?: Readonly<Record<string, string>>;
  /** Judges a run in its own way. Left out, or null: full rankings beside popularity, item-kNN and BPR-MF. */
  evaluate?(store: ProjectStore, runId: number, context: TaskContext): Promise<StoredRanking | null>;
  /**
   * Loads a trained run. `known`: as training left it, but for edges that it kept for validation; for judging. `everything`: all
   * interactions that the project has, with users and items that came after training.
   */
  open(
    store: ProjectStore,
    runId: number,
    knowledge: Knowledge,
    context: TaskContext,
  ): Promise<OpenRecommender>;
}

/** A trained run, loaded. Users are the nodes that edges of its type lead from, items those that they lead to. */
export interface OpenRecommender {
  readonly data: InteractionData;
  readonly edges: string;
  readonly scorer: Scorer;
  /** Whether lists may hold what the user is known to go with: it ranks ties that are there, or what may be had again. */
  readonly offersKnown?: boolean;
  /** Final states of users and of items, whose inner product is the score. */
  readonly embeddings: readonly Embeddings[];
  /** Answers in its own way. Left out: the best of {@link scorer} among what the user is not known to go with. */
  answer?(
    question: RecommendQuestion,
    context: TaskContext,
    travel: TravelTimes,
  ): Promise<UserRecommendations[]>;
  /** Whom an identifier that is no user's stands for; undefined where for nobody. */
  groupOf?(id: string): AskedGroup | undefined;
  /** What made the score of a user and an item, both by their row. */
  explain(user: number, item: number, context: TaskContext): Promise<Reasons>;
  dispose(): Promise<void>;
}

export interface Embeddings {
  /** Type of the nodes. */
  readonly nodes: string;
  readonly ids: readonly string[];
  readonly width: number;
  /** [ids · width] */
  readonly values: Float32Array;
}

/** A score as a sum: of shares of interactions and features, and of what is left when there are none. */
export interface Reasons {
  readonly score: number;
  /** The score without any interaction and feature: what was learned of the two themselves. */
  readonly alone: number;
  /** Of what the user took: through which item. */
  readonly interactions: readonly { item: string; share: number }[];
  /** Of who else took the item. */
  readonly neighbours: readonly { user: string; share: number }[];
  readonly features: readonly { of: 'user' | 'item' | 'pair' | 'context'; name: string; share: number }[];
  /** Of everything else in the graph. */
  readonly rest: number;
}
