import { EtalonError, type Random } from '@etalon/core/base';
import type { Feed } from '@etalon/core/device';
import {
  type ExtendedPaths,
  freeFlowS,
  type RoadNetwork,
  type SupersegmentCatalogue,
} from '@etalon/core/roads';
import type { PreparedEta } from './checkpoint.ts';
import { type DescribedGraphs, describeGraphs, type FeatureSource } from './describe.ts';
import { allFeatures, keptFeatures } from './features.ts';
import { elapsedAtStart, horizonAt } from './horizons.ts';
import type { PathSet, Stretch } from './paths.ts';
import type { EtaSettings } from './settings.ts';
import type { TrafficReader } from './traffic.ts';

/** Everything needed to turn stretches of paths into the inputs of the network. */
export interface BatchSource extends FeatureSource {
  /** False leaves the edges out: segments then know each other only by what they say to the path as a whole (DeepSets). */
  edges: boolean;
  /** Whether segments have embeddings, so that the network is told which they are. */
  segmentIndex: boolean;
  /** How many networks there are for starts at different times after the departure. */
  horizons: number;
  /** Supersegments known by number, where they have embeddings. */
  catalogue?: SupersegmentCatalogue;
}

/** What a run's inputs are made of: its own models, shape and catalogue, and the paths with the traffic that they met. */
export interface BatchParts extends PreparedEta {
  network: RoadNetwork;
  paths: PathSet;
  traffic: TrafficReader;
  edited?: RoadNetwork;
}

export function batchSource(parts: BatchParts, settings: EtaSettings): BatchSource {
  const { network, edited, models, catalogue, shape, paths, traffic } = parts;
  return {
    network,
    models,
    paths,
    features: keptFeatures(allFeatures(paths), shape),
    ...graphOptions(settings, traffic),
    segmentIndex: settings.segmentEmbedding > 0,
    horizons: shape.horizons ?? 1,
    ...(catalogue && { catalogue }),
    ...(edited && { edited }),
  };
}

/** What of a path's surroundings enters its graph, and whether it has edges. */
export function graphOptions(
  { neighbourTurns, edges }: EtaSettings,
  traffic: TrafficReader,
): Pick<BatchSource, 'around' | 'edges'> {
  return {
    edges: edges === 'on',
    ...(neighbourTurns > 0 && edges === 'on' && { around: { turns: neighbourTurns, traffic } }),
  };
}

/** Inputs of the forward program: features, structure and what the segment model expects. All stretches must be of one horizon. */
export function forwardFeed(source: BatchSource, stretches: readonly Stretch[]): Feed {
  return feedOf(source, stretches, describeGraphs(source, stretches));
}

/**
 * The same for stretches that are entered at several times after the same departures, one source for each time. Structure is made once
 * and keeps its arrays, so that devices keep what they derive from them.
 */
export function* forwardFeeds(
  sources: readonly BatchSource[],
  stretches: readonly (readonly Stretch[])[],
): Generator<Feed> {
  let described: DescribedGraphs | undefined;
  let first: Feed | undefined;
  for (let time = 0; time < sources.length; time++) {
    described = describeGraphs(sources[time], stretches[time], described);
    const feed = feedOf(sources[time], stretches[time], described, first);
    first ??= feed;
    yield feed;
  }
}

/** `known` is a feed of the same graphs: their structure is taken from it. */
function feedOf(
  source: BatchSource,
  stretches: readonly Stretch[],
  described: DescribedGraphs,
  known: Feed = structureFeed(source, stretches, described),
): Feed {
  const { paths } = source;
  return {
    ...known,
    nodeFeatures: described.nodes,
    graphFeatures: described.graphs,
    expectedS: described.expectedS,
    ...(source.horizons > 1 && { horizon: Int32Array.of(commonHorizon(source, stretches)) }),
    tripConstantS: Float32Array.from(stretches, (stretch) =>
      isWhole(paths, stretch) ? paths.tripConstantS[stretch.path] : 0,
    ),
  };
}

