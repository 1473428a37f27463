import { contours } from 'd3-contour';
import { offsetM } from '../geometry.ts';
import type { RoadNetwork } from '../network.ts';
import type { ReachedPart } from './reach.ts';

type Point = [number, number];

/** What counts as reached around a reached road. */
export const ROADSIDE_M = 100;
/** Blocks between roads that are smaller than this are no holes. */
const SMALLEST_HOLE_KM2 = 0.1;
/** The raster that contours are drawn from: cells of this size at least, and so many at most along a side. */
const CELL_M = 25;
const CELLS = 320;
const MARKS_PER_CELL = 1.5;

export interface IsochroneBand {
  /** Everything reached in so many seconds, or fewer. */
  seconds: number;
  /** GeoJSON's MultiPolygon: polygons of rings of longitude, latitude, the first of each its outer one. */
  polygons: Point[][][];
  areaKm2: number;
  /** Kilometres of segments reached, each direction for itself. */
  roadKm: number;
}

/**
 * The land within {@link ROADSIDE_M} of what is reached in each of several times, ascending: for each, the distance to the
 * nearest reached road on a raster (a two-pass distance transform with weights 1 and √2: Borgefors 1986, "Distance
 * Transformations in Digital Images"), and its contour there by marching squares (d3-contour). `parts` are those of the
 * longest time.
 */
export function isochroneBands(
  network: RoadNetwork,
  parts: readonly ReachedPart[],
  departS: number,
  bandsS: readonly number[],
): IsochroneBand[] {
  const raster = parts.length > 0 ? new Raster(network, parts) : null;
  /** How much of each part was drawn for the bands before: what is nearer is in every band after. */
  const drawn = new Float64Array(parts.length);
  let roadM = 0;
  return bandsS.map((seconds) => {
    parts.forEach((part, i) => {
      const share = shareBy(part, departS + seconds);
      if (share <= drawn[i]) return;
      const { segment, begin, end } = part;
      roadM += (share - drawn[i]) * (end - begin) * network.lengthM[segment];
      raster?.draw(segment, begin + drawn[i] * (end - begin), begin + share * (end - begin));
      drawn[i] = share;
    });
    const polygons = raster?.polygons() ?? [];
    return {
      seconds,
      polygons,
      areaKm2: polygons.reduce((sum, rings) => sum + polygonKm2(rings), 0),
      roadKm: roadM / 1000,
    };
  });
}

/** How much of a part is reached by a clock. */
function shareBy({ beginS, endS }: ReachedPart, untilS: number): number {
  if (endS <= untilS) return 1;
  return Math.max(0, (untilS - beginS) / (endS - beginS));
}

/** Distances to the nearest road, metres, on a grid of longitudes and latitudes. */
class Raster {
  readonly #network: RoadNetwork;
  readonly #west: number;
  readonly #south: number;
  readonly #cellM: number;
  /** Metres of a degree. */
  readonly #eastM: number;
  readonly #northM: number;
  readonly #columns: number;
  readonly #rows: number;
  readonly #metres: Float64Array;

