import { ReportBuilder } from '../tables/importReport.ts';
import { assertReadable, MalformedError, MalformedTally } from '../tables/malformed.ts';
import { type PreviewProblem, previewProblems } from '../tables/previewProblems.ts';
import { firstRecords, openTable, type Table, type TableRecord } from '../tables/table.ts';
import type { RoadNetwork } from './network.ts';
import { speedOf } from './observationImport/detectors.ts';
import {
  completeObservationMapping,
  DEFAULT_MAX_DISTANCE_M,
  missingObservationFields,
  type ObservationMapping,
  type PartialObservationMapping,
} from './observationImport/mapping.ts';
import { type MatchFigures, matchFigures, matchSensors } from './observationImport/matchSensors.ts';
import { MatrixTimes } from './observationImport/matrixTimes.ts';
import { OBSERVATION_DROPS, ObservationRowReader } from './observationImport/observationRow.ts';
import { sensorNetwork } from './observationImport/sensorNetwork.ts';
import { readSensors } from './observationImport/sensors.ts';
import { MAX_KMH, positiveOrMissing } from './observationImport/speeds.ts';
import { filledUp } from './observationImport/suggest.ts';
import { guessSpeedUnit, SPEED_UNITS, type UnitReason } from './observationImport/units.ts';

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
  /** Rows (from 0, as in `rows`) that would not be kept. Empty while fields are missing. */
  problems: PreviewProblem[];
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
  const sample = await sampleRows(table, records, merged, mapping, timeZone, network);
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
  table: Table,
  records: readonly TableRecord[],
  merged: PartialObservationMapping,
  given: PartialObservationMapping,
  timeZone: string,
  network: RoadNetwork | undefined,
): Promise<Sample> {
  if (merged.layout !== 'detectors') return sampleSegments(table, records, merged, timeZone, network);
  try {
    return await sampleMatrix(table, records, merged, timeZone, network);
  } catch (error) {
    if (!merged.positions || given.positions) throw error;
    merged.positions = null;
    return sampleMatrix(table, records, merged, timeZone, network);
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
  table: Table,
  records: readonly TableRecord[],
  mapping: PartialObservationMapping,
  timeZone: string,
  network: RoadNetwork | undefined,
): Sample {
  const { columns } = table;
  const speedAt = mapping.speed ? columns.indexOf(mapping.speed) : -1;
  const ready = missingObservationFields({ ...mapping, unit: 'km/h' }).length === 0;
  const readerOf = (given: PartialObservationMapping) =>
    ready && network
      ? new ObservationRowReader(table, completeObservationMapping(given, columns), timeZone, network)
      : null;
  const reader = readerOf(mapping);
  const whole = records.filter(({ broken, fields }) => !broken && fields.length === columns.length);
  const withSpeed = whole.flatMap((record) => {
    const speed = speedAt < 0 ? null : positiveOrMissing(record.fields[speedAt]);
    return speed === null || Number.isNaN(speed) ? [] : [{ record, speed }];
  });
  return {
    speeds: withSpeed.map(({ speed }) => speed),
    limitsKmh: reader && withSpeed.map(({ record }) => limitOf(reader, record)),
    kmhOf(unit) {
      if (speedAt >= 0) return withSpeed.map(({ speed }) => speed * SPEED_UNITS[unit]);
      const speedsKmh: number[] = [];
      previewProblems(whole, (record) => {
        const row = reader?.read(record);
        if (row && 'observations' in row) speedsKmh.push(row.observations[0].speedKmh);
        return null;
      });
      return speedsKmh;
    },
    problems(given) {
      const inUnit = readerOf(given);
      return previewProblems(records, (record) => {
        assertReadable(table, record);
        const row = inUnit?.read(record);
        return row && 'reason' in row
          ? { ...row, description: OBSERVATION_DROPS[row.reason].description }
          : null;
      });
    },
    sensors: null,
  };
}

/** NaN where it is not known. */
function limitOf(reader: ObservationRowReader, record: TableRecord): number {
  try {
    return reader.limitKmh(record);
  } catch (error) {
    if (error instanceof MalformedError) return Number.NaN;
    throw error;
  }
}

async function sampleMatrix(
  table: Table,
  records: readonly TableRecord[],
  mapping: PartialObservationMapping,
  timeZone: string,
  network: RoadNetwork | undefined,
): Promise<Sample> {
  const { columns, path } = table;
  const timeColumn = mapping.time ?? null;
  // Its malformed rows are for the import to name.
  const unsaid = new MalformedTally(new ReportBuilder(), true);
  const listed = mapping.positions ? await readSensors(mapping.positions, unsaid) : null;
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
      const times = new MatrixTimes(table, { time, start, stepS: stepS! }, timeZone);
      const factor = SPEED_UNITS[unit ?? 'km/h'];
      return previewProblems(records, (record, row) => {
        assertReadable(table, record);
        times.of(record, row);
        const speeds = columns.flatMap((column, at) =>
          column === timeColumn ? [] : (speedOf(table, record, at) ?? []),
        );
        return speeds.length > 0 && speeds.every((speed) => speed * factor > MAX_KMH)
          ? { column: null, description: OBSERVATION_DROPS.speed.description, detail: 'all of the row' }
          : null;
      });
    },
    sensors: matches && matchFigures(matches),
  };
}
