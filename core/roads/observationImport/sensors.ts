import { EtalonError } from '../../base/index.ts';
import { openTable, type Table } from '../tables/table.ts';
import { plainName } from '../tripImport/mapping.ts';

/** A detector and its place in degrees. */
export interface Sensor {
  id: string;
  lon: number;
  lat: number;
}

const NAMES = {
  id: ['sensorid', 'sensor', 'detectorid', 'detector', 'stationid', 'station', 'id', 'name'],
  lat: ['latitude', 'lat', 'y'],
  lon: ['longitude', 'lon', 'lng', 'long', 'x'],
};

/**
 * Reads where the sensors are: a table with `sensor_id`, `latitude` and `longitude`, or other usual names for them. Throws
 * `input` naming file, line and field.
 */
export async function readSensors(path: string): Promise<Sensor[]> {
  const table = await openTable(path);
  try {
    const at = { id: columnOf(table, 'id'), lat: columnOf(table, 'lat'), lon: columnOf(table, 'lon') };
    const sensors = new Map<string, Sensor>();
    for await (const { line, fields, broken } of table.records()) {
      const fail = (message: string, field?: string) =>
        new EtalonError('input', message, {
          where: { file: path, line, ...(field && { field }) },
          remedy: 'Mend the line and import again.',
        });
      if (broken || fields.length !== table.columns.length)
        throw fail(
          `The row cannot be read: ${broken ?? `${fields.length} fields instead of ${table.columns.length}`}.`,
        );
      const id = fields[at.id].trim();
      if (id === '') throw fail('The sensor has no identifier.', table.columns[at.id]);
      if (sensors.has(id)) throw fail(`Sensor ${id} stands in the file twice.`, table.columns[at.id]);
      const degrees = (index: number, limit: number): number => {
        const value = fields[index].trim() === '' ? Number.NaN : Number(fields[index]);
        if (Math.abs(value) <= limit) return value;
        throw fail(`"${fields[index]}" is no number of degrees.`, table.columns[index]);
      };
      sensors.set(id, { id, lat: degrees(at.lat, 90), lon: degrees(at.lon, 180) });
    }
    if (sensors.size === 0)
      throw new EtalonError('input', 'The file has no sensors.', { where: { file: path } });
    return [...sensors.values()];
  } finally {
    await table.close();
  }
}

function columnOf(table: Table, what: keyof typeof NAMES): number {
  const found = NAMES[what].find((name) => table.columns.some((column) => plainName(column) === name));
  if (found !== undefined) return table.columns.findIndex((column) => plainName(column) === found);
  const wanted = { id: 'sensor_id', lat: 'latitude', lon: 'longitude' }[what];
  throw new EtalonError('input', `The sensors' file has no column ${wanted}.`, {
    where: { file: table.path, line: 1, field: wanted },
    remedy: `Name its columns sensor_id, latitude and longitude; it has ${table.columns.slice(0, 10).join(', ')}.`,
  });
}
