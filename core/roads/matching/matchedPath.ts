import { distanceM } from '../geometry.ts';
import type { RoadNetwork } from '../network.ts';
import type { GpsPoints } from './matcher.ts';
import type { Reach } from './reach.ts';
import type { Chain } from './trellis.ts';

/** A way through the network that a stretch of a trace was matched to. */
export interface MatchedPath {
  /** In driving order. */
  segments: number[];
  /** Metres from the start of the first segment to the first point, and from the start of the last to the last point. */
  startM: number;
  endM: number;
  /** Metres driven between the two. */
  lengthM: number;
  /** Seconds on each segment; NaN on the first and last, unless they were driven whole. */
  segmentS: number[];
  /** When the vehicle left the first matched point and reached the last, seconds since 1970-01-01T00:00Z. */
  departS: number;
  arriveS: number;
  /** Matched points. */
  points: number;
  /** Mean probability of the matched places, all points of the stretch considered. */
  confidence: number;
}

/** What counts as the very start or end of a segment: far under what a receiver can tell. */
const EDGE_M = 0.5;

/** A chain's way through the network: its segments, and how far each place lies from the first segment's start. */
export interface Strung {
  segments: number[];
  positionsM: number[];
}

/** Joins the places of a chain by the ways between them. `backM`: as far as a place may lie behind the one before. */
export function strung(network: RoadNetwork, reach: Reach, chain: Chain, backM: number): Strung {
  const { lengthM } = network;
  const segments = [chain.segments[0]];
  const positionsM = [chain.offsetsM[0]];
  let beginM = 0;
  for (let k = 1; k < chain.points.length; k++) {
    const from = chain.segments[k - 1];
    const to = chain.segments[k];
    if (from !== to || chain.offsetsM[k] < chain.offsetsM[k - 1] - backM)
      for (const segment of wayTo(to, reach.from(from, chain.boundsM[k]))) {
        beginM += lengthM[segments[segments.length - 1]];
        segments.push(segment);
      }
    positionsM.push(Math.max(positionsM[k - 1], beginM + chain.offsetsM[k]));
  }
  return { segments, positionsM };
}

/**
 * The driven way with the seconds on each segment: the times at which its ends were passed are interpolated along the
 * way. `standing` gives, for each point of the chain, the last that was recorded beside it.
 */
export function pathOf(
  network: RoadNetwork,
  { segments, positionsM }: Strung,
  chain: Chain,
  trace: GpsPoints,
  standing: readonly number[],
): MatchedPath {
  const { lengthM } = network;
  const [firstM, lastM] = [positionsM[0], positionsM[positionsM.length - 1]];
  // A place at the end of a segment is the start of the next one, and the other way about: nothing was driven there.
  let [first, beginM] = [0, 0];
  while (first < segments.length - 1 && beginM + lengthM[segments[first]] - firstM < EDGE_M)
    beginM += lengthM[segments[first++]];
  const driven: number[] = [];
  const edgesM = [beginM];
  for (
    let i = first;
    i < segments.length && (i === first || lastM - edgesM[edgesM.length - 1] >= EDGE_M);
    i++
  ) {
    driven.push(segments[i]);
    edgesM.push(edgesM[edgesM.length - 1] + lengthM[segments[i]]);
  }
  const clock = clockAlong(chain, positionsM, trace, standing);
  const passedS = passings(edgesM, clock);
  const startM = Math.max(0, firstM - beginM);
  const endM = Math.min(lastM, edgesM[driven.length]) - edgesM[driven.length - 1];
  const segmentS = driven.map((_, i) => passedS[i + 1] - passedS[i]);
  if (startM > EDGE_M) segmentS[0] = Number.NaN;
  if (edgesM[driven.length] - lastM > EDGE_M) segmentS[driven.length - 1] = Number.NaN;
  return {
    segments: driven,
    startM,
    endM,
    lengthM: lastM - firstM,
    segmentS,
    departS: clock.timesS[0],
    arriveS: clock.timesS[clock.timesS.length - 1],
    points: chain.points.length,
    confidence: chain.confidences.reduce((sum, p) => sum + p, 0) / chain.confidences.length,
  };
}

/** The segments after the tree's own up to a target. */
function wayTo(target: number, { targets, parents }: ReturnType<Reach['from']>): number[] {
  const way: number[] = [];
  for (let i = targets.indexOf(target); i >= 0; i = parents[i]) way.push(targets[i]);
  return way.reverse();
}

/** When the vehicle was how far along its way; neither ever falls. */
interface Clock {
  positionsM: number[];
  timesS: number[];
}

/** Time before the first departure and after the last arrival, spent standing there, is not driven. */
function clockAlong(
  chain: Chain,
  positionsM: readonly number[],
  { timeS, lon, lat }: GpsPoints,
  standing: readonly number[],
): Clock {
  const clock: Clock = { positionsM: [], timesS: [] };
  const last = chain.points.length - 1;
  chain.points.forEach((point, k) => {
    const beside = standing[k];
    if (k > 0 || beside === point) {
      clock.positionsM.push(positionsM[k]);
      clock.timesS.push(timeS[point]);
    }
    if (k === last || beside === point) return;
    const movedM = k === 0 ? 0 : distanceM(lon[point], lat[point], lon[beside], lat[beside]);
    clock.positionsM.push(Math.min(positionsM[k] + movedM, positionsM[k + 1]));
    clock.timesS.push(timeS[beside]);
  });
  return clock;
}

/** The times at which ascending positions were passed. */
function passings(edgesM: readonly number[], { positionsM, timesS }: Clock): number[] {
  const last = positionsM.length - 1;
  let k = 0;
  return edgesM.map((atM) => {
    while (k < last - 1 && positionsM[k + 1] <= atM) k++;
    const spanM = positionsM[k + 1] - positionsM[k];
    const share = spanM > 0 ? Math.min(1, Math.max(0, (atM - positionsM[k]) / spanM)) : 1;
    return timesS[k] + share * (timesS[k + 1] - timesS[k]);
  });
}
