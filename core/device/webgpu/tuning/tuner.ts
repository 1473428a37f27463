import { createHash } from 'node:crypto';
import type { GpuContext } from '../context.ts';
import type { Dispatch } from '../dispatches.ts';
import type { Kernel } from '../kernels/kernel.ts';
import { type Passes, TimedPasses } from '../passes.ts';
import type { Sizes } from '../plan/extent.ts';
import type { Findings, TuningStore } from './store.ts';

/** Timings of each variant, of which the shortest counts, and dispatches in one timing. */
const ROUNDS = 5;
const DISPATCHES = 4;

/** What a tuner needs of the run whose kernels it times: its buffers are bound and filled. */
export interface Trial {
  kernels: readonly Kernel[];
  sizes: Sizes;
  passes: Passes;
  parity: 0 | 1;
  dispatch: (kernel: Kernel, variant: number) => Dispatch;
}

/**
 * Finds the best variant of each kernel by trying them on the sizes at hand, once for an adapter, a driver, a kernel and a
 * class of sizes. Variants give the same bits, so what is found changes speed alone.
 */
export class Tuner {
  readonly #context: GpuContext;
  readonly #adapter: string;
  readonly #store: TuningStore;
  readonly #findings: Findings;
  readonly #hashes = new WeakMap<Kernel, string>();

  constructor(context: GpuContext, adapter: string, store: TuningStore) {
    this.#context = context;
    this.#adapter = adapter;
    this.#store = store;
    this.#findings = { ...store.load(adapter) };
  }

  /** What was found for a kernel at these sizes, if anything was. */
  choice(kernel: Kernel, sizes: Sizes): number | undefined {
    if (kernel.variants.length === 1) return 0;
    const label = this.#findings[this.#key(kernel, sizes)];
    const at = kernel.variants.findIndex((variant) => variant.label === label);
    return at < 0 ? undefined : at;
  }

  /** Tries what was not tried yet. Kernels read nothing that they write, so a trial leaves the run as it was. */
  async tune(trial: Trial): Promise<boolean> {
    const untried = this.#untried(trial);
    if (untried.size === 0) return false;
    // All at once: compilers have threads of their own.
    const variants = [...untried.values()].flatMap((at) =>
      trial.kernels[at].variants.map((_, variant) => trial.passes.prepareVariant(at, variant)),
    );
    await Promise.all(variants);
    const found: Findings = {};
    for (const [key, at] of untried) {
      const ms = this.#context.features.timestamps
        ? await this.#timed(trial, at)
        : await this.#timedByClock(trial, at);
      found[key] = trial.kernels[at].variants[ms.indexOf(Math.min(...ms))].label;
    }
    Object.assign(this.#findings, found);
    this.#store.save(this.#adapter, found);
    return true;
  }

  /** Kernels of which nothing is known at these sizes, one for each key. */
  #untried(trial: Trial): Map<string, number> {
    const untried = new Map<string, number>();
    for (const [at, kernel] of trial.kernels.entries()) {
      if (this.choice(kernel, trial.sizes) !== undefined || trial.dispatch(kernel, 0).across === 0) continue;
      untried.set(this.#key(kernel, trial.sizes), at);
    }
    return untried;
  }

  /** Shortest milliseconds of each variant by the GPU's own clock; rounds take turns, so that a slow moment hits all. */
  async #timed({ kernels, passes, parity, dispatch }: Trial, at: number): Promise<number[]> {
    const { variants } = kernels[at];
    const timed = new TimedPasses(this.#context, variants.length * ROUNDS);
    try {
      const encoder = this.#context.handle.createCommandEncoder();
      for (let round = 0; round < ROUNDS; round++)
        for (const variant of variants.keys()) {
          const pass = timed.begin(encoder, round * variants.length + variant);
          for (let i = 0; i < DISPATCHES; i++)
            passes.encodeOne(pass, at, dispatch(kernels[at], variant), parity);
          pass.end();
        }
      const ms = await timed.read(encoder);
      return [...variants.keys()].map((variant) =>
        Math.min(...Array.from({ length: ROUNDS }, (_, round) => ms[round * variants.length + variant])),
      );
    } finally {
      timed.destroy();
    }
  }

  async #timedByClock({ kernels, passes, parity, dispatch }: Trial, at: number): Promise<number[]> {
    const { queue } = this.#context.handle;
    const best = kernels[at].variants.map(() => Number.POSITIVE_INFINITY);
    for (let round = 0; round < ROUNDS; round++)
      for (const variant of best.keys()) {
        const encoder = this.#context.handle.createCommandEncoder();
        const pass = encoder.beginComputePass();
        for (let i = 0; i < DISPATCHES; i++)
          passes.encodeOne(pass, at, dispatch(kernels[at], variant), parity);
        pass.end();
        const started = performance.now();
        queue.submit([encoder.finish()]);
        await this.#context.wait(queue.onSubmittedWorkDone());
        best[variant] = Math.min(best[variant], performance.now() - started);
      }
    return best;
  }

  #key(kernel: Kernel, sizes: Sizes): string {
    let hash = this.#hashes.get(kernel);
    if (!hash) {
      hash = createHash('sha256')
        .update(kernel.variants.map(({ source }) => source).join('\n'))
        .digest('hex')
        .slice(0, 16);
      this.#hashes.set(kernel, hash);
    }
    return `${kernel.name.split(' ')[0]} ${hash} ${kernel.shapeClass(sizes)}`;
  }
}
