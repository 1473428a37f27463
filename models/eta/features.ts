import { EtalonError } from '@etalon/core/base';
import {
  dayType,
  paceGroup,
  type RoadNetwork,
  SEGMENT_FLAGS,
  type SegmentModel,
  secondOfDay,
  TURN_CLASSES,
  TURN_FLAGS,
  weekday,
} from '@etalon/core/roads';
import type { Normalisation } from '../normalisation.ts';
import type { PathSet, Stretch } from './paths.ts';

/** One number that the network is told: its name and unit stand in the exported file. */
export interface Feature<Context> {
  name: string;
  unit: string;
  /** Its value for a segment stays what it is however long after the departure the path is entered. */
  still?: true;
  value(context: Context): number;
}

/** A traversal on its path. Reused from node to node: read it, do not keep it. */
export interface NodeContext {
  network: RoadNetwork;
  model: SegmentModel;
  paths: PathSet;
  segment: number;
  /** Seconds that the segment model expects of it. */
  expectedS: number;
  /** Its live residuals: `liveNames.length` values from `liveAt` on. */
  live: Float32Array;
  liveAt: number;
  /** Turns between it and the route: 0 on the route itself. */
  turnsAway: number;
  /** Position on the stretch, and its length in segments. */
  place: number;
  count: number;
  /** Seconds expected from the trip's departure to this traversal. */
  elapsedS: number;
  localDepartS: number;
  /** Whether the trip starts, or ends, here. */
  tripStarts: boolean;
  tripEnds: boolean;
}

export interface EdgeContext {
  network: RoadNetwork;
  /** The turn driven, or −1 where the network has none. */
  turn: number;
  /** Whether the edge runs in driving order, or back. */
  onward: boolean;
  /** Whether it comes from a segment of the route. */
  onRoute: boolean;
}

export interface GraphContext {
  network: RoadNetwork;
  paths: PathSet;
  stretch: Stretch;
  localDepartS: number;
  lengthM: number;
  expectedS: number;
  /** log(seconds as segments lately took ÷ expected) of the whole stretch. */
  liveRatio: number;
  freeS: number;
  signals: number;
  /** log(1 + traversals) of the segment that was driven least, and the share of the expected time on seldom driven ones. */
  leastTraversals: number;
  seldomShare: number;
  /** From the beginning of the stretch to its end. */
  straightKm: number;
}

const has = (flag: keyof typeof SEGMENT_FLAGS) => {
  const bit = SEGMENT_FLAGS[flag];
  return (c: NodeContext) => (c.network.flags[c.segment] & bit ? 1 : 0);
};

/** Features of a segment on a path, live residuals last. */
export function nodeFeatures(liveNames: readonly string[]): Feature<NodeContext>[] {
  return [
    {
      name: 'logLength',
      unit: 'log(1 + m)',
      still: true,
      value: (c) => Math.log1p(c.network.lengthM[c.segment]),
    },
    { name: 'speedLimit', unit: 'km/h', still: true, value: (c) => c.network.speedLimitKmh[c.segment] },
    { name: 'lanes', unit: 'lanes, 0 unknown', value: (c) => c.network.lanes[c.segment] },
    { name: 'importance', unit: 'class index', still: true, value: (c) => c.network.roadClass[c.segment] },
    { name: 'unpaved', unit: '0/1', still: true, value: (c) => (c.network.surface[c.segment] === 2 ? 1 : 0) },
    ...(['bridge', 'tunnel', 'toll', 'roundabout', 'signal', 'link', 'oneway'] as const).map((flag) => ({
      name: flag,
      unit: '0/1',
      still: true as const,
      value: has(flag),
    })),
    {
      name: 'logExpectedPace',
      unit: 'log(s/m)',
      value: (c) => Math.log(c.expectedS / Math.max(1, c.network.lengthM[c.segment])),
    },
    { name: 'logExpected', unit: 'log(s)', value: (c) => Math.log(c.expectedS) },
    {
      name: 'paceDeviation',
      unit: 'share of class pace',
      still: true,
      value: (c) => c.model.deviation[c.segment] / groupPace(c),
    },
    {
      name: 'bandDeviation',
      unit: 'share of class pace',
      value: (c) =>
        c.model.bandDeviation[c.segment * c.model.bandCount + c.model.band(c.localDepartS)] / groupPace(c),
    },
    {
      name: 'logTraversals',
      unit: 'log(1 + traversals)',
      still: true,
      value: (c) => Math.log1p(c.model.traversals[c.segment]),
    },
    { name: 'logElapsed', unit: 'log(1 + s)', value: (c) => Math.log1p(c.elapsedS) },
    {
      name: 'place',
      unit: 'share of path',
      still: true,
      value: (c) => (c.count > 1 ? c.place / (c.count - 1) : 0.5),
    },
    { name: 'turnsAway', unit: 'turns from the route', still: true, value: (c) => c.turnsAway },
    { name: 'tripStarts', unit: '0/1', still: true, value: (c) => Number(c.tripStarts) },
    { name: 'tripEnds', unit: '0/1', still: true, value: (c) => Number(c.tripEnds) },
    ...liveNames.map((name, i) => ({
      name: `live.${name}`,
      unit:
        name.startsWith('segmentLogCount') || name.startsWith('segmentRecency')
          ? 'unitless'
          : 'log(observed/expected)',
      ...(!name.startsWith('history') && { still: true as const }),
      value: (c: NodeContext) => c.live[c.liveAt + i],
    })),
  ];
}

function groupPace({ model, network, segment }: NodeContext): number {
  return model.groupPace[paceGroup(network, segment)];
}

