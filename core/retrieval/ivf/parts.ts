import type { Metric } from '../vectors.ts';
import type { Projection } from './projection.ts';
import type { ProductQuantizer } from './quantizer.ts';

/** What an inverted file holds. Numbers n are those of projected vectors. */
export interface IvfParts {
  readonly metric: Metric;
  /** Of the vectors; projected to `projection.outputs` numbers, rotation included. */
  readonly projection: Projection;
  /** [clusters, n] in the projected space. */
  readonly centroids: Float32Array;
  /** Of residuals x − c. */
  readonly quantizer: ProductQuantizer;
  /** [clusters + 1] where the list of each cluster begins. */
  readonly offsets: Uint32Array;
  /** [count] row of each entry; ascending within a list. */
  readonly rows: Int32Array;
  /** [count, bytes] */
  readonly codes: Uint8Array;
  /** [count] what the caller calls each row; null: by its number. */
  readonly ids: Int32Array | null;
}
