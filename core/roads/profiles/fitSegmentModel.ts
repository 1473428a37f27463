import { choleskySolve } from '../../base/cholesky.ts';
import { breathe, EtalonError, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import type { RoadNetwork } from '../network.ts';
import { hasSegmentTimes, type TripSet } from '../trips.ts';
import { DELAYS } from './delays.ts';
import { conjugateGradients } from './linearSolve.ts';
import { collectObservations, type Observations } from './observations.ts';
import { PaceRows } from './paceRows.ts';
import { PACE_GROUPS, paceGroup, SegmentModel } from './segmentModel.ts';
import { type BandHours, bandOfCells, DAY_TYPES, HOURS, TIME_CELLS } from './timeCells.ts';

/**
 * Penalties are in units of a mean trip's squared relative error: λ on a pace x (s/m) costs as much as a relative error
 * of √λ · x.
 */
export interface SegmentModelOptions {
  /** By default coarse where whole trips are known, about hourly where the seconds of most segments are, with other defaults too. */
  bandHours: BandHours;
  /** Pull of each road class's pace to the common one. */
  groupPenalty: number;
  /** Pull of each segment's deviation to 0. */
  deviationPenalty: number;
  /** Pull of the deviations of two segments joined by a turn to each other. */
  neighbourPenalty: number;
  /** The same two for the deviations by band. */
  bandPenalty: number;
  bandNeighbourPenalty: number;
  /** Pull of the city's factor in one hour to the next hour's, and in one day type to the others'; unitless. */
  hourPenalty: number;
  dayTypePenalty: number;
  /** Relative error of a whole trip beyond which it weighs the less, the larger it is (Huber's loss); 0: all by their squares. */
  robustDelta: number;
  /** How often paces, city factor and weights of trips are fitted in turn. */
  rounds: number;
  maxIterations: number;
  tolerance: number;
}

/** Where whole trips are known. */
export const segmentModelDefaults: SegmentModelOptions = {
  bandHours: { weekday: [0, 7, 10, 16, 20], weekend: [8, 20] },
  groupPenalty: 1,
  deviationPenalty: 1,
  neighbourPenalty: 5,
  bandPenalty: 20,
  bandNeighbourPenalty: 20,
  hourPenalty: 3,
  dayTypePenalty: 3,
  robustDelta: 0.2,
  rounds: 5,
  maxIterations: 200,
  tolerance: 1e-4,
};

/** What differs where the seconds of most segments are known: no trip is far off as a whole, and each segment's outliers ask for stronger pulls. */
const WITH_SEGMENT_TIMES: Partial<SegmentModelOptions> = {
  bandHours: {
    weekday: [0, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22],
    weekend: [0, 7, 10, 13, 16, 19],
  },
  deviationPenalty: 3,
  neighbourPenalty: 10,
  bandPenalty: 50,
  bandNeighbourPenalty: 50,
  robustDelta: 0,
  rounds: 3,
};

/**
 * Fits {@link SegmentModel} by weighted least squares: paces and constants by conjugate gradients on the normal
 * equations with the city's factor held, then the factor with the paces held, in `rounds` rounds, after each of which trips
 * far off weigh less (Huber's loss by iteratively reweighted least squares, Holland & Welsch 1977): a driver who stopped says nothing
 * of the roads. Whole trips and traversals with known seconds enter the same sum. Throws `input` without a usable trip, `cancelled`.
 */
export async function fitSegmentModel(
  network: RoadNetwork,
  trips: TripSet,
  options: Partial<SegmentModelOptions>,
  context: TaskContext,
): Promise<SegmentModel> {
  const settings = {
    ...segmentModelDefaults,
    ...(hasSegmentTimes(trips) && WITH_SEGMENT_TIMES),
    ...options,
  };
  const meanPace = overallPace(network, trips);
  const scaleS = Float64Array.from(network.lengthM, (lengthM) => meanPace * lengthM + 2);
  const rows = collectObservations(network, trips, scaleS);
  const squareWeights = rows.weight.slice();
  const problem = new PaceProblem(network, rows, settings, meanPace);
  const cellFactor = new Float64Array(TIME_CELLS).fill(1);
  for (let round = 0; round < settings.rounds; round++) {
    throwIfCancelled(context.signal);
    context.report({ stage: 'Fitting segment paces', done: round, total: settings.rounds, unit: 'rounds' });
    await breathe();
    problem.solve(cellFactor);
    fitCellFactor(rows, problem, settings, cellFactor);
    if (settings.robustDelta > 0)
      reweighTrips(rows, squareWeights, problem, cellFactor, settings.robustDelta);
  }
  throwIfCancelled(context.signal);
  await breathe();
  problem.solve(cellFactor);
  context.report({
    stage: 'Fitting segment paces',
    done: settings.rounds,
    total: settings.rounds,
    unit: 'rounds',
  });
  return new SegmentModel(network, {
    bandHours: settings.bandHours,
    dayTypesSeen: DAY_TYPES.map((_, type) =>
      rows.tripsByCell.subarray(type * HOURS, (type + 1) * HOURS).some((count) => count > 0),
    ),
    ...problem.parts(),
    traversals: Float32Array.from(rows.traversals),
    cellFactor: Float32Array.from(cellFactor),
  });
}

/** Seconds per metre over all trips together. */
function overallPace(network: RoadNetwork, trips: TripSet): number {
  let seconds = 0;
  let metres = 0;
  for (let trip = 0; trip < trips.count; trip++) {
    if (!(trips.totalS[trip] > 0)) continue;
    seconds += trips.totalS[trip];
    for (let k = trips.offsets[trip]; k < trips.offsets[trip + 1]; k++)
      metres += network.lengthM[trips.segments[k]];
  }
  if (!(seconds > 0 && metres > 0))
    throw new EtalonError('input', 'There is no trip with a travel time to learn paces from.', {
      remedy: 'Import trips, or choose a longer training period.',
    });
  return seconds / metres;
}

/**
 * The least squares for the paces with the city's factor held. The unknowns x are, in this order, the deviation
 * of each group from the overall pace [G], of each segment from its group [S], of each band from its segment
 * [S · B], and the constants [DELAYS].
 */
class PaceProblem {
  readonly #network: RoadNetwork;
  readonly #rows: Observations;
  readonly #matrix: PaceRows;
  readonly #options: SegmentModelOptions;
  readonly #meanPace: number;
  readonly #bands: number;
  readonly #bandOfCell: Uint8Array;
  readonly #group: Uint8Array;
  readonly #x: Float64Array;
  /** [S · B] the sum of a segment's unknowns, or of what rows say about it. */
  readonly #perBand: Float64Array;
  readonly #deviationAt = PACE_GROUPS;
  readonly #bandAt: number;
  readonly #delayAt: number;

  constructor(network: RoadNetwork, rows: Observations, options: SegmentModelOptions, meanPace: number) {
    const S = network.segmentCount;
    this.#network = network;
    this.#rows = rows;
    this.#options = options;
    this.#meanPace = meanPace;
    this.#bands = options.bandHours.weekday.length + options.bandHours.weekend.length;
    this.#bandOfCell = bandOfCells(options.bandHours);
    this.#matrix = new PaceRows(network, rows, this.#bandOfCell, this.#bands);
    this.#group = Uint8Array.from({ length: S }, (_, s) => paceGroup(network, s));
    this.#bandAt = this.#deviationAt + S;
    this.#delayAt = this.#bandAt + S * this.#bands;
    this.#x = new Float64Array(this.#delayAt + DELAYS.length);
    this.#perBand = new Float64Array(S * this.#bands);
  }

  solve(cellFactor: Float64Array): void {
    const rows = this.#rows;
    const atMean = new Float64Array(rows.count);
    this.#perBand.fill(this.#meanPace);
    this.#matrix.paced(this.#perBand, cellFactor, atMean);
    for (let r = 0; r < rows.count; r++) atMean[r] = rows.weight[r] * (rows.seconds[r] - atMean[r]);
    const b = new Float64Array(this.#x.length);
    this.#transposed(cellFactor, atMean, b);
    const sums = new Float64Array(rows.count);
    conjugateGradients(
      (x, out) => {
        this.#expand(x);
        this.#matrix.paced(this.#perBand, cellFactor, sums);
        this.#matrix.addDelays(x.subarray(this.#delayAt), sums);
        for (let r = 0; r < rows.count; r++) sums[r] *= rows.weight[r];
        this.#transposed(cellFactor, sums, out);
        this.#addPenalties(x, out);
      },
      this.#diagonal(cellFactor),
      b,
      this.#x,
      this.#options,
    );
  }

  /** Σ length · pace of every row at g = 1, into `paced`, and Σ constants into `delays`. */
  evaluate(paced: Float64Array, delays: Float64Array): void {
    this.#expand(this.#x);
    for (let i = 0; i < this.#perBand.length; i++) this.#perBand[i] += this.#meanPace;
    this.#matrix.paced(this.#perBand, undefined, paced);
    this.#matrix.addDelays(this.#x.subarray(this.#delayAt), delays.fill(0));
  }

  parts() {
    const x = this.#x;
    return {
      groupPace: Float32Array.from(x.subarray(0, PACE_GROUPS), (pace) => pace + this.#meanPace),
      deviation: Float32Array.from(x.subarray(this.#deviationAt, this.#bandAt)),
      bandDeviation: Float32Array.from(x.subarray(this.#bandAt, this.#delayAt)),
      delayS: Float32Array.from(x.subarray(this.#delayAt)),
    };
  }

  #expand(x: Float64Array): void {
    const bands = this.#bands;
    const perBand = this.#perBand;
    for (let s = 0, i = 0; s < this.#group.length; s++) {
      const base = x[this.#group[s]] + x[this.#deviationAt + s];
      for (let b = 0; b < bands; b++, i++) perBand[i] = base + x[this.#bandAt + i];
    }
  }

  /** out = the rows' matrix, transposed, times q. */
  #transposed(cellFactor: Float64Array, q: Float64Array, out: Float64Array): void {
    out.fill(0);
    this.#matrix.transposed(q, cellFactor, this.#perBand, out.subarray(this.#delayAt));
    this.#collapse(this.#perBand, out);
  }

  #collapse(perBand: Float64Array, out: Float64Array): void {
    for (let s = 0, i = 0; s < this.#group.length; s++) {
      let sum = 0;
      for (let b = 0; b < this.#bands; b++, i++) {
        sum += perBand[i];
        out[this.#bandAt + i] = perBand[i];
      }
      out[this.#deviationAt + s] = sum;
      out[this.#group[s]] += sum;
    }
  }

  #addPenalties(x: Float64Array, out: Float64Array): void {
    const { groupPenalty, deviationPenalty, neighbourPenalty, bandPenalty, bandNeighbourPenalty } =
      this.#options;
    for (let i = 0; i < PACE_GROUPS; i++) out[i] += groupPenalty * x[i];
    for (let i = this.#deviationAt; i < this.#bandAt; i++) out[i] += deviationPenalty * x[i];
    for (let i = this.#bandAt; i < this.#delayAt; i++) out[i] += bandPenalty * x[i];
    for (let d = this.#delayAt; d < x.length; d++) out[d] += 1e-6 * x[d];
    const { turnFrom, turnTo, turnCount } = this.#network;
    const bands = this.#bands;
    for (let turn = 0; turn < turnCount; turn++) {
      const from = turnFrom[turn];
      const to = turnTo[turn];
      const gap = neighbourPenalty * (x[this.#deviationAt + from] - x[this.#deviationAt + to]);
      out[this.#deviationAt + from] += gap;
      out[this.#deviationAt + to] -= gap;
      const fromBand = this.#bandAt + from * bands;
      const toBand = this.#bandAt + to * bands;
      for (let b = 0; b < bands; b++) {
        const bandGap = bandNeighbourPenalty * (x[fromBand + b] - x[toBand + b]);
        out[fromBand + b] += bandGap;
        out[toBand + b] -= bandGap;
      }
    }
  }

  /** An approximation (a segment driven twice in a row counts once each) that only speeds the solver up. */
  #diagonal(cellFactor: Float64Array): Float64Array {
    const { offsets, segments, cell, count, weight, delays } = this.#rows;
    const { groupPenalty, deviationPenalty, neighbourPenalty, bandPenalty, bandNeighbourPenalty } =
      this.#options;
    const out = new Float64Array(this.#x.length);
    const perBand = this.#perBand.fill(0);
    const groupSum = new Float64Array(PACE_GROUPS);
    const groupSquares = new Float64Array(PACE_GROUPS).fill(groupPenalty);
    for (let r = 0; r < count; r++) {
      const band = this.#bandOfCell[cell[r]];
      const g = cellFactor[cell[r]];
      groupSum.fill(0);
      for (let k = offsets[r]; k < offsets[r + 1]; k++) {
        const metres = g * this.#network.lengthM[segments[k]];
        perBand[segments[k] * this.#bands + band] += weight[r] * metres * metres;
        groupSum[this.#group[segments[k]]] += metres;
      }
      for (let i = 0; i < PACE_GROUPS; i++) groupSquares[i] += weight[r] * groupSum[i] * groupSum[i];
      for (let d = 0; d < DELAYS.length; d++)
        out[this.#delayAt + d] += weight[r] * delays[r * DELAYS.length + d] ** 2;
    }
    this.#collapse(perBand, out);
    out.set(groupSquares, 0);
    for (let i = this.#deviationAt; i < this.#bandAt; i++) out[i] += deviationPenalty;
    for (let i = this.#bandAt; i < this.#delayAt; i++) out[i] += bandPenalty;
    for (let d = this.#delayAt; d < out.length; d++) out[d] += 1e-6;
    const { turnFrom, turnTo } = this.#network;
    for (const ends of [turnFrom, turnTo])
      for (const s of ends) {
        out[this.#deviationAt + s] += neighbourPenalty;
        for (let b = 0; b < this.#bands; b++) out[this.#bandAt + s * this.#bands + b] += bandNeighbourPenalty;
      }
    return out;
  }
}

/**
 * Minimises Σ w · (y − constants − g_cell · paced)² + hourPenalty · Σ (g − next hour's g)² + dayTypePenalty ·
 * Σ (g − other day type's g)² over the city's factor, then scales it to a mean of 1 over the rows. A cell that no
 * trip saw takes its neighbours' value by these penalties.
 */
function fitCellFactor(
  rows: Observations,
  problem: PaceProblem,
  options: SegmentModelOptions,
  cellFactor: Float64Array,
): void {
  const paced = new Float64Array(rows.count);
  const delays = new Float64Array(rows.count);
  problem.evaluate(paced, delays);
  const matrix = new Float64Array(TIME_CELLS * TIME_CELLS);
  const right = new Float64Array(TIME_CELLS);
  for (let r = 0; r < rows.count; r++) {
    const cell = rows.cell[r];
    matrix[cell * TIME_CELLS + cell] += rows.weight[r] * paced[r] * paced[r];
    right[cell] += rows.weight[r] * paced[r] * (rows.seconds[r] - delays[r]);
  }
  const evidence = Float64Array.from({ length: TIME_CELLS }, (_, cell) => matrix[cell * TIME_CELLS + cell]);
  const pull = (a: number, b: number, penalty: number) => {
    matrix[a * TIME_CELLS + a] += penalty;
    matrix[b * TIME_CELLS + b] += penalty;
    matrix[a * TIME_CELLS + b] -= penalty;
    matrix[b * TIME_CELLS + a] -= penalty;
  };
  for (let type = 0; type < DAY_TYPES.length; type++)
    for (let hour = 0; hour < HOURS; hour++) {
      const cell = type * HOURS + hour;
      pull(cell, type * HOURS + ((hour + 1) % HOURS), options.hourPenalty);
      for (let other = type + 1; other < DAY_TYPES.length; other++)
        pull(cell, other * HOURS + hour, options.dayTypePenalty);
    }
  cellFactor.set(choleskySolve(matrix, right));
  let sum = 0;
  let total = 0;
  for (let cell = 0; cell < TIME_CELLS; cell++) {
    sum += evidence[cell] * cellFactor[cell];
    total += evidence[cell];
  }
  for (let cell = 0; cell < TIME_CELLS; cell++) cellFactor[cell] *= total / sum;
}

/**
 * A whole trip's weight times min(1, δ ÷ |log(observed ÷ fitted)|). Rows of one segment are means of many traversals, or what a trip
 * has besides those: they keep theirs.
 */
function reweighTrips(
  rows: Observations,
  squareWeights: Float64Array,
  problem: PaceProblem,
  cellFactor: Float64Array,
  delta: number,
): void {
  const paced = new Float64Array(rows.count);
  const delays = new Float64Array(rows.count);
  problem.evaluate(paced, delays);
  for (let r = 0; r < rows.count; r++) {
    if (rows.offsets[r + 1] - rows.offsets[r] < 2) continue;
    const fittedS = Math.max(1, delays[r] + cellFactor[rows.cell[r]] * paced[r]);
    const missed = Math.abs(Math.log(Math.max(1, rows.seconds[r]) / fittedS));
    rows.weight[r] = squareWeights[r] * Math.min(1, delta / missed);
  }
}