const turnIs = (...classes: (typeof TURN_CLASSES)[number][]) => {
  const indices = classes.map((name) => TURN_CLASSES.indexOf(name));
  return ({ network, turn }: EdgeContext) => (turn >= 0 && indices.includes(network.turnClass[turn]) ? 1 : 0);
};
const turnHas =
  (flag: keyof typeof TURN_FLAGS) =>
  ({ network, turn }: EdgeContext) =>
    turn >= 0 && network.turnFlags[turn] & TURN_FLAGS[flag] ? 1 : 0;
const radians = ({ network, turn }: EdgeContext) =>
  turn < 0 ? Math.PI : (network.turnAngleDeg[turn] * Math.PI) / 180;

export const EDGE_FEATURES: readonly Feature<EdgeContext>[] = [
  { name: 'onward', unit: '0/1', value: (c) => Number(c.onward) },
  { name: 'angleSin', unit: 'unitless', value: (c) => Math.sin(radians(c)) },
  { name: 'angleCos', unit: 'unitless', value: (c) => Math.cos(radians(c)) },
  { name: 'left', unit: '0/1', value: turnIs('left', 'sharpLeft') },
  { name: 'right', unit: '0/1', value: turnIs('right', 'sharpRight') },
  { name: 'uTurn', unit: '0/1', value: (c) => (c.turn < 0 ? 1 : turnIs('uTurn')(c)) },
  { name: 'signal', unit: '0/1', value: turnHas('signal') },
  { name: 'sameRoad', unit: '0/1', value: turnHas('sameRoad') },
  { name: 'onRoute', unit: '0/1', value: (c) => Number(c.onRoute) },
];

const DAYS = ['weekday', 'saturday', 'sunday'];

export function graphFeatures(cityNames: readonly string[]): Feature<GraphContext>[] {
  const wave = (period: 'Day' | 'Week', harmonic: number) => {
    const turns = ({ localDepartS }: GraphContext) => {
      const day = secondOfDay(localDepartS) / 86_400;
      return 2 * Math.PI * harmonic * (period === 'Day' ? day : (weekday(localDepartS) + day) / 7);
    };
    return [
      { name: `sin${period}${harmonic}`, unit: 'unitless', value: (c: GraphContext) => Math.sin(turns(c)) },
      { name: `cos${period}${harmonic}`, unit: 'unitless', value: (c: GraphContext) => Math.cos(turns(c)) },
    ];
  };
  return [
    ...[1, 2, 3].flatMap((harmonic) => wave('Day', harmonic)),
    ...[1, 2].flatMap((harmonic) => wave('Week', harmonic)),
    ...DAYS.map((name, i) => ({
      name,
      unit: '0/1',
      value: (c: GraphContext) => (dayType(c.localDepartS) === i ? 1 : 0),
    })),
    { name: 'logSegments', unit: 'log(segments)', value: (c) => Math.log(c.stretch.end - c.stretch.start) },
    { name: 'logLength', unit: 'log(1 + m)', value: (c) => Math.log1p(c.lengthM) },
    { name: 'logExpected', unit: 'log(1 + s)', value: (c) => Math.log1p(c.expectedS) },
    { name: 'logFreeFlow', unit: 'log(expected/free flow)', value: (c) => Math.log(c.expectedS / c.freeS) },
    { name: 'signals', unit: 'signals', value: (c) => c.signals },
    { name: 'leastTraversals', unit: 'log(1 + traversals)', value: (c) => c.leastTraversals },
    { name: 'seldomShare', unit: 'share of time', value: (c) => c.seldomShare },
    {
      name: 'straightness',
      unit: 'straight line ÷ length',
      value: (c) => (1000 * c.straightKm) / c.lengthM,
    },
    { name: 'logStraight', unit: 'log(1 + km)', value: (c) => Math.log1p(c.straightKm) },
    { name: 'pathLive', unit: 'log(observed/expected)', value: (c) => c.liveRatio },
    ...cityNames.map((name, i) => ({
      name: `live.${name}`,
      unit: 'log(observed/expected)',
      value: (c: GraphContext) => c.paths.city[c.stretch.path * cityNames.length + i],
    })),
  ];
}

/** Rows of features, one after another: nodes, edges and graphs of the stretches in the order given. */
export interface RawFeatures {
  nodes: Float32Array;
  edges: Float32Array;
  graphs: Float32Array;
}

export interface FeatureSet {
  nodes: readonly Feature<NodeContext>[];
  edges: readonly Feature<EdgeContext>[];
  graphs: readonly Feature<GraphContext>[];
}

export function allFeatures(paths: Pick<PathSet, 'liveNames' | 'cityNames'>): FeatureSet {
  return {
    nodes: nodeFeatures(paths.liveNames),
    edges: EDGE_FEATURES,
    graphs: graphFeatures(paths.cityNames),
  };
}

/** The features that a normalisation kept, in its order. */
export function keptFeatures(
  all: FeatureSet,
  kept: { nodes: Normalisation; edges: Normalisation; graphs: Normalisation },
): FeatureSet {
  const pick = <C>(features: readonly Feature<C>[], { names }: Normalisation) =>
    names.map((name) => features.find((feature) => feature.name === name) ?? missing(name));
  return {
    nodes: pick(all.nodes, kept.nodes),
    edges: pick(all.edges, kept.edges),
    graphs: pick(all.graphs, kept.graphs),
  };
}

function missing(name: string): never {
  throw new EtalonError(
    'conflict',
    `The run was trained with “${name}”, which the project no longer knows.`,
    {
      remedy: 'Import the trips with seconds per segment, or the observations, again; or train a new run.',
    },
  );
}
