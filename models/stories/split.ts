import { EtalonError, Random } from '@etalon/core/base';
import type { HoldOut } from '@etalon/core/interactions';
import type { TargetWindow } from './windows.ts';

export type Part = 'train' | 'validation' | 'test';

/**
 * The part of each asked pair, by window. `time` and `userTime`: the latest windows are the test, those just before it are validation, by
 * share of the pairs, one window at least; all windows end for all users at once. `random`, and where there is one window: the pairs of
 * viewers drawn at random, all of a viewer's together, so that whole rankings are held out.
 * Throws `usage` for leave-one-out, and where nothing would be left to learn from.
 */
export function heldOutParts(
  windows: readonly TargetWindow[],
  { way, test, validation, seed }: HoldOut,
): Part[][] {
  if (way === 'leaveOneOut')
    throw new EtalonError('usage', 'Affinities are not held out one by one.', {
      where: { field: '--split' },
      remedy: 'Hold out the latest windows (time), or viewers (random).',
    });
  const parts =
    way === 'random' || windows.length === 1
      ? byViewer(windows, { test, validation, seed })
      : byTime(windows, { test, validation });
  if (!parts.some((own) => own.includes('train')))
    throw new EtalonError('usage', 'Nothing is left to learn from.', {
      remedy: 'Hold out less, or let there be more windows: windowDays, mostWindows.',
    });
  return parts;
}

type Shares = Pick<HoldOut, 'test' | 'validation'>;

function byTime(windows: readonly TargetWindow[], { test, validation }: Shares): Part[][] {
  const total = windows.reduce((sum, { pairs }) => sum + pairs.length, 0);
  let later = 0;
  let last: Part = 'test';
  return windows
    .toReversed()
    .map(({ pairs }) => {
      const part = partAt(later / total, last, { test, validation });
      later += pairs.length;
      last = part;
      return pairs.map(() => part);
    })
    .toReversed();
}

/** The part of a window after which a share of all pairs comes. */
function partAt(laterShare: number, after: Part, { test, validation }: Shares): Part {
  if (laterShare < test) return 'test';
  const isFirstBefore = after === 'test' && validation > 0;
  return isFirstBefore || laterShare < test + validation
    ? validation > 0
      ? 'validation'
      : 'train'
    : 'train';
}

function byViewer(
  windows: readonly TargetWindow[],
  { test, validation, seed }: Shares & { seed: number },
): Part[][] {
  const drawn = drawnViewers(
    windows.flatMap(({ pairs }) => pairs.map(([viewer]) => viewer)),
    seed,
  );
  const place = new Map(drawn.map((viewer, i) => [viewer, i]));
  const [tests, heldOut] = [test, test + validation].map((share) => Math.round(share * drawn.length));
  const partOf = (viewer: number): Part => {
    const at = place.get(viewer)!;
    if (at < tests) return 'test';
    return at < heldOut ? 'validation' : 'train';
  };
  return windows.map(({ pairs }) => pairs.map(([viewer]) => partOf(viewer)));
}

/** The different viewers in an order that is drawn: the first of them are held out. */
export function drawnViewers(viewers: Iterable<number>, seed: number): number[] {
  return new Random(seed).shuffle([...new Set(viewers)].sort((a, b) => a - b));
}
