import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { EtalonError } from '../base/index.ts';
import type { Table, TableRecord } from './table.ts';
import { fieldText } from './values.ts';

/** Rows that are decoded at a time where no column holds lists; a group with lists can only be decoded whole. */
const ROWS_AT_A_TIME = 1 << 15;

/**
 * Opens a Parquet file, whatever its compression. Only the wanted columns are read, a row group or a part of one at a time.
 * Times without a zone come out as wall-clock times. Throws `input` for a damaged file, naming the row group.
 */
export async function openParquet(path: string): Promise<Table> {
  const handle = await open(path);
  try {
    const file = await bufferOf(handle);
    const metadata = await parquetMetadataAsync(file);
    const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
    const total = Number(metadata.num_rows);
    let done = 0;
    const batches = async function* (wanted: readonly string[] = columns): AsyncGenerator<TableRecord[]> {
      for await (const batch of readRows(path, file, metadata, columns, wanted)) {
        done = batch[batch.length - 1].line;
        yield batch;
      }
    };
    const groupOf = groupFinder(metadata);
    return {
      path,
      columns,
      format: 'Parquet',
      sizeBytes: file.byteLength,
      batches,
      progress: () => ({ done, total, unit: 'rows' }),
      place: ({ line }) => `${basename(path)}, row ${line} (row group ${groupOf(line)})`,
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw damaged(path, error, 'its table of contents');
  }
}

async function* readRows(
  path: string,
  file: AsyncBuffer,
  metadata: FileMetaData,
  columns: readonly string[],
  wanted: readonly string[],
): AsyncGenerator<TableRecord[]> {
  const chosen = columns.filter((column) => wanted.includes(column));
  const wallClock = wallClockColumns(metadata);
  const children = parquetSchema(metadata).children;
  const nested = children.some(
    ({ element, children: inner }) => inner.length > 0 && chosen.includes(element.name),
  );
  let groupStart = 0;
  for (const [group, { num_rows }] of metadata.row_groups.entries()) {
    const groupEnd = groupStart + Number(num_rows);
    const step = nested ? Number(num_rows) : ROWS_AT_A_TIME;
    for (let rowStart = groupStart; rowStart < groupEnd; rowStart += step) {
      const rowEnd = Math.min(groupEnd, rowStart + step);
      const rows = await parquetReadObjects({
        file,
        metadata,
        columns: chosen,
        rowStart,
        rowEnd,
        compressors,
      }).catch((error: unknown) => {
        throw damaged(path, error, `row group ${group + 1}`, rowStart + 1);
      });
      yield rows.map((row, i) => ({
        line: rowStart + i + 1,
        lines: 1,
        fields: columns.map((column) => {
          const text = fieldText(row[column]);
          return wallClock.has(column) ? text.replace(/Z$/, '') : text;
        }),
      }));
    }
    groupStart = groupEnd;
  }
}

/** Timestamps that are not of a moment but of a clock on the wall. */
function wallClockColumns(metadata: FileMetaData): Set<string> {
  return new Set(
    metadata.schema
      .filter(({ logical_type }) => logical_type?.type === 'TIMESTAMP' && !logical_type.isAdjustedToUTC)
      .map(({ name }) => name),
  );
}

function groupFinder({ row_groups }: FileMetaData): (row: number) => number {
  let end = 0;
  const ends = row_groups.map(({ num_rows }) => {
    end += Number(num_rows);
    return end;
  });
  return (row) => ends.findIndex((last) => row <= last) + 1;
}

async function bufferOf(handle: FileHandle): Promise<AsyncBuffer> {
  const { size } = await handle.stat();
  return {
    byteLength: size,
    slice: async (start, end = size) => {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
      for (let read = 0; read < bytes.length; ) {
        const { bytesRead } = await handle.read(bytes, read, bytes.length - read, start + read);
        if (bytesRead === 0) throw new Error('the file ends too early');
        read += bytesRead;
      }
      return bytes.buffer;
    },
  };
}

function damaged(path: string, error: unknown, part: string, line?: number): EtalonError {
  return new EtalonError(
    'input',
    `The Parquet file is damaged: ${part} cannot be read (${(error as Error).message}).`,
    {
      where: { file: path, ...(line !== undefined && { line }) },
      remedy: 'Write or copy the file again.',
      cause: error,
    },
  );
}
