import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { RoadNetwork } from './network.ts';
import {
  completeObservationMapping,
  DEFAULT_MAX_DISTANCE_M,
  guessStepS,
  missingObservationFields,
  type ObservationLayout,
  type ObservationMapping,
  type PartialObservationMapping,
  suggestObservationColumns,
  timeColumnOf,
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
import { guessSpeedUnit, SPEED_UNITS, type UnitReason } from './observationImport/units.ts';
import { firstRecords, openTable, type TableRecord } from './tables/table.ts';
import { DepartureReader } from './tripImport/departure.ts';

const PREVIEW_ROWS = 200;
const SAMPLES = 5;
const PREVIEW_SPEEDS = 4000;
/** From as many columns of numbers on, a table is a matrix of detectors. */
const MATRIX_COLUMNS = 8;

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
  const given = Object.fromEntries(Object.entries(mapping).filter(([, value]) => value !== undefined));
  const times = new DepartureReader(timeZone);
  const layout = mapping.layout ?? guessLayout(columns, rows);
  const merged: PartialObservationMapping = {
    maxDistanceM: DEFAULT_MAX_DISTANCE_M,
    ...(layout === 'detectors'
      ? suggestMatrix(path, columns, rows)
      : suggestObservationColumns(columns, rows)),
    layout,
    ...given,
  };
  withoutContradictions(merged, mapping);
  const timeAt = merged.time ? columns.indexOf(merged.time) : -1;
  const known = timeAt < 0 ? [] : rows.flatMap((row) => times.read(row[timeAt] ?? '')?.departS ?? []);
  merged.stepS ??= guessStepS(known) ?? undefined;
  const sampleAll = () =>
    layout === 'detectors'
      ? sampleMatrix(path, columns, records, merged, timeZone, network)
      : sampleSegments(columns, records, merged, timeZone, network);
  let sample: Sample;
  try {
    sample = await sampleAll();
  } catch (error) {
    // A file that merely lay beside the matrix may be of something else: then there is none.
    if (!merged.positions || mapping.positions) throw error;
    merged.positions = null;
    sample = await sampleAll();
  }
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

function guessLayout(columns: readonly string[], rows: readonly (readonly string[])[]): ObservationLayout {
  const named = suggestObservationColumns(columns, rows);
  if ((named.segment ?? named.way) !== null && (named.speed ?? named.seconds) !== null) return 'segments';
  const first = rows[0] ?? [];
  const numbers = first.filter((text) => !Number.isNaN(positiveOrMissing(text))).length;
  return columns.length >= MATRIX_COLUMNS && numbers >= columns.length - 1 ? 'detectors' : 'segments';
}

function suggestMatrix(
  path: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): PartialObservationMapping {
  const folder = dirname(path);
  const beside = (pattern: RegExp): string | null => {
    const names = existsSync(folder) ? readdirSync(folder) : [];
    const name = names.sort().find((other) => other !== basename(path) && pattern.test(other));
    return name === undefined ? null : join(folder, name);
  };
  return {
    time: timeColumnOf(columns, rows),
    positions: beside(/(sensor|detector|station).*(loc|pos|coord).*\.(csv|tsv|jsonl|parquet)/i),
    adjacency: beside(/adj.*\.(csv|tsv|txt)/i),
  };
}

/** What a person has chosen stands above what the columns suggest. */
function withoutContradictions(merged: PartialObservationMapping, given: PartialObservationMapping): void {
  if (given.segment) merged.way = given.way ?? null;
  if (given.way) merged.segment = given.segment ?? null;
  if (given.speed) merged.seconds = given.seconds ?? null;
  if (given.seconds) merged.speed = given.speed ?? null;
  if (given.start && !given.time) merged.time = null;
}
