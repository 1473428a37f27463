import { EtalonError } from '../../base/index.ts';

/** Numbers of edges, ascending; every edge that can be used is in exactly one part. */
export interface Split {
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
}

/** Shares of the whole, 0 ≤ share < 1, together below 1: what is left over is for training. */
export interface Shares {
  readonly validation: number;
  readonly test: number;
}

export type Part = keyof Split;

/** How many of n go to a part: the share, rounded down, so that a whole share of a few is none. */
export function partOf(n: number, share: number): number {
  // 0.2 × 15 is 3.0000000000000004, and 0.7 × 10 a little less than 7.
  return Math.floor(n * share + 1e-9);
}

/** Throws `usage` for shares that leave nothing to train on. */
export function checkShares({ validation, test }: Shares): void {
  if (validation >= 0 && test >= 0 && validation + test < 1) return;
  throw new EtalonError('usage', `Shares of ${validation} and ${test} leave nothing to train on.`, {
    remedy: 'Give shares from 0 that are below 1 together, such as 0.1 and 0.2.',
  });
}

/** Gathers the edges of each part; `partOfEdge` gives null for one that cannot be used. */
export function splitBy(edges: number, partOfEdge: (edge: number) => Part | null): Split {
  const parts: Record<Part, number[]> = { train: [], validation: [], test: [] };
  for (let edge = 0; edge < edges; edge++) {
    const part = partOfEdge(edge);
    if (part) parts[part].push(edge);
  }
  return {
    train: Int32Array.from(parts.train),
    validation: Int32Array.from(parts.validation),
    test: Int32Array.from(parts.test),
  };
}
