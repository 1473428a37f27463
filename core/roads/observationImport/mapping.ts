import { EtalonError } from '../../base/index.ts';
import { isReadableDeparture } from '../../tables/departure.ts';
import { isNumber, mostly, plainName } from '../../tables/guess.ts';
import { SPEED_UNITS, type SpeedUnit } from './units.ts';

/** `segments`: a row for each segment and interval. `detectors`: a row for each interval, a column for each sensor. */
export type ObservationLayout = 'segments' | 'detectors';

/** How a file of observations is read; null = not in the file, or not needed by its layout. */
export interface ObservationMapping {
  layout: ObservationLayout;
  /** Column of the interval's start: ISO 8601, wall clock, or Unix seconds / milliseconds. */
  time: string | null;
  /** Length of an interval in seconds. */
  stepS: number;
  /** The speeds' unit. */
  unit: SpeedUnit;
  /** Columns of the layout `segments`: the segment's reference, or an OSM way and its direction. */
  segment: string | null;
  way: string | null;
  direction: string | null;
  /** The mean speed, or seconds over the segment (the way). */
  speed: string | null;
  seconds: string | null;
  /** How many vehicles it is the mean of. */
  count: string | null;
  /** Of the layout `detectors` without a column of times: the first row's, on the wall clock; the rest follow by `stepS`. */
  start: string | null;
  /** Files of the sensors' places, and of how near they are to each other. */
  positions: string | null;
  adjacency: string | null;
  /** A sensor further from a road is left out. */
  maxDistanceM: number;
}

/** A mapping that may lack fields, as forms and options give it. */
export type PartialObservationMapping = {
  [Field in keyof ObservationMapping]?: ObservationMapping[Field] | undefined;
};

export const DEFAULT_MAX_DISTANCE_M = 50;
const MAX_STEP_S = 86_400;

export const OBSERVATION_COLUMNS = [
  'segment',
  'way',
  'direction',
  'time',
  'speed',
  'seconds',
  'count',
] as const;
type ColumnField = (typeof OBSERVATION_COLUMNS)[number];

/** Names in use, by how likely they are; compared without case, blanks and punctuation. */
const KNOWN_NAMES: Record<ColumnField, readonly string[]> = {
  segment: ['segment', 'segmentid', 'segmentref', 'edge', 'edgeid', 'fid', 'link', 'linkid', 'ref', 'id'],
  way: ['way', 'wayid', 'osmwayid', 'osmid', 'osmway'],
  direction: ['direction', 'dir', 'waydirection', 'forward', 'travdir'],
  time: [
    'time',
    'timestamp',
    'start',
    'starttime',
    'begin',
    'datetime',
    'utctimestamp',
    'measurementtime',
    'intervalstart',
    'date',
    't',
  ],
  speed: [
    'speed',
    'speedkmh',
    'speedkph',
    'speedmph',
    'speedms',
    'speedmps',
    'meanspeed',
    'avgspeed',
    'averagespeed',
    'speedkmhmean',
    'speedmphmean',
    'kmh',
    'mph',
    'v',
  ],
  seconds: ['seconds', 'traveltime', 'traveltimes', 'traveltimeseconds', 'duration', 'durations'],
  count: ['count', 'vehicles', 'volume', 'flow', 'samples', 'n', 'samplesize', 'observations', 'probes'],
};

/** Guesses columns from their names and the values of some rows. */
export function suggestObservationColumns(
  columns: readonly string[],
  sampleRows: readonly (readonly string[])[],
): Record<ColumnField, string | null> {
  const taken = new Set<string>();
  const take = (field: ColumnField, fits: (value: string) => boolean): string | null => {
    const found = KNOWN_NAMES[field]
      .flatMap((name) => columns.filter((column) => plainName(column) === name))
      .find(
        (column) =>
          !taken.has(column) &&
          mostly(
            sampleRows.map((row) => row[columns.indexOf(column)] ?? ''),
            fits,
          ),
      );
    if (found !== undefined) taken.add(found);
    return found ?? null;
  };
  const time = take('time', isReadableDeparture);
  const way = take('way', isNumber);
  const segment = way === null ? take('segment', (value) => value.trim() !== '') : null;
  const direction = way === null ? null : take('direction', () => true);
  const speed = take('speed', isNumber);
  const seconds = speed === null ? take('seconds', isNumber) : null;
  return { segment, way, direction, time, speed, seconds, count: take('count', isNumber) };
}

/** The first column whose values are times, for a matrix. */
export function timeColumnOf(
  columns: readonly string[],
  sampleRows: readonly (readonly string[])[],
): string | null {
  return (
    columns.find(
      (_, i) =>
        mostly(
          sampleRows.map((row) => row[i] ?? ''),
          isReadableDeparture,
        ) && sampleRows.length > 0,
    ) ?? null
  );
}

