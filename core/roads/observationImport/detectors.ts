import { basename } from 'node:path';
import { EtalonError } from '../../base/index.ts';
import type { Moment } from '../../tables/departure.ts';
import { eachRecord } from '../../tables/eachRecord.ts';
import type { ImportReport } from '../../tables/importReport.ts';
import { ReportBuilder } from '../../tables/importReport.ts';
import { assertReadable, MalformedTally, malformedField } from '../../tables/malformed.ts';
import { openTable, type Table, type TableRecord } from '../../tables/table.ts';
import type { RoadNetwork } from '../network.ts';
import type { ObservationFileOptions } from '../observationFile.ts';
import { quoted } from '../tripImport/tripRow.ts';
import { readAdjacency } from './adjacency.ts';
import { ObservationCollector } from './collector.ts';
import type { ObservationMapping } from './mapping.ts';
import { matchFigures, matchSensors, type SensorMatches } from './matchSensors.ts';
import { MatrixTimes } from './matrixTimes.ts';
import { OBSERVATION_DROPS } from './observationRow.ts';
import { sensorNetwork } from './sensorNetwork.ts';
import { readSensors, type Sensor } from './sensors.ts';
import { MAX_KMH, NUMBER_REMEDY, positiveOrMissing } from './speeds.ts';
import { SPEED_UNITS } from './units.ts';

/** Reads a matrix of speeds, a column for each sensor. See `readObservationFile`. */
export async function readDetectors(
  table: Table,
  mapping: ObservationMapping,
  { timeZone, network, skipMalformed = false, add, context }: Omit<ObservationFileOptions, 'mapping'>,
): Promise<ImportReport> {
  const collector = new ObservationCollector(table, network.segmentCount, skipMalformed, add);
  const { report, malformed } = collector.tally;
  const sensors = await readSensors(mapping.positions!, new MalformedTally(report, skipMalformed, 'sensors'));
  const matches = matchSensors(network, table.columns, sensors, {
    maxDistanceM: mapping.maxDistanceM,
    timeColumn: mapping.time,
    file: table.path,
  });
  const times = new MatrixTimes(table, mapping, timeZone);
  noteMatches(report, matches, mapping.maxDistanceM);
  const reader = new MatrixReader(table, mapping, matches, times, collector);
  const { wanted } = reader;
  await eachRecord(table, { wanted, stage: 'Reading detectors', context }, (record) => reader.take(record));
  malformed.stopIfFailed();
  reader.finish();
  report.read.sensors = matches.matched.length + matches.leftOut.length;
  report.kept.sensors = matches.matched.length;
  return collector.finish();
}

/** Takes the values of a matrix's rows. */
class MatrixReader {
  readonly #table: Table;
  readonly #mapping: ObservationMapping;
  readonly #segmentOf: Int32Array;
  /** Columns that give a segment. */
  readonly #at: readonly number[];
  readonly #times: MatrixTimes;
  /** The row's values at these columns. */
  readonly #speeds: (number | null)[] = [];
  readonly #collector: ObservationCollector;
  #rows = 0;
  #values = 0;
  #tooFast = 0;
  #firstTooFast: { line: number; detail: string } | null = null;

  constructor(
    table: Table,
    mapping: ObservationMapping,
    { segmentOf }: SensorMatches,
    times: MatrixTimes,
    collector: ObservationCollector,
  ) {
    this.#table = table;
    this.#mapping = mapping;
    this.#segmentOf = segmentOf;
    this.#at = [...segmentOf.keys()].filter((column) => segmentOf[column] >= 0);
    this.#times = times;
    this.#collector = collector;
  }

  get wanted(): string[] {
    const { time } = this.#mapping;
    return [...this.#at.map((column) => this.#table.columns[column]), ...(time === null ? [] : [time])];
  }

  take(record: TableRecord): void {
    const { tally } = this.#collector;
    tally.count(record);
    const row = this.#rows++;
    const moment = tally.malformed.read(() => this.#read(record, row));
    if (!moment || tally.malformed.failed) return;
    this.#collector.noteDoubt(moment.doubt, record);
    this.#keep(record, moment);
  }

  /** When the row was; its values are in `#speeds`. A row of which one cannot be read is not kept at all. */
  #read(record: TableRecord, row: number): Moment {
    assertReadable(this.#table, record);
    for (const [i, at] of this.#at.entries()) this.#speeds[i] = speedOf(this.#table, record, at);
    return this.#times.of(record, row);
  }

  #keep(record: TableRecord, { departS, localDepartS }: Moment): void {
    const { stepS, unit } = this.#mapping;
    let missing = 0;
    for (const [i, at] of this.#at.entries()) {
      const speed = this.#speeds[i];
      this.#values++;
      if (speed === null) {
        missing++;
        continue;
      }
      const speedKmh = speed * SPEED_UNITS[unit];
      if (speedKmh > MAX_KMH) {
        this.#leaveOut(record, at, speed);
        continue;
      }
      this.#collector.add({
        segment: this.#segmentOf[at],
        startS: departS,
        localStartS: localDepartS,
        durationS: stepS,
        speedKmh,
        vehicles: Number.NaN,
      });
    }
    this.#collector.tally.report.dropMany('missing', OBSERVATION_DROPS.missing.description, missing);
  }

