import { once } from 'node:events';

/**
 * Wakes those who wait for "something changed". What changed they read themselves, so that a slow listener sees the
 * newest state rather than a queue of old ones.
 */
export class Changes {
  readonly #emitter = new EventTarget();

  notify(): void {
    this.#emitter.dispatchEvent(new Event('change'));
  }

  /** Resolves at the next change, or when the signal aborts. */
  async next(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    try {
      await once(this.#emitter, 'change', { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
