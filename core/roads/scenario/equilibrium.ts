import { breathe, type Random, type TaskContext, throwIfCancelled, toEtalonError } from '../../base/index.ts';
import { findTurn } from '../profiles/delays.ts';
import type { RouteCosts, Router } from '../routing/index.ts';
import type { Effects } from './apply.ts';
import type { BaseCell } from './baseTraffic.ts';
import type { CellTimes } from './cellTimes.ts';
import type { DemandFactors } from './demand.ts';
import type { Reach } from './reach.ts';
import type { AssignmentSettings } from './settings.ts';

/** A trip looks for another way when its own has become longer by as much as this. */
const WORSE_S = 2;
const WORSE_SHARE = 0.01;
/** Ways that an improved segment may open are sought from this many improved segments at most. */
const MOST_IMPROVED = 24;

/** Share of the sample that each round may take of what is left of it. */
const FIRST_SHARE = 0.7;

/** A trip's way in the scenario. */
interface Driver {
  trip: number;
  /** Trips an hour that it stands for. */
  weight: number;
  baseWay: Int32Array;
  baseS: number;
  /** Base seconds of the quickest way; NaN until it is sought. */
  bestBaseS: number;
  way: Int32Array;
  onBaseWay: boolean;
}

interface Option {
  seconds: number;
  way: Int32Array;
  onBaseWay: boolean;
}

export interface Equilibrium {
  /** [S'] trips an hour. */
  flow: Float64Array;
  /** All trips an hour, as the edits leave or make them. */
  trips: number;
  /** Trips concerned, and how many of them found another way, an hour. */
  concerned: number;
  rerouted: number;
  /** Trips an hour whose beginning and end are closed, and those left without any way. */
  stranded: number;
  /** Trips an hour that take over a minute longer. */
  delayed: number;
  /** By day of the cell's type: seconds by which all trips of an hour of that day take longer. */
  dayDelayS: Map<number, number>;
  rounds: number;
  /** Share of the concerned trips that moved in the last round. */
  lastMoved: number;
}

export interface AssignmentParts {
  base: BaseCell;
  times: CellTimes;
  effects: Effects;
  demand: DemandFactors;
  router: Router;
  reach: Reach;
  random: Random;
  settings: AssignmentSettings;
}

/**
 * Who drives where once the edits are in force. Every trip is a player of a congestion game (Rosenthal 1973): in turn, those
 * concerned take the quickest way at the present times, which change at once with every move. Where nobody can gain,
 * that is Wardrop's first principle (1952) but for the size of one trip; it settles in a few rounds, where the method of successive
 * averages, which moves everybody by 1/n, needs dozens.
 *
 * People do not drive the quickest way of a model. A trip keeps what it prefers about its own: δ = the base seconds of its way −
 * those of the quickest one. It leaves its way for one that is quicker by more than δ and an indifference band (Mahmassani & Chang
 * 1987), so that nothing moves without an edit.
 */
export async function assign(parts: AssignmentParts, context: TaskContext): Promise<Equilibrium> {
  const assignment = new Assignment(parts);
  assignment.load();
  const { rounds, settledShare } = parts.settings;
  let moved = 1;
  let round = 0;
  while (round < rounds && moved > settledShare) {
    round++;
    moved = await assignment.round(context, round === 1);
  }
  return assignment.result(round, moved);
}

class Assignment {
  readonly #parts: AssignmentParts;
  readonly #drivers = new Map<number, Driver>();
  readonly #costs: RouteCosts;
  readonly #baseCosts: RouteCosts;
  /** Trips that the edits concern; the drivers are those, or stand for them. */
  readonly #concerned = new Set<number>();
  /** Trips that have no way, and how many an hour each stands for. */
  readonly #stranded = new Map<number, number>();
  readonly #ways = new Map<number, Int32Array>();

