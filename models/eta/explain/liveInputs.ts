import { INPUT_GROUPS, type InputGroup } from '@etalon/core/api/contract';
import type { TaskContext } from '@etalon/core/base';
import type { Device, Feed } from '@etalon/core/device';
import { AttributionExplainer } from '@etalon/core/explain';
import { drivenShare, type Way } from '@etalon/core/roads';
import { mul, type Program, segmentSum, sub, Trace } from '@etalon/core/tensor';
import { forwardFeed } from '../batch.ts';
import { layGraphs, liveColumnOfPath } from '../describe.ts';
import { cutPaths, type Stretch, wholePaths } from '../paths.ts';
import { type PathState, type StateModel, type StatePrediction, sourceOf } from './states.ts';
import { groupOfNodeFeature } from './usualTraffic.ts';

const NODES = 'nodeFeatures';
const GRAPHS = 'graphFeatures';
const DRIVEN = 'driven';
const UNDRIVEN = 'undriven';

/** Points of the path to begin with; twice as many each time until the gap is small enough. */
const FIRST_STEPS = 32;
/** Nodes of all points together that one answer may take: about a second on two cores for a width of 64. */
const MOST_NODES = 150_000;
/** The sum may miss the difference by so much of it, or by so many seconds. */
const GAP_SHARE = 0.01;
const GAP_S = 0.5;

/** The difference of two predictions by what of the inputs it comes from. Both sum to it, `causedS` with what belongs to no segment. */
export interface InputContributions {
  byGroup: Record<InputGroup, number>;
  /** [segments of the way] seconds that the inputs of each segment add to the whole. */
  causedS: Float64Array;
  steps: number;
  /** Seconds by which the sum missed the difference, before they were spread over the contributions by their size. */
  gapS: number;
}

/** A way as the network is asked about it. */
interface AskedWay {
  feed: Feed;
  stretches: Stretch[];
  /** [nodes] */
  segments: readonly number[];
}

/** One end of the path from usual traffic to that of now. */
export interface PathEnd {
  state: PathState;
  prediction: StatePrediction;
}

/**
 * Which live inputs make a way slower than with traffic as usual: integrated gradients (Sundararajan et al. 2017) of its driven
 * seconds, from the inputs of usual traffic to those of now.
 */
export class LiveInputs {
  readonly #model: StateModel;
  readonly #explainer: AttributionExplainer;

  static async compile(device: Device, model: StateModel, forward: Program): Promise<LiveInputs> {
    const explained = { output: DRIVEN, inputs: [NODES, GRAPHS] };
    return new LiveInputs(
      model,
      await AttributionExplainer.compile(device, drivenProgram(forward), explained),
    );
  }

  private constructor(model: StateModel, explainer: AttributionExplainer) {
    this.#model = model;
    this.#explainer = explainer;
  }

