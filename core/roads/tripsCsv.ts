import { basename } from 'node:path';
import { breathe, EtalonError, type TaskContext, throwIfCancelled } from '../base/index.ts';
import { Growable } from './growable.ts';
import { ReportBuilder } from './importReport.ts';
import type { ImportReport, RoadNetwork } from './network.ts';
import { type CsvRecord, type CsvTable, openCsv } from './tripImport/csvTable.ts';
import { KnownTrips } from './tripImport/knownTrips.ts';
import {
  completeMapping,
  missingFields,
  type PartialTripMapping,
  suggestMapping,
  type TripMapping,
} from './tripImport/mapping.ts';
import {
  DROP_REASONS,
  type DropKey,
  type RowProblem,
  type TripRow,
  TripRowReader,
} from './tripImport/tripRow.ts';
import { WeekdayCheck } from './tripImport/weekdayCheck.ts';
import type { TripSet } from './trips.ts';

export type { PartialTripMapping, TripMapping } from './tripImport/mapping.ts';
export { suggestMapping } from './tripImport/mapping.ts';

const PREVIEW_ROWS = 200;
const SAMPLES = 5;
const ROWS_BETWEEN_BREATHS = 1000;

export interface TripPreview {
  sizeBytes: number;
  columns: { name: string; samples: string[] }[];
  /** The first 200 rows as read. */
  rows: string[][];
  /** The mapping given, filled up with what the columns suggest. */
  suggested: Partial<TripMapping>;
  /** Fields that still need a column (or a year). */
  missing: (keyof TripMapping)[];
  /** Rows (from 0, as in `rows`) that would be dropped. Empty while fields are missing or without a network. */
  problems: { row: number; column: string | null; message: string }[];
  /** Of the rows that can be read: travel times, and with a network mean speeds. */
  durationsS: number[];
  speedsKmh: number[];
}

/**
 * Reads the first rows of a trips file, for a person to check the mapping. Throws `not-found`, `input` for what is no
 * CSV file, `usage` for a column or time zone that does not exist.
 */
export async function previewTrips(
  path: string,
  options: { mapping?: PartialTripMapping; timeZone?: string; network?: RoadNetwork } = {},
): Promise<TripPreview> {
  const { columns, records, sizeBytes } = await openCsv(path);
  const first: CsvRecord[] = [];
  for await (const record of records) {
    first.push(record);
    if (first.length === PREVIEW_ROWS) break;
  }
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
            columns,
            completeMapping(suggested, columns),
            options.timeZone ?? 'UTC',
            options.network,
          ),
        )
      : { problems: [], durationsS: durationsOf(rows, columns, suggested.totalSeconds), speedsKmh: [] }),
  };
}

export interface TripsCsvOptions {
  mapping: PartialTripMapping;
  /** IANA name of the wall clock of departures without an offset, and of the project. */
  timeZone: string;
  network: RoadNetwork;
  /** Trips that the project has already; the same ones again are dropped. */
  existing?: TripSet;
  context: TaskContext;
}

/**
 * Reads trips from a CSV file (RFC 4180, plain or gzip). Rows that give no trip are left out, counted and reported
 * with examples. Throws `usage` for a mapping that does not fit the file, `input` when more than half of the rows are
 * bad, `conflict` when every trip is known already.
 */
export async function readTripsCsv(
  path: string,
  { mapping, timeZone, network, existing, context }: TripsCsvOptions,
): Promise<{ trips: TripSet; report: ImportReport }> {
  let characters = 0;
  const table = await openCsv(path, (read) => {
    characters = read;
  });
  try {
    const reader = new TripRowReader(
      table.columns,
      completeMapping(mapping, table.columns),
      timeZone,
      network,
    );
    const collector = new TripCollector(path, table, existing);
    let records = 0;
    for await (const record of table.records) {
      collector.add(record, reader.read(record));
      if (++records % ROWS_BETWEEN_BREATHS > 0) continue;
      context.report(
        table.gzip
          ? { stage: 'Reading trips', done: records, unit: 'trips' }
          : {
              stage: 'Reading trips',
              done: Math.min(characters, table.sizeBytes),
              total: table.sizeBytes,
              unit: 'bytes',
            },
      );
      throwIfCancelled(context.signal);
      await breathe();
    }
    return collector.finish();
  } finally {
    await table.close();
  }
}

/** What is kept of a file, and what is said about the rest. */
class TripCollector {
  readonly #path: string;
  readonly #table: CsvTable;
  readonly #report = new ReportBuilder();
  readonly #known: KnownTrips;
  readonly #weekdays: WeekdayCheck;
  readonly #ids: string[] = [];
  readonly #departS = new Growable(Float64Array);
  readonly #localDepartS = new Growable(Float64Array);
  readonly #totalS = new Growable(Float32Array);
  readonly #offsets = new Growable(Uint32Array);
  readonly #segments = new Growable(Int32Array);
  readonly #segmentS = new Growable(Float32Array);
  #timed = 0;
  #rows = 0;
  /** Rows by reason, those apart that are known already: they are not bad. */
  readonly #bad = new Map<DropKey, { rows: number; line: number; detail: string }>();
  #duplicates = 0;

  constructor(path: string, table: CsvTable, existing: TripSet | undefined) {
    this.#path = path;
    this.#table = table;
    this.#known = new KnownTrips(existing);
    this.#weekdays = new WeekdayCheck(table.columns);
    this.#offsets.push(0);
  }

