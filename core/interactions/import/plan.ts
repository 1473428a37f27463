import type { FeatureKind } from '../features.ts';

/** How the values of a column are kept; `vector`: numbers with blanks between, each a numeric feature of its own. */
export type ColumnKind = Exclude<FeatureKind, 'coordinates'> | 'vector';

export const COLUMN_KINDS: readonly ColumnKind[] = ['numeric', 'categorical', 'text', 'multi', 'vector'];

/** What a file's rows are. Columns are named as the file names them. */
export type FilePlan = EdgePlan | NodePlan;

interface FeaturePlan {
  /** Columns that are kept as features. */
  features: Readonly<Record<string, ColumnKind>>;
  /** Between the values of `multi` columns; JSON lists are read without it. */
  separator: string;
}

/** A row is an edge. */
export interface EdgePlan extends FeaturePlan {
  role: 'edges';
  /** Name of the type of edges. */
  type: string;
  /** Columns of the identifiers at both ends, and names of their types of nodes. */
  from: string;
  to: string;
  fromType: string;
  toType: string;
  weight: string | null;
  time: string | null;
}

/** A row is a node, or says one more thing of one: values of further rows of an identifier are added to its `multi` columns. */
export interface NodePlan extends FeaturePlan {
  role: 'nodes';
  /** Name of the type of nodes. */
  type: string;
  id: string;
  /** Columns of the coordinates, in degrees; both or none. */
  longitude: string | null;
  latitude: string | null;
}

export const EDGE_FIELDS = ['type', 'from', 'to', 'fromType', 'toType', 'weight', 'time'] as const;
export const NODE_FIELDS = ['type', 'id', 'longitude', 'latitude'] as const;

/**
 * What a user says about one file, in place of what is guessed: fields of a plan by name, `separator`, and `kind:<column>` for how a
 * column is kept (`none`: not at all).
 */
export type FileChoices = Readonly<Record<string, string>>;

/** One file of an import. */
export interface InteractionFile {
  readonly path: string;
  readonly choices?: FileChoices;
}
