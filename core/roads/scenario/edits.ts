import type { RoadClass } from '../network.ts';
import { secondOfDay, weekday } from '../trips.ts';

/** When an edit is in force, on the project's wall clock. What is left out does not limit it. */
export interface EditTime {
  /** Local `YYYY-MM-DDTHH:MM`; `until` is exclusive. */
  from?: string | undefined;
  until?: string | undefined;
  /** 0 = Monday … 6 = Sunday. */
  weekdays?: readonly number[] | undefined;
  /** Minutes of the day, each day anew; `untilMinute` is exclusive. */
  fromMinute?: number | undefined;
  untilMinute?: number | undefined;
}

/** A circle; longitude, latitude in degrees. */
export interface Area {
  point: readonly [number, number];
  radiusM: number;
}

/**
 * One change to the base case. Segments are named by their reference, and a link's ends by a place, so that a saved scenario
 * stays valid when the same roads are imported again.
 */
export type ScenarioEdit =
  | { kind: 'close'; segments: readonly string[]; when?: EditTime | undefined }
  | { kind: 'speedLimit'; segments: readonly string[]; kmh: number; when?: EditTime | undefined }
  /** Lanes in the segments' direction; capacity goes with them. */
  | { kind: 'lanes'; segments: readonly string[]; lanes: number; when?: EditTime | undefined }
  /** The share of its capacity that is left, above 1 where it is widened; for a time: an incident. */
  | { kind: 'capacity'; segments: readonly string[]; share: number; when?: EditTime | undefined }
  /** Trips times a factor: all, or those that begin in `from` and end in `to`. */
  | {
      kind: 'demand';
      factor: number;
      from?: Area | undefined;
      to?: Area | undefined;
      when?: EditTime | undefined;
    }
  /** A straight road between the junctions nearest to two places. */
  | {
      kind: 'newLink';
      from: readonly [number, number];
      to: readonly [number, number];
      roadClass: RoadClass;
      kmh: number;
      lanes: number;
      oneway: boolean;
      when?: EditTime | undefined;
    };

export type EditKind = ScenarioEdit['kind'];

/** Whether a time limit holds at a wall-clock time. */
export function inForce(when: EditTime | undefined, localS: number): boolean {
  if (!when) return true;
  const { from, until, weekdays, fromMinute, untilMinute } = when;
  const minute = secondOfDay(localS) / 60;
  return (
    (from === undefined || localS >= localSecondsOf(from)) &&
    (until === undefined || localS < localSecondsOf(until)) &&
    (weekdays === undefined || weekdays.includes(weekday(localS))) &&
    (fromMinute === undefined || minute >= fromMinute) &&
    (untilMinute === undefined || minute < untilMinute)
  );
}

function localSecondsOf(local: string): number {
  return Date.parse(`${local}Z`) / 1000;
}
