import { Growable } from '../../base/growable.ts';
import type { RoadNetwork } from '../network.ts';

export const BIN_S = 300;

/** What all vehicles took, by segment and five minutes in which they left it; only bins in which somebody did. `N` rows. */
export interface SegmentObservations {
  readonly count: number;
  /** [N] in order of time, then segment. */
  readonly segments: Int32Array;
  /** [N] begin of the five minutes on the wall clock, as seconds since a local 1970-01-01T00:00. */
  readonly localStartS: Float64Array;
  /** [N] length ÷ mean seconds. */
  readonly speedKmh: Float32Array;
  /** [N] vehicles of the street. */
  readonly vehicles: Uint16Array;
}

/** Gathers traversals into bins. They come in order of the bins in which vehicles leave, as the queue model tells of them. */
export class ObservationTable {
  readonly #network: RoadNetwork;
  readonly #packet: number;
  readonly #zeroS: number;
  readonly #sumS: Float64Array;
  readonly #passed: Uint16Array;
  #touched: number[] = [];
  #bin = 0;
  readonly #segments = new Growable(Int32Array);
  readonly #starts = new Growable(Float64Array);
  readonly #speeds = new Growable(Float32Array);
  readonly #vehicles = new Growable(Uint16Array);

  /** `zeroS` is the local time at which the model's time is 0. */
  constructor(network: RoadNetwork, packet: number, zeroS: number) {
    this.#network = network;
    this.#packet = packet;
    this.#zeroS = zeroS;
    this.#sumS = new Float64Array(network.segmentCount);
    this.#passed = new Uint16Array(network.segmentCount);
  }

  readonly observe = (segment: number, enterS: number, leaveS: number): void => {
    const bin = Math.floor(leaveS / BIN_S);
    if (bin > this.#bin) this.#close(bin);
    if (this.#passed[segment] === 0) this.#touched.push(segment);
    this.#passed[segment]++;
    this.#sumS[segment] += leaveS - enterS;
  };

  finish(): SegmentObservations {
    this.#close(this.#bin);
    return {
      count: this.#segments.length,
      segments: this.#segments.toArray(),
      localStartS: this.#starts.toArray(),
      speedKmh: this.#speeds.toArray(),
      vehicles: this.#vehicles.toArray(),
    };
  }

  #close(next: number): void {
    for (const segment of this.#touched.sort((a, b) => a - b)) {
      const meanS = this.#sumS[segment] / this.#passed[segment];
      this.#segments.push(segment);
      this.#starts.push(this.#zeroS + this.#bin * BIN_S);
      this.#speeds.push((3.6 * this.#network.lengthM[segment]) / meanS);
      this.#vehicles.push(this.#passed[segment] * this.#packet);
      this.#sumS[segment] = 0;
      this.#passed[segment] = 0;
    }
    this.#touched = [];
    this.#bin = next;
  }
}
