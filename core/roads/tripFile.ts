import { EtalonError, type TaskContext } from '../base/index.ts';
import { eachRecord } from '../tables/eachRecord.ts';
import type { ImportReport } from '../tables/importReport.ts';
import type { MalformedTally } from '../tables/malformed.ts';
import { type PreviewProblem, previewProblems } from '../tables/previewProblems.ts';
import { RowTally } from '../tables/rowTally.ts';
import { firstRecords, openTable, type Table, type TableRecord } from '../tables/table.ts';
import type { RoadNetwork } from './network.ts';
import { KnownTrips } from './tripImport/knownTrips.ts';
import {
  completeMapping,
  mappedColumns,
  missingFields,
  type PartialTripMapping,
  suggestMapping,
  type TripMapping,
} from './tripImport/mapping.ts';
import { TripColumns } from './tripImport/tripColumns.ts';
import { DROP_REASONS, type TripRow, TripRowReader } from './tripImport/tripRow.ts';
import { WeekdayCheck } from './tripImport/weekdayCheck.ts';
import type { TripSet } from './trips.ts';

export type { PartialTripMapping, TripMapping } from './tripImport/mapping.ts';
export { suggestMapping } from './tripImport/mapping.ts';

const PREVIEW_ROWS = 200;
const SAMPLES = 5;

export interface TripPreview {
  sizeBytes: number;
  columns: { name: string; samples: string[] }[];
  /** The first 200 rows as read. */
  rows: string[][];
  /** The mapping given, filled up with what the columns suggest. */
  suggested: Partial<TripMapping>;
  /** Fields that still need a column (or a year). */
  missing: (keyof TripMapping)[];
  /** Rows (from 0, as in `rows`) that would not be kept. Empty while fields are missing or without a network. */
  problems: PreviewProblem[];
  /** Of the rows that can be read: travel times, and with a network mean speeds. */
  durationsS: number[];
  speedsKmh: number[];
}

/**
 * Reads the first rows of a trips file, for a person to check the mapping. Throws `not-found`, `input` for what is no
 * table, `usage` for a column or time zone that does not exist.
 */
export async function previewTrips(
  path: string,
  options: { mapping?: PartialTripMapping; timeZone?: string; network?: RoadNetwork } = {},
): Promise<TripPreview> {
  const table = await openTable(path);
  const { columns, sizeBytes } = table;
  const first = await firstRecords(table, PREVIEW_ROWS);
  const rows = first.map((record) => record.fields);
  const suggested = mergeMapping(suggestMapping(columns, rows), options.mapping ?? {});
  const missing = missingFields(suggested);
  return {
    sizeBytes,
    columns: columns.map((name, i) => ({ name, samples: rows.slice(0, SAMPLES).map((row) => row[i] ?? '') })),
    rows,
    suggested,
    missing,
    ...(missing.length === 0 && options.network
      ? tryRows(
          first,
          new TripRowReader(
            table,
            completeMapping(suggested, columns),
            options.timeZone ?? 'UTC',
            options.network,
          ),
        )
      : { problems: [], durationsS: durationsOf(rows, columns, suggested.totalSeconds), speedsKmh: [] }),
  };
}

export interface TripFileOptions {
  mapping: PartialTripMapping;
  /** IANA name of the wall clock of departures without an offset, and of the project. */
  timeZone: string;
  network: RoadNetwork;
  /** Trips that the project has already, a part at a time; the same ones again are dropped. */
  existing?: Iterable<TripSet>;
  /** Whether rows that cannot be read are left out; else they stop the import. */
  skipMalformed?: boolean;
  /** Takes the trips as they are read, some ten thousand at a time, so that no file need fit into memory. */
  add(trips: TripSet): void;
  context: TaskContext;
}

/**
 * Reads trips from a table (CSV, JSON Lines, Parquet). Rows that give no trip are left out, counted and reported
 * with examples. Throws `usage` for a mapping that does not fit the file, `input` for rows that cannot be read (see
 * `tables/malformed.ts`) and when more than half of the rows are bad, `conflict` when every trip is known already:
 * whoever kept what was added before must give it up then.
 */
export async function readTripFile(
  path: string,
  { mapping, timeZone, network, existing, skipMalformed = false, add, context }: TripFileOptions,
): Promise<ImportReport> {
  const table = await openTable(path);
  let collector: TripCollector;
  let reader: TripRowReader;
  let wanted: string[];
  try {
    const complete = completeMapping(mapping, table.columns);
    reader = new TripRowReader(table, complete, timeZone, network);
    collector = new TripCollector(table, existing, skipMalformed, add);
    wanted = [...mappedColumns(complete), ...collector.wanted];
  } catch (error) {
    await table.close();
    throw error;
  }
  await eachRecord(table, { wanted, stage: 'Reading trips', context }, (record) =>
    collector.take(record, reader),
  );
  collector.malformed.stopIfFailed();
  return collector.finish();
}

