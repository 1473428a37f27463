import { Growable } from '../base/growable.ts';
import type { TaskContext } from '../base/index.ts';
import type { ReportBuilder } from '../tables/importReport.ts';
import type { RoadAttributes } from './attributes.ts';
import { distanceM, lineLengthM } from './geometry.ts';
import { type NodeTable, SIGNAL_FOR } from './nodeTable.ts';
import { paced } from './pace.ts';
import { SegmentTable } from './segmentTable.ts';
import type { WayTable } from './wayTable.ts';

/** Signals this near to a segment's end are those of its junction: they stand at the stop line. */
const SIGNAL_REACH_M = 30;

/** A directed piece of a way that becomes a segment. */
export interface Piece {
  /** Position in the way table. */
  way: number;
  /** 0 for the way's first piece, then 1, 2 … */
  part: number;
  forward: boolean;
  /** Ids of its end nodes in driving order. */
  first: number;
  last: number;
  /** How many pieces of the way before it lead from the same node to the same node. */
  repeat: number;
}

/** Names a piece, uniquely among all. */
export type RefOf = (piece: Piece) => string;

export interface SplitRoads {
  /** Ways and nodes that became segments. */
  keptWays: number;
  keptNodes: number;
  segments: SegmentTable;
  /** [2 · J] degrees. */
  junctionCoordinates: Float64Array;
  /** [J] 1 where a barrier keeps cars from passing. */
  junctionBarriers: Uint8Array;
  /** Junction of a node id, or −1. */
  junctionOf(nodeId: number): number;
}

/**
 * Cuts ways into segments, one per permitted direction, where a node is used twice (by two ways or by one), where a
 * way ends and where a barrier stands. A way is interrupted where the file lacks a node; nodes of a way at the same
 * place as the one before count as that one.
 * @param options.keepNodeIds keeps the id of the node at every point, where ids mean something outside of the file
 */
export async function splitWays(
  ways: WayTable,
  nodes: NodeTable,
  refOf: RefOf,
  report: ReportBuilder,
  context: TaskContext,
  { keepNodeIds = false }: { keepNodeIds?: boolean } = {},
): Promise<SplitRoads> {
  const runs = collectRuns(ways, nodes, report);
  const isJunction = findJunctions(runs, nodes);
  const junctions = new Int32Array(nodes.ids.length).fill(-1);
  const junctionCoordinates = new Growable(Float64Array);
  const junctionBarriers = new Growable(Uint8Array);
  const junctionAt = (node: number): number => {
    if (junctions[node] < 0) {
      junctions[node] = junctionCoordinates.length / 2;
      junctionCoordinates.push(nodes.lons[node]);
      junctionCoordinates.push(nodes.lats[node]);
      junctionBarriers.push(nodes.barriers[node]);
    }
    return junctions[node];
  };

  const segments = new SegmentTable();
  const addPiece = (way: number, part: number, piece: Int32Array, repeats: Repeats): void => {
    const road = ways.attributes[way];
    const add = (path: Int32Array, forward: boolean): number => {
      const first = path[0];
      const last = path[path.length - 1];
      const repeat = repeats.count(first, last);
      const coordinates = coordinatesOf(path, nodes);
      return segments.add({
        ref: refOf({ way, part, forward, first: nodes.ids[first], last: nodes.ids[last], repeat }),
        wayId: ways.ids.at(way),
        fromJunction: junctionAt(first),
        toJunction: junctionAt(last),
        lengthM: lineLengthM(coordinates, 0, path.length),
        road,
        direction: (forward ? road.forward : road.backward)!,
        signal: hasSignalAtEnd(path, nodes, forward ? SIGNAL_FOR.forward : SIGNAL_FOR.backward),
        oneway: isOneway(road),
        againstWay: !forward,
        coordinates,
        ...(keepNodeIds && { pointNodeIds: Float64Array.from(path, (node) => nodes.ids[node]) }),
      });
    };
    const forward = road.forward ? add(piece, true) : -1;
    const backward = road.backward ? add(piece.slice().reverse(), false) : -1;
    if (forward >= 0 && backward >= 0) segments.pair(forward, backward);
  };

  let part = 0;
  let current = -1;
  let repeats = new Repeats(nodes.ids.length);
  await paced(context, { stage: 'Splitting ways', total: runs.count, unit: 'ways' }, (run) => {
    const { way, positions } = runs.at(run);
    if (way !== current) {
      part = 0;
      repeats = new Repeats(nodes.ids.length);
    }
    current = way;
    for (let begin = 0, end = 1; end < positions.length; end++) {
      if (!isJunction[positions[end]]) continue;
      addPiece(way, part++, positions.subarray(begin, end + 1), repeats);
      begin = end;
    }
  });
  return {
    keptWays: runs.wayCount,
    keptNodes: runs.nodeCount,
    segments,
    junctionCoordinates: junctionCoordinates.toArray(),
    junctionBarriers: junctionBarriers.toArray(),
    junctionOf: (nodeId) => {
      const node = nodes.find(nodeId);
      return node < 0 ? -1 : junctions[runs.alias(node)];
    },
  };
}

/** Counts the pieces of one way by their ends. */
class Repeats {
  readonly #uses = new Map<number, number>();
  readonly #nodeCount: number;

  constructor(nodeCount: number) {
    this.#nodeCount = nodeCount;
  }

  count(first: number, last: number): number {
    const ends = first * this.#nodeCount + last;
    const uses = this.#uses.get(ends) ?? 0;
    this.#uses.set(ends, uses + 1);
    return uses;
  }
}

