import type { Random } from '../../core/base/index.ts';
import { ROAD_CLASSES, type RoadNetwork, SEGMENT_FLAGS, type TripSet } from '../../core/roads/index.ts';

/**
 * A grid of two-way roads around 0° N 0° E, `columns` × `rows` junctions about 200 m apart. Every second row is a
 * secondary road with signals at its junctions, the rest is residential. U-turns are permitted nowhere.
 */
export function gridNetwork(columns: number, rows: number): RoadNetwork {
  const ends: { from: number; to: number; main: boolean }[] = [];
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const here = y * columns + x;
      if (x + 1 < columns) ends.push({ from: here, to: here + 1, main: y % 2 === 0 });
      if (y + 1 < rows) ends.push({ from: here, to: here + columns, main: false });
    }
  const edges = ends.flatMap((edge) => [edge, { from: edge.to, to: edge.from, main: edge.main }]);
  const S = edges.length;
  const spacing = 0.0018;
  const junctionCount = columns * rows;
  const junctionCoordinates = Float64Array.from({ length: 2 * junctionCount }, (_, i) => {
    const junction = i >> 1;
    return spacing * (i % 2 === 0 ? junction % columns : Math.floor(junction / columns));
  });
  const coordinates = new Float64Array(4 * S);
  edges.forEach(({ from, to }, s) => {
    coordinates.set(junctionCoordinates.subarray(2 * from, 2 * from + 2), 4 * s);
    coordinates.set(junctionCoordinates.subarray(2 * to, 2 * to + 2), 4 * s + 2);
  });
  const turns: { from: number; to: number; turnClass: number }[] = [];
  const turnOffsets = new Uint32Array(S + 1);
  for (let s = 0; s < S; s++) {
    for (let next = 0; next < S; next++)
      if (edges[next].from === edges[s].to && edges[next].to !== edges[s].from)
        turns.push({ from: s, to: next, turnClass: turnClassOf(edges[s], edges[next], columns) });
    turnOffsets[s + 1] = turns.length;
  }
  return {
    segmentCount: S,
    refs: edges.map((_, s) => String(s)),
    wayIds: new Float64Array(S),
    fromJunction: Int32Array.from(edges, ({ from }) => from),
    toJunction: Int32Array.from(edges, ({ to }) => to),
    reverse: Int32Array.from(edges, (_, s) => s ^ 1),
    lengthM: Float32Array.from(edges, (_, s) => 150 + ((s * 37) % 100)),
    roadClass: Uint8Array.from(edges, ({ main }) => ROAD_CLASSES.indexOf(main ? 'secondary' : 'residential')),
    speedLimitKmh: Float32Array.from(edges, ({ main }) => (main ? 50 : 30)),
    lanes: new Uint8Array(S),
    surface: new Uint8Array(S),
    flags: Uint16Array.from(edges, ({ main }) => (main ? SEGMENT_FLAGS.signal : 0)),
    nameIndex: new Int32Array(S),
    names: [''],
    geometryOffsets: Uint32Array.from({ length: S + 1 }, (_, s) => 2 * s),
    coordinates,
    junctionCount,
    junctionCoordinates,
    turnCount: turns.length,
    turnFrom: Int32Array.from(turns, ({ from }) => from),
    turnTo: Int32Array.from(turns, ({ to }) => to),
    turnAngleDeg: Float32Array.from(turns, ({ turnClass }) => [0, 0, -90, 0, 0, 90][turnClass]),
    turnClass: Uint8Array.from(turns, ({ turnClass }) => turnClass),
    turnFlags: new Uint8Array(turns.length),
    turnOffsets,
  };
}

/** A trip before it is packed: local time is UTC + 1 h, to tell the two apart. */
export interface PlainTrip {
  localDepartS: number;
  segments: number[];
  totalS: number;
  segmentS?: number[];
}

export const LOCAL_OFFSET_S = 3600;

export function packTrips(trips: readonly PlainTrip[]): TripSet {
  const offsets = new Uint32Array(trips.length + 1);
  trips.forEach((trip, i) => {
    offsets[i + 1] = offsets[i] + trip.segments.length;
  });
  const localDepartS = Float64Array.from(trips, (trip) => trip.localDepartS);
  const packed = {
    count: trips.length,
    ids: trips.map((_, i) => String(i)),
    departS: localDepartS.map((seconds) => seconds - LOCAL_OFFSET_S),
    localDepartS,
    totalS: Float32Array.from(trips, (trip) => trip.totalS),
    offsets,
    segments: Int32Array.from(trips.flatMap((trip) => trip.segments)),
  };
  if (!trips.some((trip) => trip.segmentS)) return packed;
  const seconds = trips.flatMap((trip) => trip.segmentS ?? trip.segments.map(() => Number.NaN));
  return { ...packed, segmentS: Float32Array.from(seconds) };
}

/** A walk over permitted turns. */
export function randomPath(network: RoadNetwork, random: Random, length: number): number[] {
  const path = [random.int(network.segmentCount)];
  while (path.length < length) {
    const last = path[path.length - 1];
    const begin = network.turnOffsets[last];
    path.push(network.turnTo[begin + random.int(network.turnOffsets[last + 1] - begin)]);
  }
  return path;
}

type Edge = { from: number; to: number };

/** Straight 0, left 2, right 5, as in `TURN_CLASSES`. */
function turnClassOf(a: Edge, b: Edge, columns: number): number {
  const direction = ({ from, to }: Edge) => {
    const step = to - from;
    if (step === 1) return 0;
    if (step === columns) return 1;
    return step === -1 ? 2 : 3;
  };
  return [0, 2, 0, 5][(direction(b) - direction(a) + 4) % 4];
}
