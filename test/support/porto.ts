import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import {
  ROAD_CLASSES,
  type RoadNetwork,
  SEGMENT_FLAGS,
  type TripSet,
  TURN_FLAGS,
} from '../../core/roads/index.ts';
import { sketchNetwork } from './network.ts';

/** Where the real data lies, beside the project; absent on most machines. */
export const portoFolder = join(import.meta.dirname, '../../../shared/data/porto');
export const hasPorto = existsSync(join(portoFolder, 'edges.csv'));
export const portoTrips = { a: join(portoFolder, 'trips_a.csv'), b: join(portoFolder, 'trips_b.csv') };

/**
 * Porto's roads as the profile tests and benchmarks need them, read in the shortest way: straight geometry,
 * limits by class. The product's own readers are tested elsewhere and need not agree in every column.
 */
export function loadPortoNetwork(): RoadNetwork {
  const nodes = rows('nodes.csv');
  const edges = rows('edges.csv');
  const nodeIndex = new Map(nodes.map((node, index) => [node.osmid, index]));
  const S = edges.length;
  const fromJunction = Int32Array.from(edges, (edge) => nodeIndex.get(edge.u)!);
  const toJunction = Int32Array.from(edges, (edge) => nodeIndex.get(edge.v)!);
  const junctionCoordinates = Float64Array.from(nodes.flatMap((node) => [Number(node.x), Number(node.y)]));
  const signal = nodes.map((node) => node.highway.includes('traffic_signals'));
  const classes = edges.map((edge) => firstClass(edge.highway));
  const names = ['', ...new Set(edges.map((edge) => edge.osmid))];
  const nameOf = new Map(names.map((name, index) => [name, index]));
  const nameIndex = Int32Array.from(edges, (edge) => nameOf.get(edge.osmid)!);
  const coordinates = new Float64Array(4 * S);
  for (let s = 0; s < S; s++) {
    coordinates.set(junctionCoordinates.subarray(2 * fromJunction[s], 2 * fromJunction[s] + 2), 4 * s);
    coordinates.set(junctionCoordinates.subarray(2 * toJunction[s], 2 * toJunction[s] + 2), 4 * s + 2);
  }
  const byEnds = new Map(edges.map((_, s) => [`${fromJunction[s]}/${toJunction[s]}`, s]));
  return {
    segmentCount: S,
    refs: edges.map((edge) => edge.fid),
    wayIds: new Float64Array(S),
    fromJunction,
    toJunction,
    reverse: Int32Array.from(edges, (_, s) => byEnds.get(`${toJunction[s]}/${fromJunction[s]}`) ?? -1),
    lengthM: Float32Array.from(edges, (edge) => Number(edge.length)),
    roadClass: Uint8Array.from(classes, ({ index }) => index),
    speedLimitKmh: Float32Array.from(classes, ({ index }) => [100, 90, 50, 50, 50, 50, 40, 20, 20][index]),
    lanes: new Uint8Array(S),
    surface: new Uint8Array(S),
    flags: Uint16Array.from(
      edges,
      (_, s) =>
        (classes[s].link ? SEGMENT_FLAGS.link : 0) + (signal[toJunction[s]] ? SEGMENT_FLAGS.signal : 0),
    ),
    nameIndex,
    names,
    geometryOffsets: Uint32Array.from({ length: S + 1 }, (_, s) => 2 * s),
    coordinates,
    junctionCount: nodes.length,
    junctionCoordinates,
    ...buildTurns(S, fromJunction, toJunction, junctionCoordinates, signal, nameIndex),
  };
}

