import { basename } from 'node:path';
import { EtalonError } from '../base/index.ts';
import type { InteractionData } from '../interactions/data.ts';
import type { WeeklyProfiles } from '../roads/exchange/weeklySpeeds.ts';
import type { RoadNetwork } from '../roads/network.ts';
import type { ObservationSet } from '../roads/observations.ts';
import type { TripSet } from '../roads/trips.ts';
import type { ImportReport } from '../tables/importReport.ts';
import { insertArrays } from './arrays.ts';
import { type Connection, createDatabase, explained, openDatabase } from './database.ts';
import { insertEvaluationTrips, loadEvaluationTrips, packEvaluationTrips } from './evaluationTrips.ts';
import {
  assertNoInteractions,
  insertInteractions,
  interactionSets,
  interactionSource,
  loadInteractions,
  packInteractions,
} from './interactions.ts';
import {
  loadObservations,
  ObservationWriter,
  type ObservedHour,
  observationFigures,
  observationsBySegment,
  observedHours,
} from './observations.ts';
import { loadProfiles, packProfiles } from './profiles.ts';
import { insertNetwork, loadNetwork, packNetwork } from './roads.ts';
import { type NewRun, type RunChange, RunTable } from './runs.ts';
import { type ScenarioChange, ScenarioTable } from './scenarios.ts';
import { dateOfDay, loadTrips, localRange, TripWriter, tripChunks, tripsBetween } from './trips.ts';
import type {
  Checkpoint,
  CheckpointKind,
  EvaluationRecord,
  EvaluationTrips,
  MetricPoint,
  ProjectInfo,
  ProjectStore,
  RunRecord,
  ScenarioRecord,
  SourceInfo,
} from './types.ts';

/**
 * Makes a new project file and opens it. Throws `conflict` when the path is taken, `not-found` when its folder
 * does not exist, `input` when the folder cannot be written to.
 */
export function createProject(path: string): Project {
  return new Project(createDatabase(path));
}

/**
 * Opens a project file. Runs left `running` by a process that is gone become `interrupted`. Throws `not-found` for
 * a missing file, `input` for one that is not a project or was made by a newer Etalon, `conflict` where it cannot be
 * written to (unless `readonly`) or another process holds it.
 */
export function openProject(path: string, options: { readonly?: boolean } = {}): Project {
  const db = openDatabase(path, options);
  const project = new Project(db);
  if (!options.readonly) explained(db.name, () => new RunTable(db).settleAbandoned());
  return project;
}

/** One connection to a project file: one for each thread, closed by the thread that opened it. */
export class Project implements ProjectStore {
  readonly path: string;
  readonly #db: Connection;
  readonly #runs: RunTable;
  readonly #scenarios: ScenarioTable;
  #network: { sourceId: number; value: RoadNetwork } | undefined;
  #trips: { key: string; value: TripSet } | undefined;

  /** Use {@link createProject} or {@link openProject}. */
  constructor(db: Connection) {
    this.path = db.name;
    this.#db = db;
    this.#runs = new RunTable(db);
    this.#scenarios = new ScenarioTable(db);
  }

  info(): ProjectInfo {
    return this.#read(() => {
      const { createdAt, timeZone } = this.#settings();
      return {
        path: this.path,
        name: basename(this.path).replace(/\.etalon$/i, ''),
        createdAt,
        timeZone,
        ...this.#roadFigures(),
        ...this.#tripFigures(),
        ...observationFigures(this.#db),
        interactions: interactionSets(this.#db),
        sources: this.#sources(),
        runs: this.#runs.count(),
        sizeBytes: this.#sizeBytes(),
      };
    });
  }

