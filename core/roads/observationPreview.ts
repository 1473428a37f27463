import type { RoadNetwork } from './network.ts';
import {
  completeObservationMapping,
  DEFAULT_MAX_DISTANCE_M,
  missingObservationFields,
  type ObservationMapping,
  type PartialObservationMapping,
} from './observationImport/mapping.ts';
import { type MatchFigures, matchFigures, matchSensors } from './observationImport/matchSensors.ts';
import { MatrixTimes } from './observationImport/matrixTimes.ts';
import {
  OBSERVATION_DROPS,
  type ObservationProblem,
  ObservationRowReader,
} from './observationImport/observationRow.ts';
import { sensorNetwork } from './observationImport/sensorNetwork.ts';
import { readSensors } from './observationImport/sensors.ts';
import { MAX_KMH, positiveOrMissing } from './observationImport/speeds.ts';
import { filledUp } from './observationImport/suggest.ts';
import { guessSpeedUnit, SPEED_UNITS, type UnitReason } from './observationImport/units.ts';
import { firstRecords, openTable, type TableRecord } from './tables/table.ts';

const PREVIEW_ROWS = 200;
const SAMPLES = 5;
const PREVIEW_SPEEDS = 4000;

export interface ObservationPreview {
  sizeBytes: number;
  columns: { name: string; samples: string[] }[];
  /** The first 200 rows as read. */
  rows: string[][];
  /** The mapping given, filled up with what the file suggests. */
  suggested: PartialObservationMapping;
  /** What the unit rests on; `given` where it was. */
  unitFrom: UnitReason | 'given';
  /** Fields that still need a column, a file or a value. */
  missing: (keyof ObservationMapping)[];
  /** Rows (from 0, as in `rows`) that would be left out. Empty while fields are missing. */
  problems: { row: number; column: string | null; message: string }[];
  /** Of the rows read, as the unit has it, and the median limit of their roads (null where there is none). */
  speedsKmh: number[];
  medianLimitKmh: number | null;
  /** How the sensors lie on the roads; null for segments, and while there is no file of positions. */
  sensors: MatchFigures | null;
}

/**
 * Reads the first rows of a file of observations, for a person to check the mapping. Throws `not-found`, `input` for what
 * is no table, `usage` for a column or time zone that does not exist.
 */
export async function previewObservations(
  path: string,
  {
    mapping = {},
    timeZone = 'UTC',
    network,
  }: { mapping?: PartialObservationMapping; timeZone?: string; network?: RoadNetwork },
): Promise<ObservationPreview> {
  const table = await openTable(path);
  const { columns, sizeBytes } = table;
  const records = await firstRecords(table, PREVIEW_ROWS);
  const rows = records.map(({ fields }) => fields);
  const merged = filledUp(path, columns, rows, mapping, timeZone);
  const sample = await sampleRows(path, columns, records, merged, mapping, timeZone, network);
  const guess = guessSpeedUnit(sample.speeds, {
    column: merged.speed ?? null,
    ...(sample.limitsKmh && { limitsKmh: sample.limitsKmh }),
  });
  const unit = merged.unit ?? guess.unit;
  const suggested = { ...merged, unit };
  const missing = missingObservationFields(suggested);
  const limits = (sample.limitsKmh ?? []).filter(Number.isFinite).sort((a, b) => a - b);
  return {
    sizeBytes,
    columns: columns.map((name, i) => ({ name, samples: rows.slice(0, SAMPLES).map((row) => row[i] ?? '') })),
    rows,
    suggested,
    unitFrom: merged.unit ? 'given' : guess.from,
    missing,
    problems: missing.length > 0 ? [] : sample.problems(suggested),
    speedsKmh: sample.kmhOf(unit),
    medianLimitKmh: limits.length > 0 ? limits[limits.length >> 1] : null,
    sensors: sample.sensors,
  };
}

/** Takes the suggestion of a positions' file back where it turns out to be of something else. */
async function sampleRows(
  path: string,
  columns: readonly string[],
  records: readonly TableRecord[],
  merged: PartialObservationMapping,
  given: PartialObservationMapping,
  timeZone: string,
  network: RoadNetwork | undefined,
): Promise<Sample> {
  if (merged.layout !== 'detectors') return sampleSegments(columns, records, merged, timeZone, network);
  try {
    return await sampleMatrix(path, columns, records, merged, timeZone, network);
  } catch (error) {
    if (!merged.positions || given.positions) throw error;
    merged.positions = null;
    return sampleMatrix(path, columns, records, merged, timeZone, network);
  }
}

/** What the first rows give under a mapping whose unit is still open. */
interface Sample {
  /** As they stand in the file; none where the file has seconds. */
  speeds: number[];
  /** Of the same places, where there are roads. */
  limitsKmh: number[] | null;
  kmhOf(unit: ObservationMapping['unit']): number[];
  problems(mapping: PartialObservationMapping): ObservationPreview['problems'];
  sensors: MatchFigures | null;
}