/** Unbroken stretches of ways as positions in the node table, at least two different ones each. */
class Runs {
  readonly #aliases: Int32Array;
  readonly #ways = new Growable(Int32Array);
  readonly #offsets = new Growable(Uint32Array);
  readonly #positions = new Growable(Int32Array);

  constructor(aliases: Int32Array) {
    this.#aliases = aliases;
    this.#offsets.push(0);
  }

  alias(node: number): number {
    return root(this.#aliases, node);
  }

  add(way: number, positions: ArrayLike<number>): void {
    this.#ways.push(way);
    this.#positions.pushAll(positions);
    this.#offsets.push(this.#positions.length);
  }

  get wayCount(): number {
    return new Set(this.#ways.view()).size;
  }

  get nodeCount(): number {
    const used = new Uint8Array(this.#aliases.length);
    for (const node of this.#positions.view()) used[node] = 1;
    return used.reduce((sum, one) => sum + one, 0);
  }

  get count(): number {
    return this.#ways.length;
  }

  at(run: number): { way: number; positions: Int32Array } {
    const positions = this.#positions.view().subarray(this.#offsets.at(run), this.#offsets.at(run + 1));
    return { way: this.#ways.at(run), positions };
  }
}

function collectRuns(ways: WayTable, nodes: NodeTable, report: ReportBuilder): Runs {
  const positions = new Int32Array(ways.refs.length);
  for (let i = 0; i < positions.length; i++) positions[i] = nodes.find(ways.refs.at(i));
  const aliases = joinCoincident(ways, positions, nodes, report);
  const runs = new Runs(aliases);
  for (let way = 0; way < ways.count; way++) {
    let run: number[] = [];
    let kept = false;
    let missing = 0;
    const close = (): void => {
      if (run.length > 1) {
        runs.add(way, run);
        kept = true;
      }
      run = [];
    };
    for (let i = ways.offsets.at(way); i < ways.offsets.at(way + 1); i++) {
      const node = positions[i];
      if (Number.isNaN(nodes.lons[node])) {
        missing++;
        close();
        continue;
      }
      const alias = root(aliases, node);
      if (alias !== run.at(-1)) run.push(alias);
    }
    close();
    const example = `way ${ways.ids.at(way)}`;
    if (missing > 0 && kept)
      report.note('Ways cut short because the file lacks some of their nodes', example);
    if (kept) continue;
    if (missing > 0) report.drop('missing-nodes', 'ways whose nodes the file lacks', example);
    else report.drop('zero-length', 'ways without length', example);
  }
  return runs;
}

/** Joins successive nodes of a way that lie at the same place: a segment between them would have no length. */
function joinCoincident(
  ways: WayTable,
  positions: Int32Array,
  nodes: NodeTable,
  report: ReportBuilder,
): Int32Array {
  const aliases = Int32Array.from({ length: nodes.ids.length }, (_, i) => i);
  for (let way = 0; way < ways.count; way++)
    for (let i = ways.offsets.at(way) + 1; i < ways.offsets.at(way + 1); i++) {
      const a = positions[i - 1];
      const b = positions[i];
      if (nodes.lons[a] !== nodes.lons[b] || nodes.lats[a] !== nodes.lats[b]) continue;
      const rootA = root(aliases, a);
      const rootB = root(aliases, b);
      if (rootA === rootB) continue;
      const [kept, joined] = rootA < rootB ? [rootA, rootB] : [rootB, rootA];
      aliases[joined] = kept;
      nodes.signals[kept] |= nodes.signals[joined];
      nodes.barriers[kept] |= nodes.barriers[joined];
      report.note('Successive nodes at the same place, taken as one', `node ${nodes.ids[b]}`);
    }
  return aliases;
}

function root(aliases: Int32Array, node: number): number {
  let at = node;
  while (aliases[at] !== at) at = aliases[at];
  return at;
}

function findJunctions(runs: Runs, nodes: NodeTable): Uint8Array {
  const seen = new Uint8Array(nodes.ids.length);
  const isJunction = nodes.barriers.slice();
  for (let run = 0; run < runs.count; run++) {
    const { positions } = runs.at(run);
    for (const node of positions) {
      if (seen[node]) isJunction[node] = 1;
      seen[node] = 1;
    }
    isJunction[positions[0]] = 1;
    isJunction[positions[positions.length - 1]] = 1;
  }
  return isJunction;
}

function isOneway(road: RoadAttributes): boolean {
  return !(road.forward && road.backward);
}

function coordinatesOf(path: Int32Array, nodes: NodeTable): Float64Array {
  const coordinates = new Float64Array(2 * path.length);
  for (let i = 0; i < path.length; i++) {
    coordinates[2 * i] = nodes.lons[path[i]];
    coordinates[2 * i + 1] = nodes.lats[path[i]];
  }
  return coordinates;
}

/** Signals at the last node or shortly before it; those at the first node belong to the segment before. */
function hasSignalAtEnd(path: Int32Array, nodes: NodeTable, direction: number): boolean {
  let toEndM = 0;
  for (let i = path.length - 1; i > 0 && toEndM <= SIGNAL_REACH_M; i--) {
    const node = path[i];
    if (nodes.signals[node] & direction) return true;
    const before = path[i - 1];
    toEndM += distanceM(nodes.lons[node], nodes.lats[node], nodes.lons[before], nodes.lats[before]);
  }
  return false;
}
