import {
  ExtendedPaths,
  endsAtSignal,
  findTurn,
  freeFlowS,
  type ModelByTime,
  PathExtender,
  type RoadNetwork,
  type SegmentModel,
} from '@etalon/core/roads';
import type { EdgeContext, Feature, FeatureSet, GraphContext, NodeContext, RawFeatures } from './features.ts';
import { elapsedAtStart } from './horizons.ts';
import type { PathSet, Stretch } from './paths.ts';
import type { TrafficReader } from './traffic.ts';

/** Everything that features of paths are computed from. */
export interface FeatureSource {
  network: RoadNetwork;
  models: ModelByTime;
  paths: PathSet;
  features: FeatureSet;
  /** The roads as a scenario has them: they describe the segments, but what joins them stays as it is. */
  edited?: RoadNetwork;
  /** Off-route neighbours; absent where only routes are asked about. */
  around?: Around;
}

/** What lies around routes, up to `turns` turns away, and how traffic ran there. */
export interface Around {
  turns: number;
  traffic: TrafficReader;
}

/** Rows of features with the graph that they describe. */
export interface DescribedGraphs extends RawFeatures {
  graph: ExtendedPaths;
  /** [graphs] the segment model that each was described by. */
  models: SegmentModel[];
  /** [nodes] seconds that the segment model expects. */
  expectedS: Float32Array;
}

/** The figures of segments that tell how the path as a whole runs now, the better ones last. */
const LIVE_OF_PATH = ['cell700m', 'segment15min'];

/** Column of the live figure that `pathLive` is made of; −1 where there is none. */
export function liveColumnOfPath(liveNames: readonly string[]): number {
  return liveNames.findLastIndex((name) => LIVE_OF_PATH.includes(name));
}

/** Traversals in training under which a segment counts as seldom driven. */
export const SELDOM = 10;

/** The graphs of stretches: nodes of the route first, then those around it. */
export function layGraphs(
  { network, paths, around }: FeatureSource,
  stretches: readonly Stretch[],
): ExtendedPaths {
  const graph = new ExtendedPaths();
  const { extender } = helpersOf(network);
  const turnBetween = (a: number, b: number) => findTurn(network, a, b);
  for (const { start, end } of stretches)
    extender.append(graph, paths.trips.segments, { start, end, rings: around?.turns ?? 0 }, turnBetween);
  return graph;
}

/**
 * Computes the features of stretches, with the graph of each. `earlier` is the description of the same stretches, entered sooner
 * after the same departures: what stays as it is, is taken from there.
 */
export function describeGraphs(
  source: FeatureSource,
  stretches: readonly Stretch[],
  earlier?: DescribedGraphs,
): DescribedGraphs {
  const { network, features } = source;
  const graph = earlier?.graph ?? layGraphs(source, stretches);
  const models = stretches.map(({ path }) => source.models.modelAt(source.paths.trips.localDepartS[path]));
  // Past midnight another of the cross-fitted models may speak: then nothing stays.
  const still = earlier?.models.every((model, g) => model === models[g]) ? earlier : undefined;
  const expectedS = new Float32Array(graph.segments.length);
  const isKnown = still !== undefined && !source.around?.traffic.looksAhead;
  const nodes = new RowWriter(graph.segments.length, features.nodes, still?.nodes);
  const graphs = new RowWriter(stretches.length, features.graphs);
  stretches.forEach((stretch, g) => {
    const described = new DescribedStretch(source, stretch);
    for (let i = graph.nodeOffsets[g]; i < graph.nodeOffsets[g] + described.length; i++) {
      const node = described.routeNode(i - graph.nodeOffsets[g]);
      expectedS[i] = node.expectedS;
      nodes.write(node);
    }
    const first = graph.nodeOffsets[g] + described.length;
    const last = graph.nodeOffsets[g + 1];
    const places = graph.places.slice(first, last);
    described.around(graph.segments.slice(first, last), places, isKnown);
    for (let i = first; i < last; i++) {
      const node = described.aroundNode(i - first, graph.turnsAway[i]);
      expectedS[i] = node.expectedS;
      nodes.write(node);
    }
    graphs.write(described.whole());
  });
  return {
    nodes: nodes.values,
    edges: earlier?.edges ?? edgeRows(network, graph, features.edges),
    graphs: graphs.values,
    graph,
    models,
    expectedS,
  };
}

