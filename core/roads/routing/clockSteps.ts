/** Seconds are known at the beginning of each quarter of an hour of the clock. */
export const CLOCK_STEP_S = 900;
/** Drives between any two places of a network are done by then, or go on at the speeds of that time. */
export const LONGEST_DRIVE_S = 5400;
/** Seconds of a segment may fall by no more than this from one step to the next. */
const LARGEST_FALL_S = 0.999 * CLOCK_STEP_S;

/** The beginning of the step that a clock lies in. */
export function stepBeginning(clockS: number): number {
  return Math.floor(clockS / CLOCK_STEP_S) * CLOCK_STEP_S;
}

/**
 * Seconds of every segment by the clock: known at steps of it, changing evenly between them, constant before the first and
 * after the last. First in, first out: a jump down would let a later start arrive earlier, so does a fall that is
 * steeper than the clock; the latter is held off.
 */
export class ClockSteps {
  readonly #firstS: number;
  /** [steps][S] */
  readonly #steps: readonly Float32Array[];

  /** `firstS`: the clock of the first step; `steps` are {@link CLOCK_STEP_S} apart, at least one. */
  constructor(firstS: number, steps: readonly Float32Array[]) {
    this.#firstS = firstS;
    const held: Float32Array[] = [steps[0]];
    for (let k = 1; k < steps.length; k++) held.push(heldOff(held[k - 1], steps[k]));
    this.#steps = held;
  }

  get steps(): readonly Float32Array[] {
    return this.#steps;
  }

  secondsAt(segment: number, clockS: number): number {
    const steps = this.#steps;
    const at = (clockS - this.#firstS) / CLOCK_STEP_S;
    if (at <= 0) return steps[0][segment];
    const step = Math.floor(at);
    if (step >= steps.length - 1) return steps[steps.length - 1][segment];
    const before = steps[step][segment];
    return before + (at - step) * (steps[step + 1][segment] - before);
  }
}

function heldOff(before: Float32Array, after: Float32Array): Float32Array {
  let held = after;
  for (let s = 0; s < after.length; s++) {
    const least = before[s] - LARGEST_FALL_S;
    if (!(after[s] < least)) continue;
    if (held === after) held = after.slice();
    held[s] = least;
  }
  return held;
}
