import { Random, randomStream } from '@etalon/core/base';
import type { Feed } from '@etalon/core/device';
import { type PairContext, pairContext, takeContext } from '@etalon/core/graph';
import {
  type FeatureEncoding,
  fitFeatures,
  HOLD_OUT_SEED,
  type HoldOut,
  type InteractionData,
} from '@etalon/core/interactions';
import { fitNormalisation } from '../normalisation.ts';
import { decorrelated } from './decorrelation.ts';
import { type Matrix, pairFeatures, selectColumns, userFeatures } from './features.ts';
import { RELATIONS, type Scales } from './network.ts';
import { contextGraph, type DirectedPairs } from './pairs.ts';
import type { StorySettings } from './settings.ts';
import { heldOutParts, type Part } from './split.ts';
import { type TargetWindow, targetOf, targetWindows, type WindowOptions } from './windows.ts';

/** The network of friends as it was known at a moment, and the pairs that are asked about the window after it. */
export interface Snapshot {
  readonly untilS: number;
  readonly pairs: DirectedPairs;
  /** Inputs that are the same whichever pairs are asked. */
  readonly feed: Feed;
  /** [asked] the edge of each pair. */
  readonly asked: Int32Array;
  /** [asked] NaN where it is not known. */
  readonly targets: Float32Array;
  readonly context: PairContext;
}

/** Some of the pairs that a snapshot asks for. */
export interface Asked {
  readonly snapshot: Snapshot;
  /** Places among its asked pairs. */
  readonly places: Int32Array;
}

/** Who may watch, of one of the pairs that a snapshot asks for. */
export function viewerOf({ pairs, asked }: Snapshot, place: number): number {
  return pairs.senders[asked[place]];
}

/** [asked] the same of all; rows of one viewer hang together in all windows. */
export function viewersOf(asked: readonly Asked[]): Int32Array {
  return Int32Array.from(
    asked.flatMap(({ snapshot, places }) => Array.from(places, (place) => viewerOf(snapshot, place))),
  );
}

/** What a run needs to treat later data as it treated those of training; plain JSON. */
export interface Kept {
  readonly profile: FeatureEncoding;
  readonly scales: Scales;
  readonly target: string;
  /** Least and largest target of training: no prediction is outside. */
  readonly range: readonly [low: number, high: number];
}

export interface StoryData {
  readonly kept: Kept;
  readonly parts: Readonly<Record<Part, readonly Asked[]>>;
}

/** What was asked in each window, parted into what is learned from and what is held out. Scales are fitted to the former. */
export function storyData(
  data: InteractionData,
  type: string,
  settings: StorySettings,
  holdOut: HoldOut,
  earlier?: Kept,
): StoryData {
  const all = targetWindows(data, type, windowOptions(settings));
  // At random only within one window: affinities of one are what is known in the next.
  const windows = holdOut.way === 'random' ? all.slice(-1) : all;
  const parts = heldOutParts(windows, { ...holdOut, validation: settings.validationShare });
  const profile = earlier?.profile ?? fitFeatures(data.nodes(data.edges(type).from).features);
  const raw = windows.map((window) => rawSnapshot(data, type, profile, window, settings));
  const kept = earlier ?? fitted(profile, targetOf(data.edges(type)).name, raw, parts);
  const snapshots = raw.map((each) => scaledSnapshot(each, kept, settings));
  const asked = (part: Part): Asked[] =>
    snapshots.flatMap((snapshot, w) => {
      const places = Int32Array.from(parts[w].keys()).filter((place) => parts[w][place] === part);
      return places.length > 0 ? [{ snapshot, places }] : [];
    });
  return { kept, parts: { train: asked('train'), validation: asked('validation'), test: asked('test') } };
}

/** The network of friends as it is known at a moment, asked about the given pairs. */
export function snapshotAt(
  data: InteractionData,
  type: string,
  settings: StorySettings,
  kept: Kept,
  { untilS, pairs }: Pick<TargetWindow, 'untilS' | 'pairs'>,
): Snapshot {
  const window = { untilS, pairs, targets: new Float32Array(pairs.length).fill(Number.NaN) };
  return scaledSnapshot(rawSnapshot(data, type, kept.profile, window, settings), kept, settings);
}

export function windowOptions({ windowDays, mostWindows, windows }: StorySettings): WindowOptions {
  return { windowDays, most: mostWindows, memory: windows };
}

