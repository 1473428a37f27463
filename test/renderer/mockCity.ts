import { GeoJSONVT } from '@maplibre/geojson-vt';
import { fromGeojsonVt } from '@maplibre/vt-pbf';

export type Point = [number, number];

export interface MockSegment {
  coordinates: Point[];
  from: number;
  to: number;
  roadClass: number;
  name: string;
  lengthM: number;
  oneway: boolean;
}

export interface MockCity {
  segments: MockSegment[];
  junctions: Point[];
  /** Segments that leave each junction. */
  leaving: number[][];
  bounds: [number, number, number, number];
  tile(z: number, x: number, y: number): Uint8Array | null;
}

const ORIGIN: Point = [11.03, 54.28];
const METRES: Point = [1 / 65_000, 1 / 111_300];
const NAMES = ['Tanners', 'Weir', 'Quay', 'Cask', 'Kiln', 'Harbour', 'Fairmile', 'Eastmoor', 'Linde', 'Mill'];
const KINDS = ['Street', 'Road', 'Lane', 'Avenue', 'Way'];

/** A warped grid of `side` × `side` junctions, two segments for each street: about 4 · side² segments. */
export function mockCity(side: number): MockCity {
  const spacing = 9_000 / side;
  const at = (i: number, j: number): Point => {
    const [x, y] = [i * spacing, j * spacing];
    const [wx, wy] = [x + 220 * Math.sin(y / 1400), y + 200 * Math.sin(x / 1700 + 1)];
    return [ORIGIN[0] + wx * METRES[0], ORIGIN[1] + wy * METRES[1]];
  };
  const junctions: Point[] = [];
  for (let j = 0; j < side; j++) for (let i = 0; i < side; i++) junctions.push(at(i, j));

  const segments: MockSegment[] = [];
  const leaving: number[][] = junctions.map(() => []);
  const add = (from: number, to: number, roadClass: number, name: string, oneway: boolean) => {
    const [a, b] = [junctions[from]!, junctions[to]!];
    leaving[from]!.push(segments.length);
    segments.push({ coordinates: [a, b], from, to, roadClass, name, lengthM: metres(a, b), oneway });
  };
  const classOf = (line: number) =>
    line % 24 === 8 ? 0 : line % 12 === 4 ? 2 : line % 6 === 2 ? 3 : line % 3 === 1 ? 4 : 6;
  const nameOf = (line: number, down: boolean) => `${NAMES[(line + (down ? 3 : 0)) % 10]} ${KINDS[line % 5]}`;
  for (let j = 0; j < side; j++)
    for (let i = 0; i < side; i++) {
      const here = j * side + i;
      for (const [to, line, down] of [
        [i + 1 < side ? here + 1 : -1, j, false],
        [j + 1 < side ? here + side : -1, i, true],
      ] as const) {
        if (to < 0) continue;
        const roadClass = classOf(line);
        const oneway = roadClass === 6 && (i + j) % 5 === 0;
        add(here, to, roadClass, nameOf(line, down), oneway);
        if (!oneway) add(to, here, roadClass, nameOf(line, down), false);
      }
    }

  const index = new GeoJSONVT(
    {
      type: 'FeatureCollection',
      features: segments.map((segment, id) => ({
        type: 'Feature' as const,
        id,
        properties: {
          c: segment.roadClass,
          n: segment.name,
          ...(segment.oneway && { o: 1 }),
          ...(segment.from > segment.to && { l: 0 }),
        },
        geometry: { type: 'LineString' as const, coordinates: segment.coordinates },
      })),
    },
    { maxZoom: 14, indexMaxZoom: 5, tolerance: 3, buffer: 64 },
  );
  const areas = {
    water: new GeoJSONVT(WATER, { maxZoom: 14 }),
    parks: new GeoJSONVT(PARKS, { maxZoom: 14 }),
  };

  return {
    segments,
    junctions,
    leaving,
    bounds: [...junctions[0]!, ...junctions.at(-1)!] as [number, number, number, number],
    tile(z, x, y) {
      const layers = Object.fromEntries(
        Object.entries({ segments: index, ...areas })
          .map(([name, source]) => [name, source.getTile(z, x, y)] as const)
          .filter(([, tile]) => tile !== null),
      );
      return Object.keys(layers).length > 0
        ? fromGeojsonVt(layers as never, { version: 2, extent: 4096 })
        : null;
    },
  };
}

export function metres(a: Point, b: Point): number {
  return Math.hypot((a[0] - b[0]) / METRES[0], (a[1] - b[1]) / METRES[1]);
}

const polygon = (ring: Point[]) => ({
  type: 'FeatureCollection' as const,
  features: [
    {
      type: 'Feature' as const,
      properties: {},
      geometry: {
        type: 'Polygon' as const,
        coordinates: [ring.map(([x, y]): Point => [ORIGIN[0] + x * METRES[0], ORIGIN[1] + y * METRES[1]])],
      },
    },
  ],
});

const along = (offset: number): Point[] =>
  Array.from({ length: 40 }, (_, i): Point => {
    const x = -500 + (i * 10_000) / 39;
    return [x, 5200 - x * 0.35 + 500 * Math.sin(x / 1500) + offset];
  });
const closed = (ring: Point[]): Point[] => [...ring, ring[0]!];
const WATER = polygon(closed([...along(160), ...along(-160).toReversed()]));
const PARKS = polygon(
  closed(
    Array.from({ length: 24 }, (_, i): Point => {
      const angle = (i / 24) * 2 * Math.PI;
      return [6000 + 700 * Math.cos(angle), 6700 + 450 * Math.sin(angle)];
    }),
  ),
);

/** Fastest way between two junctions by the given seconds of each segment. */
export function shortestPath(
  city: MockCity,
  from: number,
  to: number,
  seconds: (segment: number) => number,
): number[] {
  const best = new Float64Array(city.junctions.length).fill(Infinity);
  const via = new Int32Array(city.junctions.length).fill(-1);
  const done = new Uint8Array(city.junctions.length);
  const open = new Set([from]);
  best[from] = 0;
  while (open.size > 0) {
    let here = -1;
    for (const candidate of open) if (here < 0 || best[candidate]! < best[here]!) here = candidate;
    open.delete(here);
    done[here] = 1;
    if (here === to) break;
    for (const segment of city.leaving[here]!) {
      const next = city.segments[segment]!.to;
      const time = best[here]! + seconds(segment);
      if (done[next] || time >= best[next]!) continue;
      best[next] = time;
      via[next] = segment;
      open.add(next);
    }
  }
  const path: number[] = [];
  for (let here = to; here !== from; here = city.segments[via[here]!]!.from) {
    if (via[here]! < 0) return [];
    path.push(via[here]!);
  }
  return path.toReversed();
}
