import { existsSync, statSync } from 'node:fs';
import { EtalonError } from '../../base/index.ts';
import { readHead } from '../textFile.ts';
import { isGzip, openCsv, type RecordTable } from '../tripImport/csvTable.ts';
import { openGeoJson } from './geojsonTable.ts';
import { GPX_COLUMNS, readGpx } from './gpxTable.ts';

export type GpsFormat = 'CSV' | 'GPX' | 'GeoJSON';

export interface GpsTable extends RecordTable {
  format: GpsFormat;
}

/**
 * Opens a file of GPS points as a table with a record for each point: CSV, GPX or GeoJSON, told by the content, plain
 * or gzip. `onRead` is told the characters read so far. Throws `not-found` or `input`.
 */
export async function openGps(
  path: string,
  onRead: (characters: number) => void = () => {},
): Promise<GpsTable> {
  if (!existsSync(path))
    throw new EtalonError('not-found', 'There is no such file.', {
      where: { file: path },
      remedy: 'Check the path.',
    });
  if (!statSync(path).isFile())
    throw new EtalonError('input', 'This is a folder.', {
      where: { file: path },
      remedy: 'Give a file: CSV, GPX or GeoJSON.',
    });
  const format = await formatOf(path);
  if (format === 'CSV') return { ...(await openCsv(path, onRead)), format };
  const { columns, records } =
    format === 'GPX'
      ? { columns: GPX_COLUMNS, records: readGpx(path, onRead) }
      : await openGeoJson(path, onRead);
  const close = async () => {
    await records.return(undefined);
  };
  return { format, columns, records, close, gzip: isGzip(path), sizeBytes: statSync(path).size };
}

async function formatOf(path: string): Promise<GpsFormat> {
  const head = (await readHead(path))
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (head === '')
    throw new EtalonError('input', 'The file is empty.', {
      where: { file: path, line: 1 },
      remedy: 'Give a file of GPS points: CSV, GPX or GeoJSON.',
    });
  if (head.startsWith('<')) return 'GPX';
  return head.startsWith('{') || head.startsWith('[') ? 'GeoJSON' : 'CSV';
}