/** Inputs of the network for some of the asked pairs; `target` where all of theirs are known. */
export function feedOf({ snapshot, places }: Asked): Feed {
  const { feed, asked, targets, context, pairs } = snapshot;
  const rows = (relation: (typeof RELATIONS)[number]): [string, Int32Array][] => {
    const { pair, edge } = takeContext(context[relation], places, asked.length);
    return [
      [`pair/${relation}`, pair],
      [`edge/${relation}`, edge],
    ];
  };
  const target = Float32Array.from(places, (place) => targets[place]);
  return {
    ...feed,
    asked: places.map((place) => asked[place]),
    viewer: places.map((place) => pairs.senders[asked[place]]),
    author: places.map((place) => pairs.receivers[asked[place]]),
    ...Object.fromEntries(RELATIONS.flatMap(rows)),
    ...(!target.some(Number.isNaN) && { target }),
  };
}

/** Batches of about `size` pairs of one snapshot each, in a new order each epoch. */
export function* batchesOf(
  asked: readonly Asked[],
  size: number,
  { seed, epoch }: { seed: number; epoch: number },
): Generator<Feed> {
  const random = randomStream(seed, epoch);
  const batches = asked.flatMap(({ snapshot, places }) => {
    const order = random.shuffle(places.slice());
    return chunks(order, size).map((chunk): Asked => ({ snapshot, places: chunk }));
  });
  for (const batch of random.shuffle(batches)) yield feedOf(batch);
}

export function batchCount(asked: readonly Asked[], size: number): number {
  return asked.reduce((count, { places }) => count + Math.ceil(places.length / size), 0);
}

/** Chunks of about the same size: a small last one would move the weights as far as a whole one. */
function chunks(places: Int32Array, size: number): Int32Array[] {
  const count = Math.ceil(places.length / size);
  return Array.from({ length: count }, (_, i) => {
    const [begin, end] = [i, i + 1].map((at) => Math.round((at * places.length) / count));
    return places.subarray(begin, end);
  });
}

interface RawSnapshot {
  readonly window: TargetWindow;
  readonly pairs: DirectedPairs;
  readonly nodes: Matrix;
  readonly edges: Matrix;
}

function rawSnapshot(
  data: InteractionData,
  type: string,
  profile: FeatureEncoding,
  window: TargetWindow,
  { windowDays, windows }: StorySettings,
): RawSnapshot {
  const { untilS } = window;
  const pairs = contextGraph(data, data.edges(type), untilS, window.pairs);
  const history = { untilS, windowS: windowDays * 86_400, windows };
  return {
    window,
    pairs,
    nodes: userFeatures(data, type, profile, history),
    edges: pairFeatures(data, type, pairs, history),
  };
}

function scaledSnapshot(
  { window, pairs, nodes, edges }: RawSnapshot,
  kept: Kept,
  { egoSize }: StorySettings,
): Snapshot {
  const { scales } = kept;
  const asked = Int32Array.from(window.pairs, ([u, v]) => pairs.edgeOf(u, v)!);
  const graph = { nodeCount: pairs.users, senders: pairs.senders, receivers: pairs.receivers };
  return {
    untilS: window.untilS,
    pairs,
    feed: {
      senders: pairs.senders,
      receivers: pairs.receivers,
      nodeFeatures: selectColumns(nodes, scales.nodes.names, scales.nodes.mean),
      edgeFeatures: selectColumns(edges, scales.edges.names, scales.edges.mean),
    },
    asked,
    targets: window.targets,
    context: pairContext(graph, asked, { most: egoSize, random: new Random(HOLD_OUT_SEED) }),
  };
}

/** Scales of the inputs and targets that training sees. */
function fitted(
  profile: FeatureEncoding,
  target: string,
  raw: readonly RawSnapshot[],
  parts: readonly (readonly Part[])[],
): Kept {
  const learned = raw.flatMap((each, w) =>
    parts[w].includes('train') ? [{ ...each, parts: parts[w] }] : [],
  );
  const scaleOf = (matrices: readonly Matrix[]) => {
    const [{ names }] = matrices;
    const values = joined(matrices.map((matrix) => matrix.values));
    const scaling = fitNormalisation(
      values,
      names.map((name) => ({ name })),
    );
    return decorrelated(selectColumns({ names, values }, scaling.names, scaling.mean), scaling);
  };
  const targets = learned.flatMap(({ window, parts: own }) =>
    Array.from(window.targets).filter((_, place) => own[place] === 'train'),
  );
  const mean = targets.reduce((sum, value) => sum + value, 0) / targets.length;
  const variance = targets.reduce((sum, value) => sum + (value - mean) ** 2, 0) / targets.length;
  return {
    profile,
    target,
    scales: {
      nodes: scaleOf(learned.map(({ nodes }) => nodes)),
      edges: scaleOf(learned.map(({ edges }) => edges)),
      target: { mean, deviation: Math.sqrt(variance) || 1 },
    },
    range: [targets.reduce((a, b) => Math.min(a, b)), targets.reduce((a, b) => Math.max(a, b))],
  };
}

function joined(arrays: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}
