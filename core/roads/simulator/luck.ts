import type { Random } from '../../base/index.ts';

/** What a journey leaves to chance: each use is a number of its own. Uses from {@link LUCK.segment} on belong to segments. */
export const LUCK = {
  start: 0,
  driver: 1,
  probe: 3,
  taste: 4,
  informed: 5,
  opinion: 6,
  segment: 64,
} as const;

/** The source of a journey's own chances. */
export interface Luck {
  /** Uniform in [0, 1). */
  uniform(journey: number, use: number): number;
  /** Standard normal. Takes `use` and `use + 1`. */
  normal(journey: number, use: number): number;
  /** A whole number, uniform in [0, n). */
  int(n: number, journey: number, use: number): number;
}

/** One sequence for all: whatever happens to one vehicle changes the chances of all after it. */
export class SequenceLuck implements Luck {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  uniform(): number {
    return this.#random.uniform();
  }

  normal(): number {
    return this.#random.normal();
  }

  int(n: number): number {
    return this.#random.int(n);
  }
}

/**
 * A hash of seed, journey and use (Appleby's MurmurHash3 finaliser): a journey has the same luck whatever happens to others, so that
 * two simulations with the same seed differ only by what differs between them (common random numbers).
 */
export class JourneyLuck implements Luck {
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed | 0;
  }

  uniform(journey: number, use: number): number {
    const mixed = mix(mix(this.#seed ^ Math.imul(journey + 1, 0x9e3779b1)) ^ Math.imul(use + 1, 0x85ebca6b));
    return (mixed >>> 0) / 2 ** 32;
  }

  /** By Box and Muller. */
  normal(journey: number, use: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform(journey, use)));
    return radius * Math.cos(2 * Math.PI * this.uniform(journey, use + 1));
  }

  int(n: number, journey: number, use: number): number {
    return Math.floor(n * this.uniform(journey, use));
  }
}

function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
