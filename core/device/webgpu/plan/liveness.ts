import type { Kernel } from '../kernels/kernel.ts';
import { type Extent, extentKey } from './extent.ts';
import type { Slot } from './plan.ts';

/** A value that lives within a run. `untilEnd` when it is read after the last dispatch. */
export interface Scratch {
  root: number;
  extent: Extent;
  /** Of one element. */
  bytes: 2 | 4;
  untilEnd: boolean;
}

/**
 * Gives each value a slot; values that are never alive at the same time may share one. Only extents with the same symbols and
 * elements of the same size do, so that the sharing holds whatever the sizes are and is worked out once.
 */
export function assignSlots(
  kernels: readonly Kernel[],
  values: readonly Scratch[],
): { slots: Slot[]; slotOf: Map<number, number> } {
  const lives = lifetimes(kernels, values);
  const ordered = values.filter(({ root }) => lives.has(root));
  ordered.sort((a, b) => lives.get(a.root)!.first - lives.get(b.root)!.first);

  const slots: (Slot & { busyUntil: number })[] = [];
  const slotOf = new Map<number, number>();
  for (const { root, extent, bytes } of ordered) {
    const { first, last } = lives.get(root)!;
    const symbols = extentKey({ ...extent, factor: 1 });
    const free = slots
      .map((slot, number) => ({ slot, number }))
      .filter(({ slot }) => slot.busyUntil < first && slot.bytes === bytes)
      .filter(({ slot }) => extentKey({ ...slot.extent, factor: 1 }) === symbols);
    // The smallest that is large enough, else the largest, which then grows.
    free.sort((a, b) => a.slot.extent.factor - b.slot.extent.factor);
    const chosen = free.find(({ slot }) => slot.extent.factor >= extent.factor) ?? free.at(-1);
    if (chosen) {
      const factor = Math.max(chosen.slot.extent.factor, extent.factor);
      slots[chosen.number] = { extent: { ...extent, factor }, bytes, busyUntil: last };
      slotOf.set(root, chosen.number);
    } else slotOf.set(root, slots.push({ extent, bytes, busyUntil: last }) - 1);
  }
  return { slots: slots.map(({ extent, bytes }) => ({ extent, bytes })), slotOf };
}

/** First and last kernel that touches each value. */
function lifetimes(kernels: readonly Kernel[], values: readonly Scratch[]) {
  const lives = new Map<number, { first: number; last: number }>();
  const wanted = new Map(values.map((value) => [value.root, value]));
  kernels.forEach(({ reads, writes }, at) => {
    for (const root of [...reads, ...writes]) {
      const value = wanted.get(root);
      if (!value) continue;
      const life = lives.get(root) ?? { first: at, last: at };
      lives.set(root, { first: life.first, last: value.untilEnd ? Number.POSITIVE_INFINITY : at });
    }
  });
  return lives;
}
