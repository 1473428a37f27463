import type { TaskContext } from '../../base/index.ts';
import { MalformedError } from '../../tables/malformed.ts';
import { type WayDirections, wayDirectionKey } from '../wayDirections.ts';
import { eachLine } from './lineFile.ts';

/** An edge of Valhalla's graph: 3 bits of level, 22 of tile, 21 of number within the tile, from the lowest on. */
const TILES = 2 ** 22;
const EDGES = 2 ** 21;
const EDGE_BEGIN = 2 ** 25;

export interface GraphEdge {
  level: number;
  tile: number;
  /** Number within the tile. */
  edge: number;
}

export function graphEdge(id: number): GraphEdge {
  return { level: id % 8, tile: Math.floor(id / 8) % TILES, edge: Math.floor(id / EDGE_BEGIN) };
}

/** `level/tile/edge` as one number, or undefined where the text is no edge. */
export function parseGraphEdge(text: string): number | undefined {
  const parts = /^([0-7])\/(\d+)\/(\d+)$/.exec(text);
  if (!parts) return undefined;
  const [level, tile, edge] = parts.slice(1).map(Number);
  return tile < TILES && edge < EDGES ? level + tile * 8 + edge * EDGE_BEGIN : undefined;
}

export function graphEdgeText(id: number): string {
  const { level, tile, edge } = graphEdge(id);
  return `${level}/${tile}/${edge}`;
}

/** Where an edge's row belongs below the folder of traffic files: `1/047/701.csv`. */
export function trafficFile(id: number): string {
  const { level, tile } = graphEdge(id);
  // As many digits as the level's last tile has (4°, 1° and ¼° tiles), filled up to groups of three.
  const digits = level < 2 ? 6 : 9;
  return `${level}/${String(tile)
    .padStart(digits, '0')
    .replace(/\d{3}(?=\d)/g, '$&/')}.csv`;
}

export interface WayEdges {
  /** Edge → key of the way's direction, for those that the network has segments of. */
  readonly edges: ReadonlyMap<number, number>;
  /** Edges in the file. */
  readonly read: number;
}

/**
 * Reads the list that `valhalla_ways_to_edges` writes: lines `way,direction,edge,direction,edge …`, direction 1 along the
 * way and 0 against it. `guard` reads each line, and may bear with the `MalformedError` of one that is none. Throws `not-found`.
 */
export async function readWayEdges(
  path: string,
  directions: WayDirections,
  context: TaskContext,
  guard: (read: () => void) => void = (read) => read(),
): Promise<WayEdges> {
  const edges = new Map<number, number>();
  let read = 0;
  await eachLine(path, 'Reading edges of ways', context, (text, line) =>
    guard(() => {
      const [way, ...rest] = parseWay(path, text, line);
      for (let i = 0; i < rest.length; i += 2) {
        read++;
        const key = wayDirectionKey(way, rest[i] === 1);
        if (directions.has(key)) edges.set(rest[i + 1], key);
      }
    }),
  );
  return { edges, read };
}

/** way, direction, edge, direction, edge … */
function parseWay(file: string, text: string, line: number): number[] {
  const malformed = (found: string) =>
    new MalformedError({ file, line }, found, {
      remedy:
        'Give the way_edges.txt that valhalla_ways_to_edges writes (direction 0 or 1), for example 984719585,1,110964530744.',
    });
  if (!/^\d+(?:,[01],\d+)*$/.test(text))
    throw malformed('the line is not way,direction,edge,direction,edge and so on');
  const numbers = text.split(',').map(Number);
  const beyond = numbers.find((number, i) => i > 0 && i % 2 === 0 && number >= EDGE_BEGIN * EDGES);
  if (beyond !== undefined) throw malformed(`${beyond} is no edge of Valhalla's graph: it has over 46 bits`);
  return numbers;
}
