import { EtalonError } from '../../base/index.ts';
import { plainName } from '../../tables/guess.ts';
import { assertReadable, type MalformedTally, malformedField } from '../../tables/malformed.ts';
import { openTable, recordsOf, type Table, type TableRecord } from '../../tables/table.ts';

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
 * Reads where the sensors are: a table with `sensor_id`, `latitude` and `longitude`, or other usual names for them. Rows that
 * cannot be read go to `malformed`. Throws `input` for a table without these columns, or without rows.
 */
export async function readSensors(path: string, malformed: MalformedTally): Promise<Sensor[]> {
  const table = await openTable(path);
  try {
    const at = { id: columnOf(table, 'id'), lat: columnOf(table, 'lat'), lon: columnOf(table, 'lon') };
    const sensors = new Map<string, Sensor>();
    for await (const record of recordsOf(table)) {
      const sensor = malformed.read(() => readSensor(table, record, at, sensors));
      if (sensor) sensors.set(sensor.id, sensor);
    }
    malformed.stopIfFailed();
    if (sensors.size === 0)
      throw new EtalonError('input', 'The file has no sensors.', {
        where: { file: path },
        remedy: 'Give a row for each sensor: its identifier, latitude and longitude.',
      });
    return [...sensors.values()];
  } finally {
    await table.close();
  }
}

function readSensor(
  table: Table,
  record: TableRecord,
  at: Record<keyof typeof NAMES, number>,
  known: ReadonlyMap<string, Sensor>,
): Sensor {
  assertReadable(table, record);
  const { fields } = record;
  const fail = (index: number, found: string) =>
    malformedField(table, record, table.columns[index], found, 'Mend the line and import again.');
  const id = fields[at.id].trim();
  if (id === '') throw fail(at.id, 'the sensor has no identifier');
  if (known.has(id)) throw fail(at.id, `sensor ${id} stands in the file twice`);
  const degrees = (index: number, limit: number): number => {
    const value = fields[index].trim() === '' ? Number.NaN : Number(fields[index]);
    if (Math.abs(value) <= limit) return value;
    throw fail(index, `"${fields[index]}" is no number of degrees`);
  };
  return { id, lat: degrees(at.lat, 90), lon: degrees(at.lon, 180) };
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