  /** Throws `input` when more than half of the values are too fast: their unit is another. */
  finish(): void {
    this.#collector.tally.report.read.values = this.#values;
    if (!this.#firstTooFast || 2 * this.#tooFast <= this.#values) return;
    const { description, remedy } = OBSERVATION_DROPS.speed;
    const { line, detail } = this.#firstTooFast;
    throw new EtalonError(
      'input',
      `${this.#tooFast} of ${this.#values} values cannot be used. ${description}, first ${detail}.`,
      { where: { file: this.#table.path, line }, remedy },
    );
  }

  #leaveOut(record: TableRecord, at: number, speed: number): void {
    const detail = `sensor ${this.#table.columns[at]}: ${speed} ${this.#mapping.unit}`;
    this.#tooFast++;
    this.#firstTooFast ??= { line: record.line, detail };
    this.#collector.tally.skip('speed', `${this.#table.place(record)}: ${detail}`);
  }
}

/**
 * The network of the sensors that a matrix has columns of, for a project without roads. Throws as `readSensors` and
 * `readAdjacency` do.
 */
export async function readSensorNetwork(
  path: string,
  { positions, adjacency, time }: Pick<ObservationMapping, 'positions' | 'adjacency' | 'time'>,
  skipMalformed: boolean,
): Promise<{ network: RoadNetwork; report: ImportReport }> {
  const table = await openTable(path);
  await table.close();
  const report = new ReportBuilder();
  const malformed = new MalformedTally(report, skipMalformed, 'sensors');
  const listed = await readSensors(positions!, malformed);
  const byId = new Map(listed.map((sensor) => [sensor.id, sensor]));
  const names = table.columns.filter((column) => column !== time).map((name) => name.trim());
  const used = names.flatMap((name) => byId.get(name) ?? []);
  if (used.length === 0) {
    // Says what is wrong with the names.
    matchSensors(sensorNetwork(listed, null), table.columns, listed, {
      maxDistanceM: 0,
      timeColumn: time,
      file: path,
    });
  }
  const weights = adjacency === null ? null : await weightsOf(adjacency, names, listed, used);
  const network = sensorNetwork(used, weights);
  report.read.sensors = listed.length;
  report.kept.segments = network.segmentCount;
  report.kept.turns = network.turnCount;
  report.note(
    'There are no roads: each sensor is a segment, of the class and limit of a motorway, as the files say neither',
  );
  report.note(
    adjacency === null
      ? 'Without an adjacency matrix no turns lead from sensor to sensor'
      : `Turns and their weights are those of ${basename(adjacency)}`,
  );
  return { network, report: report.finish(positions!, 'sensor positions') };
}

/** The weights of the used sensors; a matrix that does not name them is in the order of the columns, or else of the positions. */
async function weightsOf(
  path: string,
  names: readonly string[],
  listed: readonly Sensor[],
  used: readonly Sensor[],
): Promise<Float32Array> {
  const positions = listed.map(({ id }) => id);
  const { size, weights: all, ids } = await readAdjacency(path, positions);
  const order = ids ?? [names, positions].find(({ length }) => length === size);
  if (!order)
    throw new EtalonError(
      'input',
      `The adjacency matrix is of ${size} sensors, the speeds are of ${names.length}.`,
      {
        where: { file: path, line: 1 },
        remedy:
          'Give a matrix in the order of the columns of the speeds, or with a first line that names the sensors.',
      },
    );
  const place = new Map(order.map((id, i) => [id, i]));
  const at = used.map(({ id }) => place.get(id) ?? -1);
  const weights = new Float32Array(used.length ** 2);
  for (const [i, from] of at.entries())
    for (const [j, to] of at.entries())
      if (from >= 0 && to >= 0) weights[i * used.length + j] = all[from * size + to];
  return weights;
}

/** Null for what is missing. Throws `MalformedError` for what is no number. */
export function speedOf(table: Table, record: TableRecord, at: number): number | null {
  const text = record.fields[at];
  const speed = positiveOrMissing(text);
  if (!Number.isNaN(speed)) return speed;
  throw malformedField(table, record, table.columns[at], `${quoted(text)} is no speed`, NUMBER_REMEDY);
}

function noteMatches(report: ReportBuilder, matches: SensorMatches, maxDistanceM: number): void {
  for (const { id, lat, lon } of matches.leftOut)
    report.drop(
      'too-far',
      `Sensors further than ${maxDistanceM} m from a road`,
      `sensor ${id} (${lat}, ${lon})`,
    );
  for (const column of matches.unknownColumns)
    report.drop(
      'unknown-sensor',
      'Columns that are no sensor of the positions’ file',
      `column ${quoted(column)}`,
    );
  const { matched, medianM, farthestM, sharing } = matchFigures(matches);
  if (farthestM > 0)
    report.note(
      `Sensors were matched to the nearest segment: ${matched} of them, ${Math.round(medianM)} m away in the median, ${Math.round(farthestM)} m at most. Which direction of a road they watch their places do not tell`,
    );
  if (sharing > 0) report.note(`Sensors that share their segment with another: ${sharing}`);
}
