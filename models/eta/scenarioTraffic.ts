import { quietContext } from '@etalon/core/base';
import {
  freeFlowS,
  type HistoricalProfile,
  type RoadNetwork,
  type Scenario,
  type ScenarioHour,
  SegmentModel,
  type Steepness,
} from '@etalon/core/roads';
import type { TripPrediction } from './calibration.ts';
import type { SegmentQuestion, TrafficOracle } from './open.ts';
import type { PathSet } from './paths.ts';
import type { PathPredictions } from './predictor.ts';

/** What the planner asks of traffic: a scenario's stands in the place of the oracle's. */
export interface PlannerTraffic extends Pick<TrafficOracle, 'network' | 'coverNext'> {
  segmentSeconds(localS: number, question?: Pick<SegmentQuestion, 'wanted'>): Promise<Float32Array>;
  paths(paths: readonly ArrayLike<number>[], localS: number): Promise<PathPredictions>;
  readonly trained: { readonly models: { readonly full: SegmentModel } };
}

/** What a scenario changes of a model's inputs: the features of roads, and the seconds expected of each traversal. */
export interface InputChange {
  network: RoadNetwork;
  scale(paths: PathSet): Promise<void>;
}

/** A part of a path that lies on known segments: of path `path`, traversals from `begin` on. */
interface Run {
  path: number;
  begin: number;
  segments: number[];
}

/**
 * Traffic under a scenario: the model's own prediction on changed inputs. Limits and lanes are features; the seconds that the
 * segment model expects are multiplied by what the scenario makes of them. New links, which the model has never seen, take
 * the scenario's own seconds.
 */
export class ScenarioTraffic implements PlannerTraffic {
  readonly network: RoadNetwork;
  readonly trained: PlannerTraffic['trained'];
  readonly coverNext: Int32Array;
  readonly #oracle: TrafficOracle;
  readonly #scenario: Scenario;
  readonly #steepness: Steepness;

  constructor(oracle: TrafficOracle, scenario: Scenario, steepness: Steepness = 'usual') {
    this.#oracle = oracle;
    this.#scenario = scenario;
    this.#steepness = steepness;
    this.network = scenario.edited.network;
    this.trained = { models: { full: withLinks(oracle.trained.models.full, this.network) } };
    this.coverNext = new Int32Array(this.network.segmentCount).fill(-1);
    this.coverNext.set(oracle.coverNext);
  }

  /** [S'] as {@link TrafficOracle.segmentSeconds}; infinite where the scenario closes a segment. */
  async segmentSeconds(
    localS: number,
    { wanted }: { wanted?: ReadonlySet<number> | undefined } = {},
  ): Promise<Float32Array> {
    const hour = await this.#hour(localS);
    const known = await this.#oracle.segmentSeconds(localS, {
      wanted,
      change: {
        network: this.#scenario.networkAt(localS),
        scale: async ({ trips, expectedS }) => {
          trips.segments.forEach((segment, k) => {
            expectedS[k] *= openFactor(hour, segment);
          });
        },
      },
    });
    const seconds = hour.linkS.slice();
    seconds.set(known);
    hour.factors.forEach((factor, segment) => {
      if (factor === Infinity) seconds[segment] = Infinity;
    });
    return seconds;
  }

  /** Paths that depart at `localS`; each traversal meets the scenario as it is when it begins. */
  async paths(paths: readonly ArrayLike<number>[], localS: number): Promise<PathPredictions> {
    const runs = paths.flatMap((path, p) => this.#knownRuns(path, p));
    const { linkS } = await this.#hour(localS);
    const predicted = await this.#oracle.paths(
      runs.map((run) => run.segments),
      localS,
      {
        change: {
          network: this.#scenario.networkAt(localS),
          scale: (described) => this.#scaleAlong(described, runs, paths, linkS, localS),
        },
      },
    );
    return joined(paths, runs, predicted, linkS);
  }

  async #scaleAlong(
    { expectedS }: PathSet,
    runs: readonly Run[],
    paths: readonly ArrayLike<number>[],
    linkS: Float32Array,
    localS: number,
  ): Promise<void> {
    let k = 0;
    let clockS = localS;
    let path = -1;
    let at = 0;
    for (const run of runs) {
      if (run.path !== path) {
        path = run.path;
        clockS = localS;
        at = 0;
      }
      for (; at < run.begin; at++) clockS += linkS[paths[path][at]];
      for (const segment of run.segments) {
        expectedS[k] *= openFactor(await this.#hour(clockS), segment);
        clockS += expectedS[k++];
      }
      at += run.segments.length;
    }
  }

  #knownRuns(path: ArrayLike<number>, index: number): Run[] {
    const known = this.#scenario.edited.base.segmentCount;
    const runs: Run[] = [];
    let run: Run | undefined;
    for (let i = 0; i < path.length; i++) {
      if (path[i] >= known) {
        run = undefined;
        continue;
      }
      if (!run) {
        run = { path: index, begin: i, segments: [] };
        runs.push(run);
      }
      run.segments.push(path[i]);
    }
    return runs;
  }

  #hour(localS: number): Promise<ScenarioHour> {
    return this.#scenario.hourAt(localS, quietContext, this.#steepness);
  }
}

