import type { Dim } from '../../../tensor/program.ts';
import type { Kernel, Place } from '../kernels/kernel.ts';
import type { Extent, Sizes } from './extent.ts';

/** What a buffer is for. */
export type Storage =
  /** Values of one run; the buffer is shared with others that are not alive at the same time. */
  | { kind: 'slot'; slot: number }
  | { kind: 'input'; name: string }
  | { kind: 'constant'; values: readonly number[] }
  /** An index input ordered by segment, see `SegmentLayout`. */
  | { kind: 'segments'; index: string; rows: Dim; chunks: string; hubs: string }
  /** A state entry as the last run left it, and as this run leaves it. */
  | { kind: 'state'; name: string }
  | { kind: 'nextState'; name: string };

/** A buffer of the values of one run. */
export interface Slot {
  readonly extent: Extent;
  /** Of one element. */
  readonly bytes: 2 | 4;
}

/** A program made into dispatches; sizes are still symbols, buffers still numbers. */
export interface Plan {
  readonly kernels: readonly Kernel[];
  /** By root number, as kernels and places name them. */
  readonly storage: readonly Storage[];
  readonly slots: readonly Slot[];
  /** Sizes that follow from others. */
  readonly derived: ReadonlyMap<string, (sizes: Sizes) => number>;
  readonly outputs: readonly { name: string; place: Place; extent: Extent }[];
  readonly states: readonly { name: string; count: number }[];
  /** States whose next value lies elsewhere and is copied after the last dispatch. */
  readonly stateCopies: readonly { name: string; place: Place; count: number }[];
  /** How many rows each index input points into. */
  readonly indexBounds: readonly { name: string; rows: Dim }[];
}
