import { EtalonError } from '../../base/index.ts';
import { isReadableDeparture } from '../../tables/departure.ts';
import { isNumber, mostly, plainName } from '../../tables/guess.ts';

/** Which column of a GPS file holds what. */
export interface GpsMapping {
  /** What points of one vehicle or trip have in common; null = the file holds one trace. */
  trace: string | null;
  /** ISO 8601, `YYYY-MM-DD HH:MM:SS` on the wall clock, or Unix seconds / milliseconds. */
  time: string;
  /** Degrees, WGS 84. */
  latitude: string;
  longitude: string;
}

/** A mapping that may lack fields, as forms and options give it. */
export type PartialGpsMapping = { [Field in keyof GpsMapping]?: GpsMapping[Field] | undefined };

export const GPS_FIELDS = ['trace', 'time', 'latitude', 'longitude'] as const satisfies (keyof GpsMapping)[];

/** Names in use, by how likely they are; compared without case, blanks and punctuation. */
const KNOWN_NAMES: Record<keyof GpsMapping, readonly string[]> = {
  trace: [
    'traceid',
    'trace',
    'tripid',
    'trip',
    'trajectoryid',
    'trajid',
    'trackid',
    'track',
    'journeyid',
    'rideid',
    'orderid',
    'vehicleid',
    'vehicle',
    'taxiid',
    'busid',
    'deviceid',
    'device',
    'driverid',
    'userid',
    'uid',
    'id',
  ],
  time: [
    'timestamp',
    'time',
    'datetime',
    'gpstime',
    'recordedat',
    'coordtimes',
    'unixtime',
    'epoch',
    'date',
    'ts',
    't',
  ],
  latitude: ['latitude', 'lat', 'gpslat', 'y'],
  longitude: ['longitude', 'lon', 'lng', 'long', 'gpslon', 'x'],
};

const FITS: Record<keyof GpsMapping, (value: string) => boolean> = {
  trace: (value) => value !== '',
  time: isReadableDeparture,
  latitude: (value) => isNumber(value) && Math.abs(Number(value)) <= 90,
  longitude: (value) => isNumber(value) && Math.abs(Number(value)) <= 180,
};

/** Guesses a mapping from the names of columns and the values of some rows. */
export function suggestGpsMapping(
  columns: readonly string[],
  sampleRows: readonly (readonly string[])[],
): PartialGpsMapping {
  const taken = new Set<string>();
  const take = (field: keyof GpsMapping): string | undefined => {
    const found = KNOWN_NAMES[field]
      .flatMap((name) => columns.filter((column) => plainName(column) === name))
      .find((column) => {
        const at = columns.indexOf(column);
        return (
          !taken.has(column) &&
          mostly(
            sampleRows.map((row) => row[at] ?? ''),
            FITS[field],
          )
        );
      });
    if (found !== undefined) taken.add(found);
    return found;
  };
  const [latitude, longitude, time] = [take('latitude'), take('longitude'), take('time')];
  return {
    trace: take('trace') ?? null,
    ...(time !== undefined && { time }),
    ...(latitude !== undefined && { latitude }),
    ...(longitude !== undefined && { longitude }),
  };
}

/** Fields that still need a column. */
export function missingGpsFields(mapping: PartialGpsMapping): (keyof GpsMapping)[] {
  return GPS_FIELDS.filter((field) => field !== 'trace' && !mapping[field]);
}

/** The mapping with every field, checked against the file's columns. Throws `usage` naming the field. */
export function completeGpsMapping(mapping: PartialGpsMapping, columns: readonly string[]): GpsMapping {
  const remedy = `Name one of the file's columns: ${columns.join(', ')}.`;
  for (const field of GPS_FIELDS) {
    const column = mapping[field];
    if (!column) {
      if (field === 'trace') continue;
      throw new EtalonError('usage', `GPS points need a column for "${field}".`, {
        where: { field },
        remedy,
      });
    }
    if (!columns.includes(column))
      throw new EtalonError('usage', `The file has no column "${column}".`, { where: { field }, remedy });
  }
  const { trace, time, latitude, longitude } = mapping;
  return { trace: trace ?? null, time: time!, latitude: latitude!, longitude: longitude! };
}