  add(record: CsvRecord, row: TripRow | RowProblem): void {
    this.#rows += record.lines;
    if ('reason' in row) this.#drop(record, row);
    else this.#keep(record, row);
  }

  finish(): { trips: TripSet; report: ImportReport } {
    const count = this.#ids.length;
    this.#refuseMostlyBad();
    if (count === 0) throw this.#nothingNew();
    const report = this.#report;
    report.read.rows = this.#rows;
    report.kept.trips = count;
    report.kept.traversals = this.#segments.length;
    if (this.#timed > 0) report.kept.tripsWithSegmentSeconds = this.#timed;
    const weekdayNote = this.#weekdays.note();
    if (weekdayNote) report.note(weekdayNote);
    return {
      trips: {
        count,
        ids: this.#ids,
        departS: this.#departS.toArray(),
        localDepartS: this.#localDepartS.toArray(),
        totalS: this.#totalS.toArray(),
        offsets: this.#offsets.toArray(),
        segments: this.#segments.toArray(),
        ...(this.#timed > 0 && { segmentS: this.#segmentS.toArray() }),
      },
      report: report.finish(this.#path, this.#table.gzip ? 'CSV, gzip' : 'CSV'),
    };
  }

  #keep({ line, fields }: CsvRecord, row: TripRow): void {
    const id = row.id === '' ? String(this.#rows) : row.id;
    const place = `${this.#place(line)} (trip ${id})`;
    if (!this.#known.add(id, row.departS, row.segments)) {
      this.#duplicates++;
      this.#report.drop('duplicate', DROP_REASONS.duplicate.description, place);
      return;
    }
    this.#weekdays.add(fields, row.localDepartS, line);
    this.#ids.push(id);
    this.#departS.push(row.departS);
    this.#localDepartS.push(row.localDepartS);
    this.#totalS.push(row.totalS);
    this.#segments.pushAll(row.segments);
    this.#offsets.push(this.#segments.length);
    this.#segmentS.pushAll(row.segmentS ?? row.segments.map(() => Number.NaN));
    if (row.segmentS) this.#timed++;
    this.#noteDoubts(row, place);
  }

  #noteDoubts(row: TripRow, place: string): void {
    if (row.forbiddenTurns > 0)
      this.#report.note('Trips kept although the road network does not permit a turn on their way', place);
    if (row.segmentTimesProblem)
      this.#report.note(
        'Trips kept without their seconds per segment, which contradict the rest',
        `${place}: ${row.segmentTimesProblem}`,
      );
    if (row.doubt === 'gap')
      this.#report.note(
        'Departures in the hour that the clocks skip in spring, read on the clock before',
        place,
      );
    if (row.doubt === 'overlap')
      this.#report.note(
        'Departures in the hour that the clocks repeat in autumn, taken as the first of both',
        place,
      );
  }

  #drop({ line, lines }: CsvRecord, { reason, detail }: RowProblem): void {
    const { description } = DROP_REASONS[reason];
    this.#report.drop(reason, description, `${this.#place(line)}: ${detail}`);
    // A record with line breaks in it has swallowed the rows after it.
    this.#report.dropMany(reason, description, lines - 1);
    const bad = this.#bad.get(reason) ?? { rows: 0, line, detail };
    bad.rows += lines;
    this.#bad.set(reason, bad);
  }

  #refuseMostlyBad(): void {
    const bad = [...this.#bad.values()].reduce((sum, { rows }) => sum + rows, 0);
    if (bad * 2 <= this.#rows) return;
    const [reason, worst] = [...this.#bad].reduce((a, b) => (b[1].rows > a[1].rows ? b : a));
    const { description, remedy } = DROP_REASONS[reason];
    throw new EtalonError(
      'input',
      `${bad} of ${this.#rows} rows cannot be used. ${description}: ${worst.rows} of them, first ${worst.detail}.`,
      { where: { file: this.#path, line: worst.line }, remedy },
    );
  }

  #nothingNew(): EtalonError {
    const where = { file: this.#path };
    if (this.#duplicates > 0)
      return new EtalonError('conflict', 'Every trip of the file is in the project already.', { where });
    return new EtalonError('input', 'The file has no trips.', {
      where,
      remedy: 'It must have a row for each trip below the header line.',
    });
  }

  #place(line: number): string {
    return `${basename(this.#path)}:${line}`;
  }
}

function tryRows(
  records: readonly CsvRecord[],
  reader: TripRowReader,
): Pick<TripPreview, 'problems' | 'durationsS' | 'speedsKmh'> {
  const problems: TripPreview['problems'] = [];
  const durationsS: number[] = [];
  const speedsKmh: number[] = [];
  records.forEach((record, row) => {
    const trip = reader.read(record);
    if ('reason' in trip) {
      const { description } = DROP_REASONS[trip.reason];
      problems.push({ row, column: trip.column, message: `${description} (${trip.detail}).` });
    } else {
      durationsS.push(trip.totalS);
      speedsKmh.push((trip.lengthM / trip.totalS) * 3.6);
    }
  });
  return { problems, durationsS, speedsKmh };
}

function durationsOf(
  rows: readonly (readonly string[])[],
  columns: readonly string[],
  column: string | undefined,
): number[] {
  if (column === undefined) return [];
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
