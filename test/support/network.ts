import { ROAD_CLASSES, type RoadClass, type RoadNetwork, SEGMENT_FLAGS } from '../../core/roads/network.ts';

/** One direction of a road of a hand-made network. */
export interface SegmentSketch {
  from: number;
  to: number;
  ref?: string;
  roadClass?: RoadClass;
  lengthM?: number;
  speedLimitKmh?: number;
  name?: string;
  /** Longitude, latitude of points between the two junctions. */
  via?: [number, number][];
  flags?: number;
}

const EARTH_RADIUS_M = 6_371_008.8;
const RADIANS = Math.PI / 180;

/** Great-circle distance in metres between two points in degrees. */
export function distanceM(a: readonly [number, number], b: readonly [number, number]): number {
  const dLat = (b[1] - a[1]) * RADIANS;
  const dLon = (b[0] - a[0]) * RADIANS;
  const h =
    Math.sin(dLat / 2) ** 2 + Math.cos(a[1] * RADIANS) * Math.cos(b[1] * RADIANS) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.sqrt(h));
}

/**
 * A network from junctions [longitude, latitude] and segments between them. Every turn at a junction is permitted
 * but U-turns (which are at dead ends only) and the pairs of segment indices in `forbidden`.
 */
export function sketchNetwork(
  junctions: readonly [number, number][],
  sketches: readonly SegmentSketch[],
  forbidden: readonly [number, number][] = [],
): RoadNetwork {
  const count = sketches.length;
  const lines = sketches.map((s) => [junctions[s.from], ...(s.via ?? []), junctions[s.to]]);
  const names = ['', ...new Set(sketches.map((s) => s.name ?? '').filter((name) => name !== ''))];
  const nameIndex = new Map(names.map((name, i) => [name, i]));
  const geometryOffsets = new Uint32Array(count + 1);
  lines.forEach((line, s) => {
    geometryOffsets[s + 1] = geometryOffsets[s] + line.length;
  });
  const between = new Map(sketches.map((s, i) => [`${s.from}>${s.to}`, i]));
  const reverse = sketches.map((s) => between.get(`${s.to}>${s.from}`) ?? -1);
  const turns = permittedTurns(sketches, reverse, forbidden);
  const angles = turns.map(([from, to]) =>
    signedDegrees(bearingDeg(lines[to][0], lines[to][1]) - bearingDeg(...lastTwo(lines[from]))),
  );
  const turnOffsets = new Uint32Array(count + 1);
  for (const [from] of turns) turnOffsets[from + 1]++;
  for (let s = 0; s < count; s++) turnOffsets[s + 1] += turnOffsets[s];

  return {
    segmentCount: count,
    refs: sketches.map((s, i) => s.ref ?? String(i)),
    wayIds: new Float64Array(count),
    fromJunction: Int32Array.from(sketches, (s) => s.from),
    toJunction: Int32Array.from(sketches, (s) => s.to),
    reverse: Int32Array.from(reverse),
    lengthM: Float32Array.from(sketches, (s, i) => s.lengthM ?? lineLengthM(lines[i])),
    roadClass: Uint8Array.from(sketches, (s) => ROAD_CLASSES.indexOf(s.roadClass ?? 'residential')),
    speedLimitKmh: Float32Array.from(sketches, (s) => s.speedLimitKmh ?? 50),
    lanes: new Uint8Array(count).fill(1),
    surface: new Uint8Array(count).fill(1),
    flags: Uint16Array.from(
      sketches,
      (s, i) => s.flags ?? SEGMENT_FLAGS.speedTagged | (reverse[i] < 0 ? SEGMENT_FLAGS.oneway : 0),
    ),
    nameIndex: Int32Array.from(sketches, (s) => nameIndex.get(s.name ?? '')!),
    names,
    geometryOffsets,
    coordinates: Float64Array.from(lines.flat(2)),
    junctionCount: junctions.length,
    junctionCoordinates: Float64Array.from(junctions.flat()),
    turnCount: turns.length,
    turnFrom: Int32Array.from(turns, ([from]) => from),
    turnTo: Int32Array.from(turns, ([, to]) => to),
    turnAngleDeg: Float32Array.from(angles),
    turnClass: Uint8Array.from(angles, turnClassOf),
    turnFlags: Uint8Array.from(turns, ([from, to]) =>
      sketches[from].name && sketches[from].name === sketches[to].name ? 2 : 0,
    ),
    turnOffsets,
  };
}

