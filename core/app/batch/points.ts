import { EtalonError } from '../../base/index.ts';
import { absolutePath } from '../folders.ts';

const NAMES = {
  id: ['id', 'name', 'point'],
  lat: ['lat', 'latitude', 'y'],
  lon: ['lon', 'lng', 'longitude', 'x'],
};

export interface NamedPoint {
  /** As the file names it, or else the number of its row. */
  id: string;
  /** Longitude, latitude. */
  point: [number, number];
}

/** Reads points from a table: lat, lon in degrees, and an id where there is one. Throws `input` naming the line. */
export async function readPoints(path: string): Promise<NamedPoint[]> {
  const file = absolutePath(path);
  // Loaded when first wanted: the readers of tables are large, and most commands read none.
  const { openTable, recordsOf } = await import('../../tables/index.ts');
  const table = await openTable(file);
  try {
    const columns = table.columns.map((name) => name.toLowerCase());
    const at = (names: readonly string[]) => columns.findIndex((name) => names.includes(name));
    const [id, lat, lon] = [at(NAMES.id), at(NAMES.lat), at(NAMES.lon)];
    if (lat < 0 || lon < 0)
      throw new EtalonError('input', `The columns are ${table.columns.join(', ')}.`, {
        where: { file, line: 1 },
        remedy: 'Name lat and lon, in degrees.',
      });
    const points: NamedPoint[] = [];
    for await (const { line, fields, broken } of recordsOf(table)) {
      const degrees = (column: number, most: number) => {
        const text = fields[column]?.trim() ?? '';
        const value = Number(text);
        if (broken || text === '' || !(Math.abs(value) <= most))
          throw new EtalonError('input', broken ?? `“${text}” is no number of degrees up to ${most}.`, {
            where: { file, line, field: table.columns[column]! },
            remedy: 'Correct the row, or leave it out.',
          });
        return value;
      };
      points.push({
        id: fields[id] ?? String(points.length + 1),
        point: [degrees(lon, 180), degrees(lat, 90)],
      });
    }
    if (points.length === 0) throw new EtalonError('input', 'The file has no points.', { where: { file } });
    return points;
  } finally {
    await table.close();
  }
}
