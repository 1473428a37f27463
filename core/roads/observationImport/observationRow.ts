import type { RoadNetwork } from '../network.ts';
import type { Observation } from '../observations.ts';
import type { DropText, RowFault } from '../tables/rowTally.ts';
import { DepartureReader, type Moment } from '../tripImport/departure.ts';
import { quoted } from '../tripImport/tripRow.ts';
import type { ObservationMapping } from './mapping.ts';
import { MAX_KMH, positiveOrMissing } from './speeds.ts';
import { SPEED_UNITS } from './units.ts';
import { WayNames } from './wayNames.ts';

/** Why a row gives no observation, for a person, and what may be done about it when most rows share the fate. */
export const OBSERVATION_DROPS = {
  'unreadable-time': {
    description: 'Time is not a date and time',
    remedy: 'Check the column of the time, and its format: ISO 8601, wall clock or Unix time.',
  },
  'unknown-segment': {
    description: 'A segment is not in the road network',
    remedy: 'Check the column of the segment, and that the observations belong to the imported roads.',
  },
  'unknown-way': {
    description: 'No segment belongs to the OSM way',
    remedy:
      'Check the column of the way, and that the roads come from OpenStreetMap data of about the same date.',
  },
  'unknown-direction': {
    description: 'The way has no segment in that direction, or the roads do not tell directions apart',
    remedy:
      'Give the direction as forward or backward. Roads that were imported before this was kept must be imported again; of OSMnx tables they need the column reversed.',
  },
  'unreadable-speed': {
    description: 'Speed or seconds are not a number',
    remedy: 'Check the column of the speed or the seconds.',
  },
  speed: {
    description: `Speed is over ${MAX_KMH} km/h`,
    remedy: 'Check the unit of the speed (km/h, mph, m/s), or that the seconds are those of the segment.',
  },
  missing: {
    description: 'Nothing was observed: the value is empty, zero or negative',
    remedy: 'Check the column of the speed or the seconds.',
  },
} as const satisfies Record<string, DropText>;

export type ObservationDrop = keyof typeof OBSERVATION_DROPS;
export type ObservationProblem = RowFault<ObservationDrop>;

export interface ObservationRow {
  /** More than one for a way of several segments. */
  observations: Observation[];
  doubt: Moment['doubt'];
  /** A count that is none. */
  badCount: string | null;
}

/** Turns the rows of one file (layout `segments`) into observations on one network. */
export class ObservationRowReader {
  readonly #mapping: ObservationMapping;
  readonly #at: Record<'segment' | 'way' | 'direction' | 'time' | 'speed' | 'seconds' | 'count', number>;
  readonly #times: DepartureReader;
  readonly #network: RoadNetwork;
  readonly #segmentOf: Map<string, number>;
  readonly #ways: WayNames | null;

  constructor(
    columns: readonly string[],
    mapping: ObservationMapping,
    timeZone: string,
    network: RoadNetwork,
  ) {
    const at = (column: string | null) => (column === null ? -1 : columns.indexOf(column));
    this.#mapping = mapping;
    this.#at = {
      segment: at(mapping.segment),
      way: at(mapping.way),
      direction: at(mapping.direction),
      time: at(mapping.time),
      speed: at(mapping.speed),
      seconds: at(mapping.seconds),
      count: at(mapping.count),
    };
    this.#times = new DepartureReader(timeZone);
    this.#network = network;
    this.#segmentOf = new Map(network.refs.map((ref, segment) => [ref, segment]));
    this.#ways = mapping.way === null ? null : new WayNames(network);
  }

  read(fields: readonly string[]): ObservationRow | ObservationProblem {
    const moment = this.#times.read(fields[this.#at.time]);
    if (!moment)
      return { reason: 'unreadable-time', column: this.#mapping.time, detail: quoted(fields[this.#at.time]) };
    const segments = this.#readSegments(fields);
    if ('reason' in segments) return segments;
    const speedKmh = this.#readSpeed(fields, segments);
    if (typeof speedKmh !== 'number') return speedKmh;
    const count = this.#at.count < 0 ? null : positiveOrMissing(fields[this.#at.count]);
    const observations = segments.map((segment) => ({
      segment,
      startS: moment.departS,
      localStartS: moment.localDepartS,
      durationS: this.#mapping.stepS,
      speedKmh,
      vehicles: count ?? Number.NaN,
    }));
    return {
      observations,
      doubt: moment.doubt,
      badCount: Number.isNaN(count) ? quoted(fields[this.#at.count]) : null,
    };
  }

  /** Speed limits of the row's segments, where it has any. */
  limitKmh(fields: readonly string[]): number {
    const segments = this.#readSegments(fields);
    return 'reason' in segments ? Number.NaN : this.#network.speedLimitKmh[segments[0]];
  }

  #readSegments(fields: readonly string[]): readonly number[] | ObservationProblem {
    const { segment: segmentAt, way: wayAt, direction: directionAt } = this.#at;
    if (!this.#ways) {
      const segment = this.#segmentOf.get(fields[segmentAt].trim());
      if (segment !== undefined) return [segment];
      return {
        reason: 'unknown-segment',
        column: this.#mapping.segment,
        detail: `segment ${quoted(fields[segmentAt])}`,
      };
    }
    const direction = directionAt < 0 ? '' : fields[directionAt];
    const found = this.#ways.find(fields[wayAt], direction);
    if (typeof found !== 'string') return found;
    const column = found === 'unknown-way' ? this.#mapping.way : this.#mapping.direction;
    return {
      reason: found,
      column,
      detail: `way ${quoted(fields[wayAt])}${direction === '' ? '' : `, ${quoted(direction)}`}`,
    };
  }

  #readSpeed(fields: readonly string[], segments: readonly number[]): number | ObservationProblem {
    const { speed, seconds, unit } = this.#mapping;
    const column = speed ?? seconds;
    const text = fields[this.#at.speed >= 0 ? this.#at.speed : this.#at.seconds];
    const value = positiveOrMissing(text);
    if (value === null) return { reason: 'missing', column, detail: quoted(text) };
    if (Number.isNaN(value)) return { reason: 'unreadable-speed', column, detail: quoted(text) };
    const lengthM = segments.reduce((sum, segment) => sum + this.#network.lengthM[segment], 0);
    const speedKmh = speed === null ? (lengthM / value) * 3.6 : value * SPEED_UNITS[unit];
    if (speedKmh <= MAX_KMH) return speedKmh;
    const what = speed === null ? `${Math.round(lengthM)} m in ${value} s` : `${value} ${unit}`;
    return { reason: 'speed', column, detail: `${what} are ${speedKmh.toPrecision(3)} km/h` };
  }
}