  writeRoads(network: RoadNetwork, report: ImportReport): void {
    const packed = packNetwork(network);
    this.#write(() => {
      this.#deleteRoads();
      this.#db.prepare('UPDATE project SET time_zone = NULL').run();
      const sourceId = this.#beginSource('roads', report.source);
      insertNetwork(this.#db, sourceId, packed);
      this.#finishSource(sourceId, report);
      this.#releaseSpace();
    });
  }

  readRoads(): RoadNetwork {
    return this.#read(() => {
      const [sourceId] = this.#sourceIds('roads');
      if (sourceId === undefined) throw noRoads(this.path);
      if (this.#network?.sourceId !== sourceId)
        this.#network = { sourceId, value: loadNetwork(this.#db, sourceId) };
      return this.#network.value;
    });
  }

  hasRoads(): boolean {
    return this.#read(() => this.#sourceIds('roads').length > 0);
  }

  /** Segments whose bounding boxes touch the given one: west, south, east, north in degrees. In ascending order. */
  segmentsWithin([west, south, east, north]: readonly [number, number, number, number]): Int32Array {
    return this.#read(() =>
      Int32Array.from(
        this.#db
          .prepare<number[], number>(
            'SELECT id FROM segment_bounds WHERE west <= ? AND east >= ? AND south <= ? AND north >= ?',
          )
          .pluck()
          .all(east, west, north, south),
      ).sort(),
    );
  }

  /**
   * Keeps all that `work` writes through this connection, or, when it throws, nothing. The file stays locked for other
   * writers until then.
   */
  async atomically<T>(work: () => Promise<T>): Promise<T> {
    if (this.#db.inTransaction) return work();
    explained(this.path, () => this.#db.exec('BEGIN IMMEDIATE'));
    try {
      const result = await work();
      explained(this.path, () => this.#db.exec('COMMIT'));
      return result;
    } catch (error) {
      // SQLite may have rolled back by itself, as it does when the disk is full.
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      // The identifiers that they go by will be given again.
      this.#network = undefined;
      this.#trips = undefined;
      throw error;
    }
  }

  addTrips(trips: TripSet, timeZone: string, report: ImportReport): void {
    this.#write(() => {
      const { writer, sourceId } = this.#beginTrips(timeZone, report.source);
      this.#addTrips(writer, trips);
      writer.finish();
      this.#finishSource(sourceId, report);
    });
  }

  importTrips(
    timeZone: string,
    read: (add: (trips: TripSet) => void) => Promise<ImportReport>,
  ): Promise<ImportReport> {
    return this.atomically(async () => {
      const { writer, sourceId } = this.#write(() => this.#beginTrips(timeZone, ''));
      const report = await read((trips) => this.#write(() => this.#addTrips(writer, trips)));
      this.#write(() => {
        writer.finish();
        this.#finishSource(sourceId, report);
      });
      return report;
    });
  }

  tripChunks(): Iterable<TripSet> {
    return tripChunks(this.#db, this.#sourceIds('trips'));
  }

  importObservations(
    timeZone: string,
    read: (add: (observations: ObservationSet) => void) => Promise<ImportReport>,
  ): Promise<ImportReport> {
    return this.atomically(async () => {
      const { writer, sourceId, segmentCount } = this.#write(() => {
        const count = this.#segmentCount();
        this.#takeTimeZone(timeZone);
        const id = this.#beginSource('observations', '');
        return { writer: new ObservationWriter(this.#db, id, count), sourceId: id, segmentCount: count };
      });
      const report = await read((observations) =>
        this.#write(() => {
          checkSegments(this.path, observations.segment, segmentCount, 'observations');
          writer.add(observations);
        }),
      );
      this.#write(() => {
        writer.finish();
        this.#finishSource(sourceId, report);
      });
      return report;
    });
  }

  readObservations(range: { from?: string; until?: string } = {}): ObservationSet {
    return this.#read(() => loadObservations(this.#db, localRange(range)));
  }

  observationsOf(segment: number, range: { from?: string; until?: string } = {}): ObservationSet {
    return this.#read(() =>
      loadObservations(this.#db, localRange(range), (set, i) => set.segment[i] === segment),
    );
  }

  observedHours(): ObservedHour[] {
    return this.#read(() => observedHours(this.#db));
  }

  observationsBySegment(): Uint32Array {
    return this.#read(() => observationsBySegment(this.#db, this.#segmentCount()));
  }

  readTrips(range: { from?: string; until?: string } = {}): TripSet {
    return tripsBetween(
      this.#read(() => {
        const sourceIds = this.#sourceIds('trips');
        const key = sourceIds.join();
        if (this.#trips?.key !== key) this.#trips = { key, value: loadTrips(this.#db, sourceIds) };
        return this.#trips.value;
      }),
      range,
    );
  }

  writeProfiles(profiles: WeeklyProfiles, report: ImportReport): void {
    const packed = packProfiles(profiles);
    this.#write(() => {
      checkSegments(this.path, profiles.segments, this.#segmentCount(), 'weekly speeds');
      this.#db.prepare("DELETE FROM source WHERE kind = 'profiles'").run();
      const sourceId = this.#beginSource('profiles', report.source);
      insertArrays(this.#db, { source: sourceId }, packed);
      this.#finishSource(sourceId, report);
      this.#releaseSpace();
    });
  }

  readProfiles(): WeeklyProfiles | null {
    return this.#read(() => {
      const [sourceId] = this.#sourceIds('profiles');
      return sourceId === undefined ? null : loadProfiles(this.#db, sourceId);
    });
  }

  writeInteractions(name: string, data: InteractionData, report: ImportReport): void {
    const packed = packInteractions(data);
    this.#write(() => {
      const sourceId = this.#beginSource('interactions', report.source);
      insertInteractions(this.#db, sourceId, name, packed);
      insertArrays(this.#db, { source: sourceId }, packed.arrays);
      this.#finishSource(sourceId, report);
    });
  }

  assertNoInteractions(name: string): void {
    this.#read(() => assertNoInteractions(this.#db, name));
  }

  readInteractions(name?: string): InteractionData {
    return this.#read(() => loadInteractions(this.#db, interactionSource(this.#db, name)));
  }

  removeSource(id: number): void {
    this.#write(() => {
      const kind = this.#db
        .prepare<[number], SourceInfo['kind']>('SELECT kind FROM source WHERE id = ?')
        .pluck()
        .get(id);
      if (!kind)
        throw new EtalonError('not-found', `The project has no source ${id}.`, {
          where: { file: this.path },
        });
      if (kind === 'roads') this.#deleteRoads();
      else this.#db.prepare('DELETE FROM source WHERE id = ?').run(id);
      if (this.#sourceIds('trips').length === 0 && this.#sourceIds('observations').length === 0)
        this.#db.prepare('UPDATE project SET time_zone = NULL').run();
      this.#releaseSpace();
    });
  }

  createRun(run: NewRun): RunRecord {
    return this.#write(() => this.#runs.create(run));
  }

  updateRun(id: number, change: RunChange): void {
    this.#write(() => this.#runs.update(id, change));
  }

  run(id: number): RunRecord {
    return this.#read(() => this.#runs.get(id));
  }

  runs(): RunRecord[] {
    return this.#read(() => this.#runs.all());
  }

  deleteRun(id: number): void {
    this.#write(() => {
      this.#runs.delete(id);
      this.#releaseSpace();
    });
  }

  addMetrics(runId: number, points: readonly MetricPoint[]): void {
    this.#write(() => this.#runs.addMetrics(runId, points));
  }

  /** In order of epoch; `sinceEpoch` is inclusive. A later point of the same epoch and name replaced the earlier. */
  metrics(runId: number, sinceEpoch = -Infinity): MetricPoint[] {
    return this.#read(() => this.#runs.metrics(runId, sinceEpoch));
  }

  addEvaluation(runId: number, evaluation: EvaluationRecord, trips?: EvaluationTrips): void {
    const packed = trips && packEvaluationTrips(trips);
    this.#write(() => {
      const id = this.#runs.addEvaluation(runId, evaluation);
      if (packed) insertEvaluationTrips(this.#db, id, packed);
    });
  }

  evaluationTrips(evaluationId: number): EvaluationTrips | null {
    return this.#read(() => loadEvaluationTrips(this.#db, evaluationId));
  }

  saveCheckpoint(runId: number, kind: CheckpointKind, checkpoint: Checkpoint): void {
    explained(this.path, () => this.#runs.saveCheckpoint(runId, kind, checkpoint));
  }

  loadCheckpoint(runId: number, kind: CheckpointKind): Checkpoint | null {
    return this.#read(() => this.#runs.loadCheckpoint(runId, kind));
  }

  scenarios(): ScenarioRecord[] {
    return this.#read(() => this.#scenarios.all());
  }

  saveScenario(change: ScenarioChange): ScenarioRecord {
    return this.#write(() => this.#scenarios.save(change));
  }

  deleteScenario(id: number): void {
    this.#write(() => this.#scenarios.delete(id));
  }

  close(): void {
    this.#network = undefined;
    this.#trips = undefined;
    this.#db.close();
  }

  /** Everything read inside belongs to one state of the file, whatever another connection commits meanwhile. */
  #read<T>(action: () => T): T {
    return explained(this.path, () => this.#db.transaction(action).deferred());
  }

  /** All or nothing. Takes the write lock at once: a transaction that began with reading could not wait for it. */
  #write<T>(action: () => T): T {
    return explained(this.path, () => this.#db.transaction(action).immediate());
  }

  /** Shrinks the file by what was deleted. */
  #releaseSpace(): void {
    this.#db.exec('PRAGMA incremental_vacuum');
  }

  #settings(): { createdAt: string; timeZone: string | null } {
    return this.#db
      .prepare<[], { createdAt: string; timeZone: string | null }>(
        'SELECT created_at AS createdAt, time_zone AS timeZone FROM project',
      )
      .get()!;
  }

  #roadFigures(): Pick<ProjectInfo, 'segments' | 'junctions' | 'turns' | 'bounds'> {
    const row = this.#db
      .prepare<[], Record<'segments' | 'junctions' | 'turns' | 'west' | 'south' | 'east' | 'north', number>>(
        'SELECT * FROM road_network',
      )
      .get();
    if (!row) return { segments: 0, junctions: 0, turns: 0, bounds: null };
    const { segments, junctions, turns, west, south, east, north } = row;
    return { segments, junctions, turns, bounds: [west, south, east, north] };
  }

  #tripFigures(): Pick<ProjectInfo, 'trips' | 'traversals' | 'firstDay' | 'lastDay' | 'segmentTimes'> {
    const row = this.#db
      .prepare<
        [],
        {
          trips: number;
          traversals: number;
          firstDay: number | null;
          lastDay: number | null;
          segmentTimes: number;
        }
      >(
        `SELECT coalesce(sum(trips), 0) AS trips, coalesce(sum(traversals), 0) AS traversals,
                min(first_day) AS firstDay, max(last_day) AS lastDay,
                coalesce(max(segment_times), 0) AS segmentTimes
         FROM trip_set`,
      )
      .get()!;
    return {
      trips: row.trips,
      traversals: row.traversals,
      firstDay: row.firstDay === null ? null : dateOfDay(row.firstDay),
      lastDay: row.lastDay === null ? null : dateOfDay(row.lastDay),
      segmentTimes: row.segmentTimes === 1,
    };
  }

  #sources(): SourceInfo[] {
    return this.#db
      .prepare<[], Omit<SourceInfo, 'report'> & { report: string }>(
        'SELECT id, kind, path, imported_at AS importedAt, report FROM source ORDER BY id',
      )
      .all()
      .map((row) => ({ ...row, report: JSON.parse(row.report) as ImportReport }));
  }

  #sourceIds(kind: SourceInfo['kind']): number[] {
    return this.#db
      .prepare<[string], number>('SELECT id FROM source WHERE kind = ? ORDER BY id')
      .pluck()
      .all(kind);
  }

  #sizeBytes(): number {
    const pages = this.#db.pragma('page_count', { simple: true }) as number;
    return pages * (this.#db.pragma('page_size', { simple: true }) as number);
  }

  /** With all that names segments of the network and means nothing without it. */
  #deleteRoads(): void {
    this.#db.prepare("DELETE FROM source WHERE kind <> 'interactions'").run();
  }

  /** A source whose report is still to come. */
  #beginSource(kind: SourceInfo['kind'], path: string): number {
    const { lastInsertRowid } = this.#db
      .prepare(`INSERT INTO source (kind, path, imported_at, report) VALUES (?, ?, ?, '{}')`)
      .run(kind, path, new Date().toISOString());
    return Number(lastInsertRowid);
  }

  #finishSource(id: number, report: ImportReport): void {
    this.#db
      .prepare('UPDATE source SET path = ?, imported_at = ?, report = ? WHERE id = ?')
      .run(report.source, new Date().toISOString(), JSON.stringify(report), id);
  }

  #beginTrips(timeZone: string, path: string): { writer: TripWriter; sourceId: number } {
    this.#segmentCount();
    this.#takeTimeZone(timeZone);
    const sourceId = this.#beginSource('trips', path);
    return { writer: new TripWriter(this.#db, sourceId), sourceId };
  }

  #addTrips(writer: TripWriter, trips: TripSet): void {
    checkSegments(this.path, trips.segments, this.#segmentCount(), 'trips');
    writer.add(trips);
  }

  /** Throws `conflict` without roads. */
  #segmentCount(): number {
    const count = this.#db.prepare<[], number>('SELECT segments FROM road_network').pluck().get();
    if (count === undefined) throw noRoads(this.path);
    return count;
  }

  #takeTimeZone(timeZone: string): void {
    const current = this.#settings().timeZone;
    if (current !== null && current !== timeZone)
      throw new EtalonError(
        'conflict',
        `The project's data are in the time zone ${current}, these are in ${timeZone}.`,
        { where: { file: this.path }, remedy: `Import them with ${current}, or into another project.` },
      );
    this.#db.prepare('UPDATE project SET time_zone = ?').run(timeZone);
  }
}

function checkSegments(file: string, segments: Int32Array, count: number, what: string): void {
  if (segments.every((segment) => segment >= 0 && segment < count)) return;
  throw new EtalonError(
    'conflict',
    `The ${what} were matched to another road network than the project has.`,
    { where: { file }, remedy: `Import the ${what} again.` },
  );
}

function noRoads(file: string): EtalonError {
  return new EtalonError('conflict', 'The project has no road network yet.', {
    where: { file },
    remedy: 'Import roads first.',
  });
}