function edgeRows(
  network: RoadNetwork,
  { senders, turns, onward, turnsAway }: ExtendedPaths,
  features: FeatureSet['edges'],
): Float32Array {
  const rows = new RowWriter(senders.length, features);
  const edge: EdgeContext = { network, turn: 0, onward: true, onRoute: true };
  for (let e = 0; e < senders.length; e++) {
    edge.turn = turns[e];
    edge.onward = onward[e] === 1;
    edge.onRoute = turnsAway[senders[e]] === 0;
    rows.write(edge);
  }
  return rows.values;
}

/** One stretch: its route, what lies around it, and what is known of the whole. */
class DescribedStretch {
  readonly length: number;
  readonly #source: FeatureSource;
  readonly #stretch: Stretch;
  readonly #model: SegmentModel;
  readonly #roads: RoadNetwork;
  /** Seconds expected from the trip's departure to each place of the route. */
  readonly #elapsedS: Float64Array;
  /** Handed out for every node, one after the other. */
  readonly #node: NodeContext;
  #around: { segments: readonly number[]; places: readonly number[]; live: Float32Array } = {
    segments: [],
    places: [],
    live: new Float32Array(0),
  };

  constructor(source: FeatureSource, stretch: Stretch) {
    const { models, network, edited = network, paths } = source;
    const local = paths.trips.localDepartS[stretch.path];
    this.length = stretch.end - stretch.start;
    this.#source = source;
    this.#stretch = stretch;
    this.#model = models.modelAt(local);
    this.#roads = edited;
    this.#elapsedS = elapsedAlong(paths, stretch);
    this.#node = {
      network: edited,
      model: this.#model,
      paths,
      segment: 0,
      expectedS: 0,
      live: paths.live,
      liveAt: 0,
      turnsAway: 0,
      place: 0,
      count: this.length,
      elapsedS: 0,
      localDepartS: local,
      tripStarts: false,
      tripEnds: false,
    };
  }

  routeNode(place: number): NodeContext {
    const { paths } = this.#source;
    const { path, start } = this.#stretch;
    const { offsets, segments } = paths.trips;
    const k = start + place;
    const node = this.#node;
    node.segment = segments[k];
    node.expectedS = paths.expectedS[k];
    node.liveAt = k * paths.liveNames.length;
    node.place = place;
    node.elapsedS = this.#elapsedS[place];
    node.tripStarts = k === offsets[path];
    node.tripEnds = k === offsets[path + 1] - 1;
    return node;
  }

  /**
   * Takes up what lies around the route, for {@link aroundNode}, and looks up how traffic runs there unless it is known; `places` are
   * those that the segments were found from.
   */
  around(segments: readonly number[], places: readonly number[], isKnown: boolean): void {
    const { paths, around } = this.#source;
    const live = new Float32Array(isKnown ? 0 : segments.length * paths.liveNames.length);
    if (!isKnown) {
      const reachedS = places.map((place) => this.#elapsedS[place]);
      around?.traffic.nodes(paths.trips.departS[this.#stretch.path], segments, reachedS, live);
    }
    this.#around = { segments, places, live };
  }

  aroundNode(i: number, turnsAway: number): NodeContext {
    const { segments, places, live } = this.#around;
    const node = this.#node;
    const drivingS = this.#model.drivingS(segments[i], node.localDepartS);
    node.segment = segments[i];
    node.expectedS = Math.max(0.1, drivingS + this.#model.endDelayS(segments[i], -1));
    node.live = live;
    node.liveAt = i * this.#source.paths.liveNames.length;
    node.turnsAway = turnsAway;
    node.place = places[i];
    node.elapsedS = this.#elapsedS[places[i]];
    node.tripStarts = false;
    node.tripEnds = false;
    return node;
  }

  whole(): GraphContext {
    const { network, paths } = this.#source;
    const { start, end } = this.#stretch;
    const { segments } = paths.trips;
    const liveWidth = paths.liveNames.length;
    const liveColumn = liveColumnOfPath(paths.liveNames);
    let lengthM = 0;
    let expectedS = 0;
    let liveS = 0;
    let freeS = 0;
    let signals = 0;
    let leastTraversals = Number.POSITIVE_INFINITY;
    let seldomS = 0;
    for (let k = start; k < end; k++) {
      const segment = segments[k];
      const traversals = this.#model.traversals[segment];
      lengthM += network.lengthM[segment];
      expectedS += paths.expectedS[k];
      freeS += freeFlowS(this.#roads, segment);
      if (endsAtSignal(this.#roads, segment)) signals++;
      leastTraversals = Math.min(leastTraversals, traversals);
      if (traversals < SELDOM) seldomS += paths.expectedS[k];
      liveS += paths.expectedS[k] * Math.exp(liveColumn < 0 ? 0 : paths.live[k * liveWidth + liveColumn]);
    }
    return {
      network,
      paths,
      stretch: this.#stretch,
      localDepartS: this.#node.localDepartS,
      lengthM,
      expectedS,
      liveRatio: Math.log(liveS / expectedS),
      freeS,
      signals,
      leastTraversals: Math.log1p(leastTraversals),
      seldomShare: seldomS / expectedS,
      straightKm: helpersOf(network).plane.straightKm(
        network.geometryOffsets[segments[start]],
        network.geometryOffsets[segments[end - 1] + 1] - 1,
      ),
    };
  }
}

function elapsedAlong(paths: PathSet, stretch: Stretch): Float64Array {
  const { start, end } = stretch;
  const { expectedS } = paths;
  const elapsedS = new Float64Array(end - start);
  elapsedS[0] = elapsedAtStart(paths, stretch);
  for (let k = start; k + 1 < end; k++) elapsedS[k + 1 - start] = elapsedS[k - start] + expectedS[k];
  return elapsedS;
}

/** What is made once for each network. */
const helpers = new WeakMap<RoadNetwork, { extender: PathExtender; plane: Plane }>();

function helpersOf(network: RoadNetwork): { extender: PathExtender; plane: Plane } {
  let known = helpers.get(network);
  if (!known) {
    known = { extender: new PathExtender(network), plane: new Plane(network) };
    helpers.set(network, known);
  }
  return known;
}

const KM_PER_DEGREE = 111.195;

/** The roads as if flat: a city is small enough for it. */
class Plane {
  readonly #coordinates: Float64Array;
  /** Longitude and latitude of the mean junction. */
  readonly #middle: readonly [number, number];
  readonly #kmPerDegree: readonly [number, number];

  constructor({ coordinates, junctionCoordinates, junctionCount }: RoadNetwork) {
    this.#coordinates = coordinates;
    const mean = (axis: number) => {
      let sum = 0;
      for (let j = 0; j < junctionCount; j++) sum += junctionCoordinates[2 * j + axis];
      return sum / Math.max(1, junctionCount);
    };
    this.#middle = [mean(0), mean(1)];
    this.#kmPerDegree = [KM_PER_DEGREE * Math.cos((this.#middle[1] * Math.PI) / 180), KM_PER_DEGREE];
  }

  /** Between two points of the network's geometry. */
  straightKm(from: number, to: number): number {
    return Math.hypot(this.#along(to, 0) - this.#along(from, 0), this.#along(to, 1) - this.#along(from, 1));
  }

  #along(point: number, axis: 0 | 1): number {
    return (this.#coordinates[2 * point + axis] - this.#middle[axis]) * this.#kmPerDegree[axis];
  }
}

class RowWriter<C> {
  readonly values: Float32Array;
  readonly #width: number;
  /** Features to compute, with their columns. */
  readonly #features: readonly Feature<C>[];
  readonly #columns: readonly number[];
  #begin = 0;

  /** `known` are rows of the same nodes, whose still features are right already. */
  constructor(rows: number, features: readonly Feature<C>[], known?: Float32Array) {
    this.values = known?.slice() ?? new Float32Array(rows * features.length);
    this.#width = features.length;
    this.#columns = [...features.keys()].filter((column) => !known || !features[column].still);
    this.#features = this.#columns.map((column) => features[column]);
  }

  write(context: C): void {
    for (let i = 0; i < this.#features.length; i++)
      this.values[this.#begin + this.#columns[i]] = this.#features[i].value(context);
    this.#begin += this.#width;
  }
}
