import { basename } from 'node:path';
import { breathe, EtalonError, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import { DepartureReader } from '../../tables/departure.ts';
import { eachRecord } from '../../tables/eachRecord.ts';
import type { ImportReport, ReportBuilder } from '../../tables/importReport.ts';
import { RowTally } from '../../tables/rowTally.ts';
import type { Table, TableRecord } from '../../tables/table.ts';
import {
  estimateNoise,
  MapMatcher,
  type MatchQuality,
  type MatchSettings,
  QualityTally,
} from '../matching/index.ts';
import type { RoadNetwork } from '../network.ts';
import { SegmentIndex } from '../snap.ts';
import type { TripSet } from '../trips.ts';
import { openGps } from './gpsTable.ts';
import { completeGpsMapping, type PartialGpsMapping } from './mapping.ts';
import { MatchedTrips } from './matchedTrips.ts';
import { POINT_DROPS, type PointDrop, PointReader } from './pointRow.ts';
import { type GpsTrace, MOST_IN_TRACE, TraceBuffer } from './traceBuffer.ts';

const POINTS_BETWEEN_BREATHS = 2000;
/** The noise is estimated from so many points, as far as there are as many. */
const CALIBRATION_POINTS = 20_000;

export interface GpsOptions {
  mapping: PartialGpsMapping;
  /** IANA name of the wall clock of times without an offset, and of the project. */
  timeZone: string;
  network: RoadNetwork;
  /** Of the network, where there is one already. */
  index?: SegmentIndex;
  /** Trips that the project has already, a part at a time; the same ones again are dropped. */
  existing?: Iterable<TripSet>;
  /** What is not set is estimated (σ and β) or as usual. */
  settings?: Partial<MatchSettings>;
  /** Whether points that cannot be read are left out; else they stop the import. */
  skipMalformed?: boolean;
  /** Takes the trips as they are matched, some ten thousand at a time, so that no file need fit into memory. */
  add(trips: TripSet): void;
  context: TaskContext;
}

export interface GpsImport {
  report: ImportReport;
  quality: MatchQuality;
  settings: MatchSettings;
}

/**
 * Reads GPS points from GPX, GeoJSON or a table (CSV, JSON Lines, Parquet) and matches them to roads; each stretch that was driven
 * without a break becomes a trip. Points and stretches that are left out are counted and reported with examples; of traces and
 * trips that are done only hashes are held. Throws `usage` for a mapping that does not fit the file, `input` for points that
 * cannot be read (see `tables/malformed.ts`) and when most lie far from all roads, `conflict` when every trip is known
 * already; whoever kept what was added before must give it up then.
 */
export async function readGps(path: string, options: GpsOptions): Promise<GpsImport> {
  const table = await openGps(path);
  try {
    const mapping = completeGpsMapping(options.mapping, table.columns);
    const reader = new PointReader(table, mapping, options.timeZone);
    const collector = new GpsCollector(table, options);
    const { malformed } = collector.rows;
    const wanted = Object.values(mapping).filter((column) => column !== null);
    const { context } = options;
    const reading = { wanted, stage: 'Reading points', context };
    await eachRecord(
      table,
      reading,
      (record) => collector.take(record, reader),
      () => collector.between(),
    );
    malformed.stopIfFailed();
    collector.rows.refuseMostlyBad();
    await collector.takeAll(collector.buffer.rest());
    return collector.finish();
  } finally {
    await table.close();
  }
}

/** What is made of a file's traces, and what is said about the rest. */
class GpsCollector {
  readonly buffer = new TraceBuffer();
  readonly rows: RowTally<PointDrop>;
  readonly #table: Table;
  readonly #options: GpsOptions;
  readonly #index: SegmentIndex;
  readonly #report: ReportBuilder;
  readonly #trips: MatchedTrips;
  readonly #tally = new QualityTally();
  /** Traces that wait for the noise to be known. */
  #waiting: GpsTrace[] = [];
  #waitingPoints = 0;
  #matcher: MapMatcher | undefined;
  #traces = 0;
  #firstFar: GpsTrace | undefined;

  constructor(table: Table, options: GpsOptions) {
    this.#table = table;
    this.rows = new RowTally(table, POINT_DROPS, options.skipMalformed ?? false, 'points');
    this.#report = this.rows.report;
    this.#options = options;
    this.#index = options.index ?? SegmentIndex.build(options.network);
    const clock = new DepartureReader(options.timeZone);
    this.#trips = new MatchedTrips(options.network, clock, this.#report, options);
  }

  take(record: TableRecord, reader: PointReader): void {
    const { rows, buffer } = this;
    rows.count(record);
    const point = rows.malformed.read(() => reader.read(record));
    if (!point || rows.malformed.failed) return;
    if ('reason' in point) rows.drop(record, point);
    else buffer.add(point.trace, point.timeS, point.lon, point.lat, record.line);
  }

  async between(): Promise<void> {
    await breathe();
    if (this.buffer.isFull) await this.takeAll(this.buffer.oldest());
  }

  async takeAll(traces: Iterable<GpsTrace>): Promise<void> {
    const { context } = this.#options;
    const total = this.buffer.held;
    let breath = total;
    for (const trace of traces) {
      this.#take(trace);
      if (breath - this.buffer.held < POINTS_BETWEEN_BREATHS) continue;
      breath = this.buffer.held;
      context.report({ stage: 'Matching points', done: total - breath, total, unit: 'points' });
      throwIfCancelled(context.signal);
      await breathe();
    }
  }

  finish(): GpsImport {
    this.#matcher ??= this.#calibrated();
    const report = this.#report;
    const quality = this.#tally.figures();
    this.#refuseFar(quality);
    this.#trips.handOn();
    if (this.#trips.count === 0) throw this.#nothingNew();
    const { matched, thinned, far, fast, unreachable, lone } = this.#tally.fates;
    report.read.points = this.rows.rows;
    report.read.traces = this.#traces;
    report.kept.points = matched + thinned;
    report.kept.trips = this.#trips.count;
    report.kept.traversals = this.#trips.traversals;
    if (this.#trips.timed > 0) report.kept.tripsWithSegmentSeconds = this.#trips.timed;
    const { radiusM, maxSpeedKmh, sigmaM, betaM } = this.#matcher.settings;
    report.dropMany('far', `Points with no road within ${radiusM.toFixed(0)} m`, far);
    report.dropMany('too-fast', `Points that would need more than ${maxSpeedKmh} km/h`, fast);
    report.dropMany('unreachable', 'Points that no permitted way leads to', unreachable);
    report.dropMany('lone', 'Points without another to be matched with', lone);
    if (this.buffer.torn > 0)
      report.note(
        `Traces taken apart, for they have over ${MOST_IN_TRACE} points or these lie far apart in the file: ${this.buffer.torn}`,
      );
    for (const note of qualityNotes(quality, sigmaM, betaM)) report.note(note);
    return {
      report: report.finish(this.#table.path, `GPS ${this.#table.format}`),
      quality,
      settings: this.#matcher.settings,
    };
  }

  #take(trace: GpsTrace): void {
    this.#traces++;
    if (trace.disordered)
      this.#report.note(
        'Traces whose points were not in order of time, and were put in order',
        this.#placeOf(trace),
      );
    if (trace.repeated > 0) {
      const description = 'Points at the same time as the one before them in the trace';
      this.#report.drop('repeated-time', description, this.#placeOf(trace));
      this.#report.dropMany('repeated-time', description, trace.repeated - 1);
    }
    if (this.#matcher) {
      this.#match(this.#matcher, trace);
      return;
    }
    this.#waiting.push(trace);
    this.#waitingPoints += trace.points.timeS.length;
    if (this.#waitingPoints >= CALIBRATION_POINTS) this.#matcher = this.#calibrated();
  }

  /** A matcher for the noise that the traces so far have; they are matched by it, too. */
  #calibrated(): MapMatcher {
    const { network, settings = {} } = this.#options;
    const first = new MapMatcher(network, settings, this.#index);
    const matches = this.#waiting.map(({ points }) => first.match(points));
    const matcher = new MapMatcher(network, { ...estimateNoise(matches), ...settings }, this.#index);
    for (const trace of this.#waiting) this.#match(matcher, trace);
    this.#waiting = [];
    return matcher;
  }

  #match(matcher: MapMatcher, trace: GpsTrace): void {
    const match = matcher.match(trace.points);
    this.#tally.add(match);
    if (match.fates.far > 0) this.#firstFar ??= trace;
    const id = trace.id === '' ? basename(this.#table.path).replace(/\..*$/, '') : trace.id;
    this.#trips.add(id, match.paths, this.#placeOf(trace));
  }

  #refuseFar({ far, points }: MatchQuality): void {
    const trace = this.#firstFar;
    if (!trace || far * 2 <= points) return;
    throw new EtalonError(
      'input',
      `${far} of ${points} points have no road within ${this.#matcher?.settings.radiusM.toFixed(0)} m; the first trace begins at latitude ${trace.points.lat[0]}, longitude ${trace.points.lon[0]}.`,
      {
        where: { file: this.#table.path, line: trace.line },
        remedy:
          'Check that latitude and longitude are not exchanged, and that the points belong to the imported roads.',
      },
    );
  }

  #nothingNew(): EtalonError {
    const where = { file: this.#table.path };
    if (this.#trips.duplicates > 0)
      return new EtalonError('conflict', 'Every trip of the file is in the project already.', { where });
    if (this.rows.rows === 0)
      return new EtalonError('input', 'The file has no points.', {
        where,
        remedy:
          'Give a file with recorded positions and their times: CSV rows, GPX track points or GeoJSON lines.',
      });
    return new EtalonError(
      'input',
      'No trip can be made of the points: there are too few, or they hardly move.',
      {
        where,
        remedy: 'Check the columns of trace and time: a trip needs two points at least, 100 m apart.',
      },
    );
  }

  #placeOf(trace: GpsTrace): string {
    const place = this.#table.place(trace);
    return trace.id === '' ? place : `${place} (trace ${trace.id})`;
  }
}

function qualityNotes(quality: MatchQuality, sigmaM: number, betaM: number): string[] {
  const { matchedShare, medianDistanceM, lengthM, straightM, confidence, breaks } = quality;
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return [
    `Matched ${percent(matchedShare)} of the points, half of them within ${medianDistanceM.toFixed(1)} m of their road, with a mean confidence of ${percent(confidence)}`,
    `Driven ${(lengthM / 1000).toFixed(1)} km where the straight lines between the points have ${(straightM / 1000).toFixed(1)} km; ${breaks} breaks in the traces`,
    `Matched with σ = ${sigmaM.toFixed(1)} m and β = ${betaM.toFixed(1)} m`,
  ];
}
