import type { RoadNetwork } from '../network.ts';
import { DELAYS } from './delays.ts';
import type { Observations } from './observations.ts';

/**
 * What the segment model says of each row of its least squares, g(cell) · Σ metres · pace + Σ count · constant, as a sparse
 * matrix over the paces [S · B] by segment and band and the constants [DELAYS]. A fit takes hundreds of products with it, so
 * it is laid out once for these.
 */
export class PaceRows {
  readonly count: number;
  /** [R + 1] first entry of each row. */
  readonly #offsets: Uint32Array;
  /** [K] segment · B + band. */
  readonly #place: Int32Array;
  readonly #metres: Float64Array;
  /** [R] time cell. */
  readonly #cell: Uint8Array;
  /** [R + 1] first constant of each row; few rows have more than two. */
  readonly #delayOffsets: Uint32Array;
  readonly #delay: Uint8Array;
  readonly #delayCount: Float64Array;

  constructor(network: RoadNetwork, rows: Observations, bandOfCell: Uint8Array, bands: number) {
    const { count, offsets, segments, cell, delays } = rows;
    this.count = count;
    this.#offsets = offsets;
    this.#cell = cell;
    this.#place = new Int32Array(segments.length);
    this.#metres = Float64Array.from(segments, (segment) => network.lengthM[segment]);
    this.#delayOffsets = new Uint32Array(count + 1);
    const occurring = delays.reduce((sum, times) => sum + (times === 0 ? 0 : 1), 0);
    this.#delay = new Uint8Array(occurring);
    this.#delayCount = new Float64Array(occurring);
    let at = 0;
    for (let r = 0; r < count; r++) {
      const band = bandOfCell[cell[r]];
      for (let k = offsets[r]; k < offsets[r + 1]; k++) this.#place[k] = segments[k] * bands + band;
      for (let d = 0; d < DELAYS.length; d++) {
        const times = delays[r * DELAYS.length + d];
        if (times === 0) continue;
        this.#delay[at] = d;
        this.#delayCount[at++] = times;
      }
      this.#delayOffsets[r + 1] = at;
    }
  }

  /** [R] g · Σ metres · pace into `out`; g is 1 where no factor is given. */
  paced(pace: Float64Array, cellFactor: Float64Array | undefined, out: Float64Array): void {
    const offsets = this.#offsets;
    const place = this.#place;
    const metres = this.#metres;
    const cell = this.#cell;
    for (let r = 0, k = 0; r < this.count; r++) {
      let sum = 0;
      for (const end = offsets[r + 1]; k < end; k++) sum += metres[k] * pace[place[k]];
      out[r] = cellFactor ? cellFactor[cell[r]] * sum : sum;
    }
  }

  /** Adds Σ count · constant to each of `out` [R]. */
  addDelays(delayS: Float64Array, out: Float64Array): void {
    const offsets = this.#delayOffsets;
    const delay = this.#delay;
    const times = this.#delayCount;
    for (let r = 0, i = 0; r < this.count; r++) {
      let sum = 0;
      for (const end = offsets[r + 1]; i < end; i++) sum += times[i] * delayS[delay[i]];
      out[r] += sum;
    }
  }

  /** The transposed matrix times q [R]: overwrites `pace` [S · B] and `delayS` [DELAYS]. */
  transposed(q: Float64Array, cellFactor: Float64Array, pace: Float64Array, delayS: Float64Array): void {
    const offsets = this.#offsets;
    const place = this.#place;
    const metres = this.#metres;
    const cell = this.#cell;
    pace.fill(0);
    for (let r = 0, k = 0; r < this.count; r++) {
      const scaled = q[r] * cellFactor[cell[r]];
      for (const end = offsets[r + 1]; k < end; k++) pace[place[k]] += scaled * metres[k];
    }
    const delayOffsets = this.#delayOffsets;
    const delay = this.#delay;
    const times = this.#delayCount;
    delayS.fill(0);
    for (let r = 0, i = 0; r < this.count; r++)
      for (const end = delayOffsets[r + 1]; i < end; i++) delayS[delay[i]] += q[r] * times[i];
  }
}