export interface GridCityOptions {
  /** Junctions from south to north and from west to east. */
  rows: number;
  columns: number;
  spacingM?: number;
  /** The south-west corner. */
  origin?: [number, number];
}

/**
 * A city of square blocks: every fourth street is primary (60 km/h), the others residential (30 km/h); every road is
 * driven in both directions. Junction r · columns + c stands in row r and column c; refs are `from>to`.
 */
export function gridCity({
  rows,
  columns,
  spacingM = 100,
  origin = [8.68, 49.4],
}: GridCityOptions): RoadNetwork {
  const stepLat = spacingM / EARTH_RADIUS_M / RADIANS;
  const stepLon = stepLat / Math.cos(origin[1] * RADIANS);
  const junctions: [number, number][] = [];
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) junctions.push([origin[0] + c * stepLon, origin[1] + r * stepLat]);
  const segments: SegmentSketch[] = [];
  const addStreet = (from: number, to: number, line: number, name: string) => {
    const main = line % 4 === 0;
    for (const [a, b] of [
      [from, to],
      [to, from],
    ])
      segments.push({
        from: a,
        to: b,
        ref: `${a}>${b}`,
        name,
        roadClass: main ? 'primary' : 'residential',
        speedLimitKmh: main ? 60 : 30,
      });
  };
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const at = r * columns + c;
      if (c + 1 < columns) addStreet(at, at + 1, r, `${r + 1}th Street`);
      if (r + 1 < rows) addStreet(at, at + columns, c, `Avenue ${c + 1}`);
    }
  return sketchNetwork(junctions, segments);
}

function permittedTurns(
  segments: readonly SegmentSketch[],
  reverse: readonly number[],
  forbidden: readonly [number, number][],
): [number, number][] {
  const leaving = new Map<number, number[]>();
  segments.forEach((s, i) => {
    const others = leaving.get(s.from);
    if (others) others.push(i);
    else leaving.set(s.from, [i]);
  });
  const barred = new Set(forbidden.map(([from, to]) => `${from} ${to}`));
  return segments.flatMap((s, from) => {
    const onward = leaving.get(s.to) ?? [];
    const deadEnd = onward.every((to) => to === reverse[from]);
    return onward
      .filter((to) => (deadEnd || to !== reverse[from]) && !barred.has(`${from} ${to}`))
      .map((to): [number, number] => [from, to]);
  });
}

function lineLengthM(line: readonly [number, number][]): number {
  let sum = 0;
  for (let i = 1; i < line.length; i++) sum += distanceM(line[i - 1], line[i]);
  return sum;
}

function lastTwo(line: [number, number][]): [[number, number], [number, number]] {
  return [line[line.length - 2], line[line.length - 1]];
}

function bearingDeg(a: readonly [number, number], b: readonly [number, number]): number {
  const dx = (b[0] - a[0]) * Math.cos(((a[1] + b[1]) / 2) * RADIANS);
  return Math.atan2(dx, b[1] - a[1]) / RADIANS;
}

function signedDegrees(angle: number): number {
  const turned = ((((angle + 180) % 360) + 360) % 360) - 180;
  return turned === -180 ? 180 : turned;
}

function turnClassOf(angle: number): number {
  const size = Math.abs(angle);
  if (size < 20) return 0;
  if (size > 170) return 7;
  const sharpness = size < 50 ? 0 : size <= 120 ? 1 : 2;
  return (angle < 0 ? 1 : 4) + sharpness;
}