  /** @param differenceS what the contributions are to add up to. Throws `cancelled`. */
  async contributions(
    way: Way,
    usual: PathEnd,
    now: PathEnd,
    differenceS: number,
    context: TaskContext,
  ): Promise<InputContributions> {
    const [from, to] = [usual, now].map((end) => this.#feed(way, end));
    const stretches = to.stretches.length;
    const weights = new Float32Array(stretches).fill(this.#model.trained.calibration.factor);
    const baseline = { [NODES]: from.feed[NODES], [GRAPHS]: from.feed[GRAPHS] } as Record<
      string,
      Float32Array
    >;
    const { parameters } = this.#model.trained;
    const mostSteps = Math.min(2048, MOST_NODES / to.segments.length / 2);
    for (let steps = FIRST_STEPS; ; steps *= 2) {
      const path = { baseline, steps };
      const found = await this.#explainer.integratedGradients(
        { ...to.feed, parameters },
        weights,
        path,
        context,
      );
      const isClose =
        Math.abs(found.gap) <= Math.max(GAP_S, GAP_SHARE * Math.abs(found.value - found.baselineValue));
      if (!isClose && 2 * steps <= mostSteps) continue;
      const byInput = closed(found.byInput, differenceS);
      return { ...this.#share(now.state, to, byInput), steps, gapS: found.gap };
    }
  }

  dispose(): Promise<void> {
    return this.#explainer.dispose();
  }

  /** The stretches that the way is asked in, and their inputs. */
  #feed(way: Way, { state, prediction }: PathEnd): AskedWay {
    const { settings } = this.#model;
    const stretches =
      settings.routeBy === 'whole'
        ? wholePaths(state.paths, [0])
        : reachedAfter(cutPaths(state.paths, [0], settings.supersegmentLength)[0], prediction.rawS);
    const source = sourceOf(this.#model, state);
    const feed = forwardFeed(source, stretches);
    const places = placesOf(feed.onRoute as Float32Array);
    const undriven = Float32Array.from(places, (place) => (place < 0 ? 0 : 1 - drivenShare(way, place)));
    const { segments } = layGraphs(source, stretches);
    return { feed: { ...feed, [UNDRIVEN]: undriven }, stretches, segments };
  }

  /** Puts each input's seconds down to its group and, where it is of one, to its segment of the way. */
  #share(
    { paths }: PathState,
    { feed, stretches, segments }: AskedWay,
    byInput: Record<string, Float64Array>,
  ): Pick<InputContributions, 'byGroup' | 'causedS'> {
    const byGroup = emptyGroups();
    const causedS = new Float64Array(paths.trips.segments.length);
    const { nodes, graphs } = this.#model.trained.shape;
    const groups = nodes.names.map(groupOfNodeFeature);
    // Of a way asked in stretches, what lies off one may be on another.
    const placeOfSegment = new Map([...paths.trips.segments].map((segment, place) => [segment, place]));
    placesOf(feed.onRoute as Float32Array).forEach((onRoute, node) => {
      const place = onRoute < 0 ? placeOfSegment.get(segments[node]) : onRoute;
      groups.forEach((group, column) => {
        const seconds = byInput[NODES][node * groups.length + column];
        byGroup[place === undefined ? 'sideRoads' : group] += seconds;
        if (place !== undefined) causedS[place] += seconds;
      });
    });
    const pathGroup = groupOfNodeFeature(`live.${paths.liveNames[liveColumnOfPath(paths.liveNames)]}`);
    stretches.forEach((stretch, g) => {
      const ownShares = sharesOfPathLive(paths, stretch);
      graphs.names.forEach((name, column) => {
        const seconds = byInput[GRAPHS][g * graphs.names.length + column];
        if (name === 'pathLive') {
          byGroup[pathGroup] += seconds;
          ownShares.forEach((share, i) => {
            causedS[stretch.start + i] += share * seconds;
          });
        } else byGroup[name.startsWith('live.city') ? 'city' : 'other'] += seconds;
      });
    });
    return { byGroup, causedS };
  }
}

/** The forward program with the seconds of the driven parts of each path: those of the whole without Σ `undriven` · seconds. */
function drivenProgram(forward: Program): Program {
  const { trace, tensors } = Trace.from(forward);
  const output = (name: string) => tensors[forward.outputs.find((found) => found.name === name)!.id];
  const undriven = trace.input(UNDRIVEN, ['nodes', 1]);
  const undrivenS = segmentSum(mul(output('seconds'), undriven), trace.inputNamed('nodeGraph'), 'graphs');
  return trace.program({ [DRIVEN]: sub(output('total'), undrivenS) });
}

/** [nodes] place of each node on the way, −1 off it. Those of each stretch come in driving order. */
function placesOf(onRoute: Float32Array): Int32Array {
  let place = 0;
  return Int32Array.from(onRoute, (on) => (on === 1 ? place++ : -1));
}

function reachedAfter(stretches: readonly Stretch[], rawS: Float32Array): Stretch[] {
  let elapsedS = 0;
  return stretches.map((stretch) => {
    const reached = { ...stretch, elapsedS };
    for (let k = stretch.start; k < stretch.end; k++) elapsedS += rawS[k];
    return reached;
  });
}

/** `pathLive` = log(Σ eᵢ exp(rᵢ) ÷ Σ eᵢ): each segment has its share eᵢ (exp(rᵢ) − 1) of the sum's departure from 1. */
function sharesOfPathLive(paths: PathState['paths'], { start, end }: Stretch): number[] {
  const { expectedS, live, liveNames } = paths;
  const column = liveColumnOfPath(liveNames);
  const excess = Array.from({ length: end - start }, (_, i) =>
    column < 0 ? 0 : expectedS[start + i] * Math.expm1(live[(start + i) * liveNames.length + column]),
  );
  const total = excess.reduce((sum, seconds) => sum + seconds, 0);
  return excess.map((seconds) => (total === 0 ? 0 : seconds / total));
}

function emptyGroups(): Record<InputGroup, number> {
  return Object.fromEntries(INPUT_GROUPS.map((group) => [group, 0])) as Record<InputGroup, number>;
}

/** Spreads what is missing of the difference over the inputs by the size of their contributions, so that they add up to it. */
function closed(byInput: Record<string, Float32Array>, differenceS: number): Record<string, Float64Array> {
  let [sum, size] = [0, 0];
  for (const values of Object.values(byInput))
    for (const value of values) {
      sum += value;
      size += Math.abs(value);
    }
  const missing = size === 0 ? 0 : (differenceS - sum) / size;
  return Object.fromEntries(
    Object.entries(byInput).map(([name, values]) => [
      name,
      Float64Array.from(values, (value) => value + missing * Math.abs(value)),
    ]),
  );
}
