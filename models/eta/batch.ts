import type { Feed } from '@etalon/core/device';
import { pathGraphs } from '@etalon/core/graph';
import type { ModelByTime, RoadNetwork } from '@etalon/core/roads';
import { type FeatureSet, rawFeatures } from './features.ts';
import type { PathSet, Stretch } from './paths.ts';

/** Everything needed to turn stretches of paths into the inputs of the network. */
export interface BatchSource {
  network: RoadNetwork;
  models: ModelByTime;
  paths: PathSet;
  features: FeatureSet;
}

/** Inputs of the forward program: features, structure and what the segment model expects. */
export function forwardFeed(source: BatchSource, stretches: readonly Stretch[]): Feed {
  const { network, models, paths, features } = source;
  const raw = rawFeatures(network, models, paths, stretches, features);
  const graph = pathGraphs(stretches.map(({ start, end }) => end - start));
  const segment = joined(Int32Array, stretches, graph.nodeCount, paths.trips.segments);
  return {
    nodeFeatures: raw.nodes,
    edgeFeatures: raw.edges,
    graphFeatures: raw.graphs,
    senders: graph.senders,
    receivers: graph.receivers,
    nodeGraph: graph.nodeGraph,
    segment,
    roadClass: segment.map((index) => network.roadClass[index]),
    expectedS: joined(Float32Array, stretches, graph.nodeCount, paths.expectedS),
    tripConstantS: Float32Array.from(stretches, (stretch) =>
      isWhole(paths, stretch) ? paths.tripConstantS[stretch.path] : 0,
    ),
  };
}

export interface LabelScale {
  /** Mean seconds of the training trips. */
  meanS: number;
  /** 1: errors in shares of each path's time; 0: in shares of the mean. */
  relativeExponent: number;
}

/** The same with labels: seconds of each path, and of its segments where they are known. */
export function lossFeed(source: BatchSource, stretches: readonly Stretch[], scale: LabelScale): Feed {
  const feed = forwardFeed(source, stretches);
  const { trips } = source.paths;
  const observedS = Float32Array.from(stretches, (stretch) => observed(source.paths, stretch));
  const expectedS = feed.expectedS as Float32Array;
  const nodeObservedS = trips.segmentS
    ? joined(Float32Array, stretches, expectedS.length, trips.segmentS)
    : new Float32Array(expectedS.length).fill(Number.NaN);
  const nodeKnown = nodeObservedS.map((seconds) => (seconds > 0 ? 1 : 0));
  return {
    ...feed,
    observedS,
    scaleS: observedS.map(
      (seconds) => seconds ** scale.relativeExponent * scale.meanS ** (1 - scale.relativeExponent),
    ),
    pathWeight: new Float32Array(stretches.length).fill(1),
    nodeObservedS: nodeObservedS.map((seconds, i) => (nodeKnown[i] ? seconds : expectedS[i])),
    // A second or two on a segment of ten metres is noise: below this, shares would only magnify it.
    nodeScaleS: expectedS.map((seconds) => Math.max(5, seconds)),
    nodeKnown,
  };
}

/** Seconds observed on a stretch: the trip's own total for a whole trip, else the sum of its segments. */
function observed(paths: PathSet, stretch: Stretch): number {
  if (isWhole(paths, stretch)) return paths.trips.totalS[stretch.path];
  let seconds = 0;
  for (let k = stretch.start; k < stretch.end; k++) seconds += paths.trips.segmentS![k];
  return seconds;
}

function isWhole({ trips: { offsets } }: PathSet, { path, start, end }: Stretch): boolean {
  return start === offsets[path] && end === offsets[path + 1];
}

function joined<A extends Float32Array | Int32Array>(
  type: new (length: number) => A,
  stretches: readonly Stretch[],
  length: number,
  column: A,
): A {
  const values = new type(length);
  let at = 0;
  for (const { start, end } of stretches) {
    values.set(column.subarray(start, end), at);
    at += end - start;
  }
  return values;
}
