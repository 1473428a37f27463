import { freeFlowS } from '../baselines/freeFlow.ts';
import { ROAD_CLASSES, type RoadNetwork } from '../network.ts';
import { DELAY, endsAtSignal, turnDelayBetween } from '../profiles/delays.ts';
import type { SegmentModel } from '../profiles/segmentModel.ts';
import { dayType, TIME_CELLS, timeCell } from '../profiles/timeCells.ts';
import { localDay, type TripSet } from '../trips.ts';
import { type VolumeDelay, volumeRatio } from './volumeDelay.ts';

/** What assignment needs of a segment model: seconds by segment and time, and what ends and turns cost. */
export type SegmentTimes = Pick<SegmentModel, 'drivingS' | 'delayS'>;

/** Traversals that the volume ratio of a segment's class counts for beside the segment's own. */
const CLASS_TRAVERSALS = 20;
/** A segment is never thought emptier than its delay says, nor, without delay, fuller than its capacity. */
const FULL = 1;
/** Driving this many times as long as in the quickest hour shows how full a road is. */
const VISIBLE = 1.05;

/** The base case in one time cell (an hour of a day type): who drives, and how full and slow every segment is. */
export interface BaseCell {
  readonly cell: number;
  /** Positions of the trips that depart in the cell, on any day. */
  readonly trips: Int32Array;
  /** Days of the cell's type in the data: one trip of `trips` is 1 ÷ days trips an hour. */
  readonly days: number;
  /** [S] trips an hour. */
  readonly flow: Float64Array;
  /** [S] seconds of driving; an end's signal is not among them. */
  readonly drivingS: Float64Array;
  /** [S] driving seconds in the segment's own quickest hour. */
  readonly quickestS: Float64Array;
  /** [road classes] driving seconds of the quickest hour ÷ length at the limit, for roads that are new. */
  readonly classRatio: Float64Array;
}

/** Trips by hour and day type, and the segment model's seconds, of a network without edits. */
export class BaseTraffic {
  readonly network: RoadNetwork;
  readonly trips: TripSet;
  readonly #times: SegmentTimes;
  readonly #tripsOfCell: number[][];
  readonly #daysOfType: number[];
  readonly #cells = new Map<number, BaseCell>();
  readonly #classCapacity = new Map<VolumeDelay, Float64Array>();
  #quickestS: Float64Array | undefined;

  constructor(network: RoadNetwork, trips: TripSet, times: SegmentTimes) {
    this.network = network;
    this.trips = trips;
    this.#times = times;
    this.#tripsOfCell = Array.from({ length: TIME_CELLS }, () => []);
    const days = [new Set<number>(), new Set<number>(), new Set<number>()];
    for (let trip = 0; trip < trips.count; trip++) {
      const localS = trips.localDepartS[trip];
      const cell = timeCell(localS);
      this.#tripsOfCell[cell].push(trip);
      days[Math.floor(cell / 24)].add(localDay(localS));
    }
    this.#daysOfType = days.map((seen) => seen.size);
  }

  /** [days] trips of each day of the day type of a time. */
  tripsByDay(localS: number): number[] {
    const counts = new Map<number, number>();
    const type = dayType(localS);
    for (const departS of this.trips.localDepartS)
      if (dayType(departS) === type) counts.set(localDay(departS), (counts.get(localDay(departS)) ?? 0) + 1);
    return [...counts.values()];
  }

  cellAt(localS: number): BaseCell {
    return this.#cell(timeCell(localS));
  }

