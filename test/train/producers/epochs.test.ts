import { describe, expect, it } from 'vitest';
import { ShuffledEpochs } from '../../../core/train/producers/index.ts';

describe('ShuffledEpochs', () => {
  const items = Int32Array.from({ length: 23 }, (_, i) => 10 * i);
  const epoch = (epochs: ShuffledEpochs, number: number) =>
    Array.from({ length: epochs.batchesPerEpoch }, (_, i) => [
      ...epochs.batch(number * epochs.batchesPerEpoch + i),
    ]);

  it('gives every item once an epoch, in another order each time', () => {
    const epochs = new ShuffledEpochs(items, 5, 1);
    expect(epochs.batchesPerEpoch).toBe(5);
    const [first, second] = [0, 1].map((number) => epoch(epochs, number));
    expect(first.map((batch) => batch.length)).toEqual([5, 5, 5, 5, 3]);
    for (const batches of [first, second]) expect(batches.flat().sort((a, b) => a - b)).toEqual([...items]);
    expect(first).not.toEqual(second);
    expect(first.flat()).not.toEqual([...items]);
  });

  it('gives the same batch for the same number and seed, in whatever order they are asked for', () => {
    const epochs = new ShuffledEpochs(items, 5, 1);
    const third = epoch(epochs, 2);
    epochs.batch(0);
    expect(epoch(epochs, 2)).toEqual(third);
    expect(epoch(new ShuffledEpochs(items, 5, 1), 2)).toEqual(third);
    expect(epoch(new ShuffledEpochs(items, 5, 2), 2)).not.toEqual(third);
  });
});
