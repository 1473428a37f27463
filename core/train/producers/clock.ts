/** How long the device waited for producers. */
export interface ProducerFigures {
  /** Batches that it got. */
  batches: number;
  /** Until the first batch was there: threads start, samplers are prepared. */
  startS: number;
  /** From then to the last batch: in all, and waiting for batches. */
  elapsedS: number;
  waitedS: number;
  /** 1 − waitedS / elapsedS. */
  busyShare: number;
}

/** Measures waiting, and making a feed of what came. What lies between two waits is the device's work. */
export class Clock {
  readonly #now: () => number;
  readonly #startMs: number;
  #firstMs = 0;
  #lastMs = 0;
  #waitedMs = 0;
  #batches = 0;

  /** @param now milliseconds from any moment on. */
  constructor(now: () => number) {
    this.#now = now;
    this.#startMs = now();
  }

  async waiting<T>(batch: Promise<T>): Promise<T> {
    const beganMs = this.#now();
    const result = await batch;
    this.#lastMs = this.#now();
    if (this.#batches === 0) this.#firstMs = this.#lastMs;
    else this.#waitedMs += this.#lastMs - beganMs;
    this.#batches++;
    return result;
  }

  figures(): ProducerFigures {
    const elapsedS = (this.#lastMs - this.#firstMs) / 1000;
    const waitedS = this.#waitedMs / 1000;
    return {
      batches: this.#batches,
      startS: Math.max(0, this.#firstMs - this.#startMs) / 1000,
      elapsedS,
      waitedS,
      busyShare: elapsedS > 0 ? 1 - waitedS / elapsedS : 1,
    };
  }
}
