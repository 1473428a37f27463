import { breathe, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import { blocksOfDays, splitByBlock } from '../profiles/dayBlocks.ts';
import { selectTrips, type TripSet } from '../trips.ts';

const BLOCKS = 4;

/**
 * [N] what a method estimates for each training trip when fitted without that trip's block of days: its errors
 * are those to be expected on new days. Training of a single day is estimated by a fit on itself.
 */
export function heldOutTimesS(
  train: TripSet,
  fit: (part: TripSet) => (trips: TripSet) => Float32Array,
  context: TaskContext,
): Promise<Float32Array> {
  return heldOutRows(train, 1, fit, context);
}

/** The same of `width` values for each trip: [N · width]. */
export async function heldOutRows(
  train: TripSet,
  width: number,
  fit: (part: TripSet) => (trips: TripSet) => Float32Array,
  context: TaskContext,
): Promise<Float32Array> {
  const blockOfDay = blocksOfDays(train, BLOCKS);
  const blocks = new Set(blockOfDay.values());
  if (blocks.size < 2) return fit(train)(train);
  const rows = new Float32Array(train.count * width);
  for (const block of blocks) {
    await breathe();
    throwIfCancelled(context.signal);
    const { own, others } = splitByBlock(train, blockOfDay, block);
    const ofBlock = fit(selectTrips(train, others))(selectTrips(train, own));
    own.forEach((trip, i) => {
      rows.set(ofBlock.subarray(i * width, (i + 1) * width), trip * width);
    });
  }
  return rows;
}