/** Both trip files, each trip once, in order of departure; wall clock and UTC are taken as equal. */
export function loadPortoTrips(network: RoadNetwork): TripSet {
  const indexOf = new Map(network.refs.map((ref, index) => [ref, index]));
  const start2014 = Date.UTC(2014, 0, 1) / 1000;
  const byId = new Map<string, { id: string; departS: number; totalS: number; segments: number[] }>();
  for (const row of [...rows('trips_a.csv'), ...rows('trips_b.csv')])
    byId.set(row.trip_id, {
      id: row.trip_id,
      departS: start2014 + (Number(row.day_of_year) - 1) * 86_400 + Number(row.minute_of_day) * 60,
      totalS: Number(row.travel_time_s),
      segments: row.edge_fids.split(' ').map((fid) => indexOf.get(fid)!),
    });
  const trips = [...byId.values()].sort((a, b) => a.departS - b.departS || Number(a.id) - Number(b.id));
  const offsets = new Uint32Array(trips.length + 1);
  trips.forEach((trip, i) => {
    offsets[i + 1] = offsets[i] + trip.segments.length;
  });
  const departS = Float64Array.from(trips, (trip) => trip.departS);
  return {
    count: trips.length,
    ids: trips.map((trip) => trip.id),
    departS,
    localDepartS: departS.slice(),
    totalS: Float32Array.from(trips, (trip) => trip.totalS),
    offsets,
    segments: Int32Array.from(trips.flatMap((trip) => trip.segments)),
  };
}

/** Porto's segments as straight lines between their junctions: enough for tests that need a real city's size. */
export function sketchPorto(): RoadNetwork {
  const nodes = rows('nodes.csv');
  const edges = rows('edges.csv');
  const junctionOf = new Map(nodes.map((node, i) => [node.osmid, i]));
  return sketchNetwork(
    nodes.map((node) => [Number(node.x), Number(node.y)]),
    edges.map((edge) => ({
      from: junctionOf.get(edge.u)!,
      to: junctionOf.get(edge.v)!,
      ref: edge.fid,
      lengthM: Number(edge.length),
      roadClass: ROAD_CLASSES[firstClass(edge.highway).index],
      name: edge.name,
    })),
  );
}

/** Midnight after day 150 of 2014: the tests' boundary between training and test. */
export const portoSplitS = Date.UTC(2014, 4, 31) / 1000;

function rows(file: string): Record<string, string>[] {
  return parse(readFileSync(join(portoFolder, file)), { columns: true });
}

function firstClass(highway: string): { index: number; link: boolean } {
  const value = highway.replace(/[[\]' ]/g, '').split(',')[0];
  const index = (ROAD_CLASSES as readonly string[]).indexOf(value.replace('_link', ''));
  return { index: index < 0 ? ROAD_CLASSES.indexOf('unclassified') : index, link: value.endsWith('_link') };
}

function buildTurns(
  S: number,
  fromJunction: Int32Array,
  toJunction: Int32Array,
  xy: Float64Array,
  signal: boolean[],
  nameIndex: Int32Array,
) {
  const leaving: number[][] = signal.map(() => []);
  for (let s = 0; s < S; s++) leaving[fromJunction[s]].push(s);
  const bearing = (s: number) => {
    const [a, b] = [2 * fromJunction[s], 2 * toJunction[s]];
    const east = (xy[b] - xy[a]) * Math.cos((xy[a + 1] * Math.PI) / 180);
    return (Math.atan2(east, xy[b + 1] - xy[a + 1]) * 180) / Math.PI;
  };
  const from: number[] = [];
  const to: number[] = [];
  const angle: number[] = [];
  const flags: number[] = [];
  const turnOffsets = new Uint32Array(S + 1);
  for (let s = 0; s < S; s++) {
    const junction = toJunction[s];
    for (const next of leaving[junction]) {
      if (toJunction[next] === fromJunction[s] && leaving[junction].length > 1) continue;
      from.push(s);
      to.push(next);
      const change = bearing(next) - bearing(s);
      angle.push(change - 360 * Math.ceil((change - 180) / 360));
      flags.push(
        (signal[junction] ? TURN_FLAGS.signal : 0) +
          (nameIndex[s] === nameIndex[next] ? TURN_FLAGS.sameRoad : 0),
      );
    }
    turnOffsets[s + 1] = from.length;
  }
  return {
    turnCount: from.length,
    turnFrom: Int32Array.from(from),
    turnTo: Int32Array.from(to),
    turnAngleDeg: Float32Array.from(angle),
    turnClass: Uint8Array.from(angle, turnClass),
    turnFlags: Uint8Array.from(flags),
    turnOffsets,
  };
}

function turnClass(angle: number): number {
  const size = Math.abs(angle);
  if (size < 20) return 0;
  if (size > 170) return 7;
  const step = size < 50 ? 1 : size > 120 ? 3 : 2;
  return angle < 0 ? step : step + 3;
}
