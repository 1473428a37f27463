import type { RoadNetwork } from '../network.ts';
import type { SegmentModel } from '../profiles/index.ts';
import { timeCell } from '../profiles/timeCells.ts';
import { CLOCK_STEP_S, ClockSteps, stepBeginning } from './clockSteps.ts';
import { Landmarks, type LeastCosts } from './landmarks.ts';
import type { RouteCosts } from './types.ts';

const HOUR_S = 3600;
const WEEK_HOURS = 168;
/** No segment takes less. */
const LEAST_S = 0.1;

/**
 * What driving costs by a segment model. A segment's seconds hold what its end costs on the way onto `next[segment]` (−1, and
 * without `next`: straight on); another turn costs what it takes beyond that.
 */
export class SegmentModelCosts {
  readonly #network: RoadNetwork;
  readonly #model: SegmentModel;
  /** [S] */
  readonly #endS: Float32Array;
  /** [T] */
  readonly turnS: Float32Array;
  readonly #steps = new Map<number, Float32Array>();
  #least: LeastCosts | undefined;

  constructor(model: SegmentModel, next?: Int32Array) {
    this.#network = model.network;
    this.#model = model;
    const { segmentCount, turnCount, turnFrom, turnTo } = model.network;
    this.#endS = Float32Array.from({ length: segmentCount }, (_, s) => model.endDelayS(s, next?.[s] ?? -1));
    this.turnS = Float32Array.from({ length: turnCount }, (_, turn) =>
      Math.max(0, model.endDelayS(turnFrom[turn], turnTo[turn]) - this.#endS[turnFrom[turn]]),
    );
  }

  /** [S] seconds of a traversal that begins at a local time; kept, as there are as many as time cells of the week. */
  secondsAt(localS: number): Float32Array {
    const cell = timeCell(localS);
    let seconds = this.#steps.get(cell);
    if (!seconds) {
      seconds = this.#endS.map((endS, s) => Math.max(LEAST_S, this.#model.drivingS(s, localS) + endS));
      this.#steps.set(cell, seconds);
    }
    return seconds;
  }

  /** Costs of drives between two local times. */
  between(fromS: number, untilS: number): RouteCosts {
    const firstS = stepBeginning(fromS);
    const steps: Float32Array[] = [];
    for (let atS = firstS; atS < untilS + CLOCK_STEP_S; atS += CLOCK_STEP_S) steps.push(this.secondsAt(atS));
    return this.costsOf(firstS, steps);
  }

  /** Costs by given seconds at steps of the clock, with the turns of this model. */
  costsOf(firstS: number, steps: readonly Float32Array[]): RouteCosts {
    const clock = new ClockSteps(firstS, steps);
    const { turnS } = this;
    return {
      fastestKmh: fastestKmh(this.#network, clock.steps),
      traversalS: (segment, clockS) => clock.secondsAt(segment, clockS),
      turnS: (turn) => turnS[turn],
      bound: Landmarks.of(this.#network, this.#leastCosts()).boundFor(clock.steps),
    };
  }

  #leastCosts(): LeastCosts {
    if (this.#least) return this.#least;
    const traversalS = new Float32Array(this.#network.segmentCount).fill(Infinity);
    for (let hour = 0; hour < WEEK_HOURS; hour++) {
      const seconds = this.secondsAt(hour * HOUR_S);
      for (let s = 0; s < traversalS.length; s++) if (seconds[s] < traversalS[s]) traversalS[s] = seconds[s];
    }
    this.#least = { traversalS, turnS: this.turnS };
    return this.#least;
  }
}

function fastestKmh({ lengthM }: RoadNetwork, steps: readonly Float32Array[]): number {
  let fastest = 1;
  for (const seconds of steps)
    for (let s = 0; s < seconds.length; s++)
      if (3.6 * lengthM[s] > fastest * seconds[s]) fastest = (3.6 * lengthM[s]) / seconds[s];
  return fastest;
}