/** A segment model over longer columns: what is new runs as its class does. */
function withLinks(model: SegmentModel, network: RoadNetwork): SegmentModel {
  const S = network.segmentCount;
  const padded = (column: Float32Array, length: number) => {
    const longer = new Float32Array(length);
    longer.set(column);
    return longer;
  };
  return new SegmentModel(network, {
    ...model,
    deviation: padded(model.deviation, S),
    bandDeviation: padded(model.bandDeviation, S * model.bandCount),
    traversals: padded(model.traversals, S),
  });
}

/** History under a scenario knows nothing of new links: they count as driven freely. */
export function historyWithLinks(history: HistoricalProfile, scenario: Scenario): HistoricalProfile {
  const { base, network } = scenario.edited;
  return {
    segmentS: (segment, localS) =>
      segment < base.segmentCount ? history.segmentS(segment, localS) : freeFlowS(network, segment),
  };
}

/** A closed segment keeps its seconds in the model's inputs: nothing drives there, and its neighbours on a path stay sound. */
function openFactor({ factors }: ScenarioHour, segment: number): number {
  return factors[segment] === Infinity ? 1 : factors[segment];
}

/** Puts known parts and new links together again; a trip's constant counts once. */
function joined(
  paths: readonly ArrayLike<number>[],
  runs: readonly Run[],
  predicted: PathPredictions,
  linkS: Float32Array,
): PathPredictions {
  const offsets = [0];
  for (const path of paths) offsets.push(offsets[offsets.length - 1] + path.length);
  const traversalS = new Float32Array(offsets[paths.length]);
  paths.forEach((path, p) => {
    for (let i = 0; i < path.length; i++) traversalS[offsets[p] + i] = linkS[path[i]];
  });
  const trips: TripPrediction[] = paths.map(() => ({ seconds: 0, lowS: 0, highS: 0 }));
  let k = 0;
  runs.forEach((run, r) => {
    const drivenS = predicted.traversalS.subarray(k, k + run.segments.length);
    traversalS.set(drivenS, offsets[run.path] + run.begin);
    k += run.segments.length;
    const whole = predicted.trips[r];
    const isFirst = r === 0 || runs[r - 1].path !== run.path;
    const share = isFirst ? 1 : sum(drivenS) / whole.seconds;
    const trip = trips[run.path];
    trip.seconds += whole.seconds * share;
    trip.lowS += whole.lowS * share;
    trip.highS += whole.highS * share;
  });
  trips.forEach((trip, p) => {
    let linksS = 0;
    for (let i = 0; i < paths[p].length; i++)
      linksS += Number.isNaN(linkS[paths[p][i]]) ? 0 : linkS[paths[p][i]];
    // The links' seconds are as uncertain as the rest of the trip's.
    const scale = trip.seconds > 0 ? (trip.seconds + linksS) / trip.seconds : 0;
    if (scale > 0) {
      trip.seconds *= scale;
      trip.lowS *= scale;
      trip.highS *= scale;
    } else trips[p] = { seconds: linksS, lowS: linksS, highS: linksS };
  });
  return { trips, traversalS };
}

function sum(values: Float32Array): number {
  return values.reduce((total, value) => total + value, 0);
}