/** What is kept of a file, and what is said about the rest. */
class TripCollector {
  readonly #table: Table;
  readonly #tally: RowTally<keyof typeof DROP_REASONS>;
  readonly #known: KnownTrips;
  readonly #weekdays: WeekdayCheck;
  readonly #trips = new TripColumns();
  readonly #hand: (trips: TripSet) => void;
  #kept = 0;
  #traversals = 0;
  #timed = 0;
  #duplicates = 0;

  constructor(
    table: Table,
    existing: Iterable<TripSet> | undefined,
    skipMalformed: boolean,
    hand: (trips: TripSet) => void,
  ) {
    this.#table = table;
    this.#tally = new RowTally(table, DROP_REASONS, skipMalformed);
    this.#known = new KnownTrips(existing);
    this.#weekdays = new WeekdayCheck(table.columns);
    this.#hand = hand;
  }

  get malformed(): MalformedTally {
    return this.#tally.malformed;
  }

  /** Columns that are looked at besides those of the mapping. */
  get wanted(): string[] {
    return this.#weekdays.column === undefined ? [] : [this.#weekdays.column];
  }

  take(record: TableRecord, reader: TripRowReader): void {
    this.#tally.count(record);
    const row = this.malformed.read(() => reader.read(record));
    if (!row || this.malformed.failed) return;
    if ('reason' in row) this.#tally.drop(record, row);
    else this.#keep(record, row);
  }

  finish(): ImportReport {
    this.#tally.refuseMostlyBad();
    this.#handOn();
    if (this.#kept === 0) throw this.#nothingNew();
    const { report, rows } = this.#tally;
    report.read.rows = rows;
    report.kept.trips = this.#kept;
    report.kept.traversals = this.#traversals;
    if (this.#timed > 0) report.kept.tripsWithSegmentSeconds = this.#timed;
    const weekdayNote = this.#weekdays.note();
    if (weekdayNote) report.note(weekdayNote);
    return report.finish(this.#table.path, this.#table.format);
  }

  #keep(record: TableRecord, row: TripRow): void {
    const id = row.id === '' ? String(this.#tally.rows) : row.id;
    const place = `${this.#table.place(record)} (trip ${id})`;
    if (!this.#known.add(id, row.departS, row.segments)) {
      this.#duplicates++;
      this.#tally.skip('duplicate', place);
      return;
    }
    this.#weekdays.add(record.fields, row.localDepartS, record.line);
    this.#trips.push(id, row);
    if (row.segmentS) this.#timed++;
    this.#noteDoubts(row, place);
    if (this.#trips.isFull) this.#handOn();
  }

  #handOn(): void {
    if (this.#trips.count === 0) return;
    this.#kept += this.#trips.count;
    this.#traversals += this.#trips.traversals;
    this.#hand(this.#trips.take());
  }

  #noteDoubts(row: TripRow, place: string): void {
    const { report } = this.#tally;
    if (row.forbiddenTurns > 0)
      report.note('Trips kept although the road network does not permit a turn on their way', place);
    if (row.segmentTimesProblem)
      report.note(
        'Trips kept without their seconds per segment, which contradict the rest',
        `${place}: ${row.segmentTimesProblem}`,
      );
    if (row.doubt === 'gap')
      report.note('Departures in the hour that the clocks skip in spring, read on the clock before', place);
    if (row.doubt === 'overlap')
      report.note(
        'Departures in the hour that the clocks repeat in autumn, taken as the first of both',
        place,
      );
  }

  #nothingNew(): EtalonError {
    const where = { file: this.#table.path };
    if (this.#duplicates > 0)
      return new EtalonError('conflict', 'Every trip of the file is in the project already.', { where });
    return new EtalonError('input', 'The file has no trips.', {
      where,
      remedy: 'It must have a row for each trip.',
    });
  }
}

function tryRows(
  records: readonly TableRecord[],
  reader: TripRowReader,
): Pick<TripPreview, 'problems' | 'durationsS' | 'speedsKmh'> {
  const durationsS: number[] = [];
  const speedsKmh: number[] = [];
  const problems = previewProblems(records, (record) => {
    const trip = reader.read(record);
    if ('reason' in trip) return { ...trip, description: DROP_REASONS[trip.reason].description };
    durationsS.push(trip.totalS);
    speedsKmh.push((trip.lengthM / trip.totalS) * 3.6);
    return null;
  });
  return { problems, durationsS, speedsKmh };
}

function durationsOf(
  rows: readonly (readonly string[])[],
  columns: readonly string[],
  column: string | null | undefined,
): number[] {
  if (column === undefined || column === null) return [];
  return rows.map((row) => Number(row[columns.indexOf(column)])).filter((seconds) => seconds > 0);
}

/** What a person has set, null included, stands above what the columns suggest. */
function mergeMapping(suggested: Partial<TripMapping>, given: PartialTripMapping): Partial<TripMapping> {
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  const merged: Partial<TripMapping> = { ...suggested, ...Object.fromEntries(set) };
  if (given.departure) return { ...merged, dayOfYear: null, minuteOfDay: null, year: null };
  if (given.dayOfYear || given.minuteOfDay) return { ...merged, departure: null };
  return merged;
}