  constructor(parts: AssignmentParts) {
    this.#parts = parts;
    const { times } = parts;
    this.#costs = {
      fastestKmh: times.fastestKmh,
      traversalS: (segment) => times.segmentS[segment],
      turnS: (turn) => times.turnS[turn],
    };
    this.#baseCosts = { ...this.#costs, traversalS: (segment) => times.baseS[segment] };
  }

  /** Puts everybody on the way that they drove, as far as it is open. */
  load(): void {
    const { base, times, demand } = this.#parts;
    for (const trip of base.trips) {
      const way = this.#way(trip);
      if (way.length === 0) {
        this.#stranded.set(trip, demand.of(trip) / base.days);
        continue;
      }
      times.add(way, demand.of(trip) / base.days);
    }
  }

  /** The trips concerned look for their quickest ways, in random order; returns the share that moved. */
  async round(context: TaskContext, first: boolean): Promise<number> {
    const { base, demand, random, settings } = this.#parts;
    const gains = first ? this.#gainers() : new Set<number>();
    // Whoever must find another way does so; who only may is drawn.
    const must: number[] = [];
    const may: number[] = [];
    for (const trip of base.trips) {
      if (this.#concerned.has(trip) || this.#stranded.has(trip)) continue;
      if (this.#parts.times.changeS(this.#way(trip)) === Infinity) must.push(trip);
      else if (this.#isWorse(trip) || gains.has(trip)) may.push(trip);
    }
    for (const trips of [must, may]) {
      // Later rounds bring in whom the first ones have crowded: some room is kept for them.
      const room = Math.ceil((settings.mostTrips - this.#drivers.size) * FIRST_SHARE);
      const chosen = random.shuffle([...trips]).slice(0, Math.max(0, room));
      if (chosen.length === 0) continue;
      for (const trip of trips) this.#concerned.add(trip);
      const scale = trips.length / chosen.length / base.days;
      for (const trip of chosen) this.#drivers.set(trip, this.#driver(trip, scale * demand.of(trip)));
    }
    const order = random.shuffle([...this.#drivers.values()]);
    let moved = 0;
    for (const [i, driver] of order.entries()) {
      if (i % 50 === 0) {
        throwIfCancelled(context.signal);
        context.report({ stage: 'Finding new ways', done: i, total: order.length, unit: 'trips' });
        await breathe();
      }
      if (this.#move(driver)) moved++;
    }
    return order.length > 0 ? moved / order.length : 0;
  }

  result(rounds: number, lastMoved: number): Equilibrium {
    const { base, demand, times } = this.#parts;
    const dayDelayS = new Map<number, number>();
    let all = 0;
    let concerned = 0;
    let rerouted = 0;
    let delayed = 0;
    const stranded = [...this.#stranded.values()].reduce((sum, weight) => sum + weight, 0);
    const count = (trip: number, weight: number, delayS: number) => {
      const day = demand.dayOf(trip);
      dayDelayS.set(day, (dayDelayS.get(day) ?? 0) + delayS * weight * base.days);
      if (delayS > 60) delayed += weight;
    };
    for (const trip of base.trips) {
      const weight = demand.of(trip) / base.days;
      all += weight;
      if (this.#stranded.has(trip)) continue;
      if (this.#concerned.has(trip)) concerned += weight;
      if (!this.#concerned.has(trip)) count(trip, weight, times.changeS(this.#way(trip)));
    }
    for (const driver of this.#drivers.values()) {
      if (!driver.onBaseWay) rerouted += driver.weight;
      count(driver.trip, driver.weight, this.#delayS(driver));
    }
    return {
      flow: times.flow.map((v) => Math.max(0, v)),
      trips: all,
      concerned,
      rerouted,
      stranded,
      delayed,
      dayDelayS,
      rounds,
      lastMoved,
    };
  }

  /** What was driven, without closed segments at either end: whoever lives there begins at the next open one. */
  #way(trip: number): Int32Array {
    let way = this.#ways.get(trip);
    if (way) return way;
    const { trips } = this.#parts.demand;
    const { effects } = this.#parts;
    let [begin, end] = [trips.offsets[trip], trips.offsets[trip + 1]];
    const closed = (k: number) => effects.segments.get(trips.segments[k])?.closed ?? false;
    while (begin < end && closed(begin)) begin++;
    while (end > begin && closed(end - 1)) end--;
    way = trips.segments.subarray(begin, end);
    this.#ways.set(trip, way);
    return way;
  }

  #isWorse(trip: number): boolean {
    const { times } = this.#parts;
    const way = this.#way(trip);
    const changeS = times.changeS(way);
    return changeS > WORSE_S && changeS > WORSE_SHARE * times.baseWayS(way);
  }

  /** Trips to whom a way over an improved segment would be quicker than their own. */
  #gainers(): Set<number> {
    const { times, reach, base } = this.#parts;
    const gainers = new Set<number>();
    for (const segment of times.improved().slice(0, MOST_IMPROVED)) {
      const to = reach.to(segment, times);
      const from = reach.from(segment, times);
      for (const trip of base.trips) {
        const way = this.#way(trip);
        if (way.length === 0) continue;
        const overS = to[way[0]] + from[way[way.length - 1]] - times.segmentS[segment];
        if (overS < this.#wayS(way, times.segmentS) - WORSE_S) gainers.add(trip);
      }
    }
    return gainers;
  }

  #driver(trip: number, weight: number): Driver {
    const baseWay = this.#way(trip);
    const baseS = this.#wayS(baseWay, this.#parts.times.baseS);
    return { trip, weight, baseWay, baseS, bestBaseS: Number.NaN, way: baseWay, onBaseWay: true };
  }

  #move(driver: Driver): boolean {
    const { times } = this.#parts;
    if (Number.isNaN(driver.bestBaseS)) {
      const quickest = this.#quickest(driver.baseWay, this.#baseCosts);
      driver.bestBaseS = Math.min(driver.baseS, quickest?.seconds ?? driver.baseS);
    }
    times.add(driver.way, -driver.weight);
    const preferredS = driver.baseS - driver.bestBaseS;
    const baseWayS = this.#wayS(driver.baseWay, times.segmentS) - preferredS;
    const presentS = driver.onBaseWay ? baseWayS : this.#wayS(driver.way, times.segmentS);
    const found = this.#quickest(driver.baseWay, this.#costs);
    const options: [Option, ...Option[]] = [
      { seconds: presentS, way: driver.way, onBaseWay: driver.onBaseWay },
      { seconds: baseWayS, way: driver.baseWay, onBaseWay: true },
      ...(found ? [{ ...found, onBaseWay: false }] : []),
    ];
    const bandS = 1e-6 + this.#parts.settings.indifference * driver.baseS;
    const [present, ...others] = options;
    const quickest = others.reduce((a, b) => (b.seconds < a.seconds ? b : a));
    const best = quickest.seconds < present.seconds - bandS ? quickest : present;
    if (!Number.isFinite(best.seconds)) {
      this.#drivers.delete(driver.trip);
      this.#stranded.set(driver.trip, driver.weight);
      return false;
    }
    const moved = best.way !== driver.way;
    driver.way = best.way;
    driver.onBaseWay = best.onBaseWay;
    times.add(driver.way, driver.weight);
    return moved;
  }

  #delayS(driver: Driver): number {
    const { times } = this.#parts;
    const nowS = this.#wayS(driver.way, times.segmentS);
    return nowS - (driver.onBaseWay ? driver.baseS : driver.bestBaseS);
  }

  #quickest(way: Int32Array, costs: RouteCosts): { seconds: number; way: Int32Array } | null {
    const request = {
      from: [{ segment: way[0], fraction: 0 }],
      to: [{ segment: way[way.length - 1], fraction: 1 }],
      departS: 0,
    };
    try {
      const route = this.#parts.router.quickest(request, costs);
      return { seconds: route.durationS, way: Int32Array.from(route.segments) };
    } catch (error) {
      if (toEtalonError(error).code !== 'not-found') throw error;
      return null;
    }
  }

  #wayS(way: Int32Array, segmentS: Float64Array): number {
    const { times } = this.#parts;
    let seconds = 0;
    for (let i = 0; i < way.length; i++) {
      seconds += segmentS[way[i]];
      if (i + 1 < way.length) {
        const turn = findTurn(times.network, way[i], way[i + 1]);
        seconds += turn < 0 ? times.unknownTurnS : times.turnS[turn];
      }
    }
    return seconds;
  }
}
