import type { RoadNetwork } from '../network.ts';
import type { Conditions, Incident } from './conditions.ts';
import { type Journey, SLOT_S } from './demand.ts';
import { freeSeconds, type Links } from './links.ts';
import { LUCK, type Luck } from './luck.ts';
import type { Places } from './places.ts';
import { type QueueEvents, QueueModel, STEP_S } from './queues.ts';
import type { Recorder } from './recorder.ts';
import { periodAt, TASTES, type Ways } from './ways.ts';

const DRIVER_SPREAD = 0.06;
/** Share of drivers who set out with a navigation system that knows the traffic. */
const INFORMED_SHARE = 0.4;
/** How fast the navigation system's times follow what vehicles just met. */
const NEWS_WEIGHT = 0.3;
/** Figures of a simulation in vehicles of the model, none of which goes into a project. */
export interface TrafficStatistics {
  departed: number;
  arrived: number;
  /** Stood before a full or closed road for minutes and had no other way. */
  gaveUp: number;
  running: number;
  /** Did not set out, because the road at the door was full or closed. */
  stayedHome: number;
}

export interface TrafficParts {
  network: RoadNetwork;
  links: Links;
  places: Places;
  ways: Ways;
  /** Vehicles of the street for which one of the model stands. */
  packet: number;
  /** Share of the vehicles that are recorded. */
  probeShare: number;
  /** Who cannot leave home for so long, because the road is full or closed, stays there; nobody does unless told. */
  patienceS?: number;
  /** See {@link QueueModel}. */
  giveUpS?: number;
  drivers: Luck;
  roads: Luck;
}

/** Sees a traversal of a vehicle, recorded or not. Times count from the first midnight. */
export type Observe = (segment: number, enterS: number, leaveS: number) => void;

interface Watchers {
  recorder?: Recorder;
  observe?: Observe;
}

/** Journeys on the roads: joins demand, routes, conditions and the queue model. */
export class TrafficRun implements QueueEvents {
  readonly statistics: TrafficStatistics = { departed: 0, arrived: 0, gaveUp: 0, running: 0, stayedHome: 0 };
  readonly #parts: TrafficParts;
  readonly #model: QueueModel;
  readonly #watchers: Watchers;
  readonly #destination: number[] = [];
  readonly #variant: number[] = [];
  readonly #freeS: Float64Array;
  /** [S] seconds that vehicles lately took. */
  readonly #recentS: Float64Array;
  #waiting: { journey: Journey; segment: number }[] = [];
  #restricted: number[] = [];

  constructor(parts: TrafficParts, watchers: Watchers) {
    this.#parts = parts;
    this.#watchers = watchers;
    const { network, links, packet, roads } = parts;
    this.#freeS = freeSeconds(network, links);
    this.#recentS = this.#freeS.slice();
    this.#model = new QueueModel(network, links, packet, this, roads, parts.giveUpS);
  }

