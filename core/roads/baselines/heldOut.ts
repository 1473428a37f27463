import { breathe, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import { blocksOfDays, splitByBlock } from '../profiles/dayBlocks.ts';
import { selectTrips, type TripSet } from '../trips.ts';
import type { EtaEstimates } from './baseline.ts';
import { ResidualInterval } from './residualInterval.ts';

const BLOCKS = 4;

/**
 * Estimates around medians by how far a method errs on training trips when fitted without their block of days: its errors
 * are those to be expected on new days. Medians alone where no `intervals` are asked for.
 */
export async function heldOutInterval(
  train: TripSet,
  fit: (part: TripSet) => (trips: TripSet) => Float32Array,
  context: TaskContext,
  { intervals }: { intervals: boolean },
): Promise<(medianS: Float32Array) => EtaEstimates> {
  if (!intervals) return (medianS) => ({ medianS });
  const interval = new ResidualInterval(await heldOutRows(train, 1, fit, context), train.totalS);
  return (medianS) => interval.around(medianS);
}

/**
 * [N · width] what a method says of each training trip, `width` values, when fitted without that trip's block of days. Training of a
 * single day is estimated by a fit on itself.
 */
export async function heldOutRows(
  train: TripSet,
  width: number,
  fit: (part: TripSet) => (trips: TripSet) => Float32Array,
  context: TaskContext,
): Promise<Float32Array> {
  const folds = foldsOf(train);
  if (folds.length < 2) return fit(train)(train);
  const rows = new Float32Array(train.count * width);
  for (const { positions, own, others } of folds) {
    await breathe();
    throwIfCancelled(context.signal);
    const ofBlock = fit(others)(own);
    for (let i = 0; i < positions.length; i++)
      for (let v = 0; v < width; v++) rows[positions[i] * width + v] = ofBlock[i * width + v];
  }
  return rows;
}

interface Fold {
  /** Positions of the block's trips among all. */
  positions: readonly number[];
  own: TripSet;
  others: TripSet;
}

/** Made once for the trips that several methods are fitted to. */
const known = new WeakMap<TripSet, Fold[]>();

function foldsOf(train: TripSet): Fold[] {
  const made = known.get(train);
  if (made) return made;
  const blockOfDay = blocksOfDays(train, BLOCKS);
  const folds = [...new Set(blockOfDay.values())].map((block) => {
    const { own, others } = splitByBlock(train, blockOfDay, block);
    return { positions: own, own: selectTrips(train, own), others: selectTrips(train, others) };
  });
  known.set(train, folds);
  return folds;
}