/** What of a feed does not depend on the time. */
function structureFeed(
  source: BatchSource,
  stretches: readonly Stretch[],
  { graph, edges: edgeFeatures }: DescribedGraphs,
): Feed {
  const { network, paths, catalogue } = source;
  const segment = Int32Array.from(graph.segments);
  const edges = source.edges ? graph.senders.length : 0;
  return {
    edgeFeatures: edgeFeatures.subarray(0, edges * source.features.edges.length),
    senders: Int32Array.from(edges ? graph.senders : []),
    receivers: Int32Array.from(edges ? graph.receivers : []),
    nodeGraph: Int32Array.from(graph.graphs),
    ...(source.segmentIndex && { segment }),
    ...(catalogue && {
      supersegment: Int32Array.from(stretches, ({ start, end }) =>
        catalogue.nearest(paths.trips.segments, start, end),
      ),
    }),
    roadClass: segment.map((index) => network.roadClass[index]),
    onRoute: Float32Array.from(graph.turnsAway, (turns) => (turns === 0 ? 1 : 0)),
  };
}

function commonHorizon({ paths, horizons }: BatchSource, stretches: readonly Stretch[]): number {
  const [first, ...others] = stretches.map((stretch) => horizonAt(elapsedAtStart(paths, stretch), horizons));
  if (others.some((other) => other !== first))
    throw new EtalonError('internal', 'internal: a batch holds stretches of several horizons');
  return first;
}

/** Places of a path at which its cumulative time is compared, at most. */
const PREFIXES = 20;

/** Seconds that a teacher says of trips, NaN where it says nothing, and how much they count beside the observed ones. */
export interface Teacher {
  share: number;
  /** [N] of each trip. */
  seconds: Float32Array;
}

export interface LabelScale {
  /** Mean seconds of the training trips. */
  meanS: number;
  /** 1: errors in shares of each path's time; 0: in shares of the mean. */
  relativeExponent: number;
  /** Whether errors are shares of free-flow times instead (Derrow-Pinion et al. 2021). */
  byFreeFlow: boolean;
  /** Cumulative times are asked at this many places of each path at most; 0 asks for none. */
  prefixes: number;
  /** Which auxiliary losses are on, and what they draw with. */
  infomax: boolean;
  autoEncoder: boolean;
  /** What else is learned of whole trips; absent: what was observed alone. */
  teacher?: Teacher;
}

export function labelScale(settings: EtaSettings, meanS: number, teacher?: Teacher): LabelScale {
  return {
    ...(teacher && { teacher }),
    meanS,
    relativeExponent: settings.relativeExponent,
    byFreeFlow: settings.errorScale === 'freeFlow',
    prefixes: settings.cumulativeHuber > 0 ? PREFIXES : 0,
    infomax: settings.infomax > 0,
    autoEncoder: settings.autoEncoder > 0,
  };
}

/** The same with labels: seconds of each path, and of its segments where they are known. */
export function lossFeed(
  source: BatchSource,
  stretches: readonly Stretch[],
  scale: LabelScale,
  random: Random,
): Feed {
  const described = describeGraphs(source, stretches);
  const { graph, expectedS } = described;
  const feed = feedOf(source, stretches, described);
  const observedS = Float32Array.from(stretches, (stretch) => observed(source.paths, stretch));
  const taughtS = scale.teacher ? taught(source.paths, stretches, observedS, scale.teacher) : observedS;
  const nodeObservedS = routeSeconds(source.paths, stretches, graph);
  const nodeKnown = nodeObservedS.map((seconds) => (seconds > 0 ? 1 : 0));
  const freeS = Float32Array.from(graph.segments, (segment) => freeFlowS(source.network, segment));
  // A second or two on a segment of ten metres is noise: below this, shares would only magnify it.
  const nodeScaleS = (scale.byFreeFlow ? freeS : expectedS).map((seconds) => Math.max(5, seconds));
  const pathFreeS = new Float32Array(stretches.length);
  freeS.forEach((seconds, node) => {
    if (graph.turnsAway[node] === 0) pathFreeS[graph.graphs[node]] += seconds;
  });
  return {
    ...feed,
    observedS,
    taughtS,
    scaleS: scale.byFreeFlow
      ? pathFreeS
      : taughtS.map(
          (seconds) => seconds ** scale.relativeExponent * scale.meanS ** (1 - scale.relativeExponent),
        ),
    pathWeight: new Float32Array(stretches.length).fill(1),
    nodeObservedS: nodeObservedS.map((seconds, i) => (nodeKnown[i] ? seconds : expectedS[i])),
    nodeScaleS,
    nodeKnown,
    ...(scale.infomax && { shuffledNode: Int32Array.from(random.shuffle([...graph.segments.keys()])) }),
    ...(scale.autoEncoder && pairFeed(graph, random)),
    ...(scale.prefixes > 0 && prefixFeed(stretches, graph, nodeObservedS, freeS, scale.prefixes)),
  };
}

