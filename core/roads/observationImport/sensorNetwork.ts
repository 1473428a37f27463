import { Growable } from '../../base/growable.ts';
import { bearingDeg, distanceM, endBearingDeg, wrapDeg } from '../geometry.ts';
import { type RoadNetwork, TURN_CLASSES } from '../network.ts';
import { defaultSpeedKmh } from '../osm/maxspeed.ts';
import { SegmentTable } from '../segmentTable.ts';
import { classifyTurn } from '../turns.ts';
import type { Sensor } from './sensors.ts';

/** Bounds of the stretch of road that a sensor stands for, and the longest that it is drawn. */
const MIN_LENGTH_M = 50;
const MAX_LENGTH_M = 2000;
const MAX_DRAWN_M = 100;
const METRES_PER_DEGREE = 111_320;
const RADIANS = Math.PI / 180;

/**
 * A network whose segments are sensors, for detectors without roads: segment i is sensor i, its reference the sensor's
 * identifier. Where `weights` ([n · n], in rows) has w > 0 from i to another j, a turn leads from i to j with `turnWeight` w;
 * turns do not pass through common junctions. A segment's length is the mean of the distances to the nearest sensors on its
 * road (of largest weight, before and after it; without any to the nearest one of all), within 50 m and 2 km; it is drawn
 * 100 m long at most, towards the next. Class and limit are those of a motorway: the files say neither.
 */
export function sensorNetwork(sensors: readonly Sensor[], weights: Float32Array | null): RoadNetwork {
  const n = sensors.length;
  const weight = (from: number, to: number) => (weights && from !== to ? weights[from * n + to] : 0);
  const apart = (a: number, b: number) =>
    distanceM(sensors[a].lon, sensors[a].lat, sensors[b].lon, sensors[b].lat);
  const table = new SegmentTable();
  const junctions = new Float64Array(4 * n);
  for (const [i, sensor] of sensors.entries()) {
    const next = strongest(n, (j) => (weight(i, j) > 0 && apart(i, j) > 0 ? weight(i, j) : 0));
    const before = strongest(n, (j) => (weight(j, i) > 0 && apart(i, j) > 0 ? weight(j, i) : 0));
    const lengthM = lengthOf(i, next, before, n, apart);
    const line = drawn(
      sensor,
      next >= 0 ? sensors[next] : null,
      before >= 0 ? sensors[before] : null,
      lengthM,
    );
    junctions.set(line, 4 * i);
    table.add({
      ref: sensor.id,
      wayId: 0,
      fromJunction: 2 * i,
      toJunction: 2 * i + 1,
      lengthM,
      road: {
        roadClass: 'motorway',
        link: false,
        surface: 'unknown',
        bridge: false,
        tunnel: false,
        toll: false,
        roundabout: false,
        name: `Sensor ${sensor.id}`,
      },
      direction: { speedLimitKmh: defaultSpeedKmh('motorway', false), speedTagged: false, lanes: 0 },
      signal: false,
      oneway: true,
      coordinates: line,
    });
  }
  const columns = table.columns();
  return { ...columns, junctionCount: 2 * n, junctionCoordinates: junctions, ...turnsOf(columns, n, weight) };
}

function turnsOf(
  { geometryOffsets, coordinates }: Pick<RoadNetwork, 'geometryOffsets' | 'coordinates'>,
  n: number,
  weight: (from: number, to: number) => number,
) {
  const turnFrom = new Growable(Int32Array);
  const turnTo = new Growable(Int32Array);
  const turnWeight = new Growable(Float32Array);
  const turnAngleDeg = new Growable(Float32Array);
  const turnOffsets = new Uint32Array(n + 1);
  const bearings = Array.from({ length: n }, (_, s) =>
    endBearingDeg(coordinates, geometryOffsets[s], geometryOffsets[s + 1], 'start', MAX_DRAWN_M),
  );
  for (let from = 0; from < n; from++) {
    for (let to = 0; to < n; to++) {
      if (weight(from, to) === 0) continue;
      turnFrom.push(from);
      turnTo.push(to);
      turnWeight.push(weight(from, to));
      turnAngleDeg.push(wrapDeg(bearings[to] - bearings[from]));
    }
    turnOffsets[from + 1] = turnTo.length;
  }
  const angles = turnAngleDeg.toArray();
  return {
    turnCount: turnTo.length,
    turnFrom: turnFrom.toArray(),
    turnTo: turnTo.toArray(),
    turnWeight: turnWeight.toArray(),
    turnAngleDeg: angles,
    turnClass: Uint8Array.from(angles, (angle) => TURN_CLASSES.indexOf(classifyTurn(angle))),
    turnFlags: new Uint8Array(turnTo.length),
    turnOffsets,
  };
}

/** Of 0 … n − 1 the one with the largest weight over 0, or −1. */
function strongest(n: number, weight: (j: number) => number): number {
  let best = -1;
  for (let j = 0; j < n; j++) if (weight(j) > (best < 0 ? 0 : weight(best))) best = j;
  return best;
}

function lengthOf(
  i: number,
  next: number,
  before: number,
  n: number,
  apart: (a: number, b: number) => number,
): number {
  const distances = [next, before].filter((j) => j >= 0).map((j) => apart(i, j));
  if (distances.length === 0) {
    let nearest = Infinity;
    for (let j = 0; j < n; j++) if (j !== i && apart(i, j) > 0) nearest = Math.min(nearest, apart(i, j));
    distances.push(nearest);
  }
  const mean = distances.reduce((sum, distance) => sum + distance, 0) / distances.length;
  return Math.min(MAX_LENGTH_M, Math.max(MIN_LENGTH_M, mean));
}

/** longitude, latitude of both ends: through the sensor, towards the next one or away from the one before, else eastwards. */
function drawn({ lon, lat }: Sensor, next: Sensor | null, before: Sensor | null, lengthM: number): number[] {
  const bearing = next
    ? bearingDeg(lon, lat, next.lon, next.lat)
    : before
      ? bearingDeg(before.lon, before.lat, lon, lat)
      : 90;
  const halfM = Math.min(lengthM, MAX_DRAWN_M) / 2;
  const dLat = (halfM * Math.cos(bearing * RADIANS)) / METRES_PER_DEGREE;
  const dLon = (halfM * Math.sin(bearing * RADIANS)) / (METRES_PER_DEGREE * Math.cos(lat * RADIANS));
  return [lon - dLon, lat - dLat, lon + dLon, lat + dLat];
}
