import { EtalonError } from '../../base/index.ts';
import { groupBy } from '../../graph/index.ts';
import type { EdgeTable } from '../edges.ts';
import { checkShares, type Part, partOf, type Shares, type Split, splitBy } from './split.ts';

export interface TimeSplit extends Split {
  /** Moments, in seconds since 1970-01-01T00:00Z, from which on (inclusive) edges are of that part. */
  readonly validationFromS: number;
  readonly testFromS: number;
}

/**
 * One cut for all: whoever trained at the cut knew nothing of what came after. Shares are of the edges with a time; edges of one
 * moment stay together, so parts may be a little larger than asked for. Edges whose time is missing are in no part. Throws
 * `usage` for edges without times.
 */
export function splitByTime(edges: EdgeTable, shares: Shares): TimeSplit {
  checkShares(shares);
  const timesS = timesOf(edges);
  const sorted = timesS.filter((time) => !Number.isNaN(time)).sort();
  const cut = (share: number) =>
    share > 0 ? sorted[sorted.length - Math.max(1, partOf(sorted.length, share))] : Number.POSITIVE_INFINITY;
  const testFromS = cut(shares.test);
  const validationFromS = Math.min(
    testFromS,
    cut(shares.validation > 0 ? shares.validation + shares.test : 0),
  );
  return { ...splitAtTimes(edges, validationFromS, testFromS), validationFromS, testFromS };
}

/** The same at given moments. */
export function splitAtTimes(edges: EdgeTable, validationFromS: number, testFromS: number): Split {
  const timesS = timesOf(edges);
  return splitBy(edges.count, (edge) => {
    const time = timesS[edge];
    if (Number.isNaN(time)) return null;
    if (time >= testFromS) return 'test';
    return time >= validationFromS ? 'validation' : 'train';
  });
}

/** What of each user is held out: shares, rounded down, or numbers of edges. */
export type HeldOut = { readonly shares: Shares } | { readonly counts: Shares };

/**
 * The last edges of each user by time are for the test, those just before for validation; edges of one moment are in the order
 * of the source. A user whom nothing would be left of for training keeps all for it. Edges whose time is missing are in no part.
 * Throws `usage` for edges without times.
 */
export function splitUsersByTime(edges: EdgeTable, heldOut: HeldOut): Split {
  const timesS = timesOf(edges);
  return splitUsers(
    edges,
    heldOut,
    (own) => own.sort((a, b) => timesS[a] - timesS[b] || a - b),
    (edge) => !Number.isNaN(timesS[edge]),
  );
}

/** The last edge of each user is for the test, the one before for validation; users of fewer than three train alone. */
export function leaveOneOut(edges: EdgeTable): Split {
  return splitUsersByTime(edges, { counts: { validation: 1, test: 1 } });
}

/** The last edges of each user, as `ordered` has them, are held out. */
export function splitUsers(
  edges: EdgeTable,
  heldOut: HeldOut,
  ordered: (own: Int32Array) => Int32Array,
  usable: (edge: number) => boolean = () => true,
): Split {
  if ('shares' in heldOut) checkShares(heldOut.shares);
  const users = edges.fromRows.reduce((largest, row) => Math.max(largest, row + 1), 0);
  const { offsets, entries } = groupBy(edges.fromRows, users);
  const parts = new Array<Part | null>(edges.count).fill(null);
  for (let user = 0; user < users; user++) {
    const own = ordered(entries.slice(offsets[user], offsets[user + 1]).filter(usable));
    const { validation, test } = heldOutOf(own.length, heldOut);
    own.forEach((edge, place) => {
      if (place >= own.length - test) parts[edge] = 'test';
      else parts[edge] = place >= own.length - test - validation ? 'validation' : 'train';
    });
  }
  return splitBy(edges.count, (edge) => parts[edge]);
}

function heldOutOf(n: number, heldOut: HeldOut): Shares {
  const counts =
    'counts' in heldOut
      ? heldOut.counts
      : { validation: partOf(n, heldOut.shares.validation), test: partOf(n, heldOut.shares.test) };
  return counts.validation + counts.test < n ? counts : { validation: 0, test: 0 };
}

function timesOf({ name, timesS }: EdgeTable): Float64Array {
  if (timesS) return timesS;
  throw new EtalonError('usage', `It is not known when the edges "${name}" came to be.`, {
    remedy: 'Import them with a column of times, or split them at random.',
  });
}