/** [nodes] observed seconds of the nodes on routes, NaN where unknown and around the routes. */
function routeSeconds({ trips }: PathSet, stretches: readonly Stretch[], graph: ExtendedPaths): Float32Array {
  const seconds = new Float32Array(graph.segments.length).fill(Number.NaN);
  if (trips.segmentS)
    stretches.forEach(({ start, end }, g) => {
      seconds.set(trips.segmentS!.subarray(start, end), graph.nodeOffsets[g]);
    });
  return seconds;
}

/**
 * Cumulative times from the start of each path to places evenly spread over it: a prefix lists its nodes. A prefix that holds
 * a segment of unknown seconds counts nothing.
 */
function prefixFeed(
  stretches: readonly Stretch[],
  graph: ExtendedPaths,
  nodeObservedS: Float32Array,
  freeS: Float32Array,
  most: number,
): Feed {
  const node: number[] = [];
  const prefix: number[] = [];
  const observed: number[] = [];
  const scale: number[] = [];
  stretches.forEach(({ start, end }, g) => {
    const length = end - start;
    const count = Math.min(length, most);
    for (let i = 1; i <= count; i++) {
      const until = Math.round((i * length) / count);
      let seconds = 0;
      let free = 0;
      for (let k = 0; k < until; k++) {
        const at = graph.nodeOffsets[g] + k;
        node.push(at);
        prefix.push(observed.length);
        seconds += nodeObservedS[at];
        free += freeS[at];
      }
      observed.push(seconds);
      scale.push(Math.max(5, free));
    }
  });
  return {
    prefixNode: Int32Array.from(node),
    prefixOf: Int32Array.from(prefix),
    prefixObservedS: Float32Array.from(observed, (seconds) => (seconds > 0 ? seconds : 0)),
    prefixScaleS: Float32Array.from(scale),
    prefixKnown: Float32Array.from(observed, (seconds) => (seconds > 0 ? 1 : 0)),
  };
}

/** The turns of the graphs, each once, and as many pairs of nodes of the same graph drawn by chance that are none. */
function pairFeed({ senders, receivers, graphs, nodeOffsets }: ExtendedPaths, random: Random): Feed {
  const known = new Set(senders.map((sender, e) => `${sender} ${receivers[e]}`));
  const first: number[] = [];
  const second: number[] = [];
  const edge: number[] = [];
  senders.forEach((sender, e) => {
    first.push(sender);
    second.push(receivers[e]);
    edge.push(1);
    const begin = nodeOffsets[graphs[sender]];
    const other = begin + random.int(nodeOffsets[graphs[sender] + 1] - begin);
    if (other === sender || known.has(`${sender} ${other}`)) return;
    first.push(sender);
    second.push(other);
    edge.push(0);
  });
  return {
    pairFirst: Int32Array.from(first),
    pairSecond: Int32Array.from(second),
    pairEdge: Float32Array.from(edge),
  };
}

/** Seconds observed on a stretch: the trip's own total for a whole trip, else the sum of its segments. */
function observed(paths: PathSet, stretch: Stretch): number {
  if (isWhole(paths, stretch)) return paths.trips.totalS[stretch.path];
  let seconds = 0;
  for (let k = stretch.start; k < stretch.end; k++) seconds += paths.trips.segmentS![k];
  return seconds;
}

/** Observed seconds, of whole trips mixed with what the teacher says of them. */
function taught(
  paths: PathSet,
  stretches: readonly Stretch[],
  observedS: Float32Array,
  { share, seconds }: Teacher,
): Float32Array {
  return observedS.map((own, i) => {
    const told = seconds[stretches[i].path];
    return isWhole(paths, stretches[i]) && told > 0 ? own + share * (told - own) : own;
  });
}

function isWhole({ trips: { offsets } }: PathSet, { path, start, end }: Stretch): boolean {
  return start === offsets[path] && end === offsets[path + 1];
}
