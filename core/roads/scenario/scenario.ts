import { Random, type TaskContext, toEtalonError } from '../../base/index.ts';
import type { RoadNetwork } from '../network.ts';
import { timeCell } from '../profiles/timeCells.ts';
import { Router } from '../routing/index.ts';
import { EditedNetwork, type Effects } from './apply.ts';
import type { BaseCell, BaseTraffic } from './baseTraffic.ts';
import { CellTimes } from './cellTimes.ts';
import { DemandFactors } from './demand.ts';
import type { ScenarioEdit } from './edits.ts';
import { assign, type Equilibrium } from './equilibrium.ts';
import { Reach } from './reach.ts';
import { type AssignmentSettings, assignmentDefaults } from './settings.ts';
import { VOLUME_DELAY, type VolumeDelay } from './volumeDelay.ts';

export type Steepness = keyof typeof VOLUME_DELAY;

/** An hour of a scenario: who drives where, and how long everything takes. */
export interface ScenarioHour {
  readonly base: BaseCell;
  readonly effects: Effects;
  readonly times: CellTimes;
  readonly equilibrium: Equilibrium;
  /** [S'] driving seconds ÷ those of the base case; infinite = closed, 1 on new links. */
  readonly factors: Float32Array;
  /** [S'] seconds of new links with what their ends cost; NaN on all other segments. */
  readonly linkS: Float32Array;
}

/**
 * A scenario over the base case. Hours are worked out when first asked for and kept. A time of the clock belongs to its
 * hour and day type, and to the edits in force then.
 */
export class Scenario {
  readonly edited: EditedNetwork;
  readonly traffic: BaseTraffic;
  readonly #settings: AssignmentSettings;
  readonly #seed: number;
  readonly #router: Router;
  readonly #reach: Reach;
  readonly #turnS: Float64Array;
  readonly #hours = new Map<string, Promise<ScenarioHour>>();

  /** Throws `not-found` where an edit names a segment or a place that the roads do not have. */
  constructor(
    traffic: BaseTraffic,
    edits: readonly ScenarioEdit[],
    { seed = 1, ...settings }: Partial<AssignmentSettings> & { seed?: number } = {},
  ) {
    this.traffic = traffic;
    this.edited = new EditedNetwork(traffic.network, edits);
    this.#settings = { ...assignmentDefaults, ...settings };
    this.#seed = seed;
    this.#router = new Router(this.edited.network);
    this.#reach = new Reach(this.edited.network);
    this.#turnS = traffic.turnsS(this.edited.network);
  }

  /** With new links, and the limits and lanes in force at a time. */
  networkAt(localS: number): RoadNetwork {
    return this.edited.networkUnder(this.edited.effectsAt(localS));
  }

  async hourAt(localS: number, context: TaskContext, steepness: Steepness = 'usual'): Promise<ScenarioHour> {
    for (;;)
      try {
        return await this.#known(localS, context, steepness);
      } catch (error) {
        // Whoever asked first may have lost interest: that is no answer for who still waits.
        if (toEtalonError(error).code !== 'cancelled' || context.signal.aborted) throw error;
      }
  }

  #known(localS: number, context: TaskContext, steepness: Steepness): Promise<ScenarioHour> {
    const effects = this.edited.effectsAt(localS);
    const key = `${timeCell(localS)} ${effects.key} ${steepness}`;
    let hour = this.#hours.get(key);
    if (!hour) {
      hour = this.#solve(this.traffic.cellAt(localS), effects, VOLUME_DELAY[steepness], context);
      this.#hours.set(key, hour);
      // A cancelled hour is worked out again when it is asked for again.
      hour.catch(() => this.#hours.delete(key));
    }
    return hour;
  }

  async #solve(
    base: BaseCell,
    effects: Effects,
    bpr: VolumeDelay,
    context: TaskContext,
  ): Promise<ScenarioHour> {
    const { traffic, edited } = this;
    const times = new CellTimes({
      traffic,
      edited,
      base,
      load: traffic.loadOf(base, bpr),
      effects,
      bpr,
      turnS: this.#turnS,
      unknownTurnS: traffic.unknownTurnS,
    });
    const equilibrium = await assign(
      {
        base,
        times,
        effects,
        demand: new DemandFactors(traffic.network, traffic.trips, effects.demand),
        router: this.#router,
        reach: this.#reach,
        // Of its own, so that an hour comes out the same whatever was asked before.
        random: new Random(this.#seed + base.cell),
        settings: this.#settings,
      },
      context,
    );
    const S = edited.base.segmentCount;
    const all = { length: edited.network.segmentCount };
    return {
      base,
      effects,
      times,
      equilibrium,
      factors: Float32Array.from(all, (_, s) => times.factor(s)),
      linkS: Float32Array.from(all, (_, s) => (s < S ? Number.NaN : times.segmentS[s])),
    };
  }
}