  #cell(cell: number): BaseCell {
    let found = this.#cells.get(cell);
    if (!found) {
      found = this.#describe(cell);
      this.#cells.set(cell, found);
    }
    return found;
  }

  /**
   * Volumes and capacities without counts. Delay says how full a segment is: x = BPR⁻¹(t ÷ quickest t). Trips are a sample
   * of traffic, so capacities are in trips too: a segment's is (v + κ) ÷ (x + κ / c), its flow over its ratio, pulled to
   * its class's capacity c where few have driven it.
   */
  loadOf(base: BaseCell, bpr: VolumeDelay): CellLoad {
    const { network } = this;
    const ofClass = this.classCapacity(bpr);
    const pull = CLASS_TRAVERSALS / base.days;
    const ratio = new Float64Array(network.segmentCount);
    const capacity = new Float64Array(network.segmentCount);
    for (let s = 0; s < network.segmentCount; s++) {
      const c = ofClass[network.roadClass[s]] * lanesOf(network, s);
      const byDelay = volumeRatio(bpr, base.drivingS[s] / base.quickestS[s]);
      ratio[s] = Math.max(byDelay, Math.min(FULL, base.flow[s] / c));
      capacity[s] = (base.flow[s] + pull) / (ratio[s] + pull / c);
    }
    return { volumeRatio: ratio, capacity };
  }

  /**
   * [road classes] trips an hour and lane at which a road is full: Σ v ÷ Σ x over all segments and cells whose delay can be seen,
   * so that the chance in single flows cancels. The busiest flow of a class that never has any.
   */
  classCapacity(bpr: VolumeDelay): Float64Array {
    const known = this.#classCapacity.get(bpr);
    if (known) return known;
    const { network } = this;
    const flows = new Float64Array(CLASSES);
    const ratios = new Float64Array(CLASSES);
    const busiest = new Float64Array(CLASSES);
    this.#tripsOfCell.forEach((positions, cell) => {
      if (positions.length === 0) return;
      const { flow, drivingS, quickestS } = this.#cell(cell);
      for (let s = 0; s < network.segmentCount; s++) {
        if (flow[s] === 0) continue;
        const group = network.roadClass[s];
        const laneFlow = flow[s] / lanesOf(network, s);
        busiest[group] = Math.max(busiest[group], laneFlow);
        if (drivingS[s] < VISIBLE * quickestS[s]) continue;
        flows[group] += laneFlow;
        ratios[group] += volumeRatio(bpr, drivingS[s] / quickestS[s]);
      }
    });
    const overall = Math.max(...busiest) || 1;
    const found = busiest.map((most, group) =>
      ratios[group] > 0 ? flows[group] / ratios[group] : most || overall,
    );
    this.#classCapacity.set(bpr, found);
    return found;
  }

  /** Seconds that the signal at a segment's end costs. */
  signalS(network: RoadNetwork, segment: number): number {
    return endsAtSignal(network, segment) ? Math.max(0, this.#times.delayS[DELAY.signal]) : 0;
  }

  /** Of a turn that was driven though the network has it not: what a left turn costs, as in the segment model. */
  get unknownTurnS(): number {
    return Math.max(0, this.#times.delayS[DELAY.left]);
  }

  /** [T] seconds that each turn of a network costs. */
  turnsS(network: RoadNetwork): Float64Array {
    return Float64Array.from({ length: network.turnCount }, (_, turn) => {
      const delay = turnDelayBetween(network, network.turnFrom[turn], network.turnTo[turn]);
      return delay < 0 ? 0 : Math.max(0, this.#times.delayS[delay]);
    });
  }

  #describe(cell: number): BaseCell {
    const { network, trips } = this;
    const positions = this.#tripsOfCell[cell];
    const days = Math.max(1, this.#daysOfType[Math.floor(cell / 24)]);
    const flow = new Float64Array(network.segmentCount);
    for (const trip of positions)
      for (let k = trips.offsets[trip]; k < trips.offsets[trip + 1]; k++) flow[trips.segments[k]] += 1 / days;
    const quickestS = this.#quickest();
    return {
      cell,
      trips: Int32Array.from(positions),
      days,
      flow,
      drivingS: this.#drivingS(cell),
      quickestS,
      classRatio: classRatios(network, quickestS),
    };
  }

  #drivingS(cell: number): Float64Array {
    const localS = middleOf(cell);
    return Float64Array.from({ length: this.network.segmentCount }, (_, s) =>
      Math.max(0.05, this.#times.drivingS(s, localS)),
    );
  }

  /** [S] the least of any cell that had trips: free flow as it was driven, junctions and all, not as the law allows. */
  #quickest(): Float64Array {
    if (this.#quickestS) return this.#quickestS;
    const least = new Float64Array(this.network.segmentCount).fill(Infinity);
    const seen = this.#tripsOfCell.flatMap((positions, cell) => (positions.length > 0 ? [cell] : []));
    for (const cell of seen) {
      const drivingS = this.#drivingS(cell);
      for (let s = 0; s < least.length; s++) least[s] = Math.min(least[s], drivingS[s]);
    }
    this.#quickestS = least;
    return least;
  }
}

/** How full each segment of a cell is, under one volume–delay function. */
export interface CellLoad {
  /** [S] volume ÷ capacity. */
  readonly volumeRatio: Float64Array;
  /** [S] trips an hour at which volume ÷ capacity is 1, in the trips of the project. */
  readonly capacity: Float64Array;
}

/** Unknown lanes count as one. */
function lanesOf(network: RoadNetwork, segment: number): number {
  return Math.max(1, network.lanes[segment]);
}

const CLASSES = ROAD_CLASSES.length;

function classRatios(network: RoadNetwork, drivingS: Float64Array): Float64Array {
  const driving = new Float64Array(CLASSES);
  const free = new Float64Array(CLASSES);
  for (let s = 0; s < network.segmentCount; s++) {
    driving[network.roadClass[s]] += drivingS[s];
    free[network.roadClass[s]] += freeFlowS(network, s);
  }
  const all = driving.reduce((sum, s) => sum + s, 0) / free.reduce((sum, s) => sum + s, 0);
  return driving.map((seconds, group) => (free[group] > 0 ? seconds / free[group] : all));
}

/** A wall-clock time in the middle of a cell's hour. 1970-01-05 was a Monday. */
function middleOf(cell: number): number {
  const day = [4, 9, 10][Math.floor(cell / 24)];
  return (day * 24 + (cell % 24) + 0.5) * 3600;
}
