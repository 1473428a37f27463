import { EtalonError } from '../../base/index.ts';
import { isReadableDeparture } from '../../tables/departure.ts';
import { isNumber, mostly, plainName } from '../../tables/guess.ts';
import { parseList } from './list.ts';

/** Which column of a trips file holds what; null = not in the file. Exactly one way of saying the departure is given. */
export interface TripMapping {
  id: string | null;
  /** ISO 8601, `YYYY-MM-DD HH:MM:SS` on the wall clock, or Unix seconds / milliseconds. */
  departure: string | null;
  /** The alternative: day of the year (1 … 366) and minute of the day (0 … 1439), with `year`. */
  dayOfYear: string | null;
  minuteOfDay: string | null;
  year: number | null;
  /** Where the file has none, a trip takes the sum of the seconds of its segments. */
  totalSeconds: string | null;
  /** Segment references in driving order. */
  segments: string;
  /** Seconds spent on each of them, in the same order. */
  segmentSeconds: string | null;
}

/** A mapping that may lack fields, as forms and options give it. */
export type PartialTripMapping = { [Field in keyof TripMapping]?: TripMapping[Field] | undefined };

type ColumnField = Exclude<keyof TripMapping, 'year'>;

/** Names in use, by how likely they are; compared without case, blanks and punctuation. */
const KNOWN_NAMES: Record<ColumnField, readonly string[]> = {
  id: ['tripid', 'id', 'rideid', 'journeyid', 'orderid', 'trip', 'tripno'],
  departure: [
    'departure',
    'departuretime',
    'departat',
    'depart',
    'starttime',
    'startedat',
    'start',
    'pickupdatetime',
    'tpeppickupdatetime',
    'begintime',
    'timestamp',
    'datetime',
    'time',
  ],
  dayOfYear: ['dayofyear', 'yearday', 'yday', 'doy'],
  minuteOfDay: ['minuteofday', 'daymin', 'minute', 'minutes'],
  totalSeconds: [
    'totalseconds',
    'totals',
    'traveltimes',
    'traveltimesec',
    'traveltimeseconds',
    'traveltime',
    'durations',
    'durationsec',
    'durationseconds',
    'duration',
    'triptime',
    'tripduration',
    'seconds',
    'time',
  ],
  segments: [
    'segments',
    'segmentids',
    'segmentrefs',
    'edgefids',
    'edgeids',
    'edges',
    'linkids',
    'links',
    'path',
    'route',
    'opath',
    'cpath',
  ],
  segmentSeconds: [
    'segmentseconds',
    'segmenttimes',
    'segmentsecs',
    'segments_s',
    'edgeseconds',
    'edgetimes',
    'linkseconds',
    'linktimes',
  ],
};

/**
 * Guesses a mapping from column names and, where those say nothing, from the values of some rows. Fields that it
 * finds no column for are null or, where a trip cannot do without them, absent.
 */
export function suggestMapping(
  columns: readonly string[],
  sampleRows: readonly (readonly string[])[],
): Partial<TripMapping> {
  const values = (column: string) => sampleRows.map((row) => row[columns.indexOf(column)] ?? '');
  const taken = new Set<string>();
  const take = (field: ColumnField, fits: (value: string) => boolean): string | null => {
    const found = KNOWN_NAMES[field]
      .flatMap((name) => columns.filter((column) => plainName(column) === plainName(name)))
      .find((column) => !taken.has(column) && mostly(values(column), fits));
    if (found === undefined) return null;
    taken.add(found);
    return found;
  };

  const segments =
    take('segments', isPath) ?? columns.find((column) => mostly(values(column), isLongPath)) ?? null;
  if (segments !== null) taken.add(segments);
  const segmentSeconds = take('segmentSeconds', isNumberList);
  const totalSeconds = take('totalSeconds', isNumber);
  const departure = take('departure', isReadableDeparture);
  const dayOfYear = departure === null ? take('dayOfYear', isNumber) : null;
  const minuteOfDay = dayOfYear === null ? null : take('minuteOfDay', isNumber);
  return {
    id: take('id', (value) => value !== ''),
    departure,
    dayOfYear,
    minuteOfDay,
    year: dayOfYear === null ? null : constantYear(columns, values),
    ...((totalSeconds ?? segmentSeconds) !== null && { totalSeconds }),
    ...(segments !== null && { segments }),
    segmentSeconds,
  };
}

/** Fields that must be filled in before trips can be read with the mapping. */
export function missingFields(mapping: PartialTripMapping): (keyof TripMapping)[] {
  const missing: (keyof TripMapping)[] = [];
  if (!mapping.segments) missing.push('segments');
  if (!mapping.totalSeconds && !mapping.segmentSeconds) missing.push('totalSeconds');
  if (mapping.departure) return missing;
  if (!mapping.dayOfYear && !mapping.minuteOfDay) return [...missing, 'departure'];
  if (!mapping.dayOfYear) missing.push('dayOfYear');
  if (!mapping.minuteOfDay) missing.push('minuteOfDay');
  if (mapping.year === null || mapping.year === undefined) missing.push('year');
  return missing;
}

/** The mapping with every field, checked against the file's columns. Throws `usage` naming the field. */
export function completeMapping(mapping: PartialTripMapping, columns: readonly string[]): TripMapping {
  const [missing] = missingFields(mapping);
  if (missing)
    throw new EtalonError(
      'usage',
      `The trips need a ${missing === 'year' ? 'year' : 'column'} for "${missing}".`,
      {
        where: { field: missing },
        remedy:
          missing === 'year'
            ? 'Say of which year the days are.'
            : `Name one of the file's columns: ${columns.join(', ')}.`,
      },
    );
  if (mapping.departure && (mapping.dayOfYear || mapping.minuteOfDay))
    throw new EtalonError('usage', 'The departure is given twice.', {
      where: { field: 'departure' },
      remedy: 'Name either a departure column, or day of year and minute of day.',
    });
  const complete: TripMapping = {
    id: mapping.id ?? null,
    departure: mapping.departure ?? null,
    dayOfYear: mapping.dayOfYear ?? null,
    minuteOfDay: mapping.minuteOfDay ?? null,
    year: mapping.year ?? null,
    totalSeconds: mapping.totalSeconds ?? null,
    segments: mapping.segments!,
    segmentSeconds: mapping.segmentSeconds ?? null,
  };
  for (const [field, column] of Object.entries(complete))
    if (typeof column === 'string' && !columns.includes(column))
      throw new EtalonError('usage', `The file has no column "${column}".`, {
        where: { field },
        remedy: `Its columns are ${columns.join(', ')}.`,
      });
  return complete;
}

/** The columns that a mapping reads. */
export function mappedColumns(mapping: TripMapping): string[] {
  return Object.values(mapping).filter((column) => typeof column === 'string');
}

function isPath(value: string): boolean {
  return (parseList(value)?.length ?? 0) > 0;
}

/** Long enough not to be a date or a name of two words. */
function isLongPath(value: string): boolean {
  return (parseList(value)?.length ?? 0) >= 4 && !isReadableDeparture(value);
}

function isNumberList(value: string): boolean {
  return parseList(value)?.every((item) => item === '' || !Number.isNaN(Number(item))) ?? false;
}

function constantYear(columns: readonly string[], values: (column: string) => string[]): number | null {
  const column = columns.find((name) => plainName(name) === 'year');
  const years = new Set(column === undefined ? [] : values(column));
  const [year] = years;
  return years.size === 1 && /^\d{4}$/.test(year) ? Number(year) : null;
}
