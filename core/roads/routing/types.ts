import type { LandmarkBound } from './landmarks.ts';

/**
 * What driving costs. Both must be first in, first out: who enters later never leaves earlier. A cost that is not
 * finite closes the segment or turn.
 */
export interface RouteCosts {
  /** Seconds from the start to the end of a segment, entered at `clockS` on the same clock as the departure. */
  traversalS(segment: number, clockS: number): number;
  /** Seconds that a turn takes on top, begun at `clockS`. */
  turnS(turn: number, clockS: number): number;
  /** No segment is ever driven faster than this over its `lengthM`: what a search may hope for. */
  fastestKmh: number;
  /** A tighter hope, from landmarks; it takes the place of `fastestKmh`. */
  bound?: LandmarkBound;
}

/** A place on a segment: 0 at its start, 1 at its end. */
export interface RoutePlace {
  segment: number;
  fraction: number;
}

export interface RouteRequest {
  /** Where the drive may begin and end: the directions of a road, say. The quickest pair is taken. */
  from: readonly RoutePlace[];
  to: readonly RoutePlace[];
  departS: number;
}

export interface ArriveByRequest extends Omit<RouteRequest, 'departS'> {
  /** The latest arrival. */
  arriveS: number;
}

export interface Route {
  /** In driving order. */
  segments: number[];
  /** Between each segment and the next. */
  turns: number[];
  departS: number;
  /** The clock at which each segment is entered; of the first, at which the drive begins on it. */
  enterS: number[];
  arriveS: number;
  durationS: number;
  /** Driven metres, of the first and last segment the part that is driven. */
  lengthM: number;
  startFraction: number;
  endFraction: number;
}

/** A way without a clock. */
export type Way = Pick<Route, 'segments' | 'turns' | 'startFraction' | 'endFraction'>;

export interface AlternativeOptions {
  /** How many routes besides the quickest one. */
  count: number;
  /** Largest share of a route's length that it may have in common with any one before it. */
  maxOverlap?: number;
  /** Largest duration, as a multiple of the quickest one's. */
  maxDetour?: number;
}

/** Share of the i-th segment of a way that is driven: all of it, but at the way's ends. */
export function drivenShare(way: Pick<Way, 'segments' | 'startFraction' | 'endFraction'>, i: number): number {
  const until = i === way.segments.length - 1 ? way.endFraction : 1;
  return until - (i === 0 ? way.startFraction : 0);
}
