import { existsSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ApiBatchReport } from '../../api/contract.ts';
import { breathe, EtalonError, type TaskContext, throwIfCancelled, toEtalonError } from '../../base/index.ts';
import type { ProjectStore } from '../../project/index.ts';
import { DepartureReader, RoadPlaces } from '../../roads/index.ts';
import { openTable, recordsOf, type TableRecord } from '../../tables/index.ts';
import { fitHistory, historicalSource } from '../historicalSource.ts';
import type { Models, OpenEtaModel, TravelSource, TripTime } from '../model.ts';
import { openTravelModel } from '../models.ts';
import { BatchRowReader, type BatchTrip } from './batchRow.ts';
import { csvLine } from './csvLine.ts';

/** Rows are predicted in order of departure among so many, as a model keeps what it said of the last times. */
const CHUNK = 2000;
const SHOWN_PROBLEMS = 20;
const HEADER = 'line,id,departure,eta_s,low_s,high_s,distance_m,problem\n';

interface Row {
  record: TableRecord;
  trip: BatchTrip | null;
  time: (TripTime & { lengthM: number }) | null;
  problem: string;
}

/**
 * Predicts every trip of a table into a CSV file, a row for each row and in their order. A row that cannot be predicted says why,
 * and names its line. Nothing stands at `out` before all is done. Throws `input` for a file without the columns, `cancelled`.
 */
export async function predictBatch(
  models: Models,
  store: ProjectStore,
  { runId, path, out }: { runId: number | null; path: string; out: string },
  context: TaskContext,
): Promise<ApiBatchReport> {
  if (!existsSync(dirname(out)))
    throw new EtalonError('not-found', 'The folder to write to does not exist.', {
      where: { file: out },
      remedy: 'Make it first, or choose another.',
    });
  if (path === out)
    throw new EtalonError('usage', 'The predictions would overwrite the trips.', {
      where: { file: out },
      remedy: 'Name another file to write to.',
    });
  const network = store.readRoads();
  const table = await openTable(path);
  const part = `${out}.part`;
  let file: FileHandle | undefined;
  let model: OpenEtaModel | undefined;
  try {
    const reader = new BatchRowReader(path, table.columns, {
      network,
      places: new RoadPlaces(network),
      clock: new DepartureReader(store.info().timeZone ?? 'UTC'),
    });
    if (runId !== null) model = await openTravelModel(models, store, runId, context);
    const source: TravelSource = model ?? historicalSource(network, await fitHistory(store, context));
    file = await open(part, 'w');
    await file.write(HEADER);
    const report: ApiBatchReport = { path: out, rows: 0, predicted: 0, failed: 0, problems: [] };
    const flush = async (rows: Row[]) => {
      await predictRows(source, rows, report.rows, context);
      await file!.write(rows.map((row) => line(row, reader)).join(''));
      for (const { record, time, problem } of rows) {
        report.rows++;
        if (time) report.predicted++;
        else report.failed++;
        if (!time && report.problems.length < SHOWN_PROBLEMS)
          report.problems.push({ line: record.line, message: problem });
      }
    };
    let rows: Row[] = [];
    for await (const record of recordsOf(table)) {
      rows.push(readRow(reader, record));
      if (rows.length < CHUNK) continue;
      await flush(rows);
      rows = [];
    }
    await flush(rows);
    await file.close();
    file = undefined;
    await rename(part, out);
    return report;
  } finally {
    await table.close();
    await file?.close();
    await rm(part, { force: true });
    await model?.dispose();
  }
}

function readRow(reader: BatchRowReader, record: TableRecord): Row {
  const row: Row = { record, trip: null, time: null, problem: '' };
  if (record.broken) return { ...row, problem: problemAt(record, record.broken) };
  try {
    return { ...row, trip: reader.read(record.fields) };
  } catch (error) {
    return { ...row, problem: problemAt(record, toEtalonError(error).message) };
  }
}

async function predictRows(
  source: TravelSource,
  rows: readonly Row[],
  before: number,
  context: TaskContext,
): Promise<void> {
  const readable = rows.filter(({ trip }) => trip !== null);
  readable.sort((a, b) => a.trip!.localDepartS - b.trip!.localDepartS);
  let done = 0;
  for (const row of readable) {
    context.report({ stage: 'Predicting trips', done: before + done++, unit: 'trips' });
    throwIfCancelled(context.signal);
    try {
      row.time = await timeOf(source, row.trip!);
    } catch (error) {
      const { code, message } = toEtalonError(error);
      if (code !== 'not-found' && code !== 'input') throw error;
      row.problem = problemAt(row.record, message);
    }
    await breathe();
  }
}

async function timeOf(source: TravelSource, trip: BatchTrip): Promise<TripTime & { lengthM: number }> {
  const { localDepartS } = trip;
  if ('way' in trip) return { ...(await source.way(trip.way, localDepartS)), lengthM: trip.lengthM };
  return source.trip({ from: trip.from, to: trip.to, departS: localDepartS });
}

function problemAt({ line }: TableRecord, message: string): string {
  return `line ${line}: ${message}`;
}

function line({ record, time, problem }: Row, reader: BatchRowReader): string {
  const number = (value: number | null | undefined) => (value == null ? '' : value.toFixed(1));
  return csvLine([
    String(record.line),
    reader.id(record.fields),
    reader.departure(record.fields),
    number(time?.seconds),
    number(time?.lowS),
    number(time?.highS),
    number(time?.lengthM),
    problem,
  ]);
}
