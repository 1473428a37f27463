import { Random } from './random.ts';

/** Draws thrown away first: the generator's state after seeding holds few bits, and its first numbers show it. */
const WARM_UP = 8;

/**
 * A generator for one numbered part of the work: batch 17 of epoch 3 is `randomStream(seed, 3, 17)`. Parts have sequences of
 * their own, whoever computes them and in whatever order, and neighbouring numbers do not give similar ones.
 */
export function randomStream(seed: number, ...parts: readonly number[]): Random {
  let state = scramble(seed);
  for (const part of parts) state = scramble(state ^ scramble(part + 0x9e3779b9));
  const random = new Random(state);
  for (let i = 0; i < WARM_UP; i++) random.uniform();
  return random;
}

/** A bijection of 32 bits in which every bit of the result depends on all of x (the finaliser of MurmurHash3). */
function scramble(x: number): number {
  let mixed = x | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
