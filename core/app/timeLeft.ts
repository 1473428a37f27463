import type { Progress } from '../base/index.ts';

/** Time constant of the pace's moving average: long enough to ride out one slow epoch, short enough to follow a change. */
const SMOOTHING_S = 10;
/** No estimate before this much of a stage was seen: the first reports carry start-up costs. */
const WARM_UP_S = 1;

/**
 * Seconds left of a task's present stage, from an exponentially weighted pace of its reports. Starts anew with each stage.
 * `nowS` is any steady clock in seconds.
 */
export class TimeLeft {
  #stage: string | undefined;
  #startS = 0;
  #lastS = 0;
  #lastDone = 0;
  #total: number | undefined;
  /** Weighted sums over reports: units done, and seconds taken by them. */
  #units = 0;
  #seconds = 0;

  report(progress: Progress, nowS: number): void {
    // A stage may change its words on the way ("epoch 2 of 10"); what is counted tells it from the next one.
    const stage = [progress.step, progress.unit, progress.total].join();
    if (stage !== this.#stage || progress.done < this.#lastDone) this.#begin(stage, progress.done, nowS);
    const dt = nowS - this.#lastS;
    this.#total = progress.total;
    if (progress.done === this.#lastDone || dt <= 0) return;
    const keep = Math.exp(-dt / SMOOTHING_S);
    this.#units = this.#units * keep + (progress.done - this.#lastDone);
    this.#seconds = this.#seconds * keep + dt;
    this.#lastS = nowS;
    this.#lastDone = progress.done;
  }

  /** Null while there is no total, or no pace yet. */
  secondsLeft(nowS: number): number | null {
    if (this.#total === undefined || this.#units <= 0 || this.#lastS - this.#startS < WARM_UP_S) return null;
    const atLastReport = ((this.#total - this.#lastDone) * this.#seconds) / this.#units;
    return Math.max(0, atLastReport - (nowS - this.#lastS));
  }

  #begin(stage: string, done: number, nowS: number): void {
    this.#stage = stage;
    this.#startS = nowS;
    this.#lastS = nowS;
    this.#lastDone = done;
    this.#units = 0;
    this.#seconds = 0;
  }
}