function sampleSegments(
  columns: readonly string[],
  records: readonly TableRecord[],
  mapping: PartialObservationMapping,
  timeZone: string,
  network: RoadNetwork | undefined,
): Sample {
  const speedAt = mapping.speed ? columns.indexOf(mapping.speed) : -1;
  const ready = missingObservationFields({ ...mapping, unit: 'km/h' }).length === 0;
  const readerOf = (given: PartialObservationMapping) =>
    ready && network
      ? new ObservationRowReader(columns, completeObservationMapping(given, columns), timeZone, network)
      : null;
  const reader = readerOf(mapping);
  const whole = records.filter(({ broken, fields }) => !broken && fields.length === columns.length);
  const withSpeed = whole.flatMap(({ fields }) => {
    const speed = speedAt < 0 ? null : positiveOrMissing(fields[speedAt]);
    return speed === null || Number.isNaN(speed) ? [] : [{ fields, speed }];
  });
  const read = ({ fields, broken }: TableRecord, with_: ObservationRowReader | null) => {
    if (broken || fields.length !== columns.length) return malformed(fields, broken, columns);
    return with_?.read(fields) ?? null;
  };
  return {
    speeds: withSpeed.map(({ speed }) => speed),
    limitsKmh: reader && withSpeed.map(({ fields }) => reader.limitKmh(fields)),
    kmhOf(unit) {
      if (speedAt >= 0) return withSpeed.map(({ speed }) => speed * SPEED_UNITS[unit]);
      return whole.flatMap((record) => {
        const row = read(record, reader);
        return row && 'observations' in row ? [row.observations[0].speedKmh] : [];
      });
    },
    problems(given) {
      const inUnit = readerOf(given);
      return records.flatMap((record, row) => {
        const found = read(record, inUnit);
        return found && !('observations' in found) ? [{ row, ...said(found) }] : [];
      });
    },
    sensors: null,
  };
}

async function sampleMatrix(
  path: string,
  columns: readonly string[],
  records: readonly TableRecord[],
  mapping: PartialObservationMapping,
  timeZone: string,
  network: RoadNetwork | undefined,
): Promise<Sample> {
  const timeColumn = mapping.time ?? null;
  const listed = mapping.positions ? await readSensors(mapping.positions) : null;
  const roads = network ?? (listed && sensorNetwork(listed, null));
  const matches =
    listed && roads
      ? matchSensors(roads, columns, listed, {
          maxDistanceM: mapping.maxDistanceM ?? DEFAULT_MAX_DISTANCE_M,
          timeColumn,
          file: path,
        })
      : null;
  const cells = records.flatMap(({ fields }) =>
    fields.flatMap((text, at) => {
      if (columns[at] === timeColumn || (matches && matches.segmentOf[at] < 0)) return [];
      const speed = positiveOrMissing(text);
      return speed === null || Number.isNaN(speed) ? [] : [{ speed, at }];
    }),
  );
  const stride = Math.ceil(cells.length / PREVIEW_SPEEDS) || 1;
  const shown = cells.filter((_, i) => i % stride === 0);
  return {
    speeds: shown.map(({ speed }) => speed),
    limitsKmh:
      network && matches ? shown.map(({ at }) => network.speedLimitKmh[matches.segmentOf[at]]) : null,
    kmhOf: (unit) => shown.map(({ speed }) => speed * SPEED_UNITS[unit]),
    problems(given) {
      const { time = null, start = null, stepS, unit } = given;
      const times = new MatrixTimes(columns, { time, start, stepS: stepS! }, timeZone);
      return records.flatMap((record, row) => {
        const { fields, broken } = record;
        if (broken || fields.length !== columns.length)
          return [{ row, ...said(malformed(fields, broken, columns)) }];
        const moment = times.of(record, row);
        if ('reason' in moment) return [{ row, ...said(moment) }];
        return [
          ...unreadableCell(columns, fields, timeColumn, row),
          ...allTooFast(fields, columns, timeColumn, unit, row),
        ];
      });
    },
    sensors: matches && matchFigures(matches),
  };
}

function unreadableCell(
  columns: readonly string[],
  fields: readonly string[],
  timeColumn: string | null,
  row: number,
): ObservationPreview['problems'] {
  const at = fields.findIndex(
    (text, i) => columns[i] !== timeColumn && Number.isNaN(positiveOrMissing(text)),
  );
  return at < 0
    ? []
    : [{ row, column: columns[at], message: `"${fields[at]}" is no speed. It stops the import.` }];
}

function allTooFast(
  fields: readonly string[],
  columns: readonly string[],
  timeColumn: string | null,
  unit: ObservationMapping['unit'] | undefined,
  row: number,
): ObservationPreview['problems'] {
  const speeds = fields.flatMap((text, i) =>
    columns[i] === timeColumn ? [] : (positiveOrMissing(text) ?? []),
  );
  const factor = SPEED_UNITS[unit ?? 'km/h'];
  if (speeds.length === 0 || !speeds.every((speed) => speed * factor > MAX_KMH)) return [];
  return [{ row, column: null, message: `${OBSERVATION_DROPS.speed.description}.` }];
}

function malformed(
  fields: readonly string[],
  broken: string | undefined,
  columns: readonly string[],
): { malformed: string } {
  return { malformed: broken ?? `${fields.length} fields instead of ${columns.length}` };
}

function said(problem: ObservationProblem | { malformed: string }): {
  column: string | null;
  message: string;
} {
  if ('malformed' in problem)
    return { column: null, message: `The row cannot be read (${problem.malformed}). It stops the import.` };
  return {
    column: problem.column,
    message: `${OBSERVATION_DROPS[problem.reason].description} (${problem.detail}).`,
  };
}
