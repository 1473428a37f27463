import { EtalonError } from '../../base/index.ts';
import type { RoadNetwork } from '../network.ts';
import { SegmentIndex } from '../snap.ts';
import type { Sensor } from './sensors.ts';

export interface SensorMatch {
  sensor: Sensor;
  segment: number;
  /** From the segment; 0 where the segment is the sensor's own. */
  distanceM: number;
}

export interface SensorMatches {
  /** [columns] the segment of each column of the matrix, −1 for those that give none. */
  segmentOf: Int32Array;
  matched: SensorMatch[];
  /** Sensors too far from every road. */
  leftOut: Sensor[];
  /** Columns that are no sensor's. */
  unknownColumns: string[];
}

/**
 * Finds the segment of each column of a matrix: that whose reference is the sensor's identifier, as in a sensor network, else
 * the nearest (of two directions that are drawn alike the first: a place does not tell which is meant). Throws `input` where
 * no column belongs to a sensor, or no sensor lies near a road.
 */
export function matchSensors(
  network: RoadNetwork,
  columns: readonly string[],
  sensors: readonly Sensor[],
  { maxDistanceM, timeColumn, file }: { maxDistanceM: number; timeColumn: string | null; file: string },
): SensorMatches {
  const byId = new Map(sensors.map((sensor) => [sensor.id, sensor]));
  const ownSegment = new Map(network.refs.map((ref, segment) => [ref, segment]));
  const matches: SensorMatches = {
    segmentOf: new Int32Array(columns.length).fill(-1),
    matched: [],
    leftOut: [],
    unknownColumns: [],
  };
  let index: SegmentIndex | undefined;
  for (const [at, column] of columns.entries()) {
    if (column === timeColumn) continue;
    const sensor = byId.get(column.trim());
    if (!sensor) {
      matches.unknownColumns.push(column);
      continue;
    }
    const own = ownSegment.get(sensor.id);
    index ??= own === undefined ? SegmentIndex.build(network) : undefined;
    const found =
      own === undefined
        ? index?.nearest([sensor.lon, sensor.lat], { maxM: maxDistanceM })[0]
        : { segment: own, distanceM: 0 };
    if (!found) {
      matches.leftOut.push(sensor);
      continue;
    }
    matches.segmentOf[at] = found.segment;
    matches.matched.push({ sensor, segment: found.segment, distanceM: found.distanceM });
  }
  if (matches.matched.length > 0) return matches;
  if (matches.leftOut.length > 0)
    throw new EtalonError(
      'input',
      `None of the ${matches.leftOut.length} sensors lies within ${maxDistanceM} m of a road.`,
      {
        where: { file },
        remedy:
          'Check that latitude and longitude are not swapped and that the roads are of the same city, or allow a larger distance.',
      },
    );
  throw new EtalonError('input', 'No column bears the name of a sensor of the positions’ file.', {
    where: { file, line: 1 },
    remedy: `The columns must be named as the sensors are; they are ${columns.slice(0, 5).join(', ')}, the sensors ${sensors
      .slice(0, 5)
      .map(({ id }) => id)
      .join(', ')}.`,
  });
}

export interface MatchFigures {
  sensors: number;
  matched: number;
  leftOut: string[];
  unknownColumns: string[];
  medianM: number;
  farthestM: number;
  /** Sensors that share their segment with another. */
  sharing: number;
}

/** What a person should know of the matches. */
export function matchFigures({ matched, leftOut, unknownColumns }: SensorMatches): MatchFigures {
  const distances = matched.map(({ distanceM }) => distanceM).sort((a, b) => a - b);
  const users = new Map<number, number>();
  for (const { segment } of matched) users.set(segment, (users.get(segment) ?? 0) + 1);
  return {
    sensors: matched.length + leftOut.length,
    matched: matched.length,
    leftOut: leftOut.map(({ id }) => id),
    unknownColumns,
    medianM: distances[distances.length >> 1] ?? 0,
    farthestM: distances.at(-1) ?? 0,
    sharing: matched.filter(({ segment }) => users.get(segment)! > 1).length,
  };
}
