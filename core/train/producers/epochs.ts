import { randomStream } from '../../base/index.ts';

/** Cuts items into batches, in an order of its own for each epoch: batches are numbered on from epoch to epoch. */
export class ShuffledEpochs {
  readonly batchesPerEpoch: number;
  readonly #items: Int32Array;
  readonly #batchSize: number;
  readonly #seed: number;
  #epoch = -1;
  readonly #shuffled: Int32Array;

  constructor(items: Int32Array, batchSize: number, seed: number) {
    this.#items = items;
    this.#batchSize = batchSize;
    this.#seed = seed;
    this.#shuffled = new Int32Array(items.length);
    this.batchesPerEpoch = Math.ceil(items.length / batchSize);
  }

  /** The items of a batch; the last of an epoch may have fewer. The same for the same number, whatever was asked before. */
  batch(number: number): Int32Array {
    const epoch = Math.floor(number / this.batchesPerEpoch);
    if (epoch !== this.#epoch) {
      this.#shuffled.set(this.#items);
      randomStream(this.#seed, epoch).shuffle(this.#shuffled);
      this.#epoch = epoch;
    }
    const begin = (number % this.batchesPerEpoch) * this.#batchSize;
    return this.#shuffled.slice(begin, begin + this.#batchSize);
  }
}
