import type { ApiSettingInfo } from '@etalon/core/api/contract';
import type { OpenRecommender, RecommenderDefinition } from '@etalon/core/app/model';
import type { AskedGroup } from '@etalon/core/app/recommend';
import type { TaskContext } from '@etalon/core/base';
import type { Device, Feed } from '@etalon/core/device';
import type { ParameterLayout } from '@etalon/core/gnn';
import type { HeldOutData, InteractionData } from '@etalon/core/interactions';
import type { Program } from '@etalon/core/tensor';
import type { Producers, Schedule, Validation } from '@etalon/core/train';
import type { LoadedRun } from './open.ts';
import type { TrainingSettings } from './settings.ts';

/** Which batches are to be made, and until when. */
export interface BatchRange {
  seed: number;
  first: number;
  end: number;
  signal: AbortSignal;
}

/** A parameter with a row for each node of a type. */
export interface NodeRows {
  readonly parameter: string;
  readonly nodes: string;
}

/** What a forward program gives, by name, row-major. */
export type Outputs = Readonly<Record<string, Float32Array>>;

/** Two programs over one layout of weights. Score of a user and an item: the inner product of their rows. */
export interface RecommenderNetwork {
  layout: ParameterLayout;
  /** Rows of the weights that belong to single users or items. */
  nodeRows: readonly NodeRows[];
  /** Outputs `users` [users, d] and `items` [items, d]. */
  forward: Program;
  /** Ends in the scalar `loss`. */
  loss: Program;
}

/** What a system makes of the data. */
export interface Prepared {
  /** Inputs of both programs that no batch changes. */
  readonly feed: Feed;
  /** Plain JSON that `prepare` needs to treat later data as it treated those of training. */
  readonly kept: unknown;
  /** Float inputs of the feed that hold features, row by row, and the name of each column. */
  readonly features: { readonly users: InputFeatures | null; readonly items: InputFeatures | null };
  /** Which edges of the feed join a user and an item, either way; undefined for others. */
  edgeEnds(edge: number): { user: number; item: number } | undefined;
  /** The part of the graph that the states of a user and an item come from, for reasons. Left out: all of it. */
  around?(user: number, item: number): PartOfGraph;
}

/** A graph of its own that gives two nodes the states that they have in the whole. */
export interface PartOfGraph extends Pick<Prepared, 'feed' | 'edgeEnds'> {
  /** Rows of the two in it. */
  readonly user: number;
  readonly item: number;
}

export interface InputFeatures {
  readonly input: string;
  readonly columns: readonly string[];
}

/**
 * A published system as its equations: what it makes of the data, its network and its batches. Everything else (splits, training,
 * checkpoints, figures, recommendations, reasons, files) is `defineRecommender`'s.
 */
export interface RecommenderSystem<S extends TrainingSettings, P extends Prepared>
  extends Pick<RecommenderDefinition, 'prefers' | 'asks' | 'sharedBy' | 'baselines'> {
  readonly id: string;
  readonly settings: readonly ApiSettingInfo[];
  /** Its edges say the same of both ends, as friendships do: they are laid out both ways before anything is held out. */
  readonly mutual?: boolean;
  /** Types of edges that are part of what is asked, not of what is to be found: they are known of held-out edges too. */
  questions?(data: InteractionData, type: string): readonly string[];
  /** What each input of its forward program is, for exported files. */
  readonly docs: Readonly<Record<string, string>>;
  /** Throws `usage`. */
  parseSettings(given: Record<string, unknown>): S;
  /** @param kept of the run's training, where it is over. Throws `input` for data that it cannot learn from. */
  prepare(known: InteractionData, type: string, settings: S, kept?: unknown): P;
  /** What of preparing takes longer. Throws `cancelled`. */
  complete?(prepared: P, settings: S, context: TaskContext): Promise<P>;
  network(prepared: P, settings: S): RecommenderNetwork;
  /** Whether the batches of an epoch look at what the weights give before it, as to mine hard negatives. Left out: never. */
  mines?(settings: S, epoch: number): boolean;
  /**
   * The batches of an epoch. Left out: {@link producers} make them.
   * @param draw with the outputs of the forward program by the averaged weights, where the epoch {@link mines}.
   */
  batches?(
    prepared: P,
    settings: S,
    draw: { seed: number; epoch: number; outputs?: Outputs },
  ): Iterable<Feed>;
  /** Threads that make the batches first … end − 1, counted through all epochs. */
  producers?(prepared: P, settings: S, draw: BatchRange): Producers;
  batchesPerEpoch(prepared: P, settings: S): number;
  /** Learning rates of all steps. Left out: a cosine after a short warm-up. */
  schedule?(settings: S, batchesPerEpoch: number): Schedule;
  /** `users` and `items` by weights, where one run of the forward program on the prepared feed is not how they are computed. */
  states?(
    prepared: P,
    settings: S,
    parameters: Float32Array,
    device: Device,
    context: TaskContext,
  ): Promise<Outputs>;
  /** The figure of full rankings, in lists of ten, that validation raises. Left out: `ndcg@10`. */
  readonly validatedBy?: string;
  /** Judges weights after an epoch in its own way, on what training held back for it. Left out: by full rankings. */
  validate?(prepared: P, outputs: Outputs, settings: S, heldBack: HeldOutData): Promise<Validation>;
  /** See {@link RecommenderDefinition}. */
  evaluate?: RecommenderDefinition['evaluate'];
  /** Whom an identifier that is no user's stands for, see `OpenRecommender`. */
  groupOf?(run: LoadedRun<P, S>, id: string): AskedGroup | undefined;
  /** What made a score. Left out: integrated gradients of its forward program on the whole graph. */
  explainer?(run: LoadedRun<P, S>, states: Outputs, device: Device): Promise<OpenRecommender['explain']>;
  /** What its ONNX file is checked on. Left out: the prepared feed. */
  exportFeeds?(prepared: P, settings: S): readonly Feed[];
}
