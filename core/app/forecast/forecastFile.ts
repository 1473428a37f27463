import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import { parquetWriteFile } from 'hyparquet-writer';
import { breathe, EtalonError, type TaskContext, throwIfCancelled } from '../../base/index.ts';
import type { RoadNetwork } from '../../roads/index.ts';
import { csvLine } from '../batch/csvLine.ts';
import type { SegmentForecast } from '../model.ts';

/** A forecast by segment and, of each, by horizon. */
export interface ForecastRows {
  network: RoadNetwork;
  /** Wall-clock seconds of what is known. */
  atS: number;
  horizonMinutes: readonly number[];
  /** [horizons] */
  forecasts: readonly SegmentForecast[];
}

export type ForecastFormat = 'csv' | 'parquet';

const COLUMNS = ['segment', 'horizon_min', 'entered_at', 'seconds', 'low_s', 'high_s', 'kmh'];
/** Segments between two reports. */
const CHUNK = 5_000;

/** By the file's name. Throws `usage` for another kind. */
export function forecastFormat(path: string): ForecastFormat {
  const format = extname(path).toLowerCase().slice(1);
  if (format === 'csv' || format === 'parquet') return format;
  throw new EtalonError('usage', 'A forecast is written as CSV or Parquet.', {
    where: { file: path },
    remedy: 'Name a file that ends in .csv or .parquet.',
  });
}

/** Throws `cancelled`. */
export async function writeForecast(
  format: ForecastFormat,
  path: string,
  rows: ForecastRows,
  context: TaskContext,
): Promise<{ rows: number }> {
  return format === 'csv' ? writeCsv(path, rows, context) : writeParquet(path, rows, context);
}

async function writeCsv(path: string, rows: ForecastRows, context: TaskContext): Promise<{ rows: number }> {
  const file = await open(path, 'w');
  let count = 0;
  try {
    await file.write(csvLine(COLUMNS));
    for await (const segments of chunks(rows, context)) {
      const lines = rowsOf(rows, segments).map(({ segment, minutes, enteredAt, seconds, lowS, highS, kmh }) =>
        csvLine([
          segment,
          String(minutes),
          enteredAt,
          seconds.toFixed(2),
          lowS.toFixed(2),
          highS.toFixed(2),
          kmh.toFixed(1),
        ]),
      );
      count += lines.length;
      await file.write(lines.join(''));
    }
  } finally {
    await file.close();
  }
  return { rows: count };
}

async function writeParquet(
  path: string,
  rows: ForecastRows,
  context: TaskContext,
): Promise<{ rows: number }> {
  const all: ForecastRow[] = [];
  for await (const segments of chunks(rows, context)) for (const row of rowsOf(rows, segments)) all.push(row);
  const floats = (name: string, read: (row: ForecastRow) => number) => ({
    name,
    data: Float32Array.from(all, read),
    type: 'FLOAT' as const,
  });
  await parquetWriteFile({
    filename: path,
    columnData: [
      { name: 'segment', data: all.map(({ segment }) => segment), type: 'STRING' },
      floats('horizon_min', ({ minutes }) => minutes),
      { name: 'entered_at', data: all.map(({ enteredAt }) => enteredAt), type: 'STRING' },
      floats('seconds', ({ seconds }) => seconds),
      floats('low_s', ({ lowS }) => lowS),
      floats('high_s', ({ highS }) => highS),
      floats('kmh', ({ kmh }) => kmh),
    ],
  });
  return { rows: all.length };
}

/** Segments from `begin` to before `end`, part by part. */
async function* chunks(
  { network: { segmentCount } }: ForecastRows,
  { report, signal }: TaskContext,
): AsyncGenerator<{ begin: number; end: number }> {
  for (let begin = 0; begin < segmentCount; begin += CHUNK) {
    throwIfCancelled(signal);
    report({ stage: 'Writing the forecast', done: begin, total: segmentCount, unit: 'segments' });
    yield { begin, end: Math.min(segmentCount, begin + CHUNK) };
    await breathe();
  }
}

interface ForecastRow {
  segment: string;
  minutes: number;
  enteredAt: string;
  seconds: number;
  lowS: number;
  highS: number;
  kmh: number;
}

function rowsOf(
  { network, atS, horizonMinutes, forecasts }: ForecastRows,
  { begin, end }: { begin: number; end: number },
): ForecastRow[] {
  const enteredAt = horizonMinutes.map((minutes) => localTime(atS + 60 * minutes));
  const rows: ForecastRow[] = [];
  for (let s = begin; s < end; s++)
    forecasts.forEach((forecast, h) => {
      const seconds = forecast.seconds[s];
      if (!(seconds > 0)) return;
      rows.push({
        segment: network.refs[s],
        minutes: horizonMinutes[h],
        enteredAt: enteredAt[h],
        seconds,
        lowS: forecast.lowS[s],
        highS: forecast.highS[s],
        kmh: (3.6 * network.lengthM[s]) / seconds,
      });
    });
  return rows;
}

/** A wall-clock time as `YYYY-MM-DD HH:MM:SS`. */
function localTime(localS: number): string {
  return new Date(localS * 1000).toISOString().slice(0, 19).replace('T', ' ');
}
