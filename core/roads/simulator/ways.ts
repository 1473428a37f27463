import { breathe, type Random, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import type { RoadNetwork } from '../network.ts';
import { DAY_S } from '../trips.ts';
import type { Links } from './links.ts';
import { RouteTrees } from './routes.ts';

/** Costs by which drivers choose their way: at night and midday, in the morning, in the late afternoon. */
export const PERIODS = 3;
/** Shares of drivers with each opinion of the roads. */
export const TASTES = [0.5, 0.3, 0.2];
export const VARIANTS = PERIODS * TASTES.length;
const TASTE_SPREAD = 0.16;
/** What a driver counts for a turn beyond its delay, so that ways have few of them. */
const TURN_DISLIKE_S = 2;
/** What a closed road seems to cost: finite, so that a place that cannot be reached otherwise keeps a way. */
const CLOSED_S = 1e7;

/** The ways that drivers know, from everywhere to every place. */
export class Ways {
  readonly trees: RouteTrees;
  /** [variant][S] seconds as drivers see them. */
  readonly #perceivedS: Float64Array[] = [];
  readonly #turnCostS: Float64Array;
  /** Trees as they were before a road was closed. */
  #open: { destination: number; variant: number; tree: Uint8Array }[] = [];
  #closed: ReadonlySet<number> = new Set();

  constructor(network: RoadNetwork, ends: readonly (readonly number[])[], links: Links) {
    this.trees = new RouteTrees(network, ends, VARIANTS);
    this.#turnCostS = links.turnDelayS.map((s) => s + TURN_DISLIKE_S);
  }

  /** Finds all ways anew. `costs` [period][S] are mean seconds per segment. Throws `cancelled`. */
  async grow(costs: readonly Float64Array[], random: Random, context: TaskContext): Promise<void> {
    for (let taste = 0; taste < TASTES.length; taste++) {
      const opinion = costs[0].map(() => Math.exp(TASTE_SPREAD * taste * 0.6 * random.normal()));
      for (let period = 0; period < PERIODS; period++) {
        const variant = period * TASTES.length + taste;
        context.report({ stage: 'Finding ways', done: taste * PERIODS + period, total: VARIANTS });
        this.#perceivedS[variant] = costs[period].map((cost, s) => cost * opinion[s]);
        // Before anybody has driven all periods are alike.
        const alike = costs
          .slice(0, period)
          .findIndex((other) => other.every((s, i) => s === costs[period][i]));
        if (alike >= 0) this.trees.copy(alike * TASTES.length + taste, variant);
        else await this.trees.grow(variant, this.#perceivedS[variant], this.#turnCostS, context);
      }
    }
  }

  /** From now on drivers avoid the closed segments where they can, as everybody knows of them. Throws `cancelled`. */
  async avoid(closed: ReadonlySet<number>, context: TaskContext): Promise<void> {
    if (closed.size === this.#closed.size && [...closed].every((s) => this.#closed.has(s))) return;
    for (const { destination, variant, tree } of this.#open) this.trees.restore(destination, variant, tree);
    this.#open = [];
    this.#closed = closed;
    if (closed.size === 0) return;
    for (let variant = 0; variant < VARIANTS; variant++) {
      const costS = this.#perceivedS[variant].slice();
      for (const s of closed) costS[s] += CLOSED_S;
      for (const destination of this.trees.destinationsThrough(variant, closed)) {
        const tree = this.trees.regrow(destination, variant, costS, this.#turnCostS);
        this.#open.push({ destination, variant, tree });
      }
      throwIfCancelled(context.signal);
      await breathe();
    }
  }
}

/** Mean seconds per segment and period. */
export class Meter {
  readonly #sums: Float64Array[];
  readonly #counts: Float64Array[];

  constructor(segments: number) {
    this.#sums = Array.from({ length: PERIODS }, () => new Float64Array(segments));
    this.#counts = Array.from({ length: PERIODS }, () => new Float64Array(segments));
  }

  readonly observe = (segment: number, enterS: number, leaveS: number): void => {
    const period = periodAt(enterS);
    this.#sums[period][segment] += leaveS - enterS;
    this.#counts[period][segment]++;
  };

  /** 0 where nothing was seen. */
  mean(period: number, segment: number): number {
    return this.#sums[period][segment] / Math.max(1, this.#counts[period][segment]);
  }
}

export function periodAt(timeS: number): number {
  const hour = (timeS % DAY_S) / 3600;
  if (hour >= 6.5 && hour < 9.5) return 1;
  return hour >= 15.25 && hour < 18.75 ? 2 : 0;
}
