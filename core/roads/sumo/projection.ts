import proj4 from 'proj4';
import { EtalonError } from '../../base/index.ts';
import type { ReportBuilder } from '../../tables/importReport.ts';
import type { NetFile } from './netFile.ts';

/** Longitude, latitude of a point in the network's metres. */
export type ToDegrees = (x: number, y: number) => [lon: number, lat: number];

/**
 * Undoes what netconvert did to the coordinates: takes the offset off, then the projection. `!` (none), `-` and `.` (a way
 * back is not known) leave metres: their middle is placed at `origin` (longitude, latitude), or else at 0° N 0° E.
 */
export function projectionOf(
  path: string,
  { location, junctions }: NetFile,
  origin: readonly [number, number] | undefined,
  report: ReportBuilder,
): ToDegrees {
  const { line, offsetX, offsetY, projection } = location ?? {
    line: 1,
    offsetX: 0,
    offsetY: 0,
    projection: '!',
  };
  if (projection.length > 1) {
    const inverse = inverseOf(projection, path, line);
    return (x, y) => inverse(x - offsetX, y - offsetY);
  }
  const [lon, lat] = origin ?? [0, 0];
  report.note(
    `The file names no projection: its middle was placed at ${lat}, ${lon}. Distances are right, places are ${origin ? 'as the origin given' : 'not'}`,
  );
  const [middleX, middleY] = middleOf(junctions);
  const inverse = inverseOf(`+proj=tmerc +lat_0=${lat} +lon_0=${lon} +k=1 +ellps=WGS84 +units=m`, path, line);
  return (x, y) => inverse(x - middleX, y - middleY);
}

function inverseOf(projection: string, file: string, line: number): ToDegrees {
  try {
    const converter = proj4(projection);
    return (x, y) => converter.inverse([x, y]) as [number, number];
  } catch (cause) {
    throw new EtalonError('input', `The projection "${projection}" is not understood.`, {
      where: { file, line, field: 'projParameter' },
      remedy: 'Convert the network to another one with netconvert, for example --proj.utm.',
      cause,
    });
  }
}

function middleOf(junctions: NetFile['junctions']): [number, number] {
  let [west, east, south, north] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const { x, y } of junctions.values()) {
    west = Math.min(west, x);
    east = Math.max(east, x);
    south = Math.min(south, y);
    north = Math.max(north, y);
  }
  return [(west + east) / 2, (south + north) / 2];
}