  /** Runs one slot from `beginS` on. */
  advance(beginS: number, journeys: readonly Journey[], conditions?: Conditions): void {
    const { places, drivers } = this.#parts;
    let next = 0;
    for (let timeS = beginS; timeS < beginS + SLOT_S; timeS += STEP_S) {
      if (conditions && timeS % 60 === 0) this.#apply(conditions, timeS);
      for (; next < journeys.length && journeys[next].departS < timeS + STEP_S; next++) {
        const journey = journeys[next];
        const starts = places.origins[journey.origin];
        this.#waiting.push({
          journey,
          segment: starts[drivers.int(starts.length, journey.id, LUCK.start)],
        });
      }
      if (this.#waiting.length > 0)
        this.#waiting = this.#waiting.filter(
          ({ journey, segment }) => !this.#tryToDepart(journey, segment, timeS),
        );
      this.#model.step();
    }
    this.statistics.running = this.#model.running;
  }

  /** False while there is no room. */
  #tryToDepart(journey: Journey, segment: number, timeS: number): boolean {
    if (!this.#model.hasRoom(segment)) {
      if (timeS - journey.departS < (this.#parts.patienceS ?? Number.POSITIVE_INFINITY)) return false;
      this.statistics.stayedHome++;
      return true;
    }
    const { drivers, probeShare } = this.#parts;
    const departS = Math.max(journey.departS, timeS);
    const temper = Math.max(-2, Math.min(2, drivers.normal(journey.id, LUCK.driver)));
    const isProbe = drivers.uniform(journey.id, LUCK.probe) < probeShare;
    this.statistics.departed++;
    const begin = (vehicle: number) => {
      this.#destination[vehicle] = journey.destination;
      this.#variant[vehicle] = this.#chooseWay(journey, segment, departS);
      if (isProbe) this.#watchers.recorder?.follow(vehicle, departS, journey.id);
    };
    this.#model.depart(segment, departS, Math.exp(temper * DRIVER_SPREAD), begin, journey.id);
    return true;
  }

  /** By taste, or the way that is quickest as traffic stands. */
  #chooseWay({ id, destination }: Journey, segment: number, departS: number): number {
    const { drivers } = this.#parts;
    const usual = periodAt(departS) * TASTES.length;
    const at = drivers.uniform(id, LUCK.taste);
    const own = usual + (at < TASTES[0] ? 0 : at < TASTES[0] + TASTES[1] ? 1 : 2);
    if (drivers.uniform(id, LUCK.informed) >= INFORMED_SHARE) return own;
    let [best, bestS] = [own, Number.POSITIVE_INFINITY];
    for (let taste = 0; taste < TASTES.length; taste++) {
      const seconds =
        this.#presentSeconds(segment, destination, usual + taste) *
        (1 + 0.06 * drivers.uniform(id, LUCK.opinion + taste));
      if (seconds < bestS) [best, bestS] = [usual + taste, seconds];
    }
    return best;
  }

  /** Infinite where no way leads to the destination. */
  #presentSeconds(from: number, destination: number, variant: number): number {
    const { trees } = this.#parts.ways;
    const { turnTo } = this.#parts.network;
    let seconds = 0;
    for (let segment = from; ; ) {
      const turn = trees.nextTurn(destination, variant, segment);
      if (turn < 0) return trees.endsAt(destination, variant, segment) ? seconds : Number.POSITIVE_INFINITY;
      segment = turnTo[turn];
      seconds += this.#model.occupancy[segment] > 0 ? this.#recentS[segment] : this.#freeS[segment];
    }
  }

  #apply({ incidents, rain }: Conditions, timeS: number): void {
    for (const segment of this.#restricted) this.#model.restrict(segment, 1);
    const now = incidents.filter(({ beginS, endS }) => beginS <= timeS && timeS < endS);
    const left = new Map<number, { capacityShare: number; speedShare: number }>();
    for (const { segment, capacityShare, speedShare = 1 } of now) {
      const before = left.get(segment) ?? { capacityShare: 1, speedShare: 1 };
      left.set(segment, {
        capacityShare: before.capacityShare * capacityShare,
        speedShare: before.speedShare * speedShare,
      });
    }
    for (const [segment, shares] of left)
      this.#model.restrict(segment, shares.capacityShare, shares.speedShare);
    this.#restricted = [...left.keys()];
    const spell = rain.find(({ beginS, endS }) => beginS <= timeS && timeS < endS);
    this.#model.speedFactor = spell?.speedShare ?? 1;
    this.#model.capacityFactor = spell?.capacityShare ?? 1;
  }

  nextTurn(vehicle: number, segment: number): number {
    return this.#parts.ways.trees.nextTurn(this.#destination[vehicle], this.#variant[vehicle], segment);
  }

  /** The quickest way, as traffic stands, that begins with a turn onto a road with room. */
  otherTurn(vehicle: number, segment: number, refused: number): number {
    const { turnOffsets, turnTo, reverse } = this.#parts.network;
    const usual = this.#variant[vehicle] - (this.#variant[vehicle] % TASTES.length);
    let [best, bestS] = [-1, Number.POSITIVE_INFINITY];
    for (let turn = turnOffsets[segment]; turn < turnOffsets[segment + 1]; turn++) {
      const onto = turnTo[turn];
      if (turn === refused || onto === reverse[segment] || !this.#model.hasRoom(onto)) continue;
      for (let variant = usual; variant < usual + TASTES.length; variant++) {
        const seconds = this.#presentSeconds(onto, this.#destination[vehicle], variant);
        if (seconds >= bestS) continue;
        [best, bestS] = [turn, seconds];
        this.#variant[vehicle] = variant;
      }
    }
    return best;
  }

  traversed(vehicle: number, segment: number, enterS: number, leaveS: number): void {
    this.#recentS[segment] += NEWS_WEIGHT * (leaveS - enterS - this.#recentS[segment]);
    this.#watchers.recorder?.traversed(vehicle, segment, leaveS - enterS);
    this.#watchers.observe?.(segment, enterS, leaveS);
  }

  arrived(vehicle: number): void {
    this.statistics.arrived++;
    this.#watchers.recorder?.arrived(vehicle);
  }

  gaveUp(vehicle: number): void {
    this.statistics.gaveUp++;
    this.#watchers.recorder?.dropped(vehicle);
  }
}

/** Segments that are closed at some time of a slot. */
export function closedDuring(incidents: readonly Incident[], beginS: number): Set<number> {
  const closed = incidents.filter(
    (one) => one.capacityShare <= 0 && one.beginS < beginS + SLOT_S && one.endS > beginS,
  );
  return new Set(closed.map(({ segment }) => segment));
}
