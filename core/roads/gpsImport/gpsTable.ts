import { EtalonError } from '../../base/index.ts';
import { assertFile, openTable, type Table, textTable } from '../../tables/table.ts';
import { readHead } from '../../tables/textFile.ts';
import { openGeoJson } from './geojsonTable.ts';
import { openGpx } from './gpxTable.ts';

/**
 * Opens a file of GPS points as a table with a record for each point: GPX, GeoJSON, or what {@link openTable} reads, told by
 * the content; the text formats plain or gzip. Throws `not-found` or `input`.
 */
export async function openGps(path: string): Promise<Table> {
  assertFile(path);
  const head = (await readHead(path))
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (head === '')
    throw new EtalonError('input', 'The file is empty.', {
      where: { file: path, line: 1 },
      remedy: 'Give a file of GPS points: CSV, JSON Lines, Parquet, GPX or GeoJSON.',
    });
  if (head.startsWith('<')) return textTable(path, 'GPX', openGpx(path));
  if (/^[[{]/.test(head) && !isJsonLines(head)) return textTable(path, 'GeoJSON', await openGeoJson(path));
  return openTable(path);
}

/** Whether the first line is an object, and nothing of GeoJSON. */
function isJsonLines(head: string): boolean {
  try {
    const first = JSON.parse(head.split('\n', 1)[0]) as { type?: unknown };
    return !Array.isArray(first) && first.type !== 'Feature' && first.type !== 'FeatureCollection';
  } catch {
    return false;
  }
}
