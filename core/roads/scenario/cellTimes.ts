import type { RoadNetwork } from '../network.ts';
import type { EditedNetwork, Effects, SegmentEffect } from './apply.ts';
import type { BaseCell, BaseTraffic, CellLoad } from './baseTraffic.ts';
import { delayRatio, delayS, type VolumeDelay } from './volumeDelay.ts';

const UNCHANGED: SegmentEffect = { closed: false, kmh: null, lanes: null, capacityShare: 1 };

/**
 * Seconds of every segment of an edited network in one time cell, as its flow changes. Driving takes
 *   t′ = f′ + delay(f, x′),   f = t ÷ φ(x),   x′ = (x + (v′ − v) ÷ c) ÷ share,
 * with the base case's seconds t, ratio of volume to capacity x and flow v, φ(x) = 1 + a·xᵇ, its delay f · (φ(x′) − 1) bounded by a queue's, and the share of capacity that
 * the edits leave. A new limit changes the seconds that the length takes at the limit and leaves what comes on top:
 * f′ = f + length · (1 ÷ limit′ − 1 ÷ limit); who drove faster than the limit keeps the proportion.
 */
export class CellTimes {
  readonly network: RoadNetwork;
  /** [S'] seconds with the signal at the end, now and in the base case; not finite: closed, or not there. */
  readonly segmentS: Float64Array;
  readonly baseS: Float64Array;
  /** [T'] */
  readonly turnS: Float64Array;
  /** Of a turn that was driven though the network has it not. */
  readonly unknownTurnS: number;
  /** [S'] trips an hour. */
  readonly flow: Float64Array;
  readonly fastestKmh: number;
  /** [S'] volume ÷ capacity in the base case. */
  readonly baseRatio: Float64Array;
  readonly #baseFlow: Float64Array;
  readonly #capacity: Float64Array;
  readonly #share: Float64Array;
  readonly #signalS: Float64Array;
  /** f and f′. */
  readonly #freeS: Float64Array;
  readonly #freeNowS: Float64Array;
  readonly #closed: Uint8Array;
  readonly #bpr: VolumeDelay;

  constructor(parts: {
    traffic: BaseTraffic;
    edited: EditedNetwork;
    base: BaseCell;
    load: CellLoad;
    effects: Effects;
    bpr: VolumeDelay;
    turnS: Float64Array;
    unknownTurnS: number;
  }) {
    const { traffic, edited, base, load, effects, bpr } = parts;
    const network = edited.networkUnder(effects);
    const S = network.segmentCount;
    const known = edited.base.segmentCount;
    const column = () => new Float64Array(S);
    this.network = network;
    this.#bpr = bpr;
    this.turnS = parts.turnS;
    this.unknownTurnS = parts.unknownTurnS;
    this.segmentS = column();
    this.baseS = column();
    this.flow = column();
    this.baseRatio = column();
    this.#baseFlow = column();
    this.#capacity = column();
    this.#share = column();
    this.#signalS = column();
    this.#freeS = column();
    this.#freeNowS = column();
    this.#closed = new Uint8Array(S);
    const classCapacity = traffic.classCapacity(bpr);
    let fastestKmh = 1;
    for (let s = 0; s < S; s++) {
      const { closed, kmh, capacityShare } = effects.segments.get(s) ?? UNCHANGED;
      this.#share[s] = capacityShare;
      this.#closed[s] = closed ? 1 : 0;
      this.#signalS[s] = traffic.signalS(network, s);
      if (s < known) {
        this.baseRatio[s] = load.volumeRatio[s];
        this.#baseFlow[s] = base.flow[s];
        this.#capacity[s] = load.capacity[s];
        this.#freeS[s] = base.drivingS[s] / delayRatio(bpr, load.volumeRatio[s]);
        this.baseS[s] = base.drivingS[s] + this.#signalS[s];
      } else {
        const group = network.roadClass[s];
        this.#capacity[s] = classCapacity[group] * Math.max(1, network.lanes[s]);
        this.#freeS[s] = atLimitS(network, s, network.speedLimitKmh[s]) * base.classRatio[group];
        this.baseS[s] = Infinity;
      }
      this.#freeNowS[s] =
        kmh === null || s >= known
          ? this.#freeS[s]
          : underLimit(
              this.#freeS[s],
              atLimitS(network, s, edited.base.speedLimitKmh[s]),
              atLimitS(network, s, kmh),
            );
      fastestKmh = Math.max(
        fastestKmh,
        (3.6 * network.lengthM[s]) / Math.min(this.#freeS[s], this.#freeNowS[s]),
      );
      this.#settle(s);
    }
    this.fastestKmh = fastestKmh;
  }

  /** Puts `tripsAnHour` onto every segment of a way. */
  add(way: ArrayLike<number>, tripsAnHour: number): void {
    for (let i = 0; i < way.length; i++) {
      this.flow[way[i]] += tripsAnHour;
      this.#settle(way[i]);
    }
  }

  /** Seconds by which a way of the base case takes longer; infinite where it is closed. */
  changeS(way: ArrayLike<number>): number {
    let seconds = 0;
    for (let i = 0; i < way.length; i++) seconds += this.segmentS[way[i]] - this.baseS[way[i]];
    return seconds;
  }

  /** Base seconds of a way, turns left out. */
  baseWayS(way: ArrayLike<number>): number {
    let seconds = 0;
    for (let i = 0; i < way.length; i++) seconds += this.baseS[way[i]];
    return seconds;
  }

  /** Volume ÷ capacity now. */
  ratioNow(segment: number): number {
    const added = (this.flow[segment] - this.#baseFlow[segment]) / this.#capacity[segment];
    return Math.max(0, this.baseRatio[segment] + added) / this.#share[segment];
  }

  /** Driving seconds ÷ those of the base case; infinite where closed, 1 on a new link. */
  factor(segment: number): number {
    if (this.#closed[segment]) return Infinity;
    if (!Number.isFinite(this.baseS[segment])) return 1;
    return (this.segmentS[segment] - this.#signalS[segment]) / (this.baseS[segment] - this.#signalS[segment]);
  }

  /** Segments that the edits themselves make quicker, new links first. */
  improved(): number[] {
    const improved: number[] = [];
    for (let s = this.network.segmentCount - 1; s >= 0; s--) {
      if (this.#closed[s]) continue;
      const isNew = !Number.isFinite(this.baseS[s]);
      if (isNew || this.#freeNowS[s] < this.#freeS[s] || this.#share[s] > 1) improved.push(s);
    }
    return improved;
  }

  #settle(s: number): void {
    const queuedS = delayS(this.#bpr, this.#freeS[s], this.ratioNow(s), this.baseRatio[s]);
    const drivingS = this.#freeNowS[s] + queuedS;
    this.segmentS[s] = this.#closed[s] ? Infinity : drivingS + this.#signalS[s];
  }
}

function atLimitS(network: RoadNetwork, segment: number, kmh: number): number {
  return (3.6 * network.lengthM[segment]) / kmh;
}

function underLimit(freeS: number, limitS: number, newLimitS: number): number {
  return freeS >= limitS ? freeS + newLimitS - limitS : (freeS * newLimitS) / limitS;
}
