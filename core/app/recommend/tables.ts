import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { EtalonError } from '../../base/index.ts';
import { csvLine } from '../batch/csvLine.ts';

/** A column of a table: texts or numbers. */
export interface TableColumn {
  readonly name: string;
  readonly type: 'STRING' | 'FLOAT' | 'INT32';
}

/**
 * Writes a table, Parquet for `name.parquet`, else CSV. Nothing stands at `path` before all is done. Throws `not-found` where the
 * folder does not exist, `usage` for another ending.
 */
export async function writeTable(
  path: string,
  columns: readonly TableColumn[],
  rows: AsyncIterable<readonly (string | number)[]>,
): Promise<number> {
  assertWritable(path);
  const part = `${path}.part`;
  try {
    const count = path.endsWith('.parquet')
      ? await writeParquet(part, columns, rows)
      : await writeCsv(part, columns, rows);
    await rename(part, path);
    return count;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** Asked before the work that fills the table. */
export function assertWritable(path: string): void {
  if (!/\.(csv|parquet)$/.test(path))
    throw new EtalonError('usage', 'The file must be name.csv or name.parquet.', {
      where: { file: path },
      remedy: 'Choose one of the two endings.',
    });
  if (!existsSync(dirname(path)))
    throw new EtalonError('not-found', 'The folder to write to does not exist.', {
      where: { file: path },
      remedy: 'Make it first, or choose another.',
    });
}

async function writeCsv(
  path: string,
  columns: readonly TableColumn[],
  rows: AsyncIterable<readonly (string | number)[]>,
): Promise<number> {
  const file = createWriteStream(path);
  let count = 0;
  file.write(csvLine(columns.map(({ name }) => name)));
  for await (const row of rows) {
    count++;
    if (!file.write(csvLine(row.map(String)))) await once(file, 'drain');
  }
  file.end();
  await finished(file);
  return count;
}

async function writeParquet(
  path: string,
  columns: readonly TableColumn[],
  rows: AsyncIterable<readonly (string | number)[]>,
): Promise<number> {
  const values: (string | number)[][] = columns.map(() => []);
  for await (const row of rows)
    row.forEach((value, i) => {
      values[i].push(value);
    });
  const columnData = columns.map(({ name, type }, i) => ({ name, type, data: values[i] }));
  await writeFile(path, new Uint8Array(parquetWriteBuffer({ columnData })));
  return values[0].length;
}
