import type { ApiSettingInfo } from '@etalon/core/api/contract';
import type { Feed } from '@etalon/core/device';
import type { ParameterLayout } from '@etalon/core/gnn';
import type { InteractionData } from '@etalon/core/interactions';
import type { Program } from '@etalon/core/tensor';
import type { TrainingSettings } from './settings.ts';

/** A parameter with a row for each node of a type. */
export interface NodeRows {
  readonly parameter: string;
  readonly nodes: string;
}

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
}

export interface InputFeatures {
  readonly input: string;
  readonly columns: readonly string[];
}

/**
 * A published system as its equations: what it makes of the data, its network and its batches. Everything else (splits, training,
 * checkpoints, figures, recommendations, reasons, files) is `defineRecommender`'s.
 */
export interface RecommenderSystem<S extends TrainingSettings, P extends Prepared> {
  readonly id: string;
  readonly settings: readonly ApiSettingInfo[];
  /** What each input of its forward program is, for exported files. */
  readonly docs: Readonly<Record<string, string>>;
  /** Throws `usage`. */
  parseSettings(given: Record<string, unknown>): S;
  /** @param kept of the run's training, where it is over. Throws `input` for data that it cannot learn from. */
  prepare(known: InteractionData, type: string, settings: S, kept?: unknown): P;
  network(prepared: P, settings: S): RecommenderNetwork;
  batches(prepared: P, settings: S, draw: { seed: number; epoch: number }): Iterable<Feed>;
  batchesPerEpoch(prepared: P, settings: S): number;
}