  /** A grid that holds the parts' whole segments. */
  constructor(network: RoadNetwork, parts: readonly ReachedPart[]) {
    this.#network = network;
    const { geometryOffsets, coordinates } = network;
    let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const { segment } of parts)
      for (let p = geometryOffsets[segment]; p < geometryOffsets[segment + 1]; p++) {
        west = Math.min(west, coordinates[2 * p]);
        east = Math.max(east, coordinates[2 * p]);
        south = Math.min(south, coordinates[2 * p + 1]);
        north = Math.max(north, coordinates[2 * p + 1]);
      }
    const middle = (south + north) / 2;
    this.#eastM = offsetM(west, middle, west + 0.001, middle).eastM * 1000;
    this.#northM = offsetM(west, middle - 0.0005, west, middle + 0.0005).northM * 1000;
    const wideM = (east - west) * this.#eastM;
    const highM = (north - south) * this.#northM;
    this.#cellM = Math.max(CELL_M, Math.max(wideM, highM) / CELLS);
    // A margin that no contour touches.
    const marginM = ROADSIDE_M + 3 * this.#cellM;
    this.#west = west - marginM / this.#eastM;
    this.#south = south - marginM / this.#northM;
    this.#columns = Math.ceil((wideM + 2 * marginM) / this.#cellM);
    this.#rows = Math.ceil((highM + 2 * marginM) / this.#cellM);
    this.#metres = new Float64Array(this.#columns * this.#rows).fill(Infinity);
  }

  /** A segment between two shares of its length. */
  draw(segment: number, begin: number, end: number): void {
    const { geometryOffsets, coordinates } = this.#network;
    const [first, last] = [geometryOffsets[segment], geometryOffsets[segment + 1] - 1];
    const x = (p: number) => ((coordinates[2 * p] - this.#west) * this.#eastM) / this.#cellM;
    const y = (p: number) => ((coordinates[2 * p + 1] - this.#south) * this.#northM) / this.#cellM;
    const piece = (p: number) => Math.sqrt((x(p + 1) - x(p)) ** 2 + (y(p + 1) - y(p)) ** 2);
    let whole = 0;
    for (let p = first; p < last; p++) whole += piece(p);
    let along = 0;
    for (let p = first; p < last; p++) {
      const length = piece(p);
      const from = Math.max(0, begin * whole - along);
      const until = Math.min(length, end * whole - along);
      along += length;
      if (until < from) continue;
      const [dx, dy] = length > 0 ? [(x(p + 1) - x(p)) / length, (y(p + 1) - y(p)) / length] : [0, 0];
      const marks = Math.ceil(MARKS_PER_CELL * (until - from));
      for (let k = 0; k <= marks; k++) {
        const at = from + (marks > 0 ? (k / marks) * (until - from) : 0);
        this.#mark(x(p) + at * dx, y(p) + at * dy);
      }
    }
  }

  /** What lies within {@link ROADSIDE_M} of what was drawn. */
  polygons(): Point[][][] {
    this.#spread();
    const depth = this.#metres.map((metres) => -Math.min(metres, 10 * ROADSIDE_M));
    const { coordinates } = contours()
      .size([this.#columns, this.#rows])
      .contour(depth as unknown as number[], -ROADSIDE_M);
    return coordinates.map((rings) => {
      const [outer, ...holes] = rings.map((ring) => ring.map(([x, y]) => this.#pointAt(x, y)));
      const kept = holes.filter((hole) => Math.abs(ringKm2(hole)) >= SMALLEST_HOLE_KM2);
      return [wound(outer, 1), ...kept.map((hole) => wound(hole, -1))];
    });
  }

  /** The four cells whose middles lie around a place. */
  #mark(x: number, y: number): void {
    const [left, below] = [Math.floor(x - 0.5), Math.floor(y - 0.5)];
    for (let row = below; row <= below + 1; row++)
      for (let column = left; column <= left + 1; column++) {
        const metres = Math.sqrt((column + 0.5 - x) ** 2 + (row + 0.5 - y) ** 2) * this.#cellM;
        const at = row * this.#columns + column;
        if (metres < this.#metres[at]) this.#metres[at] = metres;
      }
  }

  #spread(): void {
    const { length } = this.#metres;
    for (let at = 0; at < length; at++) this.#nearer(at, -1);
    for (let at = length - 1; at >= 0; at--) this.#nearer(at, 1);
  }

  /** Takes over from the four neighbours on one side. Those over the edge are as far as the margin is wide. */
  #nearer(at: number, side: 1 | -1): void {
    const metres = this.#metres;
    const across = this.#cellM;
    const aslant = Math.SQRT2 * this.#cellM;
    const row = at + side * this.#columns;
    let least = metres[at];
    // Beyond the ends of the array a neighbour is undefined, and no comparison with it holds.
    if (metres[at + side] + across < least) least = metres[at + side] + across;
    if (metres[row] + across < least) least = metres[row] + across;
    if (metres[row - 1] + aslant < least) least = metres[row - 1] + aslant;
    if (metres[row + 1] + aslant < least) least = metres[row + 1] + aslant;
    metres[at] = least;
  }

  #pointAt(x: number, y: number): Point {
    return [this.#west + (x * this.#cellM) / this.#eastM, this.#south + (y * this.#cellM) / this.#northM];
  }
}

function polygonKm2([outer, ...holes]: Point[][]): number {
  return holes.reduce((sum, hole) => sum - Math.abs(ringKm2(hole)), Math.abs(ringKm2(outer)));
}

/** Positive for a ring that runs counter-clockwise. */
function ringKm2(ring: readonly Point[]): number {
  const [lon, lat] = ring[0];
  let twice = 0;
  let before = { eastM: 0, northM: 0 };
  for (let i = 1; i < ring.length; i++) {
    const here = offsetM(lon, lat, ring[i][0], ring[i][1]);
    twice += before.eastM * here.northM - here.eastM * before.northM;
    before = here;
  }
  return twice / 2 / 1e6;
}

/** GeoJSON (RFC 7946, §3.1.6): outer rings counter-clockwise, holes clockwise. */
function wound(ring: Point[], sign: 1 | -1): Point[] {
  return ringKm2(ring) * sign < 0 ? ring.reverse() : ring;
}