/** Fields that must be filled in before observations can be read. */
export function missingObservationFields(mapping: PartialObservationMapping): (keyof ObservationMapping)[] {
  const missing: (keyof ObservationMapping)[] = [];
  if (mapping.layout === 'detectors') {
    if (!mapping.positions) missing.push('positions');
    if (!mapping.time && !mapping.start) missing.push('start');
  } else {
    if (!mapping.segment && !mapping.way) missing.push('segment');
    if (!mapping.time) missing.push('time');
    if (!mapping.speed && !mapping.seconds) missing.push('speed');
  }
  if (!mapping.stepS) missing.push('stepS');
  return missing;
}

const NEEDED: Partial<Record<keyof ObservationMapping, { what: string; remedy: string }>> = {
  positions: {
    what: 'the file of the sensors’ positions',
    remedy: 'Give a table with the columns sensor_id, latitude and longitude.',
  },
  start: {
    what: 'the time of the first row',
    remedy: 'Give it as YYYY-MM-DDTHH:MM, or name a column of times.',
  },
  stepS: { what: 'the length of an interval', remedy: 'Give it, for example 5 minutes.' },
};

/** The mapping with every field, checked against the file's columns. Throws `usage` naming the field. */
export function completeObservationMapping(
  mapping: PartialObservationMapping,
  columns: readonly string[],
): ObservationMapping {
  const [missing] = missingObservationFields(mapping);
  if (missing) {
    const { what, remedy } = NEEDED[missing] ?? {
      what: `a column for "${missing}"`,
      remedy: `Name one of the file's columns: ${columns.join(', ')}.`,
    };
    throw new EtalonError('usage', `The observations need ${what}.`, { where: { field: missing }, remedy });
  }
  const complete: ObservationMapping = {
    layout: mapping.layout ?? 'segments',
    time: mapping.time ?? null,
    stepS: mapping.stepS!,
    unit: mapping.unit ?? 'km/h',
    segment: mapping.segment ?? null,
    way: mapping.way ?? null,
    direction: mapping.direction ?? null,
    speed: mapping.speed ?? null,
    seconds: mapping.seconds ?? null,
    count: mapping.count ?? null,
    start: mapping.start ?? null,
    positions: mapping.positions ?? null,
    adjacency: mapping.adjacency ?? null,
    maxDistanceM: mapping.maxDistanceM ?? DEFAULT_MAX_DISTANCE_M,
  };
  checkChoices(complete);
  for (const field of OBSERVATION_COLUMNS) {
    const column = complete[field];
    if (column !== null && !columns.includes(column))
      throw new EtalonError('usage', `The file has no column "${column}".`, {
        where: { field },
        remedy: `Its columns are ${columns.slice(0, 20).join(', ')}${columns.length > 20 ? ', …' : ''}.`,
      });
  }
  return complete;
}

function checkChoices({ segment, way, speed, seconds, stepS, unit, maxDistanceM }: ObservationMapping): void {
  const fail = (field: keyof ObservationMapping, message: string, remedy: string) => {
    throw new EtalonError('usage', message, { where: { field }, remedy });
  };
  if (segment && way)
    fail('segment', 'The segment is given twice.', 'Name the column of the segment, or of the way.');
  if (speed && seconds)
    fail('speed', 'The speed is given twice.', 'Name the column of the speed, or of the seconds.');
  if (!(stepS > 0 && stepS <= MAX_STEP_S))
    fail('stepS', `An interval cannot be ${stepS} s long.`, 'Give over 0 and up to 24 hours.');
  if (!(unit in SPEED_UNITS)) fail('unit', `"${unit}" is no unit of speed.`, 'Give km/h, mph or m/s.');
  if (!(maxDistanceM >= 0))
    fail(
      'maxDistanceM',
      'A sensor’s distance from its road cannot be negative.',
      'Give metres, for example 50.',
    );
}

/** The columns that a mapping reads. */
export function observationColumnsOf(mapping: ObservationMapping): string[] {
  return OBSERVATION_COLUMNS.flatMap((field) => mapping[field] ?? []);
}

/**
 * The length of an interval as the times of some rows have it: the smallest distance of two of them, in seconds. Null for fewer
 * than two.
 */
export function guessStepS(timesS: readonly number[]): number | null {
  const sorted = [...new Set(timesS)].sort((a, b) => a - b);
  const steps = sorted.slice(1).map((time, i) => time - sorted[i]);
  const step = Math.min(...steps);
  return steps.length > 0 && step <= MAX_STEP_S ? step : null;
}
